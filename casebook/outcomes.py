"""The outcomes: what came of each fault, as recorded and as the method page shows it.

`docs/results/<investigation>.faults.json` holds which findings turned. Where that does not hold for
what the project holds now, the page says so of each fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from casebook.plan.cells import file_digests, planned_cells
from casebook.plan.faults import Fault, cells_of_fault, inputs_of_fault, read_faults
from casebook.plan.investigation import PlannedCell
from casebook.record import Claim, VerdictWord, plain
from casebook.report import Finding, Report
from casebook.results import Problem
from casebook.text import one_line

SCHEMA = 1
"""The number of the form of the outcomes' file; one with another number is not read."""

# --- As recorded ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """How a finding came out: its verdict and its reason."""

    verdict: VerdictWord
    reason: str


@dataclass(frozen=True, slots=True)
class Turned:
    """A finding before and after a fault was put in; `held` where it came out as declared."""

    claim: str
    pattern: str
    before: Came
    after: Came
    held: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fault. `problem` says why it could not be tried, and is empty where it was.

    `digest` is the fault's own, `releases` are what it was put into.
    """

    id: str
    digest: str
    releases: dict[str, str]
    problem: str
    turns: tuple[Turned, ...] = ()
    keeps: tuple[Turned, ...] = ()

    @property
    def held(self) -> bool:
        """Whether the fault was tried, turned all that it must and nothing that it must keep."""
        return not self.problem and all(one.held for one in (*self.turns, *self.keeps))

    @property
    def keeps_held(self) -> tuple[Turned, ...]:
        """The findings that stayed as they were."""
        return tuple(one for one in self.keeps if one.held)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of every fault of an investigation.

    `digests` maps each file that could change an outcome, as a path relative to the project, to the
    hexadecimal SHA-256 of its bytes.
    """

    schema: int
    investigation: str
    digests: dict[str, str]
    faults: tuple[Outcome, ...]


def outcomes(root: Path, report: Report, found: Iterable[Outcome]) -> Outcomes:
    """Return the outcomes with the digests of all that could change them."""
    declared = read_faults(root, report.investigation).faults
    planned = planned_cells(root, report.investigation)
    paths = {path for fault in declared for path in _inputs(root, report, planned, fault)}
    digests = file_digests(root, sorted(paths))
    return Outcomes(SCHEMA, report.investigation.id, digests, tuple(found))


def findings_where(report: Report, fault: Fault) -> dict[tuple[str, str], Finding]:
    """Return the findings of where a fault is put in, by claim and pattern."""
    return {
        (one.claim, one.pattern): one
        for one in report.findings
        if (one.environment, one.database) == (fault.environment, fault.database)
    }


def file_of(investigation: str) -> str:
    """Return where the outcomes of an investigation's faults are, relative to the project."""
    return f"docs/results/{investigation}.faults.json"


def dump(outcomes: Outcomes) -> str:
    """Return the outcomes as JSON: the same outcomes give the same bytes."""
    return json.dumps(plain(outcomes), ensure_ascii=False, indent=1) + "\n"


def read(root: Path, investigation: str) -> Outcomes | Problem | None:
    """Return what was recorded, the problem of a file that cannot be used, None without one."""
    file = file_of(investigation)
    try:
        found = msgspec.json.decode((root / file).read_bytes(), type=Outcomes)
    except FileNotFoundError:
        return None
    except msgspec.ValidationError as error:
        rule, _, place = str(error).partition(" - at ")
        return Problem(file, one_line(place.strip("`"), 200), one_line(rule, 200))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Problem(file, "", f"damaged or half-written: {one_line(str(error), 200)}")
    if found.schema != SCHEMA:
        return Problem(file, "$.schema", f"schema {found.schema}, this Casebook reads {SCHEMA}")
    return found


def readable(fault: Fault, outcome: Outcome) -> Iterator[str]:
    """Yield in lines what came of a fault: what it is, then each finding that it names."""
    word = "harmless" if fault.harmless else "caught"
    yield f"{fault.id}  {word if outcome.held else outcome.problem or 'NOT ' + word}"
    for one in (*outcome.turns, *(one for one in outcome.keeps if not one.held)):
        mark = "" if one.held else "  not as declared:"
        came = f"{one.before.verdict} -> {one.after.verdict}: {one_line(one.after.reason, 160)}"
        yield f"   {mark} {one.claim}  {one.pattern}  {came}"


# --- As pages show it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A fault and what came of it. `stale` says why the outcome is not of now, or is empty."""

    fault: Fault
    outcome: Outcome | None
    stale: str
    findings: Mapping[tuple[str, str], Finding]

    @property
    def held(self) -> bool:
        """Whether the fault came out as declared, now."""
        return self.outcome is not None and self.outcome.held and not self.stale

    def finding(self, turned: Turned) -> Finding | None:
        """Return a finding as it is published, None where there is none of it any more."""
        return self.findings.get((turned.claim, turned.pattern))


@dataclass(frozen=True, slots=True)
class Table:
    """Every fault of an investigation, the claims that none turns with the reason, and problems."""

    rows: tuple[Row, ...]
    unturned: tuple[tuple[Claim, str], ...]
    problem: Problem | None


def table(root: Path, report: Report) -> Table:
    """Return what the method page shows of an investigation's faults. Raises PlanError."""
    investigation, claims = report.investigation, report.claims
    declared = read_faults(root, investigation)
    recorded = read(root, investigation.id)
    then = recorded if isinstance(recorded, Outcomes) else None
    known = {one.id: one for one in then.faults} if then else {}
    planned = planned_cells(root, investigation) if then else ()
    rows = []
    for fault in declared.faults:
        findings = findings_where(report, fault)
        stale = ""
        if then and (outcome := known.get(fault.id)):
            paths = _inputs(root, report, planned, fault)
            stale = _stale(root, fault, outcome, findings, then.digests, paths)
        rows.append(Row(fault, known.get(fault.id), stale, findings))
    turned = declared.claims()
    return Table(
        tuple(rows),
        tuple((one, declared.unturned.get(one.id, "")) for one in claims if one.id not in turned),
        recorded if isinstance(recorded, Problem) else None,
    )


def _inputs(
    root: Path, report: Report, planned: Iterable[PlannedCell], fault: Fault
) -> tuple[str, ...]:
    cells = cells_of_fault(planned, report.investigation, report.claims, fault)
    return inputs_of_fault(root, report.investigation, cells)


def _stale(
    root: Path,
    fault: Fault,
    outcome: Outcome,
    findings: Mapping[tuple[str, str], Finding],
    then: Mapping[str, str],
    paths: Iterable[str],
) -> str:
    """Return why an outcome does not hold for what the project holds now, or an empty text."""
    if outcome.digest != fault.digest:
        return "recorded with an earlier form of this fault"
    now = file_digests(root, paths)
    changed = next((path for path in paths if now.get(path) != then.get(path)), None)
    if changed:
        return f"recorded with an earlier {changed}"
    for one in (*outcome.turns, *outcome.keeps):
        finding = findings.get((one.claim, one.pattern))
        if finding is None or finding.verdict != one.before.verdict:
            word = finding.verdict if finding else "missing"
            return f"{one.claim} of {one.pattern} was {one.before.verdict}, and is {word} now"
    return ""
