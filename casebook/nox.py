"""The nox sessions of a project, which its noxfile gets by `import casebook.nox`.

They are those of the folder in which the noxfile stands. `nox -s report` does everything. A session
of the same name that the noxfile defines below the import takes the place of one here.
"""

from __future__ import annotations

import argparse
import os
import re
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

from casebook import ENGINE
from casebook.installed import engine_alone, python, uv_beside
from casebook.plan.conf import read_all_unlocked
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.site import driven_by_tests

ROOT = Path.cwd()
"""The project's folder: nox reads a noxfile in its own."""

SITE = ENGINE / "requirements" / "site.txt"
SERVE = ENGINE / "requirements" / "serve.txt"
TESTS = ENGINE / "requirements" / "pytest.txt"
"""The locks of the engine's own tools; a project may have its own `conf/requirements/tests.txt`."""

# uv 0.13 trusts its own list of authorities; behind a proxy the machine's list is the right one.
authorities = ssl.get_default_verify_paths()
if authorities.cafile or (authorities.capath and os.listdir(authorities.capath)):
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")

# A mirror that pip is told of is uv's, too: what comes from it is checked by its hash.
MIRROR = {"UV_DEFAULT_INDEX": os.environ.get("UV_DEFAULT_INDEX", os.environ.get("PIP_INDEX_URL"))}

# uv must be able to keep what it downloads, also where the user's folder cannot be written.
if not os.access(os.path.expanduser("~"), os.W_OK):
    os.environ.setdefault("UV_CACHE_DIR", str(ROOT / "build" / "uv-cache"))

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.download_python = "never"
nox.options.sessions = ["report"]

try:
    PLANNED = read_all_unlocked(ROOT)
    TESTED = driven_by_tests(ROOT, PLANNED)
except PlanError as error:
    print(error, file=sys.stderr)
    raise SystemExit(2) from None

INSTALLED = [environment for each in PLANNED for environment in each.installed]
ENVIRONMENTS = {environment.id: environment.lock for environment in INSTALLED}

PYTHONS = [(one.python and (python(one.python) or one.python)) or None for one in INSTALLED]
"""The Python that each of them asks for, or None for that of nox; nox skips what is not there."""

ENDING = 10
"""The seconds that a command has to end what it started, once nox was interrupted."""

SERVERS = {one.id: one.installs for each in PLANNED for one in each.described if one.installs}
"""The lock of each database's server that is installed here, by the database's id."""

for name in re.findall(r"experiments\(([\w.-]+)\)", " ".join(sys.argv)):
    if name not in ENVIRONMENTS:
        fix = one_of(name, ENVIRONMENTS)
        print(f"experiments({name}): no environment is called that: {fix}", file=sys.stderr)
        raise SystemExit(2)

UNMEASURED = dict.fromkeys(
    ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONWARNINGS")
)
"""What the caller's shell may set and an environment under test must not see."""

ALONE = engine_alone(ROOT)
FOUND = {} if ALONE == ROOT else {"PYTHONPATH": str(ALONE)}
"""How a session finds an engine that does not stand in the project's folder, but is installed."""


@nox.session
def report(session: nox.Session) -> None:
    """Run what changed since it ran here, judge, build the site, say what was found.

    `-- --fresh` runs all, `-- --investigation ID` what one investigation asks.
    """
    _casebook(session, "keep")
    started = time.monotonic()
    only, options = _only(session)
    code = _environments(session, _needed(session, "experiments", *session.posargs), "--", *options)
    took = f"--experiments-took={time.monotonic() - started:.1f}"
    install(session, SITE)
    _casebook(session, "report", took, f"--experiments-ended={code}", *only)


@nox.session
def sweep(session: nox.Session) -> None:
    """Run the axes' releases that are not up to date, judge: nox -s sweep [-- PACKAGE ...].

    `-- --fresh` runs all.
    """
    only, rest = _only(session)
    packages = [one for one in rest if not one.startswith("-")]
    options = [one for one in rest if one.startswith("-")]
    started = time.monotonic()
    stale = _needed(session, "sweep", *session.posargs)
    code = _environments(session, stale, "--", *options)
    took = f"--experiments-took={time.monotonic() - started:.1f}"
    install(session, SITE)
    _casebook(session, "swept", *packages, took, f"--experiments-ended={code}", *only)


@nox.session(allow_parallel=True)
@nox.parametrize(
    "environment, python", list(zip(ENVIRONMENTS, PYTHONS, strict=True)), ids=list(ENVIRONMENTS)
)
def experiments(session: nox.Session, environment: str) -> None:
    """Install one environment, run the experiments in it and record what happened."""
    lock = ROOT / ENVIRONMENTS[environment]
    if not session.parallel:
        _servers(session)
    if lock.exists() and (said := _try_to_install(session, lock)):
        _casebook(session, "not-rerun", environment, str(said))
    else:  # without a lock the runner records why nothing could be resolved
        _casebook(session, "run", environment, *session.posargs, **_found_servers(session))


def _serving(id: str, lock: str) -> None:
    """Define the session that installs the server of a database."""

    def server(session: nox.Session) -> None:
        install(session, ROOT / lock)

    server.__doc__ = f"Install a server of our own for {id}, used where the machine has none."
    nox.session(name=id)(server)


for id, path in SERVERS.items():
    _serving(id, path)


PYTEST = ("python", "-m", "pytest", "-n", "2", "--dist", "loadgroup")
"""Runs tests in two processes; those of one `xdist_group` run in one of them."""


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, with the environments that they drive installed."""
    driven = {*_needed(session, "faults"), *_needed(session, "mutants"), *TESTED}
    _environments(session, sorted(driven), "--install-only")
    own = ROOT / "conf" / "requirements" / "tests.txt"
    install(session, own if own.exists() else TESTS)
    folder = {"CASEBOOK_ENVIRONMENTS": str(session.env_dir.parent.resolve())}
    session.run(*PYTEST, *session.posargs, env={**FOUND, **folder})


@nox.session
def faults(session: nox.Session) -> None:
    """Put faults into copied environments and record what turned: nox -s faults -- [FAULT ...]."""
    _environments(session, _needed(session, "faults", *session.posargs), "--install-only")
    install(session, SITE)
    session.env["CASEBOOK_ENVIRONMENTS"] = str(session.env_dir.parent.resolve())
    _casebook(session, "faults", *session.posargs, **_found_servers(session))


@nox.session
def mutants(session: nox.Session) -> None:
    """Change libraries by operators, record which findings turn: nox -s mutants -- [MUTANT ...].

    `-- --list` lists the mutants.
    """
    _environments(session, _needed(session, "mutants"), "--install-only")
    install(session, SITE)
    session.env["CASEBOOK_ENVIRONMENTS"] = str(session.env_dir.parent.resolve())
    _casebook(session, "mutants", *session.posargs)


@nox.session
def repros(session: nox.Session) -> None:
    """Run the scripts that show findings, all or those named: nox -s repros -- [FINDING ...]."""
    _servers(session)
    install(session, SITE)
    found = {**_found_servers(session), "UV": _resolving()["UV"]}
    session.env["CASEBOOK_ENVIRONMENTS"] = str(session.env_dir.parent.resolve())
    _casebook(session, "repros", *session.posargs, **found)


@nox.session
def site(session: nox.Session) -> None:
    """Judge the committed records and build the site, running nothing."""
    install(session, SITE)
    _casebook(session, "site", *session.posargs)


@nox.session
def unite(session: nox.Session) -> None:
    """Unite what several machines observed: nox -s unite -- FOLDER...; then `nox -s site`."""
    install(session, SITE)
    _casebook(session, "unite", *session.posargs)


@nox.session
def publish(session: nox.Session) -> None:
    """Build the site anew and lay it into a folder of editions: nox -s publish [-- FOLDER]."""
    install(session, SITE)
    _casebook(session, "publish", *session.posargs)


@nox.session
def serve(session: nox.Session) -> None:
    """Show the site on localhost, built again as files change."""
    install(session, SERVE)
    _casebook(session, "serve", *session.posargs)


@nox.session
def cite(session: nox.Session) -> None:
    """Print a reply in Markdown: nox -s cite -- CLAIM [PATTERN] [--environment ENVIRONMENT]."""
    install(session, SITE)
    _casebook(session, "cite", *session.posargs)


@nox.session
def verify(session: nox.Session) -> None:
    """Compare cited blocks with the results: nox -s verify -- FILE-OR-URL-OR-BLOCK."""
    install(session, SITE)
    _casebook(session, "verify", *session.posargs)


@nox.session
def diff(session: nox.Session) -> None:
    """Compare folders, commits or editions of results in words: nox -s diff -- A [B]."""
    install(session, SITE)
    _casebook(session, "diff", *session.posargs)


@nox.session
def stale(session: nox.Session) -> None:
    """Ask the package index for releases newer than the locked ones, and for yanked ones."""
    install(session, SITE)
    _casebook(session, "stale", *session.posargs)


@nox.session(name="as-of")
def as_of(session: nox.Session) -> None:
    """Observe the releases that the index held on a day: nox -s as-of -- [DATE ...].

    By them the statements of that day are judged; without a date, those of all statements.
    """
    install(session, SITE)
    told = {**_found_servers(session), **_resolving()}
    _casebook(session, "as-of", *session.posargs, **told)


@nox.session
def candidate(session: nox.Session) -> None:
    """Say what turns with another release: nox -s candidate -- PACKAGE @ PATH-OR-URL-OR-VERSION.

    `--environment ENVIRONMENT`, `--all`, `--pattern`, `--claim`, `--twins`, `--editable`,
    `--markdown FILE`.
    """
    install(session, SITE)
    told = {**_found_servers(session), **_resolving()}
    where = f"--called-from={session.invoked_from}"
    _casebook(session, "candidate", where, *session.posargs, **told)


@nox.session
def bisect(session: nox.Session) -> None:
    """Find the release at which a verdict turned: nox -s bisect -- CLAIM PATTERN PACKAGE.

    `--environment ENVIRONMENT`, `--between A B`, `--pre`, `--yanked`.
    """
    install(session, SITE)
    told = {**_found_servers(session), **_resolving()}
    _casebook(session, "bisect", *session.posargs, **told)


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Resolve the locks again, all or those named: nox -s lock -- [NAME ...] [--unresolved]."""
    _casebook(session, "lock", *session.posargs, python=sys.executable)


def _only(session: nox.Session) -> tuple[list[str], list[str]]:
    """Return what names the one investigation that is asked for, and the other arguments."""
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--investigation")
    found, rest = parser.parse_known_args(session.posargs)
    return ["--investigation", found.investigation] if found.investigation else [], rest


def _needed(session: nox.Session, *what: str) -> list[str]:
    """Return the environments that a session needs; see `casebook needs`."""
    command = (sys.executable, "-m", "casebook", "needs", *what)
    try:
        said = session.run(
            *command, env={**UNMEASURED, **FOUND}, external=True, log=False, silent=True
        )
    except CommandFailed as failure:
        raise SystemExit(failure.return_code or 1) from None
    return [name for name in str(said).split() if name in ENVIRONMENTS]  # and no warning's word


def _environments(session: nox.Session, ids: list[str], *options: str) -> int:
    """Run the sessions of these environments, in parallel, and return nox's exit code.

    First a database's server is installed. Where that fails the runs say what they could not have.

    A nox of its own, and not `requires`: where sessions run in parallel, nox 2026.10 ends with 1
    whatever code a session asked for, and one failed session would keep the report from being made.
    """
    if not ids:
        return 0
    _servers(session)
    jobs = os.environ.get("NOX_PARALLEL", "2")
    named = [f"experiments({id})" for id in ids]
    return _nox(session, "--parallel", jobs, "--sessions", *named, *options)


def _servers(session: nox.Session) -> None:
    """Install the servers that databases need and that are not installed yet."""
    if left := [id for id in SERVERS if not (session.env_dir.parent / id).exists()]:
        _nox(session, "--sessions", *left)


def _found_servers(session: nox.Session) -> dict[str, str]:
    """Return the variables that name the site-packages of each installed server."""
    found = {}
    for id in SERVERS:
        server = session.env_dir.parent.resolve() / id
        found[f"CASEBOOK_{id.upper()}"] = str(
            next(server.glob("lib/python3*/site-packages"), server)
        )
    return found


def _resolving() -> dict[str, str]:
    """Return what a command must know that resolves and installs: uv, and the package index."""
    uv = uv_beside() or "uv"
    return {"UV": uv, **{name: url for name, url in MIRROR.items() if url}}


def _nox(session: nox.Session, *options: str) -> int:
    """Run other sessions in the same folder, show how far they are, and return nox's exit code."""
    folder = str(session.env_dir.parent)
    watch = (sys.executable, "-m", "casebook", "watch", "--")
    command = (sys.executable, "-m", "nox", "--envdir", folder, *options)
    env = {**UNMEASURED, **FOUND, "CASEBOOK_ENVIRONMENTS": folder}
    try:
        session.run(*watch, *command, env=env, external=True, log=False, interrupt_timeout=15)
    except CommandFailed as failure:
        return failure.return_code or 1
    return 0


def install(session: nox.Session, path: Path, **options: Any) -> None:
    """Install exactly what a lock holds, unless that is what was installed before."""
    lock, installed = path.read_text(), session.env_dir / "installed.txt"
    if installed.exists() and installed.read_text() == lock:
        return
    installed.unlink(missing_ok=True)  # until all of it is there
    exact = ["--exact"] if session.venv_backend == "uv" else []
    session.install(*exact, "--require-hashes", "-r", str(path), env=MIRROR, **options)
    installed.write_text(lock)


def _try_to_install(session: nox.Session, path: Path) -> Path | None:
    """Install a lock, or return the file that holds what the installer said."""
    said = session.env_dir / "installer.txt"
    try:
        with said.open("w") as file:
            install(session, path, silent=False, stdout=file)
    except CommandFailed:
        session.warn(said.read_text())
        return said
    return None


def _casebook(
    session: nox.Session, *arguments: str, python: str = "python", **variables: str
) -> None:
    """Run `python -m casebook`, and end nox with its exit code.

    In parallel an environment that was not rerun (3) is not an error: the report counts it.
    """
    try:
        env = {**UNMEASURED, **FOUND, **variables}
        command = (python, "-m", "casebook", *arguments)
        session.run(*command, env=env, log=False, terminate_timeout=ENDING)
    except CommandFailed as failure:
        code = failure.return_code if failure.return_code in (1, 2, 3, 4) else 1
        if code != 3 or not session.parallel:
            raise SystemExit(code) from None
