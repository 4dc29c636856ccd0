"""The scores: what came of each mutant, as recorded and as the method page shows it.

`docs/results/<investigation>.mutants.json` records the outcomes. The page marks each outcome that
is out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from casebook import ENGINE
from casebook.judge.findings import Finding
from casebook.judge.report import Report, main_releases
from casebook.judge.results import Problem
from casebook.plan.cells import cell_inputs, file_digests, planned_cells
from casebook.plan.investigation import Investigation, Setting
from casebook.plan.mutants import DeclaredMutants, Target, mutants_file, read_mutants
from casebook.plan.sources import sources
from casebook.proof.mutants import Mutant
from casebook.proof.outcomes import read_kept
from casebook.text import counted, one_line

SCHEMA = 1
"""The schema number of the scores' file; a file with another number is not read."""

Word = Literal["refuted", "gate", "inconclusive", "mended", "survived", "unobserved"]
"""What came of a mutant: a finding turned to refuted, or the gate's did, so that nothing else could
be tested; or some finding is no longer supported; or one that was refuted is supported; or nothing
turned; or the harness or the clock failed, so that what the mutant does is not known."""


@dataclass(frozen=True, slots=True)
class MutantOutcome:
    """What came of a mutant, and the finding that turned, if one did.

    `ran` counts the cells that ran with the mutant until then, `differing` those of them that ran
    otherwise than without it. `target` is the digest of what the plan says of the mutant's file.
    """

    id: str
    title: str
    environment: str
    database: str
    target: str
    difference: str
    outcome: Word
    ran: int
    differing: int
    claim: str = ""
    pattern: str = ""
    reason: str = ""

    @classmethod
    def of(
        cls,
        mutant: Mutant,
        outcome: Word,
        *,
        ran: int,
        differing: int,
        finding: Finding | None = None,
        reason: str = "",
    ) -> MutantOutcome:
        """Return the outcome of a mutant."""
        target = mutant.target
        return cls(
            mutant.id,
            mutant.title,
            target.environment,
            target.database,
            target.digest,
            mutant.difference,
            outcome,
            ran,
            differing,
            finding.claim if finding else "",
            finding.pattern if finding else "",
            one_line(reason or (finding.reason if finding else ""), 200),
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """The outcomes of all mutants of an investigation.

    `releases` are those that the mutants were put into, by environment. `digests` maps each file
    that could change an outcome, as a path relative to the project, to that of its content; those
    of the engine are relative to its own parent.
    """

    schema: int
    investigation: str
    releases: dict[str, dict[str, str]]
    digests: dict[str, str]
    mutants: tuple[MutantOutcome, ...]


def scores_of(root: Path, report: Report, found: Iterable[MutantOutcome]) -> Scores:
    """Return the outcomes with the digests of all files that could change them."""
    declared = read_mutants(root, report.investigation)
    inputs = _inputs(root, report.investigation, declared)
    digests = _digests(root, inputs)
    releases = {}
    for target in declared.targets:
        record = report.record(target.setting)
        installed = record.releases if record else {}
        releases[target.environment] = main_releases(report.investigation, installed)
    return Scores(SCHEMA, report.investigation.id, releases, digests, tuple(found))


def scores_file(investigation: str) -> str:
    """Return the path of an investigation's scores, relative to the project."""
    return f"docs/results/{investigation}.mutants.json"


def dump_scores(scores: Scores) -> str:
    """Return the scores as JSON; equal scores give equal bytes."""
    return json.dumps(asdict(scores), ensure_ascii=False, indent=1) + "\n"


def read_scores(root: Path, investigation: str) -> Scores | Problem | None:
    """Return the recorded scores, the problem of an unusable file, or None without a file."""
    return read_kept(root, scores_file(investigation), Scores, SCHEMA)


# --- As the terminal says it ----------------------------------------------------------------------


def unexplained(found: Iterable[MutantOutcome], declared: DeclaredMutants) -> list[str]:
    """Return the ids of the mutants that survived without a reason why they are harmless."""
    return [
        one.id for one in found if one.outcome == "survived" and one.id not in declared.harmless
    ]


def wrongly_explained(found: Iterable[MutantOutcome], declared: DeclaredMutants) -> list[str]:
    """Return the ids of the mutants that are said to be harmless, and were caught."""
    return [
        one.id
        for one in found
        if one.outcome not in ("survived", "unobserved") and one.id in declared.harmless
    ]


def readable(one: MutantOutcome, declared: DeclaredMutants) -> Iterator[str]:
    """Yield an outcome as lines: the mutant and its word, then the finding that turned."""
    word: str = one.outcome
    if word == "survived":
        why = declared.harmless.get(one.id)
        word = f"survived, harmless: {one_line(why, 120)}" if why else "SURVIVED, unexplained"
    elif word == "unobserved":
        word = "UNOBSERVED"
    elif one.id in declared.harmless:
        word = f"{word}, NOT harmless"
    yield f"{one.id}  {word}  ({one.differing} of {one.ran} cells differ)"
    if one.claim or one.reason:
        yield f"    {one.claim}  {one.pattern}: {one_line(one.reason, 160)}"


def summary_of(found: Iterable[MutantOutcome], declared: DeclaredMutants) -> str:
    """Return the score in one line."""
    found = list(found)
    count = {word: sum(one.outcome == word for one in found) for word in get_args(Word)}
    open_ones = len(unexplained(found, declared))
    return (
        f"{counted(len(found), 'mutant')}: {count['refuted']} refuted, "
        f"{count['gate']} fail at the gate, "
        f"{count['inconclusive']} inconclusive, {count['mended']} mended, "
        f"{count['survived']} survived, "
        f"{open_ones} of them unexplained, "
        f"{count['unobserved']} unobserved"
    )


# --- As pages show it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MutantRow:
    """A mutant's outcome. `stale` says why it is out of date, `why` why it is harmless, or "".

    `finding` is the current finding that turned, if there still is one.
    """

    outcome: MutantOutcome
    stale: str
    why: str
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class MutantsTable:
    """Every recorded mutant of an investigation, with the releases that they were put into."""

    rows: tuple[MutantRow, ...]
    releases: Mapping[str, Mapping[str, str]]
    problem: Problem | None

    def of(self, word: Word) -> tuple[MutantRow, ...]:
        """Return the mutants of which this came, and of which the outcome is up to date."""
        return tuple(row for row in self.rows if row.outcome.outcome == word and not row.stale)

    @property
    def stale(self) -> tuple[MutantRow, ...]:
        """The mutants of which the outcome is out of date."""
        return tuple(row for row in self.rows if row.stale)

    @property
    def explained(self) -> tuple[MutantRow, ...]:
        """The mutants that survived, and of which it is known why."""
        return tuple(row for row in self.of("survived") if row.why)

    @property
    def unexplained(self) -> tuple[MutantRow, ...]:
        """The mutants that survived, and of which nothing says why."""
        return tuple(row for row in self.of("survived") if not row.why)


def mutants_table(root: Path, report: Report) -> MutantsTable:
    """Return the mutants as the method page shows them. Raises PlanError as `read_mutants` does."""
    declared = read_mutants(root, report.investigation)
    recorded = read_scores(root, report.investigation.id)
    if not isinstance(recorded, Scores):
        return MutantsTable((), {}, recorded)
    inputs, engine = _inputs(root, report.investigation, declared), _engine()
    now = _digests(root, inputs)
    changed = {
        target.digest: next(
            (path for path in (*engine, *paths) if now.get(path) != recorded.digests.get(path)), ""
        )
        for target, paths in inputs.items()
    }
    rows = []
    for one in recorded.mutants:
        key = (one.claim, one.pattern, Setting(one.environment, one.database))
        finding = report.finding(*key) if one.claim else None
        stale = _stale(one, finding, changed, mutants_file(report.investigation.id))
        rows.append(MutantRow(one, stale, declared.harmless.get(one.id, ""), finding))
    return MutantsTable(tuple(rows), recorded.releases, None)


def _inputs(
    root: Path, investigation: Investigation, declared: DeclaredMutants
) -> dict[Target, tuple[str, ...]]:
    """Return the files that could change the outcomes of each target's mutants."""
    judges = [path.relative_to(root).as_posix() for path in sources(root, investigation.claims)]
    inputs = cell_inputs(root, investigation, planned_cells(root, investigation))
    found: dict[Setting, set[str]] = {}
    for cell, paths in inputs.items():
        if cell.ran_in == cell.setting and not cell.again:
            found.setdefault(cell.setting, {*judges}).update(paths)
    return {target: tuple(sorted(found.get(target.setting, judges))) for target in declared.targets}


def _engine() -> dict[str, str]:
    """Return the digest of each of the engine's files that make mutants and judge what they do."""
    modules = "operators", "mutants", "places", "survival"
    proving = (f"casebook/proof/{name}.py" for name in modules)
    judging = (f"casebook/judge/{file.name}" for file in (ENGINE / "judge").glob("*.py"))
    return file_digests(ENGINE.parent, sorted([*proving, *judging]))


def _digests(root: Path, inputs: Mapping[Target, tuple[str, ...]]) -> dict[str, str]:
    """Return the digests of these files and of the engine's, by path."""
    paths = sorted({path for paths in inputs.values() for path in paths})
    return file_digests(root, paths) | _engine()


def _stale(
    one: MutantOutcome, finding: Finding | None, changed: Mapping[str, str], plan: str
) -> str:
    """Return the reason why an outcome is out of date, or ""."""
    if one.target not in changed:
        return f"recorded with an earlier {plan}"
    if changed[one.target]:
        return f"recorded with an earlier {changed[one.target]}"
    if one.claim and finding is None:
        return f"{one.claim} of {one.pattern} is no longer a finding"
    if finding and one.outcome in ("refuted", "gate") and finding.verdict != "supported":
        return f"{one.claim} of {one.pattern} was supported, and is {finding.verdict} now"
    return ""
