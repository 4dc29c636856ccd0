"""Where things run. `nox -s report` does everything; `make help` says the rest."""

import sys
from pathlib import Path

import nox

if sys.version_info < (3, 11):  # noqa: UP036 - nox itself runs on 3.10
    print(f"nox runs on Python {sys.version.split()[0]}: install nox with 3.11", file=sys.stderr)
    raise SystemExit(2)

ROOT = Path(__file__).resolve().parent
REQUIREMENTS = ROOT / "conf" / "requirements"
sys.path.insert(0, str(ROOT))  # here the engine is not installed

from casebook.nox import MIRROR, PYTEST, UNMEASURED, install

nox.needs_version = ">=2026.8"


@nox.session
def browser(session: nox.Session) -> None:
    """Look at every kind of page in Chromium; where there is none, try to fetch playwright's."""
    install(session, REQUIREMENTS / "tests.txt")
    session.run("python", "-m", "tests.browser.chromium")
    session.run(*PYTEST, "tests/browser", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check formatting, style, types, workflows, and the rooms: which module may import which."""
    install(session, REQUIREMENTS / "lint.txt")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports")
    session.run("mypy")
    session.run("zizmor", "--offline", "--quiet", ".github")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed and size beside other tools: nox -s bench [-- report tests]."""
    install(session, REQUIREMENTS / "bench.txt")
    session.run("python", "-m", "bench", *session.posargs, env=UNMEASURED | MIRROR)
