"""A backend's async session, in an application's own `async def` views."""

import gc
import logging
from threading import Thread

from flask import Flask, request
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.pool import NullPool

from experiments.session_scoping.reproductions.application import (
    Told,
    User,
    ask,
    fill,
    rows,
)
from experiments.session_scoping.reproductions.databases.sqlite import DRIVERS, new_database
from experiments.session_scoping.reproductions.left import left, watch_what_is_left
from experiments.session_scoping.reproductions.sessions import USED, sessions, watch_uses
from experiments.session_scoping.reproductions.verdicts import together

__all__ = ["async_closed", "async_request_scoped", "async_works"]


def async_request_scoped(pattern):
    """Create, list, and list inside a view that creates: did a session serve two requests?"""
    watch_uses()
    return with_each_driver(pattern, whose_session)


def async_closed(pattern):
    """Look what is left after views that end well, and after views that raise."""
    watch_uses()
    watch_what_is_left()
    return with_each_driver(pattern, what_is_left)


def async_works(pattern):
    """Create and list, one after the other and at once, also in views that raise."""
    return with_each_driver(pattern, what_came_of_it)


def with_each_driver(pattern, see):
    """Return what is seen with every driver of the database."""
    seen = []
    for driver in DRIVERS:
        print(f"\nWith {driver}:")
        seen.append(see(start_async(pattern, driver)))
        if seen[-1] == "refuted":
            break
    return together(seen)


def whose_session(app):
    USED.clear()
    ask(app, "/users", name="Cleo")
    ask(app, "/names")
    made, _ = at_once(app)
    served = [one for name in list(USED) for one in sessions(name)]
    if len(served) > len(set(served)):
        return "refuted"
    return "supported" if made and len(USED) == 4 else None


def what_is_left(app):
    statuses = []
    for raises in (False, True):
        app.config["MARK"] = fail if raises else lambda: None
        for path, form in (("/names", {}), ("/users", {"name": "Cleo"})):
            statuses.append(ask(app, path, **form)[0])
            if found := left():
                print(f"   left: {found}")
                return "refuted"
    return "supported" if statuses == [200, 200, 500, 500] and len(USED) >= 4 else None


def what_came_of_it(app):
    wanted = "Ann, Ben"
    came = {"list": ask(app, "/names")[1] == wanted}
    ask(app, "/users", name="Cleo")
    came["create"] = stored(app) == f"{wanted}, Cleo"
    came["list again"] = ask(app, "/names")[1] == f"{wanted}, Cleo"
    came["list inside a view that creates"] = f"{wanted}, Cleo" in at_once(app)[1]
    came["what was created so"] = stored(app) == f"{wanted}, Cleo, Dora"
    app.config["MARK"] = fail
    ask(app, "/users", name="Emil")
    came["nothing is stored by a view that raises"] = stored(app) == f"{wanted}, Cleo, Dora"
    for what, is_so in came.items():
        print(f"{what}: {'as it was asked' if is_so else 'something else came of it'}")
    return "supported" if all(came.values()) else "refuted"


class ViewFailed(Exception):
    """What a view raises."""


def fail():
    raise ViewFailed


def at_once(app):
    """List the users inside a view that creates one; return the lists that were made and shown."""
    made, shown = [], []

    def meanwhile():
        app.config["MARK"] = lambda: made.append(True)
        thread = Thread(target=lambda: shown.append(ask(app, "/names")[1]))
        thread.start()
        thread.join()

    app.config["MARK"] = meanwhile
    ask(app, "/users", name="Dora")
    app.config["MARK"] = lambda: None
    return made, shown


def stored(app):
    return ", ".join(name for (name,) in rows(app, 'select name from "user" order by id'))


def start_async(pattern, driver):
    """Return an application with two views, whose session the pattern gives."""
    gc.disable()
    logging.getLogger().handlers[:] = [Told()]
    url = make_url(new_database()[0])
    own = create_engine(url, poolclass=NullPool)
    fill(own)
    app = Flask("application")
    url = url.set(drivername=driver).render_as_string(hide_password=False)
    app.config.update(ASYNC_DATABASE_URL=url, OWN_ENGINE=own, MARK=lambda: None)
    with_session = pattern(app)

    @app.get("/names")
    async def names():
        async def read(session):
            users = await session.scalars(select(User).order_by(User.id))
            found = ", ".join(user.name for user in users)
            app.config["MARK"]()
            return found

        return await with_session(read)

    @app.post("/users")
    async def add_user():
        async def store(session):
            session.add(User(name=request.form["name"]))
            await session.flush()
            app.config["MARK"]()
            await session.commit()
            return "added"

        return await with_session(store)

    return app
