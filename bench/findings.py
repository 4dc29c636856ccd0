"""How long synthetic findings take, beside as many results of the peers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import peers, synthetic
from bench.clock import Took, best
from bench.figures import Figure

GROUP = "Synthetic findings"
SMALL, LARGE = 20_000, 200_000

SECONDS = 2.0
"""What 20,000 findings may take."""

TIMES = 11
"""How much longer ten times as many may take."""

A_HISTORY = 0.002
"""What each different history may take beyond that, in seconds."""

PATIENCE = 10.0
"""Where 20,000 findings take longer than this, 200,000 would not fit into memory."""


def measure(root: Path, folder: Path) -> Iterator[Figure]:
    """Yield the figures of both sizes; `root` is Casebook's folder, `folder` is to work in."""
    small, histories = _taken(folder, SMALL, times=3)
    ours = small["casebook"].processor
    yield _figure(SMALL, small, histories, SECONDS + A_HISTORY * histories, "2 s")
    if ours > PATIENCE:
        yield _not_tried(ours)
        return
    large, histories = _taken(folder, LARGE, times=1)
    allowed = TIMES * ours + A_HISTORY * histories
    yield _figure(LARGE, large, histories, allowed, f"{TIMES} times {ours:.1f} s")


def _taken(folder: Path, findings: int, times: int) -> tuple[dict[str, Took], int]:
    """Return what Casebook and the peers took, and how many different histories there are."""
    project = folder / f"findings-{findings}"
    histories = synthetic.project(project, synthetic.Size(findings))
    commands = {
        "casebook": synthetic.writing(project),
        "asv": peers.asv(folder / f"asv-{findings}", findings),
        "bowtie-json-schema": peers.bowtie(folder / f"bowtie-{findings}", findings),
    }
    return best(commands, times), histories


def _figure(
    findings: int, took: dict[str, Took], histories: int, allowed: float, base: str
) -> Figure:
    ours = took["casebook"].processor
    theirs = {name: one.processor for name, one in took.items() if name != "casebook"}
    said = (f"{peers.named(name)}: {seconds:.1f} s" for name, seconds in theirs.items())
    return Figure(
        id=f"findings-{findings}",
        group=GROUP,
        what=f"{findings:,} findings judged, and their pages, tables, citations and "
        f"`verdicts.json` written ({histories:,} different histories)",
        goal=f"{base} and 2 ms for each different history: {allowed:.1f} s; faster than both peers",
        figure=f"{ours:.1f} s",
        reached=ours <= allowed and ours < min(theirs.values()),
        peer="; ".join(said),
    )


def _not_tried(took: float) -> Figure:
    return Figure(
        id=f"findings-{LARGE}",
        group=GROUP,
        what=f"{LARGE:,} findings judged, and all written",
        goal=f"{TIMES} times as long, and 2 ms for each different history; faster than both peers",
        figure=f"not tried, since {SMALL:,} take {took:.1f} s",
        reached=False,
    )
