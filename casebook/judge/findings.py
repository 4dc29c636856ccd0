"""What the judge says: findings, what came of controls, grades, and verdicts of statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from casebook.claim import VerdictWord
from casebook.judge.grades import GradeWord
from casebook.judge.observed import Evidence
from casebook.plan.investigation import Setting
from casebook.plan.statements import Statement

NOT_OBSERVED = "not-observed"
"""The outcome of a statement that could be checked but was not."""

StatedWord = Literal["upheld", "overturned", "holds-only-when", "not-checkable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict for one claim, pattern and setting.

    A pattern is judged by every claim, a control only by the claims that name it. `note` qualifies
    the verdict ("not rerun: no network"), or is empty. `expected` is the verdict that a control
    declares for this claim, or None; an environment that is unavailable has no controls.
    `observed_in` is where the experiments ran: the environment, or a twin with what they need.
    `unless` says where a support ends: the claim's refuted conditions, in their own words.
    `remarks` stand beside the verdict and change nothing of it: that two runs differed in what the
    claim does not read, that the subject fails with a right control, too.
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
    unless: str = ""
    expected: VerdictWord | None = None
    observed_in: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def setting(self) -> Setting:
        """The setting that the finding holds for."""
        return Setting(self.environment, self.database)

    @property
    def ran_in(self) -> Setting:
        """The setting in which the experiments ran, whose record holds their histories."""
        return Setting(self.observed_in or self.environment, self.database)


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """The verdict that a control declares for a claim in a setting, and the verdict it got.

    `phrase` is the text that the reason must contain if the control must refute, else empty.
    `of_subject` says that a right control did not hold because of the subject: a control without it
    is supported, and what must be refuted is.
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
    of_subject: bool = False

    @property
    def sound(self) -> bool:
        """Whether the control says nothing against the experiment."""
        return self.held or self.of_subject

    @property
    def setting(self) -> Setting:
        """The setting in which the control was judged."""
        return Setting(self.environment, self.database)


def control_failure(outcome: ControlOutcome) -> str:
    """Return a sentence with the verdict of a control that did not hold, and the declared one."""
    declared = f'{outcome.expected} with "{outcome.phrase}"' if outcome.phrase else outcome.expected
    return (
        f"control '{outcome.pattern}' came out {outcome.verdict} ({outcome.reason}), "
        f"declared {declared}"
    )


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade that sums up the findings of a pattern in a setting.

    `refuted` are the required claims that were refuted, `caveats` the other claims that were, and
    `open` all claims that are inconclusive or not tested, in the order of the claims.
    """

    pattern: str
    environment: str
    database: str
    grade: GradeWord
    refuted: tuple[str, ...]
    open: tuple[str, ...]
    caveats: tuple[str, ...] = ()

    @property
    def setting(self) -> Setting:
        """The setting that the grade holds for."""
        return Setting(self.environment, self.database)


@dataclass(frozen=True, slots=True)
class Twin:
    """The verdicts of an environment and its twin for one claim on one pattern.

    `here` is the environment's verdict with its reason, `there` the twin's.
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
    """The verdict of a check on a pattern in a setting; `of` is the text the check was asked of."""

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
    """A finding or fact that a statement rests on; `agrees` is None if it is still open."""

    decided_by: Finding | Fact
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Stated:
    """The verdict of a statement, its reason and its grounds.

    `unobserved` says that the statement could be checked but was not, since its grounds are open.
    """

    statement: Statement
    verdict: StatedWord
    reason: str
    grounds: tuple[Ground, ...]
    unobserved: bool = False

    @property
    def outcome(self) -> str:
        """The verdict, or `NOT_OBSERVED` if the statement could be checked but was not."""
        return NOT_OBSERVED if self.unobserved else self.verdict


@dataclass(frozen=True, slots=True)
class ThenStated:
    """The verdict of a statement as of a day, and in words what became of it until today.

    `since` says with which releases it came to be otherwise, or is empty.
    """

    day: str
    stated: Stated
    words: str
    since: str = ""

    @property
    def told(self) -> str:
        """The words with the releases: "true when written, overturned since library 2.1.0"."""
        if self.words.endswith(" since") and self.since.startswith("since "):
            return self.words.removesuffix("since") + self.since
        return f"{self.words} ({self.since})" if self.since else self.words
