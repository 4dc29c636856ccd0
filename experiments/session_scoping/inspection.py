"""Inspects a backend on its own: its session, its attributes and the installed packages."""

import importlib
import importlib.metadata
import inspect
import threading
from contextvars import copy_context
from pathlib import Path

from flask import Flask, g
from flask import globals as flask_globals
from sqlalchemy.orm import scoped_session

from casebook.record import Trial
from experiments.session_scoping.rig.driver import Driver

DATABASES = ("sqlite",)

MODULES = (
    "flask_sqlalchemy",
    "flask_sqlalchemy_lite",
    "flask_sqlalchemy_session",
    "flask_sqlalchemy_session2024",
)
DISTRIBUTIONS = (
    "flask-admin",
    "flask-sqlalchemy",
    "flask-sqlalchemy-lite",
    "flask-sqlalchemy-session",
    "flask-sqlalchemy-session2024",
)
ATTRIBUTES = (
    *("session", "get_session", "sessionmaker", "engine", "engines"),
    *("Model", "metadata", "Table"),
)


def run(trial: Trial) -> None:
    """Inspect the installed packages, the backend, and its session from several contexts."""
    inspection = Inspection(trial)
    inspection.look_at_modules()
    inspection.look_at_distributions()
    inspection.look_at_extension()
    inspection.look_at_session()
    inspection.follow_contexts()


def bare_application(folder: str) -> Flask:
    """Return an application with the settings of every backend and without Flask-Admin."""
    app = Flask("inspected", root_path=folder)
    url = "sqlite://"
    app.config.update(
        SECRET_KEY="casebook",
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINES={"default": url},
    )
    return app


class Inspection:
    """One backend in its own application."""

    def __init__(self, trial: Trial) -> None:
        self.recorder = Driver(trial).recorder
        self.app = bare_application(trial.folder)
        self.session = trial.pattern(self.app)
        self.extension = self.app.extensions.get("sqlalchemy")

    def record(self, kind, *labels, **details) -> None:
        self.recorder.record(kind, *labels, **details)

    # --- Installed packages -----------------------------------------------------------------------

    def look_at_modules(self) -> None:
        for name in MODULES:
            self.record("module-looked-up", name=name, error=error_of(importing(name)))

    def look_at_distributions(self) -> None:
        for name in DISTRIBUTIONS:
            try:
                found = importlib.metadata.distribution(name)
            except importlib.metadata.PackageNotFoundError:
                continue
            urls = [*(found.metadata.get_all("Project-URL") or ())]
            urls += [f"Homepage, {home}" for home in found.metadata.get_all("Home-page") or ()]
            self.record(
                "distribution-found",
                name=name,
                release=found.version,
                urls=" ".join(sorted(url.replace(", ", "=", 1) for url in urls)),
            )

    def look_at_extension(self) -> None:
        if self.extension is None:
            return
        cls = type(self.extension)
        package = Path(inspect.getfile(cls)).parent
        texts = [file.read_text(encoding="utf-8") for file in sorted(package.glob("*.py"))]
        self.record(
            "extension-found",
            type=f"{cls.__module__.partition('.')[0]}.{cls.__name__}",
            attributes=" ".join(
                name for name in ATTRIBUTES if name in {*dir(cls), *vars(self.extension)}
            ),
            async_attributes=" ".join(name for name in dir(cls) if "async" in name),
            imports_asyncio=any("sqlalchemy.ext.asyncio" in text for text in texts),
        )
        prop = inspect.getattr_static(cls, "session", None)
        if isinstance(prop, property) and prop.fget:
            source = inspect.getsource(prop.fget).strip().splitlines()
            self.record("source-found", name="session", returns=source[-1].strip())

    # --- The session ------------------------------------------------------------------------------

    def look_at_session(self) -> None:
        """Ask for the session outside any context and inside one."""
        self.describe("outside any context")
        with self.app.app_context():
            self.describe("inside a context")

    def describe(self, where: str) -> None:
        try:
            session = self.session()
        except Exception as error:
            text = f"{type(error).__name__}: {first_line(error)}"
            self.record("session-asked-for", where=where, error=text)
            return
        kinds = [one.__name__ for one in type(session).__mro__]
        registry = getattr(session, "registry", None)
        self.record(
            "session-asked-for",
            where=where,
            error=None,
            type=kinds[0],
            kinds=" ".join(kinds),
            proxy=isinstance(session, scoped_session),
            registry=type(registry).__name__ if registry is not None else None,
        )

    def follow_contexts(self) -> None:
        """Ask for the session in successive contexts, nested ones, another thread and requests."""
        handed = []
        for step in ("first", "second"):
            with self.app.app_context():
                handed.append(self.serve(step))
            self.registered(handed[-1], f"after the {step} context")
        self.record("sessions-compared", same_object=handed[0] is handed[1])
        with self.app.app_context():
            self.serve("outer")
            with self.app.app_context():
                self.serve("inner")
            self.serve("outer again")
        with self.app.app_context():
            self.serve("own thread")
            context = copy_context()
            other = threading.Thread(target=context.run, args=(self.serve, "other thread"))
            other.start()
            other.join()
        self.app.add_url_rule("/", view_func=lambda: self.serve("request") and "")
        for _ in range(2):
            self.app.test_client().get("/")

    def serve(self, step: str):
        """Record the current session, and return the object that the application gets."""
        handed = self.session()
        self.registered(handed, f"before asking, {step}")
        session = handed() if isinstance(handed, scoped_session) else handed
        self.registered(handed, f"after asking, {step}")
        label, context = session.info["casebook"], current_context().casebook_label
        kept = " ".join(sorted(name for name in g if name.startswith("_sqlalchemy")))
        self.record("session-served", label, context, step=step, in_g=kept)
        return handed

    def registered(self, handed, when: str) -> None:
        """Record how many sessions a scoped session's registry holds, if it is a dictionary."""
        registry = getattr(getattr(handed, "registry", None), "registry", None)
        if isinstance(registry, dict):
            self.record("registry-looked-at", when=when, sessions=len(registry))


def current_context():
    """Return the current application context."""
    if hasattr(flask_globals, "app_ctx"):
        return flask_globals.app_ctx
    return flask_globals._app_ctx_stack.top  # Flask before 2.2


def importing(name: str):
    return lambda: importlib.import_module(name)


def error_of(act) -> str | None:
    """Return the type and first line of the error that `act` raises, or None."""
    try:
        act()
    except Exception as error:
        return f"{type(error).__name__}: {first_line(error)}"
    return None


def first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
