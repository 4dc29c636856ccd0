"""The outcomes of the faults, as recorded and as the method page shows them.

`docs/results/<investigation>.faults.json` records the findings that turned. The page marks each
outcome that is out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from casebook.claim import Claim, VerdictWord
from casebook.judge.findings import Finding
from casebook.judge.report import Report
from casebook.judge.results import Problem
from casebook.plan.cells import file_digests
from casebook.plan.faults import Fault, inputs_of_faults, read_faults
from casebook.text import one_line

SCHEMA = 1
"""The schema number of the outcomes' file; a file with another number is not read."""

# --- As recorded ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FindingState:
    """The verdict and reason of a finding, before or after a fault."""

    verdict: VerdictWord
    reason: str


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A finding before and after a fault was put in; `held` says if it came out as declared."""

    claim: str
    pattern: str
    before: FindingState
    after: FindingState
    held: bool


@dataclass(frozen=True, slots=True)
class FaultOutcome:
    """The outcome of a fault. `problem` says why it could not be tried, or is empty if it was.

    `digest` is that of the fault, `releases` are the releases that it was put into.
    """

    id: str
    digest: str
    releases: dict[str, str]
    problem: str
    turns: tuple[VerdictChange, ...] = ()
    keeps: tuple[VerdictChange, ...] = ()

    @property
    def held(self) -> bool:
        """Whether the fault was tried, turned all its turns and none of its keeps."""
        return not self.problem and all(turned.held for turned in (*self.turns, *self.keeps))

    @property
    def keeps_held(self) -> tuple[VerdictChange, ...]:
        """The keeps that stayed as they were."""
        return tuple(turned for turned in self.keeps if turned.held)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes of all faults of an investigation.

    `digests` maps each file that could change an outcome, as a path relative to the project, to the
    hexadecimal SHA-256 of its content.
    """

    schema: int
    investigation: str
    digests: dict[str, str]
    faults: tuple[FaultOutcome, ...]


def outcomes_of(root: Path, report: Report, found: Iterable[FaultOutcome]) -> Outcomes:
    """Return the outcomes with the digests of all files that could change them."""
    declared = read_faults(root, report.investigation).faults
    inputs = inputs_of_faults(root, report.investigation, report.claims, declared)
    digests = file_digests(root, sorted({path for paths in inputs.values() for path in paths}))
    return Outcomes(SCHEMA, report.investigation.id, digests, tuple(found))


def findings_where(report: Report, fault: Fault) -> dict[tuple[str, str], Finding]:
    """Return the findings of the setting that a fault is put into, by claim and pattern."""
    return {
        (finding.claim, finding.pattern): finding
        for finding in report.findings
        if (finding.environment, finding.database) == (fault.environment, fault.database)
    }


def outcomes_file(investigation: str) -> str:
    """Return the path of an investigation's outcomes, relative to the project."""
    return f"docs/results/{investigation}.faults.json"


def dump_outcomes(outcomes: Outcomes) -> str:
    """Return the outcomes as JSON; equal outcomes give equal bytes."""
    return json.dumps(asdict(outcomes), ensure_ascii=False, indent=1) + "\n"


def read_outcomes(root: Path, investigation: str) -> Outcomes | Problem | None:
    """Return the recorded outcomes, the problem of an unusable file, or None without a file."""
    return read_kept(root, outcomes_file(investigation), Outcomes, SCHEMA)


class _Numbered(Protocol):
    @property
    def schema(self) -> int:
        """The number of the form that the file has."""


_Kept = TypeVar("_Kept", bound=_Numbered)


def read_kept(root: Path, file: str, kind: type[_Kept], schema: int) -> _Kept | Problem | None:
    """Return what a file keeps, the problem of an unusable one, or None without a file."""
    try:
        found = msgspec.json.decode((root / file).read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.ValidationError as error:
        rule, _, place = str(error).partition(" - at ")
        return Problem(file, one_line(place.strip("`"), 200), one_line(rule, 200))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Problem(file, "", f"damaged or half-written: {one_line(str(error), 200)}")
    if found.schema != schema:
        return Problem(file, "$.schema", f"schema {found.schema}, this Casebook reads {schema}")
    return found


def readable(fault: Fault, outcome: FaultOutcome) -> Iterator[str]:
    """Yield the outcome of a fault as lines: its id, then each finding that it names."""
    word = "harmless" if fault.harmless else "caught"
    yield f"{fault.id}  {word if outcome.held else outcome.problem or 'NOT ' + word}"
    for turned in (*outcome.turns, *(turned for turned in outcome.keeps if not turned.held)):
        mark = "" if turned.held else "  not as declared:"
        verdicts = f"{turned.before.verdict} -> {turned.after.verdict}"
        why = one_line(turned.after.reason, 160)
        yield f"   {mark} {turned.claim}  {turned.pattern}  {verdicts}: {why}"


# --- As pages show it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault and its outcome. `stale` says why the outcome is out of date, or is empty."""

    fault: Fault
    outcome: FaultOutcome | None
    stale: str
    findings: Mapping[tuple[str, str], Finding]

    @property
    def held(self) -> bool:
        """Whether the fault came out as declared, and the outcome is up to date."""
        return self.outcome is not None and self.outcome.held and not self.stale

    def finding(self, turned: VerdictChange) -> Finding | None:
        """Return the current finding of a turn or keep, or None if it no longer exists."""
        return self.findings.get((turned.claim, turned.pattern))


@dataclass(frozen=True, slots=True)
class FaultsTable:
    """Every fault of an investigation, and the claims that no fault turns, with the reasons."""

    rows: tuple[FaultRow, ...]
    unturned: tuple[tuple[Claim, str], ...]
    problem: Problem | None


def faults_table(root: Path, report: Report) -> FaultsTable:
    """Return the faults as the method page shows them. Raises PlanError as `read_faults` does."""
    investigation, claims = report.investigation, report.claims
    declared = read_faults(root, investigation)
    recorded = read_outcomes(root, investigation.id)
    then = recorded if isinstance(recorded, Outcomes) else None
    known = {outcome.id: outcome for outcome in then.faults} if then else {}
    inputs = inputs_of_faults(root, investigation, claims, declared.faults if then else ())
    rows = []
    for fault in declared.faults:
        findings = findings_where(report, fault)
        stale = ""
        if then and (outcome := known.get(fault.id)):
            stale = _stale(root, fault, outcome, findings, then.digests, inputs[fault.id])
        rows.append(FaultRow(fault, known.get(fault.id), stale, findings))
    turned = declared.claims()
    return FaultsTable(
        tuple(rows),
        tuple(
            (claim, declared.unturned.get(claim.id, ""))
            for claim in claims
            if claim.id not in turned
        ),
        recorded if isinstance(recorded, Problem) else None,
    )


def _stale(
    root: Path,
    fault: Fault,
    outcome: FaultOutcome,
    findings: Mapping[tuple[str, str], Finding],
    then: Mapping[str, str],
    paths: Iterable[str],
) -> str:
    """Return the reason why an outcome is out of date, or ""."""
    if outcome.digest != fault.digest:
        return "recorded with an earlier form of this fault"
    now = file_digests(root, paths)
    changed = next((path for path in paths if now.get(path) != then.get(path)), None)
    if changed:
        return f"recorded with an earlier {changed}"
    for turned in (*outcome.turns, *outcome.keeps):
        finding = findings.get((turned.claim, turned.pattern))
        if finding is None or finding.verdict != turned.before.verdict:
            word = finding.verdict if finding else "missing"
            return (
                f"{turned.claim} of {turned.pattern} was {turned.before.verdict}, and is {word} now"
            )
    return ""
