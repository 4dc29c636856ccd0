"""What grows as an application serves."""

import gc
from contextlib import redirect_stdout
from threading import Event, Thread

from experiments.session_scoping.reproductions.acting import (
    PATHS,
    MarkedView,
    PostView,
    UserView,
    perform,
    start_acting,
)
from experiments.session_scoping.reproductions.application import ERRORS, User, ask, start
from experiments.session_scoping.reproductions.left import (
    ALIVE,
    INSTANCES,
    OUT,
    watch_what_is_left,
)
from experiments.session_scoping.reproductions.sessions import USED, watch_uses

__all__ = ["MarkedView", "PostView", "UserView", "memory_bounded", "pool_bounded"]


def pool_bounded(pattern):
    """Send six requests, on threads that stay alive, where the pool has two connections."""
    app = start(pattern, pool_size=2)
    watch_uses()
    over, threads, answers = Event(), [], []

    def serve(answered):
        try:
            answers.append(ask(app, "/admin/post/")[0])
        finally:
            answered.set()
        over.wait()

    for _ in range(6):
        answered = Event()
        threads.append(Thread(target=serve, args=(answered,)))
        threads[-1].start()
        answered.wait()
    over.set()
    print(f"{answers.count(200)} of 6 requests were answered from a pool of two connections.")
    if "TimeoutError" in ERRORS:
        return "refuted"
    return "supported" if answers == [200] * 6 and len(USED) == 6 else None


def memory_bounded(pattern):
    """Do twelve things of a kind: is more held than after three?"""
    watch_uses()
    watch_what_is_left()
    app = start_acting(pattern)
    view = next(one for one in app.extensions["admin"][0]._views if hasattr(one, "get_query"))

    def request(number):
        if number % 2:
            ask(app, "/admin/post/new/", title="New", author="1")
        else:
            ask(app, "/admin/user/")

    def job(number):
        with app.app_context():
            app.config["SESSION"]().query(User).all()
            view.get_query().session.query(User).all()

    def leave_pending(way):
        task = lambda session_of: session_of().add(User(name="Pending"))  # noqa: E731
        return lambda number: perform(app, way, task)

    kinds = {"requests": request, "jobs": job}
    kinds |= {f"rows left pending in the {way}": leave_pending(way) for way in PATHS}
    for what, do in kinds.items():
        measured = []
        for number in range(12):
            with redirect_stdout(None):
                try:
                    do(number)
                except Exception as error:  # a job's, which ends the job alone
                    ERRORS.append(type(error).__name__)
            if number in (2, 11):
                measured.append(what_is_held())
        few, many = measured
        print(f"Held after three {what}: {in_words(few)}; after twelve: {in_words(many)}.")
        if any(more > less for more, less in zip(many.values(), few.values(), strict=True)):
            return "refuted"
    return "supported" if USED and not ERRORS else None


def in_words(held):
    """Return how much is held in words."""
    return ", ".join(f"{count} {what}" for what, count in held.items())


def what_is_held():
    """Return how much is held: connections as it is, the rest after garbage is collected."""
    connections = len(OUT)
    gc.collect()
    objects = sum(len(one.identity_map) + len(one.new) for one in ALIVE)
    held = {"sessions": len(ALIVE), "objects": objects, "connections": connections}
    return {**held, "instances": len(INSTANCES)}
