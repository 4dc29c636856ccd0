"""How long the whole report takes, beside the least that it could take."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import site
from bench.clock import Command, Took, run
from bench.figures import Figure
from casebook.installed import interpreter
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import Investigation
from casebook.plan.sources import source

CORES = 2
ENDED = (0, 3)


def measure(root: Path, folder: Path) -> Iterator[Figure]:
    """Yield the figures of the report of what is committed, in a clone without anything built."""
    clone = folder / "report"
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", root, clone], check=True)
    investigation = read_investigation(clone, site.INVESTIGATION)
    _install(investigation, clone, folder)  # so that the timed ones find the packages at hand
    installing = _install(investigation, clone, folder)
    report = Command([sys.executable, "-m", "nox", "-s", "report"], clone, codes=ENDED)
    cold = run(report).real
    again = run(report).real
    _edit(clone, investigation)
    edited = run(report).real
    cells = sum(took.processor for took in _cells(investigation, clone)) / CORES
    pages = _pages(clone)
    floor = installing + cells + pages
    yield Figure(
        id="report-cold",
        group="The report",
        what="`nox -s report` in a fresh clone, the packages in uv's cache; real time",
        goal=f"1.5 times the floor of {floor:.0f} s",
        figure=f"{cold / floor:.2f} times: {cold:.0f} s",
        reached=cold <= 1.5 * floor,
        peer=f"installing the same locks with uv {installing:.0f} s, half of the cells' processor "
        f"time {cells:.0f} s, a bare `sphinx-build` of the same pages {pages:.0f} s",
    )
    allowed = max(15, cold / 20)
    yield _repeated("again", "with nothing changed", again, allowed)
    yield _repeated("edited", "after one pattern's edit", edited, 30)


def _repeated(id: str, when: str, took: float, allowed: float) -> Figure:
    return Figure(
        id=f"report-{id}",
        group="The report",
        what=f"`nox -s report` {when}; real time",
        goal=f"under {allowed:.0f} s",
        figure=f"{took:.0f} s",
        reached=took <= allowed,
    )


def _install(investigation: Investigation, clone: Path, folder: Path) -> float:
    """Install what the report needs with uv alone, two at a time; return the real seconds."""
    environments = folder / "installed"
    shutil.rmtree(environments, ignore_errors=True)
    uv = Path(sys.executable).with_name("uv")
    locks = [one.lock for one in investigation.installed if (clone / one.lock).is_file()]
    locks += ["conf/requirements/postgresql.txt", "casebook/requirements/site.txt"]

    def install(number: int) -> None:
        place = environments / str(number)
        run(Command([uv, "venv", "--quiet", "--python", sys.executable, place], clone))
        words = [uv, "pip", "install", "--quiet", "--python", place / "bin" / "python"]
        run(Command([*words, "--require-hashes", "-r", locks[number]], clone))

    started = os.times().elapsed
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(install, range(len(locks))))
    return os.times().elapsed - started


def _cells(investigation: Investigation, clone: Path) -> Iterator[Took]:
    """Run the cells of each environment again, as the report ran them, and yield what they took."""
    server = (clone / ".nox" / "postgresql").glob("lib/python3*/site-packages")
    variables = {"CASEBOOK_POSTGRESQL": str(next(server, ""))}
    shutil.rmtree(clone / "docs" / "results" / investigation.id)
    shutil.rmtree(clone / "build" / "runs", ignore_errors=True)
    for environment in investigation.installed:
        words = [interpreter(clone, environment.id), "-m", "casebook", "run", environment.id]
        yield run(Command(words, clone, variables=variables))


def _pages(clone: Path) -> float:
    """Return the real seconds that a bare Sphinx takes for the report's pages, from nothing."""
    for name in ("doctrees", "html"):
        shutil.rmtree(clone / "build" / name)
    return run(site.sphinx(clone)).real


def _edit(clone: Path, investigation: Investigation) -> None:
    """Add a statement without effect to the first pattern's function."""
    pattern = investigation.patterns[0]
    module = source(clone, investigation.backend(pattern.backend).patterns)
    if module is None:
        raise LookupError(f"the module of {pattern.id} is missing")
    text = module.read_text(encoding="utf-8")
    (function,) = (
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == pattern.function
    )
    lines = text.splitlines(keepends=True)
    first = function.body[0]
    lines.insert(first.lineno - 1, " " * first.col_offset + "assert True\n")
    module.write_text("".join(lines), encoding="utf-8")
