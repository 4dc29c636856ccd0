"""The site of the committed results: how long it takes to build again, and how large it is."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import records
from bench.clock import Command, best, run
from bench.figures import Figure
from casebook.plan.conf import read_investigation

INVESTIGATION = "session_scoping"

ENDED = (0, 3)
"""How a site's build may end: gaps in the results are shown, and no fault of the build."""

LEAVES = ("patterns", "backends", "histories")
"""Folders of pages that are each about one thing; the others are about all findings."""


def measure(root: Path, folder: Path) -> Iterator[Figure]:
    """Yield how long the site takes and how large it is; `folder` is to work in."""
    project = built(root, folder / "site")
    yield _rebuild(root, project)
    yield from _bytes(project)
    yield _one_changed(root, project)
    yield _the_same_again(root, project)


def built(root: Path, project: Path) -> Path:
    """Return a project with the committed results whose site is built, if it is not already."""
    if project.exists():
        return project
    project.mkdir(parents=True)
    for name in ("casebook", "experiments"):
        (project / name).symlink_to(root / name)
    for name in ("conf", "docs"):
        shutil.copytree(root / name, project / name)
    run(building(root, project))
    return project


def building(root: Path, project: Path) -> Command:
    """Return the command that judges the results and builds the site."""
    words = [sys.executable, "-m", "casebook", "--root", project, "site"]
    return Command(words, root, codes=ENDED)


def sphinx(project: Path, build: str = "build") -> Command:
    """Return a bare Sphinx of the same pages."""
    folders = [f"{build}/doctrees", f"{build}/docs", f"{build}/html"]
    words = [sys.executable, "-m", "sphinx", "-q", "-c", "docs", "-d", *folders]
    return Command(words, project)


def size(folder: Path) -> int:
    """Return how many bytes the files of a folder have."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _rebuild(root: Path, project: Path) -> Figure:
    took = best({"casebook": building(root, project), "sphinx": sphinx(project)}, times=3)
    ours, bare = took["casebook"].processor, took["sphinx"].processor
    return Figure(
        id="rebuild",
        group="The site",
        what="The site built again with nothing changed",
        goal="1.3 times a bare `sphinx-build` with nothing changed",
        figure=f"{ours / bare:.1f} times: {ours:.1f} s",
        reached=ours <= 1.3 * bare,
        peer=f"sphinx-build: {bare:.1f} s",
    )


def _bytes(project: Path) -> Iterator[Figure]:
    html = project / "build" / "html"
    total = size(html)
    yield Figure(
        id="bytes",
        group="The site",
        what="All files of the site",
        goal="under 30 MB",
        figure=f"{total / 1e6:.1f} MB",
        reached=total < 30e6,
    )
    sizes = [path.stat().st_size for path in html.glob("*/patterns/*.html")]
    median, most = statistics.median(sizes), max(sizes)
    yield Figure(
        id="pattern-page",
        group="The site",
        what=f"A pattern's page, of {len(sizes)}",
        goal="under 150 KB in the median, 400 KB at most",
        figure=f"{median / 1e3:.0f} KB in the median, {most / 1e3:.0f} KB at most",
        reached=median < 150e3 and most <= 400e3,
    )


def _one_changed(root: Path, project: Path) -> Figure:
    """Change one result, build again and say whose pages were written."""
    before = _written(project)
    pattern, digests = records.change_one(project, INVESTIGATION)
    backend = read_investigation(project, INVESTIGATION).pattern(pattern).backend
    took = run(building(root, project))
    after = _written(project)
    written = [name for name, when in after.items() if before.get(name) != when]
    foreign = [
        name
        for name in written
        if Path(name).parent.name in LEAVES and Path(name).stem not in {pattern, backend, *digests}
    ]
    return Figure(
        id="one-changed",
        group="The site",
        what="The site built again with one result changed",
        goal="only the pages that show it are written",
        figure=f"{len(written)} of {len(after)} pages written, {len(foreign)} of them of other "
        f"patterns, backends or histories; {took.processor:.1f} s",
        reached=not foreign,
    )


def _written(project: Path) -> dict[str, int]:
    html = project / "build" / "html"
    return {
        path.relative_to(html).as_posix(): path.stat().st_mtime_ns for path in html.rglob("*.html")
    }


def _the_same_again(root: Path, project: Path) -> Figure:
    """Add an environment that behaves like the first, and say how much larger the site is."""
    before = size(project / "build" / "html")
    again = records.add_the_same(project, INVESTIGATION)
    shutil.rmtree(project / "build")
    run(building(root, project))
    more = size(project / "build" / "html") / before - 1
    return Figure(
        id="the-same-again",
        group="The site",
        what=f"What a second environment adds that behaves like the first ({again})",
        goal="under 3 % of the site's bytes",
        figure=f"{more:.1%}",
        reached=more < 0.03,
    )
