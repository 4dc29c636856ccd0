"""What an application must not do, or the other claims do not hold."""

from experiments.session_scoping.reproductions.application import ERRORS, ask, rows, start
from experiments.session_scoping.reproductions.scoping import CREATE, LIST
from experiments.session_scoping.reproductions.sessions import USED, sessions, watch_uses


def outer_context_safe(pattern):
    """List, create and list inside one context: did one session serve two of the requests?"""
    app = start(pattern)
    watch_uses()
    with app.app_context():
        for path, form in (LIST, CREATE, LIST):
            ask(app, path, **form)
    served = [one for name in list(USED) for one in sessions(name)]
    if len(served) > len(set(served)):
        return "refuted"
    return "supported" if len(USED) == 3 and not ERRORS else None


def hooks_may_end_session(pattern):
    """Create a post under each hook that ends the session, and go on to edit what was created."""
    app = start(pattern)
    (posts,) = (view for view in app.extensions["admin"][0]._views if view.endpoint == "post")
    if not is_created(app, "nothing ended"):
        return None
    for hook in ("on_model_change", "after_model_change"):
        for ending in ("close", "remove"):

            def end(form, model, is_created, ending=ending):
                getattr(app.config["SESSION"](), ending, lambda: None)()

            setattr(posts, hook, end)
            if not is_created(app, f"{ending} in {hook}"):
                return "refuted"
            delattr(posts, hook)
    return None if ERRORS else "supported"


def is_created(app, title):
    """Create a post and go on to edit it: was it stored, and did that lead to its form?"""
    form = {"title": title, "author": "1", "_continue_editing": "yes"}
    status, _ = ask(app, "/admin/post/new/", **form)
    stored = rows(app, f"select title from post where title = '{title}'")
    print(f"With {title}: {'stored' if stored else 'not stored'}.")
    return status == 302 and bool(stored)
