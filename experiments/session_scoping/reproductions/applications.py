"""Several applications of one process."""

from contextvars import copy_context

from experiments.session_scoping.reproductions.application import ERRORS, ask, change, rows, start
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import USED, sessions, watch_uses

__all__ = ["MarkedView", "PostView", "UserView", "applications_apart"]

CREATED = "select title from post where title like 'Post of%'"


def applications_apart(pattern):
    """Set up one application and use it, then another; use both, and one inside the other."""
    watch_uses()
    apps, used = {}, {"first": set(), "second": set()}
    seen = []

    def use(name, meanwhile=lambda: None):
        before = set(USED)
        apps[name].config["MARK"] = meanwhile
        shown = ask(apps[name], "/admin/user/")[1]
        apps[name].config["MARK"] = lambda: None
        ask(apps[name], "/admin/post/new/", title=f"Post of the {name}", author="1")
        seen.append(f"User of the {name}" in shown)
        return set(USED) - before

    alone = []
    for name in (*used, *used):
        if name not in apps:
            alone = list(ERRORS)
            apps[name] = start(pattern)
            change(apps[name], f"update \"user\" set name = 'User of the {name}' where id = 1")
        for request in use(name):
            used[name] |= {*sessions(request)}
    inner = []
    outer = use("first", lambda: inner.extend(copy_context().run(use, "second")))
    used["first"] |= {one for request in outer - {*inner} for one in sessions(request)}
    used["second"] |= {one for request in inner for one in sessions(request)}
    if used["first"] & used["second"]:
        print(f"Both used {' and '.join(sorted(used['first'] & used['second']))}.")
        return "refuted"
    if ERRORS and not alone:
        print("The first application worked alone, and with the second not all works.")
        return "refuted"
    if ERRORS or not all(used.values()) or not inner:
        return None
    stored = {name: {title for (title,) in rows(apps[name], CREATED)} for name in used}
    if not all(seen) or stored != {name: {f"Post of the {name}"} for name in used}:
        print("One of them showed or stored what is the other's.")
        return "refuted"
    return "supported"
