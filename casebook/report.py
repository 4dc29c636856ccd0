"""The report: what the judge found, and what follows from it alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from casebook.observed import Evidence
from casebook.plan.investigation import Investigation, package_name
from casebook.plan.statements import Statement, Statements
from casebook.record import Claim, Record, VerdictWord
from casebook.results import Key, Problem

GradeWord = Literal["write-this", "works-deprecated", "dont", "unknown"]

NOT_OBSERVED = "not-observed"
"""What is told of a statement that can be checked and was not."""

EDITION = 12
"""The hexadecimal digits of an edition's name."""

StatedWord = Literal["upheld", "overturned", "holds-only-when", "not-checkable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict for one claim, pattern, environment and database.

    Every claim is judged on every pattern that is no control; on a control, those that name it.
    `note` says what a reader must know beside it ("not rerun: no network"), or is empty.
    `expected` is the verdict that a control declares for this claim, None where it declares none
    and where the environment is unavailable, since that has no controls. `observed_in` is where
    its experiments ran: the environment, or a twin of it that holds what they need.
    """

    id: str
    claim: str
    backend: str
    pattern: str
    environment: str
    database: str
    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...]
    note: str = ""
    expected: VerdictWord | None = None
    observed_in: str = ""


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """What a control was declared to show of a claim in an environment, and what it showed.

    `phrase` is what the reason of a control that must refute has to contain, else empty.
    """

    claim: str
    pattern: str
    environment: str
    database: str
    expected: VerdictWord
    verdict: VerdictWord
    reason: str
    held: bool
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """The answer for one pattern in one environment with one database.

    `refuted` names the required claims that were refuted, `open` all claims that are inconclusive
    or not tested, in the order of the claims.
    """

    pattern: str
    environment: str
    database: str
    grade: GradeWord
    refuted: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """A claim on a pattern that an environment and a twin of it can both judge, where they differ.

    `there` is the twin's verdict with its reason, `here` that of the environment.
    """

    claim: str
    pattern: str
    environment: str
    database: str
    twin: str
    here: tuple[VerdictWord, str]
    there: tuple[VerdictWord, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a check says of a pattern in an environment with a database; `of` as it was asked."""

    check: str
    of: str
    pattern: str
    environment: str
    database: str
    verdict: VerdictWord
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """A finding or a fact that decides a statement, or would: it is open where `agrees` is None."""

    decided_by: Finding | Fact
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Stated:
    """What became of a statement, why, and the grounds of that.

    `unobserved` says that it can be checked and was not: what it is bound to is open.
    """

    statement: Statement
    verdict: StatedWord
    reason: str
    grounds: tuple[Ground, ...]
    unobserved: bool = False

    @property
    def outcome(self) -> str:
        """The verdict, or `NOT_OBSERVED` where it can be checked and was not."""
        return NOT_OBSERVED if self.unobserved else self.verdict


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the plan was observed, in cells."""

    cells: int
    completed: int
    not_tested: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the pages, the citation and `verdicts.json` are drawn from.

    `findings` and the cells of `coverage` are those of the plan: of a control, those of the claims
    that name it as control or baseline, and no others.
    `digest` is that of all that the site is built from, `edition` the name of that.
    `failed_checkers` holds the ids of the findings whose checker raised instead of answering.
    `ran_in` says by environment, database and experiment where the experiment ran, `homes` by
    environment and database where those ran that need nothing. `twins` are the findings that
    adding a package changed, of `compared` that both could judge. `facts` is what checks say.
    `said` is what earlier reports said, or None, and `stated` what became of each statement of it.
    `changed` is, for each cell that an earlier experiment recorded, by environment, database,
    pattern and experiment, the file that changed since.
    """

    investigation: Investigation
    claims: tuple[Claim, ...]
    records: dict[Key, Record]
    findings: tuple[Finding, ...]
    controls: tuple[ControlOutcome, ...]
    grades: tuple[Grade, ...]
    problems: tuple[Problem, ...]
    not_rerun: dict[Key, str]
    coverage: Coverage
    digest: str
    failed_checkers: tuple[str, ...] = ()
    ran_in: dict[tuple[str, str, str], str] = field(default_factory=dict)
    homes: dict[Key, str] = field(default_factory=dict)
    twins: tuple[Twin, ...] = ()
    compared: int = 0
    facts: tuple[Fact, ...] = ()
    said: Statements | None = None
    stated: tuple[Stated, ...] = ()
    changed: dict[tuple[str, str, str, str], str] = field(default_factory=dict)

    @property
    def edition(self) -> str:
        """The name of what the site is built from: the first digits of its digest."""
        return self.digest[:EDITION]

    def record(self, environment: str, database: str) -> Record | None:
        """Return the record of what ran for an environment and database and needed nothing."""
        home = self.homes.get((environment, database), environment)
        return self.records.get((home, database))


# --- What follows from a report -------------------------------------------------------------------


def exit_code(report: Report) -> Literal[0, 1, 3, 4]:
    """Return 1 where a checker raised, 4 where a result file is invalid, 3 where an observation is
    missing, else 0.

    An observation is missing where a cell has none, an environment was not rerun, or a control
    failed. A refuted claim is a result, not a failure.
    """
    if report.failed_checkers:
        return 1
    if report.problems:
        return 4
    controls_held = all(outcome.held for outcome in report.controls)
    if report.coverage.not_tested or report.not_rerun or not controls_held:
        return 3
    return 0


def control_failure(outcome: ControlOutcome) -> str:
    """Return in words how a control came out that did not hold, and what it had declared."""
    declared = f'{outcome.expected} with "{outcome.phrase}"' if outcome.phrase else outcome.expected
    return (
        f"control '{outcome.pattern}' came out {outcome.verdict} ({outcome.reason}), "
        f"declared {declared}"
    )


def releases(report: Report, finding: Finding) -> dict[str, str]:
    """Return the releases that a finding holds for by package, sorted; empty without a record."""
    record = report.records.get((finding.observed_in or finding.environment, finding.database))
    return dict(sorted(record.releases.items())) if record else {}


def main_releases(investigation: Investigation, record: Record | None) -> dict[str, str]:
    """Return the installed releases that readers care about, by package, in the order of the plan.

    Those are `packages` of the investigation; where it lists none, what environments install. Empty
    without a record.
    """
    installed = record.releases if record else {}
    asked = (name for one in investigation.environments for name in one.install)
    names = investigation.packages or dict.fromkeys(map(package_name, asked))
    return {name: installed[name] for name in names if name in installed}
