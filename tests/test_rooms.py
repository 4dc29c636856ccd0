"""The rooms: each contract of `pyproject.toml` holds, and an import that breaks it is named."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent

ROOMS = "the rooms, from the top floor down"
BARE = "what nox reads, and what runs inside an environment, uses the standard library alone"
ENGINE = "the engine knows no library under test"
CLAIMS = "claims and checks know no library under test"
EXPERIMENTS = "experiments know casebook.record and casebook.claim alone"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the code that the contracts are about, and the miniature's experiments."""
    for name in ("casebook", "experiments"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    tiny = ROOT / "tests" / "tiny" / "experiments" / "tiny"
    shutil.copytree(tiny, tmp_path / "experiments" / "tiny", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def checked(house: Path) -> "subprocess.CompletedProcess[str]":
    command = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([command, "--no-cache"], cwd=house, capture_output=True, encoding="utf-8")


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_every_contract_holds(house):
    ended = checked(house)
    assert ended.returncode == 0, ended.stdout
    for contract in (ROOMS, BARE, ENGINE, CLAIMS, EXPERIMENTS):
        assert f"{contract} KEPT" in one_line(ended.stdout)


PLANTED = [
    ("casebook/plan/cells.py", "from casebook.site import pages", ROOMS),
    ("casebook/observe/run.py", "from casebook.judge import judge", ROOMS),
    ("casebook/judge/judge.py", "from casebook.observe import run", ROOMS),
    ("casebook/draw/svg.py", "from casebook.editions import addresses", ROOMS),
    ("casebook/nowhere.py", '"""A module that no room has."""', ROOMS),
    ("casebook/observe/cell.py", "import msgspec", BARE),
    ("casebook/plan/conf.py", "def f():\n    import jinja2", BARE),
    ("casebook/judge/judge.py", "import sqlalchemy", ENGINE),
    ("casebook/observe/run.py", "import experiments.tiny", ENGINE),
    ("experiments/tiny/claims.py", "import flask", CLAIMS),
    ("experiments/packed/claims/counting.py", "import flask", CLAIMS),
    ("experiments/tiny/checks.py", "from sqlalchemy import event", CLAIMS),
    ("experiments/tiny/overlap.py", "from casebook import plan", EXPERIMENTS),
    ("experiments/tiny/backends/closure.py", "import casebook.files", EXPERIMENTS),
    ("experiments/packed/claims/counting.py", "import casebook.judge", EXPERIMENTS),
]


@pytest.mark.parametrize(("file", "text", "contract"), PLANTED)
def test_an_import_that_breaks_a_contract_is_named(house, file, text, contract):
    path = house / file
    before = path.read_text() if path.exists() else ""
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        for package in (path.parent, path.parent.parent):
            (package / "__init__.py").touch()
    path.write_text(f"{before}\n\n{text}\n")
    ended = checked(house)
    assert ended.returncode == 1, ended.stdout
    told = one_line(ended.stdout)
    assert f"{contract} BROKEN" in told
    assert file.removesuffix(".py").replace("/", ".") in told
