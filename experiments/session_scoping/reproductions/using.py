"""Whether the pattern can be set up and used."""

import warnings

from experiments.session_scoping.backends.sqlalchemy import scoped_session_as_db
from experiments.session_scoping.reproductions.application import ask, rows, start


def wires(pattern):
    """Set the pattern up."""
    try:
        start(pattern)
    except Exception as error:
        print(f"Setting it up raised {type(error).__name__}: {error}")
        return "refuted"
    print("Its views were added without an exception.")
    return "supported"


def no_deprecation_warnings(pattern):
    """Set the pattern up and use it, and one that warns of no more than every pattern does."""
    unavoidable, _ = deprecations(scoped_session_as_db)
    warned, answered = deprecations(pattern)
    for text in warned - unavoidable:
        print(f"DeprecationWarning: {text}")
    if warned - unavoidable:
        return "refuted"
    return "supported" if answered else None


def deprecations(pattern):
    """Return the deprecations as a pattern is set up and used, and whether it answered."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        app = start(pattern)
        asked = (("/admin/post/", {}), ("/admin/user/new/", {"name": "Cleo"}))
        answers = [ask(app, path, **form)[0] for path, form in asked]
    kinds = DeprecationWarning, PendingDeprecationWarning
    texts = {str(one.message) for one in caught if issubclass(one.category, kinds)}
    return texts, any(status in (200, 302) for status in answers)


def admin_works(pattern):
    """List, open, create, edit and delete, each judged by what is shown or stored."""
    app = start(pattern)
    title = "select title, author_id from post where id = 3"
    ask(app, "/admin/user/new/", name="Cleo")
    form = ask(app, "/admin/post/edit/?id=2")[1]
    ask(app, "/admin/post/new/", title="New", author="2")
    created = rows(app, title)
    ask(app, "/admin/post/edit/?id=3", title="Edited", author="1")
    edited = rows(app, title)
    ask(app, "/admin/post/delete/", id="3")
    wanted = {
        "list": "Ann" in ask(app, "/admin/user/")[1],
        "open a form": "Second" in form,
        "create": created == [("New", 2)],
        "edit": edited == [("Edited", 1)],
        "delete": bool(edited) and not rows(app, title),
        "create a user": bool(rows(app, "select 1 from \"user\" where name = 'Cleo'")),
    }
    for what, came in wanted.items():
        print(f"{what}: {'as it was asked' if came else 'something else came of it'}")
    return "supported" if all(wanted.values()) else "refuted"
