"""The experiments behind real servers, run where the servers are installed."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from casebook.installed import EnvironmentMissing, interpreter
from casebook.record import Event, History
from experiments.session_scoping import claims

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.slow

EXPERIMENTS = {
    "gevent_unpatched": "flask-sqlalchemy-with-gevent",
    "gevent_patched": "flask-sqlalchemy-with-gevent",
    "waitress_threads": "flask-sqlalchemy-with-servers",
    "gunicorn_threads": "flask-sqlalchemy-with-servers",
    "gunicorn_preloaded": "flask-sqlalchemy-with-servers",
    "gunicorn_preloaded_after_use": "flask-sqlalchemy-with-servers",
}

CELL = """
import importlib, json, sys, traceback
from casebook.record import Trial
package, experiment, pattern, folder = *map(importlib.import_module, sys.argv[1:3]), *sys.argv[3:5]
package.prepare("sqlite", "")
getattr(experiment, "prepare", lambda *where: None)("sqlite", "")
backend = importlib.import_module(package.__name__ + ".backends." + sys.argv[5])
events, reason = [], ""
write = lambda event: events.append([event.kind, event.labels, event.details])
try:
    experiment.run(Trial(getattr(backend, pattern), "sqlite", folder, write))
except Exception as error:
    reason = "".join(traceback.format_exception_only(error)).strip()
print(json.dumps([reason, events]))
"""


LITE = "flask-sqlalchemy-lite-beside-flask-sqlalchemy-with-gevent"


def observe(experiment, pattern, folder, environment="", backend="sqlalchemy"):
    """Return the history of one pattern, SQLAlchemy's own unless told, run as a cell is."""
    try:
        python = interpreter(ROOT, environment or EXPERIMENTS[experiment])
    except EnvironmentMissing as missing:
        pytest.fail(str(missing))
    package = "experiments.session_scoping"
    process = subprocess.Popen(
        [python, "-c", CELL, package, f"{package}.{experiment}", pattern, folder, backend],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):  # a server may have left a worker
            os.killpg(process.pid, signal.SIGKILL)
    reason, events = json.loads(output)
    happened = (Event(kind, tuple(labels), details) for kind, labels, details in events)
    return History("raised" if reason else "completed", reason, tuple(happened))


def places(history, letter):
    return [event.label(letter) for event in history.of("request-started")]


@pytest.fixture
def seen(request, tmp_path):
    experiment, pattern = request.param
    return observe(experiment, pattern, tmp_path)


def under(experiments, pattern):
    return pytest.mark.parametrize(
        "seen", [(one, pattern) for one in experiments], ids=experiments, indirect=True
    )


SERVERS = ("waitress_threads", "gunicorn_threads")
GEVENT = ("gevent_unpatched", "gevent_patched")
PRELOADED = ("gunicorn_preloaded", "gunicorn_preloaded_after_use")


@under(SERVERS, "scoped_session_removed")
def test_requests_run_on_threads_of_the_server(seen):
    assert places(seen, "T") == ["T2", "T3"]
    assert claims.server_threads_isolated.check(seen).verdict == "supported"


@under(SERVERS, "app_lifetime_session")
def test_a_session_of_all_threads_is_shared(seen):
    assert claims.server_threads_isolated.check(seen).verdict == "refuted"


@under(PRELOADED, "disposed_after_fork")
def test_workers_of_a_loaded_application_answer_in_turn(seen):
    requests = [one for one in seen.of("request-started") if one.label("P") != "P1"]
    assert [one.label("P") for one in requests] == ["P2", "P2", "P3", "P3"] * 2
    assert len({one.label("R") for one in requests}) == 8
    assert claims.forked_workers_apart.check(seen).verdict == "supported"


@under(PRELOADED, "queried_when_wired")
def test_workers_have_what_was_opened_before_the_fork(seen):
    assert claims.forked_workers_apart.check(seen).verdict == "refuted"


@under(GEVENT, "scoped_session_by_context")
def test_requests_run_in_greenlets_of_one_thread(seen):
    assert places(seen, "T") == ["T1", "T1"]
    assert places(seen, "G") == ["G2", "G3"]
    assert claims.greenlet_isolated.check(seen).verdict == "supported"


@under(GEVENT, "app_lifetime_session")
def test_a_session_of_all_greenlets_is_shared(seen):
    assert claims.greenlet_isolated.check(seen).verdict == "refuted"


@pytest.mark.parametrize(
    ("experiment", "patched", "verdict"),
    [("gevent_unpatched", False, "refuted"), ("gevent_patched", True, "supported")],
)
def test_what_is_local_to_a_thread_is_local_to_a_greenlet_where_patched(
    experiment, patched, verdict, tmp_path
):
    seen = observe(experiment, "scoped_session_removed", tmp_path)
    assert seen.first("served")["patched"] is patched
    assert claims.greenlet_isolated.check(seen).verdict == verdict


@under(EXPERIMENTS, "raises_when_wired")
def test_what_wiring_raises_is_raised_in_the_cell(seen):
    assert seen.reason == "RuntimeError: this pattern cannot be wired"
    assert [event.kind for event in seen.events] == ["wiring-started"]


@under(SERVERS, "scope_per_access")
def test_a_request_that_ends_before_its_first_change_leaves_the_other_a_thread_of_its_own(seen):
    assert "changed" not in [event["name"] for event in seen.of("marked")]
    assert places(seen, "T") == ["T2", "T3"]


@under(GEVENT, "scoped_session_by_context")
def test_greenlets_end_at_once_and_leave_nothing(seen):
    ends = [
        one for one in seen.events if one.kind == "request-ended" or one.get("name") == "ending"
    ]
    assert [one.kind for one in ends] == ["marked", "marked", "request-ended", "request-ended"]
    assert claims.closed_after_greenlets.check(seen).verdict == "supported"


@under(GEVENT, "scoped_session_kept")
def test_what_greenlets_leave_is_seen(seen):
    assert claims.closed_after_greenlets.check(seen).verdict == "refuted"


@under(GEVENT, "scope_per_access")
def test_it_is_looked_once_what_is_left_where_a_request_ended_before_the_other_came(seen):
    assert [one.kind for one in seen.of("looked-up")] == ["looked-up"]


def test_two_event_loops_on_one_thread_keep_a_request_from_closing_where_patched(tmp_path):
    seen = observe("gevent_patched", "db_in_context", tmp_path, LITE, "flask_sqlalchemy_lite")
    found = claims.closed_after_greenlets.check(seen)
    assert found.verdict == "refuted"
    assert "R1 raised RuntimeError: asyncio.run() cannot be called" in found.reason


# --- The parent that patches ----------------------------------------------------------------------

ORDER = """
import os, signal, socket, sys, tempfile
from casebook.record import Trial
from experiments.session_scoping import gevent_patched
from experiments.session_scoping.backends import sqlalchemy
from experiments.session_scoping.rig.served.client import forked, patched
from experiments.session_scoping.rig.served.process import Told
import dying

def order(pattern):
    listener, (reading, writing) = socket.create_server(("127.0.0.1", 0)), os.pipe()
    trial = Trial(pattern, "sqlite", tempfile.mkdtemp(dir=sys.argv[1]), None)
    with tempfile.TemporaryFile() as output:
        process = forked(patched)(Told(trial, listener.fileno(), writing), output)
    os.close(writing)
    return process, os.fdopen(reading)

gevent_patched.prepare("sqlite", "")
"""
"""Orders a server of the patched parent; returns what stands in for it, and its events."""

DYING = """
import os, signal

def by_a_signal(app, admin):
    os.kill(os.getpid(), signal.SIGTERM)

def by_itself(app, admin):
    os._exit(7)
"""


def ordered(text, folder):
    """Return the lines that a text prints where it can order patched servers."""
    (folder / "dying.py").write_text(DYING)
    python = interpreter(ROOT, EXPERIMENTS["gevent_patched"])
    ran = subprocess.run(
        [python, "-c", ORDER + text, folder],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_a_patched_server_ends_with_what_stands_in_for_it(tmp_path):
    text = """
process, events = order(sqlalchemy.scoped_session_removed)
while '"served"' not in events.readline():
    pass
os.kill(process, signal.SIGKILL)
print(events.read())
"""
    assert ordered(text, tmp_path) == [""]


@pytest.mark.parametrize(("pattern", "code"), [("by_a_signal", -15), ("by_itself", 7)])
def test_what_stands_in_for_a_patched_server_ends_as_it_does(pattern, code, tmp_path):
    text = f"""
process, events = order(dying.{pattern})
print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""
    assert ordered(text, tmp_path) == [str(code)]


def test_the_patched_parent_serves_on_after_a_server_that_died(tmp_path):
    text = """
process, events = order(dying.by_a_signal)
os.waitpid(process, 0)
process, events = order(sqlalchemy.scoped_session_removed)
while '"served"' not in events.readline():
    pass
print("served")
os.kill(process, signal.SIGKILL)
events.read()
"""
    assert ordered(text, tmp_path) == ["served"]
