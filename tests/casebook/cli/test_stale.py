"""Asking an index for newer releases: a folder of its answers, served on localhost."""

import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from casebook.cli.main import main
from casebook.cli.stale import ask
from casebook.judge.newer import read_known
from casebook.plan.conf import read_investigation
from tests.casebook.builders import add_axis

TODAY = date(2026, 12, 24)


@pytest.fixture
def index(monkeypatch):
    """Serve what a test puts in: a package's files, each with what the index says of it."""
    packages: dict[str, list] = {}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.strip("/").rpartition("/")[2]
            self.send_response(200 if name in packages else 404)
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
            self.end_headers()
            if name in packages:
                self.wfile.write(json.dumps({"files": packages[name]}).encode())

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://somebody:secret@127.0.0.1:{server.server_port}/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", address.replace("somebody:secret@", ""))
    yield packages
    server.shutdown()
    server.server_close()


def release(version, **more):
    name = f"counter-{version}-py3-none-any.whl"
    return {"filename": name, "upload-time": "2026-12-01T10:00:00Z", **more}


@pytest.fixture
def locked(tiny):
    """A project that asks for the counter, with 1.0 in the lock of `dictionary`."""
    tiny.replace("conf/tiny.toml", "time_limit = 10", 'time_limit = 10\npackages = ["counter"]')
    tiny.write("conf/requirements/tiny/dictionary.txt", "counter==1.0\n")
    return tiny


def asked(project):
    return ask(project.root, read_investigation(project.root, "tiny"), TODAY)


def test_a_newer_release_is_shown_and_kept(locked, index):
    index["counter"] = [release("1.0"), release("1.1"), release("2.0rc1")]
    found = asked(locked)
    assert found.answered
    assert found.lines[2].split() == ["counter", "1.0", "1.1", "2026-12-01", "dictionary"]
    assert found.lines[3].startswith("Newer: counter 1.1.")
    known, _ = read_known(locked.root, "tiny")
    assert known is not None
    assert (known.asked, known.packages[0].newest) == ("2026-12-24", "1.1")


def test_all_releases_are_kept_of_a_package_that_an_axis_goes_through(locked, index):
    add_axis(locked)
    lock = "conf/requirements/tiny/dictionary.txt"
    locked.write(lock, locked.path(lock).read_text() + "tally==2.0\n")
    (axis,) = read_investigation(locked.root, "tiny").axes
    files = [f"{axis.package}-{one}-py3-none-any.whl" for one in ("1.0", "1.0.1", "1.1", "2.0rc1")]
    index[axis.package] = [{"filename": one} for one in files]
    index["counter"] = [release("1.0"), release("1.1")]
    asked(locked)
    known, _ = read_known(locked.root, "tiny")
    assert known is not None
    kept = {one.package: one.releases for one in known.packages}
    assert kept == {"counter": (), axis.package: ("1.0", "1.0.1", "1.1")}


def test_a_yanked_release_is_shown(locked, index):
    index["counter"] = [release("1.0", yanked="it miscounts"), release("0.9")]
    found = asked(locked)
    assert found.lines[2].split() == ["counter", "1.0", "yanked", "0.9", "2026-12-01", "dictionary"]
    assert "counter 1.0 was yanked" in found.lines[3]


def test_where_nothing_is_newer_that_is_said(locked, index):
    index["counter"] = [release("1.0")]
    found = asked(locked)
    assert found.lines[2].split() == ["counter", "1.0", "1.0", "2026-12-01", "dictionary"]
    assert found.lines[-1].startswith("Nothing is newer")


def test_a_release_that_an_environment_asks_for_is_there_as_declared(locked, index):
    row = 'backend = "dictionary"\ninstall = []\nimports = ["json"]'
    locked.replace("conf/tiny.toml", row, row.replace("[]", '["counter==1.0"]', 1))
    index["counter"] = [release("1.0"), release("1.1")]
    found = asked(locked)
    assert found.lines[2].endswith("  dictionary, as declared")
    assert found.lines[-1].startswith("Nothing is newer")


def test_a_release_that_no_python_of_the_locks_runs_is_not_the_newest(locked, index):
    index["counter"] = [release("1.0"), release("2.0", **{"requires-python": ">=3.99"})]
    assert asked(locked).lines[-1].startswith("Nothing is newer")


def test_a_package_that_the_index_has_not_is_named(locked, index):
    assert asked(locked).lines[-1].startswith("counter: no such package")


def test_where_the_index_cannot_be_asked_nothing_changes(locked, index, monkeypatch, capsys):
    index["counter"] = [release("1.1")]
    asked(locked)
    before = (locked.root / "docs/results/tiny.index.json").read_bytes()
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    assert main(["--root", str(locked.root), "stale"]) == 3
    shown = capsys.readouterr().out.splitlines()
    assert ": not asked, and nothing is changed: " in shown[0]
    assert "as http" in shown[1]
    assert (locked.root / "docs/results/tiny.index.json").read_bytes() == before


def test_the_command_ends_with_0_where_something_is_stale(locked, index, capsys):
    index["counter"] = [release("1.1")]
    assert main(["--root", str(locked.root), "stale"]) == 0
    assert "Newer: counter 1.1" in capsys.readouterr().out


def test_no_password_of_an_index_is_kept(locked, index, monkeypatch):
    index["counter"] = [release("1.1")]
    monkeypatch.setattr("casebook.cli.stale.index_url", lambda: "https://me:secret@one.example/x")
    asked(locked)
    known, _ = read_known(locked.root, "tiny")
    assert known is not None
    assert known.index == "https://one.example/x"
