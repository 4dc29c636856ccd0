"""The examples and commands of the earlier reports, exactly as they were printed.

Each stands in the statements too; a test holds that both are the same. What an example takes for
granted ("given") is what its report says or plainly assumes: it is run before the example.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """Code as it was printed, what it takes for granted, and an address to ask afterwards."""

    name: str
    text: str
    given: str = ""
    ask: str = ""


ROOT_CAUSE = """# flask-sqlalchemy-lite implementation:
@property
def session(self):
    return g.setdefault("_sqlalchemy_sessions", {})
    # ^ Requires active Flask app context
"""

LAZY_SESSION_WRAPPER = """class LazySessionWrapper:
    def __init__(self, db):
        self._db = db
    
    def __call__(self):
        return self._db.get_session()
    
    def query(self, *args, **kwargs):
        return self._db.get_session().query(*args, **kwargs)
    
    # ... proxy other session methods

# Usage:
session_wrapper = LazySessionWrapper(db)
admin.add_view(ModelView(User, session_wrapper))
"""  # noqa: W293 - as it was printed

WORKAROUND_1 = """from sqlalchemy.orm import scoped_session, sessionmaker
from flask import current_app

# Create your own scoped_session
Session = scoped_session(
    sessionmaker(bind=db.engine),
    scopefunc=lambda: current_app._get_current_object()
)

# Use with Flask-Admin
admin.add_view(ModelView(User, Session))
"""

WORKAROUND_2 = """class RequestScopedSession:
    def __init__(self, db):
        self.db = db
    
    def __call__(self):
        # Return session for current request context
        return self.db.get_session()

# Use with Flask-Admin
session_provider = RequestScopedSession(db)
admin.add_view(ModelView(User, session_provider))
"""  # noqa: W293 - as it was printed

WORKAROUND_3 = """from flask_admin.contrib.sqla import ModelView

class LiteModelView(ModelView):
    def __init__(self, model, db, *args, **kwargs):
        # Create scoped_session from db's engine
        from sqlalchemy.orm import scoped_session, sessionmaker
        session = scoped_session(sessionmaker(bind=db.engine))
        super().__init__(model, session, *args, **kwargs)

# Use with Flask-Admin
admin.add_view(LiteModelView(User, db))
"""

CORRECT_PATTERN = """from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView

app = Flask(__name__)
db = SQLAlchemy(app)

# This is CORRECT and SAFE:
admin.add_view(ModelView(User, db.session))
"""

BASIC_USAGE = """from flask import Flask, abort, jsonify
from flask_sqlalchemy_session2024 import flask_scoped_session

app = Flask(__name__)
session = flask_scoped_session(session_factory, app)

@app.route("/users/<int:user_id>")
def user(user_id):
    user = session.query(User).get(user_id)
    if user is None:
        abort(404)
    return flask.jsonify(**user.to_dict())
"""

DECLARE_MODELS = """from sqlalchemy import Column, Integer, String
from sqlalchemy.ext.declarative import declarative_base

Base = declarative_base()

class User(Base):
    id = Column(Integer, primary_key=True)
    name = Column(String)

    def to_dict(self):
        return {"id": self.id,
                "name": self.name}
"""

ENGINE_AND_SESSION = """from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("sqlite://")
session_factory = sessionmaker(bind=engine)
"""

INSTANTIATE = """from flask import Flask, abort, jsonify
from flask_sqlalchemy_session import flask_scoped_session

app = Flask(__name__)
session = flask_scoped_session(session_factory, app)

@app.route("/users/<int:user_id>")
def user(user_id):
    user = session.query(User).get(user_id)
    if user is None:
        abort(404)
    return flask.jsonify(**user.to_dict())
"""

CURRENT_SESSION = """from flask_sqlalchemy_session import current_session

@app.route("/users/<int:user_id>")
def user(user_id):
    user = current_session.query(User).get(user_id)
    if user is None:
        abort(404)
    return flask.jsonify(**user.to_dict())
"""

# --- What examples take for granted ---------------------------------------------------------------

MODEL = """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class User(Base):
    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    def to_dict(self):
        return {"id": self.id, "name": self.name}
"""

LITE_APPLICATION = f"""{MODEL}
from flask import Flask, g
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy_lite import SQLAlchemy
app = Flask("given")
app.config.update(SECRET_KEY="given", SQLALCHEMY_ENGINES={{"default": "sqlite:///given.sqlite"}})
db = SQLAlchemy(app)
with app.app_context():
    Base.metadata.create_all(db.engine)
    db.session.add(User(id=1, name="Ann"))
    db.session.commit()
admin = Admin(app)
"""

SESSION_FACTORY = f"""{MODEL}
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool
engine = create_engine("sqlite://", poolclass=StaticPool)
session_factory = sessionmaker(bind=engine)
Base.metadata.create_all(engine)
with session_factory() as filling:
    filling.add(User(id=1, name="Ann"))
    filling.commit()
"""

APPLICATION = """
from flask import Flask, abort, jsonify
try:
    from flask_sqlalchemy_session import flask_scoped_session
except ModuleNotFoundError:
    from flask_sqlalchemy_session2024 import flask_scoped_session
app = Flask("given")
session = flask_scoped_session(session_factory, app)
"""

EXAMPLES = {
    "flask_sqlalchemy": (Example("correct-pattern", CORRECT_PATTERN),),
    "flask_sqlalchemy_lite": (
        Example("root-cause", ROOT_CAUSE, given="from flask import g\n"),
        Example("workaround-1", WORKAROUND_1, LITE_APPLICATION, "/admin/user/"),
        Example("workaround-2", WORKAROUND_2, LITE_APPLICATION, "/admin/user/"),
        Example("workaround-3", WORKAROUND_3, LITE_APPLICATION, "/admin/user/"),
        Example("lazy-session-wrapper", LAZY_SESSION_WRAPPER, LITE_APPLICATION, "/admin/user/"),
    ),
    "flask_sqlalchemy_session": (
        Example("basic-usage", BASIC_USAGE, SESSION_FACTORY, "/users/1"),
        Example("declare-models", DECLARE_MODELS),
        Example("engine-and-session", ENGINE_AND_SESSION),
        Example("instantiate", INSTANTIATE, SESSION_FACTORY, "/users/1"),
        Example("current-session", CURRENT_SESSION, SESSION_FACTORY + APPLICATION, "/users/1"),
        Example("full-example", DECLARE_MODELS + ENGINE_AND_SESSION + INSTANTIATE),
    ),
}
"""The examples by the module of the backend that they use."""

COMMANDS = {
    "flask_sqlalchemy": (
        "pytest flask_admin/tests/sqla/test_session_scoping.py -v",
        "python reproduction_script.py",
    ),
    "flask_sqlalchemy_lite": (
        "python test_lite_standalone.py",
        "pytest flask_admin/tests/sqla/test_session_scoping_lite.py -v -s",
    ),
}
"""The commands that are run as printed, by the module of the backend that they are about."""
