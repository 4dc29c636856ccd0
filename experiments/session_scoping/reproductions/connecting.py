"""Which connection carries whose transaction."""

from itertools import count
from threading import Thread

from sqlalchemy import event
from sqlalchemy.orm import Session

from experiments.session_scoping.reproductions.application import User, ask, start
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import label
from experiments.session_scoping.reproductions.verdicts import together

__all__ = ["MarkedView", "PostView", "UserView", "connection_per_session"]

CONNECTIONS = (f"C{number}" for number in count(1))
CARRIED = {}
BESIDE = []


def connection_per_session(pattern):
    """In a view, list on another thread, then use a session in a context pushed there."""
    app = start(pattern)
    watch_transactions()

    def on_a_thread():
        thread = Thread(target=ask, args=(app, "/admin/user/"))
        thread.start()
        thread.join()

    def in_a_context():
        with app.app_context():
            app.config["SESSION"]().query(User).all()

    return together([beside(app, on_a_thread), beside(app, in_a_context)])


def beside(app, work):
    """Work inside a view that lists posts and has used its session: who else began, and where?"""
    BESIDE.clear()

    def once():
        app.config["MARK"] = lambda: None
        work()

    app.config["MARK"] = once
    ask(app, "/admin/post/")
    if not BESIDE:
        return None
    return "refuted" if any(mine == other for mine, other in BESIDE) else "supported"


def watch_transactions():
    """Note each session that begins a transaction while another is in one, and the connections."""

    def begun(session, _, connection):
        mine = connection.info.get("label") or connection.info.setdefault(
            "label", next(CONNECTIONS)
        )
        for other, its in CARRIED.items():
            if other != label(session):
                print(f"{label(session)} on {mine} while {other} was in a transaction on {its}.")
                BESIDE.append((mine, its))
        CARRIED[label(session)] = mine

    def ended(session):
        CARRIED.pop(label(session), None)

    close = Session.close

    def closes(session):
        ended(session)
        close(session)

    Session.close = closes
    event.listen(Session, "after_begin", begun)
    event.listen(Session, "after_commit", ended)
    event.listen(Session, "after_rollback", ended)
