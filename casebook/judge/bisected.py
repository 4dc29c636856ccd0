"""The bisections as kept: where verdicts turned between releases, and what each step showed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from casebook.claim import Claim, VerdictWord
from casebook.files import digest
from casebook.judge.results import Problem
from casebook.plan.cells import cell_inputs, cells_of_findings, file_digests
from casebook.plan.investigation import Investigation, PlannedCell, Setting
from casebook.plan.sources import sources
from casebook.text import one_line

SCHEMA = 1
"""The schema number of the file; a file with another number is not read."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one release showed: a verdict with its reason, or none and why it was stepped over."""

    release: str
    verdict: VerdictWord | None
    reason: str


@dataclass(frozen=True, slots=True)
class Bisection:
    """Where the verdict of a claim on a pattern turned between two releases of a package.

    `steps` are what was tried, from the oldest release to the newest. `before` is the last release
    without the new verdict, `first` the first with it as far as those between them, `skipped`,
    could not be observed; if `turned` is False they are the ends, which say the same. `moved` are
    the other packages whose releases differ between the two, each with both releases. `former` has
    the name under which a release that was tried was published, if that is another. `experiment`
    is the first whose histories part, and `parting` says where, in words. `inputs` is the digest of
    the scripts that were run and judged with.
    """

    claim: str
    pattern: str
    package: str
    environment: str
    database: str
    python: str
    turned: bool
    before: str
    first: str
    skipped: tuple[str, ...]
    moved: dict[str, tuple[str, str]]
    experiment: str
    parting: str
    steps: tuple[Step, ...]
    inputs: str
    former: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """What was asked, of which the file holds the latest answer."""
        return self.claim, self.pattern, self.package, self.environment, self.database

    @property
    def next(self) -> bool:
        """Whether the first release with the new verdict is the next one after that without it."""
        return self.turned and not self.skipped

    def named(self, release: str) -> str:
        """Return a release with the name under which it was published."""
        return f"{self.former.get(release, self.package)} {release}"

    def step(self, release: str) -> Step:
        """Return what a release showed."""
        return next(step for step in self.steps if step.release == release)


@dataclass(frozen=True, slots=True)
class Bisections:
    """All bisections of an investigation."""

    schema: int
    investigation: str
    bisections: tuple[Bisection, ...] = ()


def bisections_file(investigation: str) -> str:
    """Return the path of an investigation's bisections, relative to the project."""
    return f"docs/results/{investigation}.bisections.json"


def read_bisections(root: Path, investigation: str) -> Bisections | Problem:
    """Return what is kept, none where nothing is, or the problem of a file that is unusable."""
    file = bisections_file(investigation)
    try:
        found = msgspec.json.decode((root / file).read_bytes(), type=Bisections)
    except FileNotFoundError:
        return Bisections(SCHEMA, investigation)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        rule, _, place = str(error).partition(" - at ")
        return Problem(file, one_line(place.strip("`"), 200), one_line(rule, 200))
    if found.schema != SCHEMA:
        return Problem(file, "$.schema", f"schema {found.schema}, this Casebook reads {SCHEMA}")
    return found


# --- Out of date ----------------------------------------------------------------------------------


def outdated(
    root: Path,
    investigation: Investigation,
    claims: Sequence[Claim],
    planned: Sequence[PlannedCell],
    kept: Iterable[Bisection],
) -> Iterator[Bisection]:
    """Yield the bisections that other scripts made than those of now."""
    judged, patterns = {one.id for one in claims}, {one.id for one in investigation.patterns}
    for one in kept:
        setting, named = Setting(one.environment, one.database), (one.claim, one.pattern)
        known = one.claim in judged and one.pattern in patterns
        cells = cells_of_findings(planned, investigation, claims, setting, [named] if known else [])
        if not cells or inputs_of(root, investigation, cells) != one.inputs:
            yield one


def inputs_of(root: Path, investigation: Investigation, cells: Iterable[PlannedCell]) -> str:
    """Return the digest of the scripts that could change a bisection: all inputs but locks."""
    locks = {one.lock for one in investigation.installed}
    locks |= {one.unresolved for one in investigation.installed}
    run = {path for paths in cell_inputs(root, investigation, cells).values() for path in paths}
    judged = {path.relative_to(root).as_posix() for path in sources(root, investigation.claims)}
    digests = file_digests(root, sorted((run | judged) - locks))
    return digest(json.dumps(digests, sort_keys=True).encode())
