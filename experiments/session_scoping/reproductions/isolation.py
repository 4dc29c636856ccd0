"""Requests at an isolation level at which PostgreSQL refuses what it cannot serialize."""

from threading import Thread

from sqlalchemy import event
from sqlalchemy.orm import Session

from experiments.session_scoping.reproductions.application import (
    ERRORS,
    User,
    ask,
    change,
    rows,
    start,
)
from experiments.session_scoping.reproductions.verdicts import together

LEVELS = ("REPEATABLE READ", "SERIALIZABLE")
NAME = 'select name from "user" where id = {}'


def start_at(level, pattern):
    """Return the application with engines at this level, and a route that reads, then writes."""

    def at_level(app, admin):
        engines = app.config["SQLALCHEMY_ENGINES"]
        for options in (app.config["ENGINE_OPTIONS"], engines["default"]):
            options["isolation_level"] = level
        return pattern(app, admin)

    print(f"At {level}:")
    app = start(at_level)

    @app.post("/extend")
    def extend():
        session = app.config["SESSION"]()
        user = session.get(User, 1)
        user.name = f"{user.name}!"
        session.commit()
        return "done"

    return app


def twice_at_once(app, path, first, second):
    """Send the second form when the request with the first is about to write; return statuses."""
    answers = []

    def meanwhile(*_):
        if not answers:
            answers.append(None)
            thread = Thread(target=lambda: answers.append(ask(app, path, **second)[0]))
            thread.start()
            thread.join()

    event.listen(Session, "before_flush", meanwhile)
    status, _ = ask(app, path, **first)
    event.remove(Session, "before_flush", meanwhile)
    return [status, *answers[1:]]


def isolation_level_holds(pattern):
    """Change one row in two requests at once, in an own route and in the admin: is one lost?"""
    return together([changes_are_kept(start_at(level, pattern)) for level in LEVELS])


def changes_are_kept(app):
    ERRORS.clear()
    done = twice_at_once(app, "/extend", {"go": "on"}, {"go": "on"})
    name = rows(app, NAME.format(1))[0][0]
    print(f"{done.count(200)} of {len(done)} were answered as done; the name is {name}.")
    if name.count("!") != done.count(200):
        return "refuted"
    names = ["First", "Second"]
    done += twice_at_once(app, "/admin/user/edit/?id=2", *({"name": one} for one in names))
    name = rows(app, NAME.format(2))[0][0]
    edited = [one for one, status in zip(names, done[2:], strict=False) if status == 302]
    print(f"Answered as edited: {' and '.join(edited) or 'none'}; the name is {name}.")
    if len(done) == 4 and name not in edited:
        return "refuted"
    return "supported" if len(done) == 4 and "OperationalError" in ERRORS else None


def recovers_from_serialization_failure(pattern):
    """Edit what another program changed, then let a request be refused: do the others work?"""
    return together([only_overlaps_fail(start_at(level, pattern)) for level in LEVELS])


def only_overlaps_fail(app):
    ERRORS.clear()
    if "Ben" not in ask(app, "/admin/user/")[1]:
        return None
    change(app, "update \"user\" set name = 'Benno' where id = 2")
    ask(app, "/admin/user/edit/?id=2", name="Benedict")
    if rows(app, NAME.format(2)) != [("Benedict",)]:
        print("The edit overlapped no other request and failed.")
        return "refuted"
    ERRORS.clear()
    twice_at_once(app, "/extend", {"go": "on"}, {"go": "on"})
    if "OperationalError" not in ERRORS:
        return None
    worked = "Benedict" in ask(app, "/admin/user/")[1]
    print(f"The list afterwards {'worked' if worked else 'failed'}.")
    return "supported" if worked else "refuted"
