"""Where things run. `nox -s report` does everything; `make help` says the rest."""

import os
import re
import shutil
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

if sys.version_info < (3, 11):  # noqa: UP036 - nox itself runs on 3.10
    print(f"nox runs on Python {sys.version.split()[0]}: install nox with 3.11", file=sys.stderr)
    raise SystemExit(2)

from casebook.installed import python
from casebook.plan.conf import read_all_unlocked
from casebook.plan.investigation import PlanError, one_of

# uv 0.13 trusts its own list of authorities; behind a proxy the machine's list is the right one.
authorities = ssl.get_default_verify_paths()
if authorities.cafile or (authorities.capath and os.listdir(authorities.capath)):
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")

# A mirror that pip is told of is uv's, too: what comes from it is checked by its hash.
MIRROR = {"UV_DEFAULT_INDEX": os.environ.get("UV_DEFAULT_INDEX", os.environ.get("PIP_INDEX_URL"))}

# uv must be able to keep what it downloads, also where the user's folder cannot be written.
if not os.access(os.path.expanduser("~"), os.W_OK):
    os.environ.setdefault("UV_CACHE_DIR", str(ROOT / "build" / "uv-cache"))

nox.needs_version = ">=2026.8"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.download_python = "never"
nox.options.sessions = ["report"]

try:
    INSTALLED = [one for each in read_all_unlocked(ROOT) for one in each.installed]
except PlanError as error:
    print(error, file=sys.stderr)
    raise SystemExit(2) from None

ENVIRONMENTS = {environment.id: environment.lock for environment in INSTALLED}
PYTHONS = [(one.python and (python(one.python) or one.python)) or None for one in INSTALLED]
"""The Python that each of them asks for, or None for that of nox; nox skips what is not there."""

for name in re.findall(r"experiments\(([\w.-]+)\)", " ".join(sys.argv)):
    if name not in ENVIRONMENTS:
        fix = one_of(name, ENVIRONMENTS)
        print(f"experiments({name}): no environment is called that: {fix}", file=sys.stderr)
        raise SystemExit(2)

TESTED = ["flask-sqlalchemy-lite-beside-flask-sqlalchemy-with-gevent"]
"""The environments that tests drive besides those into which faults are put."""

UNMEASURED = dict.fromkeys(
    ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONWARNINGS")
)
"""What the caller's shell may set and an environment under test must not see."""


@nox.session
def report(session: nox.Session) -> None:
    """Run what changed since it ran here, judge, build the site, say what was found.

    `-- --fresh` runs all.
    """
    _casebook(session, "keep")
    started = time.monotonic()
    stale = _needed(session, "experiments", *session.posargs)
    code = _environments(session, stale, "--", *session.posargs) if stale else 0
    took = f"--experiments-took={time.monotonic() - started:.1f}"
    _install(session, "conf/requirements/site.txt")
    _casebook(session, "report", took, f"--experiments-ended={code}")


@nox.session
def sweep(session: nox.Session) -> None:
    """Run the axes' releases that are not up to date, judge: nox -s sweep [-- PACKAGE ...].

    `-- --fresh` runs all.
    """
    packages = [one for one in session.posargs if not one.startswith("-")]
    options = [one for one in session.posargs if one.startswith("-")]
    started = time.monotonic()
    stale = _needed(session, "sweep", *session.posargs)
    code = _environments(session, stale, "--", *options) if stale else 0
    took = f"--experiments-took={time.monotonic() - started:.1f}"
    _install(session, "conf/requirements/site.txt")
    _casebook(session, "swept", *packages, took, f"--experiments-ended={code}")


@nox.session(allow_parallel=True)
@nox.parametrize(
    "environment, python", list(zip(ENVIRONMENTS, PYTHONS, strict=True)), ids=list(ENVIRONMENTS)
)
def experiments(session: nox.Session, environment: str) -> None:
    """Install one environment, run the experiments in it and record what happened."""
    path = ENVIRONMENTS[environment]
    server = session.env_dir.parent / "postgresql"
    if not server.exists() and not session.parallel:
        _nox(session, "--sessions", "postgresql")
    if (ROOT / path).exists() and (said := _try_to_install(session, path)):
        _casebook(session, "not-rerun", environment, str(said))
    else:  # without a lock the runner records why nothing could be resolved
        found = _postgresql(session)
        _casebook(session, "run", environment, *session.posargs, CASEBOOK_POSTGRESQL=found)


@nox.session
def postgresql(session: nox.Session) -> None:
    """Install a PostgreSQL server of our own, which is used where the machine has none."""
    _install(session, "conf/requirements/postgresql.txt")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, with the environments that they drive installed."""
    driven = {*_needed(session, "faults"), *_needed(session, "mutants"), *TESTED}
    _environments(session, sorted(driven), "--install-only")
    _install(session, "conf/requirements/tests.txt")
    folder = {"CASEBOOK_ENVIRONMENTS": str(session.env_dir.parent.resolve())}
    session.run("python", "-m", "pytest", "-n", "2", *session.posargs, env=folder)


@nox.session
def browser(session: nox.Session) -> None:
    """Look at every kind of page in Chromium; where there is none, try to fetch playwright's."""
    _install(session, "conf/requirements/tests.txt")
    session.run("python", "-m", "tests.browser.chromium")
    session.run("python", "-m", "pytest", "-n", "2", "tests/browser", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Put faults into copied environments and record what turned: nox -s faults -- [FAULT ...]."""
    _environments(session, _needed(session, "faults", *session.posargs), "--install-only")
    _install(session, "conf/requirements/site.txt")
    session.env["CASEBOOK_ENVIRONMENTS"] = str(session.env_dir.parent.resolve())
    _casebook(session, "faults", *session.posargs, CASEBOOK_POSTGRESQL=_postgresql(session))


@nox.session
def mutants(session: nox.Session) -> None:
    """Change libraries by operators, record which findings turn: nox -s mutants -- [MUTANT ...].

    `-- --list` lists the mutants.
    """
    _environments(session, _needed(session, "mutants"), "--install-only")
    _install(session, "conf/requirements/site.txt")
    session.env["CASEBOOK_ENVIRONMENTS"] = str(session.env_dir.parent.resolve())
    _casebook(session, "mutants", *session.posargs)


@nox.session
def repros(session: nox.Session) -> None:
    """Run the scripts that show findings, all or those named: nox -s repros -- [FINDING ...]."""
    _nox(session, "--sessions", "postgresql")
    _install(session, "conf/requirements/site.txt")
    uv = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv") or "uv"
    found = {"CASEBOOK_POSTGRESQL": _postgresql(session), "UV": uv}
    session.env["CASEBOOK_ENVIRONMENTS"] = str(session.env_dir.parent.resolve())
    _casebook(session, "repros", *session.posargs, **found)


@nox.session
def site(session: nox.Session) -> None:
    """Judge the committed records and build the site, running nothing."""
    _install(session, "conf/requirements/site.txt")
    _casebook(session, "site", *session.posargs)


@nox.session
def publish(session: nox.Session) -> None:
    """Build the site anew and lay it into a folder of editions: nox -s publish [-- FOLDER]."""
    _install(session, "conf/requirements/site.txt")
    _casebook(session, "publish", *session.posargs)


@nox.session
def serve(session: nox.Session) -> None:
    """Show the site on localhost, built again as files change."""
    _install(session, "conf/requirements/serve.txt")
    _casebook(session, "serve", *session.posargs)


@nox.session
def cite(session: nox.Session) -> None:
    """Print a reply in Markdown: nox -s cite -- CLAIM [PATTERN] [--environment ENVIRONMENT]."""
    _install(session, "conf/requirements/site.txt")
    _casebook(session, "cite", *session.posargs)


@nox.session
def verify(session: nox.Session) -> None:
    """Compare cited blocks with the results: nox -s verify -- FILE-OR-URL-OR-BLOCK."""
    _install(session, "conf/requirements/site.txt")
    _casebook(session, "verify", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check formatting, style, types, and the rooms: which module may import which."""
    _install(session, "conf/requirements/lint.txt")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports")
    session.run("mypy")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed and size beside other tools: nox -s bench [-- report tests]."""
    _install(session, "conf/requirements/bench.txt")
    session.run("python", "-m", "bench", *session.posargs, env=UNMEASURED | MIRROR)


@nox.session(venv_backend="none")
def lock(session: nox.Session) -> None:
    """Resolve the locks again, all or those named: nox -s lock -- [NAME ...]."""
    _casebook(session, "lock", *session.posargs, python=sys.executable)


def _needed(session: nox.Session, *what: str) -> list[str]:
    """Return the environments that a session needs; see `casebook needs`."""
    command = (sys.executable, "-m", "casebook", "needs", *what)
    try:
        said = session.run(*command, env=UNMEASURED, external=True, log=False, silent=True)
    except CommandFailed as failure:
        raise SystemExit(failure.return_code or 1) from None
    return [name for name in str(said).split() if name in ENVIRONMENTS]  # and no warning's word


def _environments(session: nox.Session, ids: list[str], *options: str) -> int:
    """Run the sessions of these environments, in parallel, and return nox's exit code.

    First a database's server is installed. Where that fails the runs say what they could not have.

    A nox of its own, and not `requires`: where sessions run in parallel, nox 2026.10 ends with 1
    whatever code a session asked for, and one failed session would keep the report from being made.
    """
    _nox(session, "--sessions", "postgresql")
    jobs = os.environ.get("NOX_PARALLEL", "2")
    named = [f"experiments({id})" for id in ids]
    return _nox(session, "--parallel", jobs, "--sessions", *named, *options)


def _postgresql(session: nox.Session) -> str:
    """Return the folder of the site-packages that hold the PostgreSQL server of our own."""
    server = session.env_dir.parent.resolve() / "postgresql"
    return str(next(server.glob("lib/python3*/site-packages"), server))


def _nox(session: nox.Session, *options: str) -> int:
    """Run other sessions in the same folder, show how far they are, and return nox's exit code."""
    folder = str(session.env_dir.parent)
    watch = (sys.executable, "-m", "casebook", "watch", "--")
    command = (sys.executable, "-m", "nox", "--envdir", folder, *options)
    env = UNMEASURED | {"CASEBOOK_ENVIRONMENTS": folder}
    try:
        session.run(*watch, *command, env=env, external=True, log=False, interrupt_timeout=15)
    except CommandFailed as failure:
        return failure.return_code or 1
    return 0


def _install(session: nox.Session, path: str, **options: Any) -> None:
    """Install exactly what a lock holds, unless that is what was installed before."""
    lock, installed = (ROOT / path).read_text(), session.env_dir / "installed.txt"
    if installed.exists() and installed.read_text() == lock:
        return
    installed.unlink(missing_ok=True)  # until all of it is there
    exact = ["--exact"] if session.venv_backend == "uv" else []
    session.install(*exact, "--require-hashes", "-r", path, env=MIRROR, **options)
    installed.write_text(lock)


def _try_to_install(session: nox.Session, path: str) -> Path | None:
    """Install a lock, or return the file that holds what the installer said."""
    said = session.env_dir / "installer.txt"
    try:
        with said.open("w") as file:
            _install(session, path, silent=False, stdout=file)
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
        env = UNMEASURED | variables
        session.run(python, "-m", "casebook", *arguments, env=env, log=False)
    except CommandFailed as failure:
        code = failure.return_code if failure.return_code in (1, 2, 3, 4) else 1
        if code != 3 or not session.parallel:
            raise SystemExit(code) from None
