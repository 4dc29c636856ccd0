"""A small application, which stands for that of the experiments in a script."""

import gc
import logging
from itertools import count

from flask import Flask
from flask.ctx import AppContext
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, text
from sqlalchemy.orm import configure_mappers, declarative_base, relationship
from sqlalchemy.pool import NullPool, QueuePool
from werkzeug.test import Client

from experiments.session_scoping.reproductions.databases.sqlite import new_database

Base = declarative_base()


class User(Base):
    """Somebody who writes posts."""

    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    name = Column(String(80), unique=True, nullable=False)

    def __str__(self):
        return self.name


class Post(Base):
    """Something that a user wrote."""

    __tablename__ = "post"
    id = Column(Integer, primary_key=True)
    title = Column(String(80), nullable=False)
    author_id = Column(ForeignKey(User.id), nullable=False)
    author = relationship(User)


class MarkedView(ModelView):
    """A view of Flask-Admin's, as it is."""


class UserView(MarkedView):
    """Users."""


class PostView(MarkedView):
    """Posts, whose author is chosen from a list."""


REQUESTS = (f"R{number}" for number in count(1))
ADDRESSES, FILLERS = set(), []
ERRORS = []


class Told(logging.Handler):
    """Tells in a line of each error that Flask or Flask-Admin logs."""

    def emit(self, record):
        if record.exc_info:
            error = record.exc_info[1]
            ERRORS.append(type(error).__name__)  # not itself: it holds what it came through
            print(f"   {ERRORS[-1]}: {error}".splitlines()[0])


def at_a_new_address(cls, *_):
    """Make a context where there was none; else it is luck which one has the address of which."""
    while id(context := object.__new__(cls)) in ADDRESSES:
        FILLERS.append(context)
    ADDRESSES.add(id(context))
    return context


def fill(engine):
    """Make the tables, with two users and a post of each."""
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(User.__table__.insert(), [{"name": "Ann"}, {"name": "Ben"}])
        posts = [{"title": "First", "author_id": 1}, {"title": "Second", "author_id": 2}]
        connection.execute(Post.__table__.insert(), posts)


def start(pattern, pool_size=50, **config):
    """Return the application under the pattern, with a database of its own."""
    gc.disable()  # a session that is dropped and not closed keeps its connection until collected
    logging.getLogger().handlers[:] = [Told()]
    AppContext.__new__ = staticmethod(at_a_new_address)
    url, connect_args = new_database()
    own = create_engine(url, poolclass=NullPool)
    fill(own)
    options = {"poolclass": QueuePool, "pool_size": pool_size, "max_overflow": 0}
    options |= {"pool_timeout": 0, "connect_args": connect_args}
    app = Flask("application")
    app.config.update(
        SECRET_KEY="casebook",
        DATABASE_URL=url,
        ENGINE_OPTIONS=options,
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=options,
        SQLALCHEMY_ENGINES={"default": {"url": url, **options}},
        OWN_ENGINE=own,
        **config,
    )
    configure_mappers()  # else Flask-Admin 1.6.1 makes forms without relations, with SQLAlchemy 2.1
    app.config["SESSION"] = pattern(app, Admin(app))
    return app


def ask(app, path, **form):
    """Send a request (a POST where there is a form); return the answer's status and text."""
    name, method = next(REQUESTS), "POST" if form else "GET"
    how = {"method": method, "data": form, "headers": {"Name": name}, "buffered": True}
    try:
        answer = Client(app).open(path, **how)
        status, text = answer.status_code, answer.text
    except Exception as error:  # let out by the application: a server answers 500
        ERRORS.append(type(error).__name__)
        print(f"   {ERRORS[-1]}: {error}".splitlines()[0])
        status, text = 500, ""
    print(f"{name} {method} {path}: {status}")
    return status, text


def rows(app, query):
    """Return a query's rows through a connection of our own, which no session knows."""
    with app.config["OWN_ENGINE"].connect() as connection:
        return connection.execute(text(query)).all()


def change(app, statement):
    """Change the database as another program would."""
    with app.config["OWN_ENGINE"].begin() as connection:
        connection.execute(text(statement))
