"""What one request leaves behind that another could meet."""

from experiments.session_scoping.reproductions.acting import (
    PATHS,
    MarkedView,
    PostView,
    UserView,
    perform,
    start_acting,
)
from experiments.session_scoping.reproductions.application import ERRORS, User, ask, change, rows
from experiments.session_scoping.reproductions.verdicts import together

__all__ = [
    "MarkedView",
    "PostView",
    "UserView",
    "recovers_from_failed_flush",
    "sees_external_changes",
    "uncommitted_isolated",
]

NAMES = 'select name from "user" order by id'


def names(session_of):
    """Return what the application's own route shows."""
    return ", ".join(user.name for user in session_of().query(User).order_by(User.id))


def uncommitted_isolated(pattern):
    """Change a row and add one without a commit; then list, and commit something else."""
    seen = []
    for way in PATHS:
        app = start_acting(pattern)
        ERRORS.clear()
        for flush in (False, True):

            def leave(session_of, flush=flush):
                session_of().get(User, 1).name = "Uncommitted"
                session_of().add(User(name="Added"))
                if flush:
                    session_of().flush()

            perform(app, way, leave)
            shown = ask(app, "/admin/user/")[1]
            ask(app, "/admin/post/new/", title="Committed", author="1")
            shown += perform(app, "own route", names)[1] + str(rows(app, NAMES))
            if "Uncommitted" in shown or "Added" in shown:
                print(f"What was left uncommitted in the {way} reached other requests.")
                return "refuted"
        print(f"Nothing of what was left uncommitted in the {way} was met again.")
        seen.append(None if ERRORS else "supported")
    return together(seen)


def sees_external_changes(pattern):
    """Change rows as another program would, also one that the application holds, and list them."""
    app = start_acting(pattern)
    held = []
    ask(app, "/admin/user/")
    for key in (1, 2):
        if key == 2:
            perform(app, "own route", lambda session_of: held.append(session_of().get(User, 2)))
        change(app, f"update \"user\" set name = 'Renamed {key}' where id = {key}")
        for shown in (ask(app, "/admin/user/")[1], perform(app, "own route", names)[1]):
            if not ERRORS and f"Renamed {key}" not in shown:
                print(f"User {key} was renamed outside and is shown with the old name.")
                return "refuted"
    return None if ERRORS else "supported"


def recovers_from_failed_flush(pattern):
    """List and create, let a flush fail and its exception go, then list and create again."""

    def fail(session_of):
        session_of().add(User(name="Ann"))  # a name that is taken
        session_of().flush()

    def list_and_create(title):
        listed = ask(app, "/admin/user/")[1]
        ask(app, "/admin/post/new/", title=title, author="1")
        stored = rows(app, f"select title from post where title = '{title}'")
        listed_too = perform(app, "own route", names)[1]
        return "Ann" in listed and "Ann" in listed_too and stored and not ERRORS

    seen: list = []
    for way in PATHS:
        app = start_acting(pattern)
        ERRORS.clear()
        worked = list_and_create("before")
        perform(app, way, fail)
        failed = ERRORS == ["IntegrityError"]
        ERRORS.clear()
        if not worked or not failed:
            seen.append(None)
        elif not list_and_create("after"):
            print(f"After a flush had failed in the {way}, others failed, too.")
            return "refuted"
        else:
            print(f"After a flush had failed in the {way}, the others worked.")
            seen.append("supported")
    return together(seen)
