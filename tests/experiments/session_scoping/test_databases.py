"""The databases that experiments run on, and PostgreSQL's server."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from casebook.installed import EnvironmentMissing, interpreter
from casebook.record import NoServer
from experiments.session_scoping.rig.databases import postgresql_server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]

ENVIRONMENT = "sqlalchemy-beside-flask-sqlalchemy-with-psycopg"
"""An environment that holds SQLAlchemy and the driver."""


@pytest.fixture
def installed(monkeypatch):
    """Skip where no server is installed; nox installs one beside the environments."""
    environments = Path(os.environ.get("CASEBOOK_ENVIRONMENTS") or ROOT / ".nox")
    for wheel in environments.glob("postgresql/lib/python3*/site-packages"):
        monkeypatch.setenv("CASEBOOK_POSTGRESQL", str(wheel))
    try:
        return postgresql_server.binaries()
    except NoServer as error:
        pytest.skip(str(error))


@pytest.fixture
def nothing_installed(monkeypatch):
    """Hide what is installed; yield a folder in which a test may install what any user can run."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        monkeypatch.setattr(postgresql_server, "INSTALLED", folder)
        monkeypatch.setenv("PATH", folder)
        monkeypatch.delenv("CASEBOOK_POSTGRESQL", raising=False)
        yield Path(folder)


# --- The server -----------------------------------------------------------------------------------

DOES_IT_TALK_TLS = bytes((0, 0, 0, 8, 4, 210, 22, 47))
"""The shortest question of PostgreSQL's protocol; the answer is one letter."""


def answers(address):
    """Return whether a PostgreSQL server answers at an address."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(f"{address}/.s.PGSQL.5432")
        except OSError:
            return False
        client.sendall(DOES_IT_TALK_TLS)
        return client.recv(1) in (b"N", b"S")


def test_a_server_answers_while_it_is_asked_for_and_leaves_nothing(installed, tmp_path):
    with postgresql_server.serve(str(tmp_path)) as address:
        assert answers(address)
    assert not answers(address)
    assert not Path(address).parent.exists()


def test_a_server_is_stopped_where_the_run_fails(installed, tmp_path):
    with pytest.raises(ZeroDivisionError), postgresql_server.serve(str(tmp_path)) as address:
        raise ZeroDivisionError
    assert not answers(address)


def test_two_servers_do_not_meet(installed, tmp_path):
    with (
        postgresql_server.serve(str(tmp_path)) as one,
        postgresql_server.serve(str(tmp_path)) as other,
    ):
        assert one != other
        assert answers(one)
        assert answers(other)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_server_ends_with_whoever_asked_for_it(installed, tmp_path, number):
    text = (
        "import sys\n"
        "from experiments.session_scoping.rig.databases.postgresql_server import serve\n"
        "with serve(sys.argv[1]) as address:\n"
        "    print(address, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    conductor = subprocess.Popen(
        [sys.executable, "-c", text, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with conductor:
        address = conductor.stdout.readline().strip()  # type: ignore[union-attr]
        assert answers(address)
        conductor.send_signal(number)
        conductor.wait()
    end = time.monotonic() + 20
    while Path(address).parent.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not answers(address)
    assert not Path(address).parent.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must not run a server itself")
def test_as_root_it_runs_as_a_user_that_existed_before(installed, tmp_path):
    before = Path("/etc/passwd").read_bytes()
    with postgresql_server.serve(str(tmp_path)) as address:
        assert Path(address).owner() in postgresql_server.USERS
        assert answers(address)
    assert Path("/etc/passwd").read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are closed to the server")
def test_as_root_a_wheel_in_a_closed_folder_is_copied(nothing_installed, monkeypatch, tmp_path):
    environments = Path(os.environ.get("CASEBOOK_ENVIRONMENTS") or ROOT / ".nox")
    wheel = next(environments.glob("postgresql/lib/python3*/site-packages"), None)
    if wheel is None:
        pytest.skip("the wheel is not installed: run `nox -s postgresql`")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "site-packages").symlink_to(wheel)
    monkeypatch.setenv("CASEBOOK_POSTGRESQL", str(closed / "site-packages"))
    with postgresql_server.serve(str(tmp_path)) as address:
        assert (Path(address).parent / postgresql_server.WHEEL).is_dir()
        assert answers(address)


def test_without_a_server_it_says_what_to_install(nothing_installed, tmp_path):
    with (
        pytest.raises(NoServer, match=r"`postgresql`, or conf/requirements/postgresql\.txt"),
        postgresql_server.serve(str(tmp_path)),
    ):
        pass


def install(folder, release, initdb="exit 1"):
    """Make what looks like the binaries of a release."""
    binaries = folder / str(release) / "bin"
    binaries.mkdir(parents=True)
    for name, text in {
        "postgres": f"echo 'postgres (PostgreSQL) {release}.1'",
        "initdb": initdb,
    }.items():
        (binaries / name).write_text(f"#!/bin/sh\n{text}\n")
        (binaries / name).chmod(0o755)
    return binaries


def test_the_latest_release_is_taken(nothing_installed):
    install(nothing_installed, 9)
    latest = install(nothing_installed, 17)
    install(nothing_installed, 15)
    assert postgresql_server.binaries() == latest


def test_a_release_that_is_too_old_is_none(nothing_installed):
    install(nothing_installed, 13)
    with pytest.raises(NoServer, match="release 14 or later"):
        postgresql_server.binaries()


def test_a_server_that_does_not_start_says_why(nothing_installed, tmp_path):
    install(nothing_installed, 17, initdb="echo 'initdb: no room' >&2; exit 1")
    with (
        pytest.raises(NoServer, match=r"^PostgreSQL did not start: initdb: no room$"),
        postgresql_server.serve(str(tmp_path)),
    ):
        pass


# --- A database for each cell ---------------------------------------------------------------------


class Laboratory:
    """Runs a text in an environment, where `database` is prepared and `fresh` makes it anew."""

    START = """
import sys, tempfile
from sqlalchemy import create_engine
from experiments.session_scoping.rig import databases
database = databases.prepare(sys.argv[1], sys.argv[2])
def fresh():
    url = database.fresh(tempfile.mkdtemp(dir=sys.argv[3]))
    return create_engine(url, connect_args=database.connect_args)
engine = fresh()
"""

    def __init__(self, database, server, folder):
        self.arguments = [database, server, str(folder)]
        try:
            self.python = interpreter(ROOT, ENVIRONMENT)
        except EnvironmentMissing as missing:
            pytest.fail(str(missing))

    def start(self, text):
        return subprocess.Popen(
            [self.python, "-c", self.START + text, *self.arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def shown(self, text):
        """Return the lines that a text prints."""
        process = self.start(text)
        stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr
        return stdout.splitlines()


@pytest.fixture(params=["sqlite", "postgresql"])
def laboratory(request, tmp_path):
    if request.param == "sqlite":
        yield Laboratory("sqlite", "", tmp_path)
        return
    request.getfixturevalue("installed")
    with postgresql_server.serve(str(tmp_path)) as address:
        yield Laboratory("postgresql", address, tmp_path)


NAMES = """print(*[name for name, in database.rows('select name from "user" order by id')])"""


def test_a_fresh_database_holds_the_rows_of_the_application(laboratory):
    assert laboratory.shown(NAMES) == ["Ann Ben Cleo Dora Emil"]


def test_a_change_shows_in_later_rows_and_is_gone_in_the_next_database(laboratory):
    change = """print(database.change('''update "user" set name = 'Zoe' where id = 1'''))"""
    assert laboratory.shown("\n".join((change, NAMES, "fresh()", NAMES))) == [
        "None",
        "Zoe Ben Cleo Dora Emil",
        "Ann Ben Cleo Dora Emil",
    ]


ADD = """
with engine.begin() as connection:
    connection.exec_driver_sql('''insert into "user" (email, name) values ('f@x', 'Finn')''')
print(database.rows('''select id from "user" where name = 'Finn' '''))
"""


def test_a_new_row_gets_the_next_number_in_each_database(laboratory):
    assert laboratory.shown(ADD + "engine = fresh()" + ADD) == ["[(6,)]", "[(6,)]"]


LOCK = """
left = engine.connect()
left.exec_driver_sql('''update "user" set name = 'Locked' where id = 1''')
"""


def test_a_change_that_must_wait_says_so_instead(laboratory):
    text = """print("lock" in database.change('''update "user" set name = 'Zoe' where id = 1'''))"""
    assert laboratory.shown(LOCK + text) == ["True"]


def test_what_a_cell_left_open_does_not_hinder_the_next(laboratory):
    assert laboratory.shown(LOCK + "fresh()\n" + NAMES) == ["Ann Ben Cleo Dora Emil"]


def test_two_runs_at_once_do_not_meet(laboratory):
    text = LOCK + "print('locked', flush=True)\nsys.stdin.read()\n" + NAMES
    with laboratory.start(text) as other:
        assert other.stdout.readline() == "locked\n"
        assert laboratory.shown(NAMES) == ["Ann Ben Cleo Dora Emil"]
        stdout, stderr = other.communicate()
    assert (other.returncode, stdout) == (0, "Ann Ben Cleo Dora Emil\n"), stderr


def test_an_unknown_database_is_refused():
    from experiments.session_scoping.rig import databases

    with pytest.raises(ValueError, match="use sqlite or postgresql"):
        databases.prepare("mysql", "")
