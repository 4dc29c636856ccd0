"""What every test may use: a project of its own, in miniature."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CASEBOOK = Path(__file__).resolve().parent.parent
"""The folder that holds the engine."""


# Whether `CI` or a terminal asks for colours, all that tests start writes the same: plain text.
os.environ["NO_COLOR"] = "1"
for asked in ("FORCE_COLOR", "FORCE_COLOUR", "CLICOLOR_FORCE"):
    os.environ.pop(asked, None)

# Who is started in the background by a shell ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Project:
    """A copy of `tests/tiny`, which a test may change, break and run."""

    root: Path

    def path(self, name: str) -> Path:
        return self.root / name

    def write(self, name: str, text: str) -> None:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands in a file once; another number would test something else."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        self.write(name, text.replace(old, new))

    def start(self, module: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start `python -m module` in the project, at home in it, and do not wait for it."""
        path = os.pathsep.join([str(self.root), str(CASEBOOK)])
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env={**os.environ, "HOME": str(self.root), "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def command(self, module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `python -m module` in the project to its end."""
        process = self.start(module, *arguments)
        try:
            stdout, stderr = process.communicate(timeout=180)
        finally:
            process.kill()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the cells of an environment: `run("dictionary", ...)`."""
        return self.casebook("run", *arguments)

    def casebook(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of Casebook's commands in the project to its end."""
        return self.command("casebook", "--root", str(self.root), *arguments)

    def record_file(self, environment: str = "dictionary") -> Path:
        return self.path(f"docs/results/tiny/{environment}.sqlite.json")

    def facts_file(self, environment: str = "dictionary") -> Path:
        return self.path(f"build/runs/tiny/{environment}.sqlite.json")

    def record(self, environment: str = "dictionary") -> dict[str, Any]:
        """Return the record of an environment as plain JSON."""
        return json.loads(self.record_file(environment).read_text(encoding="utf-8"))

    def histories(
        self, pattern: str, experiment: str, environment: str = "dictionary"
    ) -> list[dict[str, Any]]:
        """Return the histories that the record names for one cell, with events as objects."""
        (cell,) = (
            cell
            for cell in self.record(environment)["cells"]
            if (cell["pattern"], cell["experiment"]) == (pattern, experiment)
        )
        folder = self.path("docs/results/tiny/histories")
        found = [json.loads((folder / f"{one}.json").read_text()) for one in cell["histories"]]
        for history in found:
            history["events"] = [
                dict(zip(("kind", "labels", "details"), event, strict=True))
                for event in history["events"]
            ]
        return found


def copy_of_tiny(folder: Path) -> Project:
    """Return a copy of `tests/tiny` in this folder."""
    ignored = shutil.ignore_patterns("__pycache__", "build")
    shutil.copytree(CASEBOOK / "tests" / "tiny", folder / "project", ignore=ignored)
    return Project(folder / "project")


@pytest.fixture
def tiny(tmp_path: Path) -> Project:
    """A project of the test's own, whose investigation needs nothing but Python."""
    return copy_of_tiny(tmp_path)


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A project that ran its environment `dictionary`, and what that printed: to be looked at."""
    project = copy_of_tiny(tmp_path_factory.mktemp("observed"))
    process = project.run("dictionary")
    assert process.returncode == 0, process.stderr
    return project, process.stdout


@dataclass(frozen=True)
class Editions:
    """A folder with two editions of the miniature, between which much was renamed or turned."""

    public: Path
    first: str
    second: str
    said: tuple[str, ...]


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    """Two published editions: to be looked at."""
    project = copy_of_tiny(tmp_path_factory.mktemp("editions"))
    said = [_published(project)]
    rename_and_turn(project)
    said.append(_published(project))
    second, first = json.loads(project.path("public/editions.json").read_text())["editions"]
    return Editions(project.path("public"), first["edition"], second["edition"], tuple(said))


def _published(project: Project) -> str:
    """Run what is there to run, publish, and return what publishing said."""
    for environment in ("dictionary", "closure", "module-global"):
        assert project.run(environment).returncode == 0
    process = project.command("casebook", "--root", str(project.root), "publish")
    assert process.returncode == 3, process.stdout + process.stderr
    return process.stdout


def rename_and_turn(project: Project) -> None:
    """Rename a claim, a pattern, an environment and a statement, remove some, and turn verdicts."""
    plan, said = "conf/tiny.toml", "conf/tiny.statements.toml"
    claims, library = (f"experiments/tiny/{one}.py" for one in ("claims", "backends/dictionary"))
    # Counting from 0 refutes that a pattern counts apart, and upholds what a note said.
    project.replace(
        library, "+= 1\n        return self.counts[conversation]", "+= 1\n        return COUNT"
    )
    project.replace(library, "return COUNT", "return self.counts[conversation] - 1")
    project.replace(claims, "def no_warnings(", "def warns_of_nothing(")
    project.replace(plan, 'id = "counter-per-name"', 'id = "one-counter-each"')
    project.replace(
        plan, 'title = "Desk(counter_per_name())"', 'title = "x"\nfunction = "counter_per_name"'
    )
    project.replace(plan, 'id = "closure-not-importable"', 'id = "closure-without-library"')
    locks = project.path("conf/requirements/tiny")
    (locks / "closure-not-importable.txt").rename(locks / "closure-without-library.txt")
    text = project.path(plan).read_text()
    pattern = text[text.index('[[pattern]]\nid = "one-global"') :].partition("\n\n")[0]
    project.replace(plan, pattern, "")
    project.replace(said, 'id = "dictionaries-keep-counts-apart"', 'id = "counts-are-apart"')
    opinion = project.path(said).read_text().partition('[[statement]]\nid = "dictionaries-are-')
    project.write(said, opinion[0] + opinion[2][opinion[2].index("[[nothing]]") :])
    renamed = {
        "claim": ("no-warnings", "warns-of-nothing"),
        "pattern": ("counter-per-name", "one-counter-each"),
        "environment": ("closure-not-importable", "closure-without-library"),
        "statement": ("dictionaries-keep-counts-apart", "counts-are-apart"),
    }
    for kind, (before, to) in renamed.items():
        table = f'\n[[renamed]]\nkind = "{kind}"\nfrom = "{before}"\nto = "{to}"\n'
        project.write(plan, project.path(plan).read_text() + table)


# --- What several processes of one run of the tests share -----------------------------------------


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run of the tests, one for all its processes."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@contextmanager
def once(done: Path) -> Iterator[bool]:
    """Say whether this process is the one that makes something; the others wait until it is."""
    with open(f"{done}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()


@pytest.fixture(scope="session")
def checkout_site(shared: Path) -> Path:
    """The site of the investigations of this checkout: to be looked at."""
    project = shared / "checkout" / "project"
    with once(shared / "checkout.built") as first:
        if first:
            build_checkout(project)
    return project / "build" / "html"


def build_checkout(project: Path) -> None:
    """Build the site in a folder of its own: what it is built from is linked there."""
    project.mkdir(parents=True)
    for name in ("casebook", "conf", "docs", "experiments"):
        (project / name).symlink_to(CASEBOOK / name)
    command = [sys.executable, "-m", "casebook", "--root", str(project), "site"]
    built = subprocess.run(command, cwd=CASEBOOK, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
