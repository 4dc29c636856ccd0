"""What the database's server has to bear, and what its failures leave behind."""

from threading import Thread

from experiments.session_scoping.reproductions.application import ERRORS, User, ask, rows, start
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView

__all__ = [
    "MarkedView",
    "PostView",
    "UserView",
    "no_idle_transaction",
    "recovers_from_database_error",
    "recovers_from_lost_connection",
]


OTHERS = "pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
IDLE = f"select count(*) from {OTHERS} and state like 'idle in transaction%'"
END_OTHERS = f"select count(pg_terminate_backend(pid, 10000)) from {OTHERS}"
OUT_OF_RANGE = 99999999999999999999


class ViewFailed(Exception):
    """What a view raises."""


def start_naming(pattern):
    """Return the application under the pattern, with routes of its own that read users."""
    app = start(pattern)
    app.config["MARK"] = lambda: None
    session_of = app.config["SESSION"]

    @app.get("/names")
    def names():
        return ", ".join(user.name for user in session_of().query(User))

    @app.get("/user/<int:key>")
    def user(key):
        return str(session_of().get(User, key))

    return app


def no_idle_transaction(pattern):
    """Ask the server, inside each view and after each answer, what is idle in a transaction."""
    app = start_naming(pattern)
    inside = {}
    for fails in (False, True):

        def mark(fails=fails):
            inside[fails] = inside.get(fails) or rows(app, IDLE)[0][0]
            if fails:
                raise ViewFailed

        app.config["MARK"] = mark
        for path, form in (
            ("/admin/post/", {}),
            ("/names", {}),
            ("/admin/post/new/", {"title": "New", "author": "1"}),
            (f"/admin/post/edit/?id={OUT_OF_RANGE}", {}),
            (f"/user/{OUT_OF_RANGE}", {}),
        ):
            ask(app, path, **form)
            idle = rows(app, IDLE)[0][0]
            print(f"   afterwards, {idle} connection(s) idle in a transaction")
            if idle:
                return "refuted"
    return "supported" if inside.get(False) and inside.get(True) else None


def recovers_from_lost_connection(pattern):
    """Let the server end all connections, between requests and inside two: does each fail once?"""
    app = start_naming(pattern)
    if not all(ordinary(app, "at first")):
        return None

    def another():
        app.config["MARK"] = lambda: None
        thread = Thread(target=ask, args=(app, "/admin/user/"))
        thread.start()
        thread.join()

    def end():
        app.config["MARK"] = lambda: None
        came.append([])
        lost.append(rows(app, END_OTHERS)[0][0])
        print(f"   The server ended {lost[-1]} connection(s).")

    app.config["MARK"] = another  # so that the pool holds two
    ask(app, "/admin/user/")
    lost, came = [], []
    end()
    for does, when in ((None, "at rest"), (lists, "inside a list"), (creates, "inside a create")):
        if does:
            app.config["MARK"] = end
            worked = does(app, f"an end {when}")
            came[-1].append(worked)
        came[-1] += ordinary(app, f"after an end {when}")
    if any(number and worked.count(False) > 1 for number, worked in zip(lost, came, strict=True)):
        print("After one end of the connections, more than one request failed.")
        return "refuted"
    return "supported" if len(lost) == 3 and all(lost) else None


def recovers_from_database_error(pattern):
    """Ask for a key that the server refuses, in the admin and in an own route, then go on."""
    app = start_naming(pattern)
    if not all(ordinary(app, "at first")):
        return None
    for path in ("/admin/post/edit/?id=", "/user/"):
        ERRORS.clear()
        ask(app, f"{path}{OUT_OF_RANGE}")
        if "DataError" not in ERRORS:
            return None
        if not all(ordinary(app, "afterwards")):
            print("What the server refused in one request made others fail.")
            return "refuted"
    return "supported"


def ordinary(app, when):
    """List the users, create a post, ask an own route; return which of that worked."""
    return [lists(app, when), creates(app, when), "Ann" in ask(app, "/names")[1]]


def lists(app, when):
    return "Ann" in ask(app, "/admin/user/")[1]


def creates(app, when):
    ask(app, "/admin/post/new/", title=when, author="1")
    return bool(rows(app, f"select 1 from post where title = '{when}'"))
