"""An environment that can be broken, and the scripts of the miniature."""

import os
import subprocess
import sys

from casebook.judge.project import read_report
from casebook.proof import scripts
from casebook.site import pages
from tests.conftest import CASEBOOK, Project


def interpreter(project):
    """Install the environment as nox would: an interpreter, and a library of two modules."""
    folder = project.path(".nox/experiments-dictionary")
    packages = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "tally"
    packages.mkdir(parents=True)
    (packages / "__init__.py").write_text("from tally.core import FIRST\n")
    (packages / "core.py").write_text("FIRST = 1\n")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text(
        f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n"
    )
    return folder


def install_library(project):
    """Install the environment with the library `tally.count`, which has functions to change."""
    packages = interpreter(project) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (packages / "tally" / "count.py").write_text(LIBRARY)


def run_installed(project):
    """Run the cells with the environment's own interpreter, as nox would."""
    python = project.path(".nox/experiments-dictionary/bin/python")
    command = [python, "-m", "casebook", "--root", project.root, "run", "dictionary", "--fresh"]
    env = {**os.environ, "PYTHONPATH": str(CASEBOOK)}
    subprocess.run(command, cwd=project.root, env=env, check=True, capture_output=True)


def method_page(project):
    report = read_report(project.root, "tiny")
    pages.render(project.root, [report], project.path("build"))
    return project.path("build/docs/tiny/method.md").read_text()


SHOWN = [
    ("counts-apart", "kept-apart", "supported"),
    ("counts-apart", "mixed-up", "refuted"),
    ("counts-apart", "counts-by-name", "supported"),
    ("no-warnings", "warns-when-wired", "refuted"),
    ("no-warnings", "kept-apart", "supported"),
    ("wires", "raises-when-wired", "refuted"),
]


def text_of(project: Project, claim: str, pattern: str, environment: str = "dictionary") -> str:
    """Return the text of a finding's script."""
    report = read_report(project.root, "tiny")
    id = f"{claim}.{pattern}.{environment}.sqlite"
    finding = next(one for one in report.findings if one.id == id)
    text = scripts.Reproductions(project.root, report).script(finding)
    assert text is not None
    return text


LIBRARY = """
class Tally:
    ready = True

    def __init__(self):
        if not self.ready:
            raise RuntimeError("the tally is not ready")
        self.counts = {}
        self.notes = []

    def next(self, name):
        key = self.key(name)
        if key not in self.counts:
            self.reset(key)
        self.counts[key] += 1
        self.note(key)
        return self.counts[key]

    def key(self, name):
        return name

    def reset(self, key):
        self.counts[key] = 0

    def note(self, key):
        self.notes.append(key)

    def unused(self):
        self.note(0)


def step():
    return 1
"""
"""An installed library: `step` is used by the controls, the rest by the pattern alone."""
