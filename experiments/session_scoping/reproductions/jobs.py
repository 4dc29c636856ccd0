"""Jobs in application contexts of their own."""

import gc
from threading import Thread

from sqlalchemy.orm import object_session

from experiments.session_scoping.reproductions.application import User, ask, rows, start
from experiments.session_scoping.reproductions.left import ALIVE, OUT, watch_what_is_left
from experiments.session_scoping.reproductions.marked import MarkedView, PostView, UserView
from experiments.session_scoping.reproductions.sessions import USED, label, watch_uses

__all__ = ["MarkedView", "PostView", "UserView", "background_context"]


def background_context(pattern):
    """Let jobs rename a user: after a request, on a thread inside one, and then raise."""
    watch_uses()
    watch_what_is_left()
    app = start(pattern)
    view = next(one for one in app.extensions["admin"][0]._views if hasattr(one, "get_query"))
    ways = {"application": app.config["SESSION"], "view": lambda: view.get_query().session}
    wrong, sessions = [], []

    def work(when, fails=False):
        for whose, session_of in ways.items():
            told = job(app, session_of, f"{when}, {whose}", fails, sessions)
            print(f"A job {when}, with the {whose}'s session: {told or 'as it should be'}.")
            wrong.append(told)

    def on_a_thread():
        app.config["MARK"] = lambda: None
        thread = Thread(target=work, args=("during a request",))
        thread.start()
        thread.join()

    app.config["MARK"] = lambda: None
    ask(app, "/admin/post/")
    work("after a request")
    app.config["MARK"] = on_a_thread
    ask(app, "/admin/post/")
    work("that raises", fails=True)
    return "refuted" if any(wrong) else "supported" if len(wrong) == 6 else None


class JobFailed(Exception):
    """What a job raises."""


def job(app, session_of, name, fails, sessions):
    """Work in a context of the job's own; return in words what is wrong then."""
    others = {one for used in [*USED.values(), sessions] for one in used}
    out, in_use = set(OUT), [one for one in ALIVE if one.in_transaction()]
    try:
        with app.app_context():
            user = session_of().get(User, 2)
            sessions.append(label(object_session(user)))
            user.name = name
            session_of().flush()
            if fails:
                raise JobFailed
            session_of().commit()
            session_of().refresh(user)  # which leaves a transaction to be closed
    except JobFailed:
        pass
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if sessions[-1] in others:
        return f"it used {sessions[-1]}, which a request or another job had used"
    if not all(one.in_transaction() for one in in_use):
        return "it closed another's session"
    gc.collect()
    if OUT - out or any(label(one) == sessions[-1] for one in ALIVE):
        return f"{sessions[-1]} was left when its context ended"
    stored = bool(rows(app, f"select 1 from \"user\" where name = '{name}'"))
    return "its change was stored, or lost, in spite of that" if stored is fails else ""
