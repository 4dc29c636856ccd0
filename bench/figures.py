"""The figures: what was measured, kept in one file, and the page that shows them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from casebook.files import write_whole

FIGURES = Path("bench/figures.json")
PAGE = Path("docs/performance.md")

GROUPS = ("Synthetic findings", "The report", "The site", "The tests")
"""The parts of the page, in their order."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured: what it is, its goal, what came out, and what a peer took.

    `id` names the row for good, `group` the part of the page that it stands in. `reached` is None
    where nothing is to be reached. `machine` and `date` are empty until the figure is kept.
    """

    id: str
    group: str
    what: str
    goal: str
    figure: str
    reached: bool | None
    peer: str = ""
    machine: str = ""
    date: str = ""


def machine() -> str:
    """Return what was measured on: cores, processor, memory, system and Python."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    told = [f"{cores} cores of {_processor()}", f"{memory:.0f} GB of memory", platform.system()]
    return ", ".join([*told, f"Python {platform.python_version()}"])


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def read(root: Path) -> tuple[Figure, ...]:
    """Return the figures that are kept; none where nothing was measured yet."""
    try:
        kept = json.loads((root / FIGURES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(Figure(**one) for one in kept)


def united(kept: Iterable[Figure], measured: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return all figures; one that was measured again stands in place of the kept one."""
    return tuple({one.id: one for one in (*kept, *measured)}.values())


def keep(root: Path, measured: Iterable[Figure]) -> None:
    """Keep these figures beside those that were not measured this time, and write the page."""
    here, today = machine(), datetime.now(UTC).date().isoformat()
    dated = [replace(one, machine=here, date=today) for one in measured]
    figures = united(read(root), dated)
    text = json.dumps([asdict(one) for one in figures], indent=1, ensure_ascii=False)
    write_whole(root / FIGURES, text + "\n")
    write_whole(root / PAGE, page(figures))


# --- The page -------------------------------------------------------------------------------------

HEAD = """---
orphan: true
---

# Performance

How fast Casebook is and how large its site, beside tools that do the like. `nox -s bench` measures
what is quick to measure, `nox -s bench -- report tests` the rest, and each writes its rows into
this page; rows that were not measured keep their figure and its date. Tests never look at times.

Seconds are of processor time unless a row says otherwise, the best of several runs in which the
commands took turns; ratios hold better than seconds. The findings are those of an investigation
made for measuring, with as many different histories to its cells as the one here. A result of asv
is that of one benchmark, one parameter and one commit; one of bowtie that of one test and one
validator.

The slow phone is Chromium with its processor slowed down 4 times, 1.6 Mbit/s and round trips of
150 ms. Nothing is cached, and pages are compressed as hosts do. A finding is usable when it is in
view, styles and scripts are there, and a frame was painted.
"""

COLUMNS = ("what", "figure", "reached", "goal", "peers", "measured")


def page(figures: Iterable[Figure]) -> str:
    """Return the text of the page: a table for each group, and the machines below."""
    figures = list(figures)
    machines: dict[str, int] = {}
    for one in figures:
        machines.setdefault(one.machine, len(machines) + 1)
    parts = [HEAD]
    for group in GROUPS:
        rows = [one for one in figures if one.group == group]
        if not rows:
            continue
        lines = [_row(*COLUMNS), _row(*("---" for _ in COLUMNS))]
        lines += [_row(*_cells(one, machines)) for one in rows]
        parts.append(f"## {group}\n\n" + "\n".join(lines) + "\n")
    named = [f"{number}. {name}" for name, number in machines.items()]
    parts.append("## Machines\n\n" + "\n".join(named) + "\n")
    return "\n".join(parts)


def _cells(one: Figure, machines: dict[str, int]) -> tuple[str, ...]:
    word = "" if one.reached is None else "yes" if one.reached else "**no**"
    where = f"{one.date}, machine {machines[one.machine]}"
    return one.what, one.figure, word, one.goal, one.peer, where


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
