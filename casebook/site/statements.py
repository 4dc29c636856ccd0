"""What the page of the statements shows: each with its quotations, its verdict and its grounds."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from casebook.claim import VerdictWord
from casebook.judge.findings import (
    NOT_OBSERVED,
    Fact,
    Finding,
    Ground,
    Stated,
    StatedWord,
    ThenStated,
)
from casebook.judge.settings import ShownSetting
from casebook.plan.investigation import Setting
from casebook.plan.statements import Nothing, Quotation, Source, Statements
from casebook.site.book import Book, Shown

STATED: tuple[StatedWord, ...] = ("upheld", "overturned", "holds-only-when", "not-checkable")


@dataclass(frozen=True, slots=True)
class Said:
    """A quotation and the report that it is from."""

    source: Source
    quotation: Quotation

    @property
    def lines(self) -> str:
        """The quotation where it is printed in lines, as code and drawings are, else ""."""
        text = self.quotation.text.strip("\n")
        return text if "\n" in text else ""


@dataclass(frozen=True, slots=True)
class ShownGround:
    """A finding, with its address, or a fact, with the events that show it.

    `id` is what the ids of these events begin with.
    """

    id: str
    what: str
    pattern: str
    verdict: VerdictWord
    agrees: bool | None
    setting: ShownSetting
    reason: str
    address: str
    events: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class GroundGroup:
    """Grounds of one pattern that say the same in the same settings.

    `named` is one for each claim, or the one fact: the ground in the first of the settings.
    `where` are the settings, those of one environment together.
    """

    pattern: str
    verdict: VerdictWord
    agrees: bool | None
    named: tuple[ShownGround, ...]
    where: tuple[tuple[ShownSetting, ...], ...]


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement, where it was said, what became of it and what decided that.

    `then` is what it was as of each day on which it was written, as far as that was observed.
    """

    stated: Stated
    said: tuple[Said, ...]
    grounds: tuple[ShownGround, ...]
    then: tuple[ThenStated, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of the reports that say it, each once."""
        return tuple(dict.fromkeys(one.source.id for one in self.said))

    @property
    def decided_by(self) -> str:
        """How many findings and facts decide it, in words."""
        findings = sum(bool(one.address) for one in self.grounds)
        kinds = (("finding", findings), ("fact", len(self.grounds) - findings))
        return " and ".join(f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in kinds if n)

    @property
    def outcome(self) -> str:
        """What became of it, in a word."""
        return self.stated.outcome

    @property
    def groups(self) -> tuple[GroundGroup, ...]:
        """The grounds, each said once: where several claims or settings have it, these together."""
        alike: dict[object, list[ShownGround]] = {}
        for one in self.grounds:
            alike.setdefault((one.what, *_said_alike(one)), []).append(one)
        groups: dict[object, list[list[ShownGround]]] = {}
        for found in alike.values():
            where = tuple(one.setting.key for one in found)
            named = "" if found[0].address else found[0].what  # a fact has its own events
            groups.setdefault((named, where, *_said_alike(found[0])), []).append(found)
        return tuple(_group(of) for of in groups.values())


def _said_alike(ground: ShownGround) -> tuple[object, ...]:
    """Return what two grounds that are told together have in common."""
    events = repr([(one.experiment, one.events) for one in ground.events])
    return ground.pattern, ground.verdict, ground.agrees, ground.reason, events


def _group(of: list[list[ShownGround]]) -> GroundGroup:
    first, *_ = named = tuple(found[0] for found in of)
    settings = [one.setting for one in of[0]]
    where = groupby(settings, key=lambda setting: setting.environment.id)
    return GroundGroup(
        first.pattern,
        first.verdict,
        first.agrees,
        named,
        tuple(tuple(databases) for _, databases in where),
    )


class StatementsPage:
    """The statements of one investigation."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.said: Statements | None = book.report.said

    @cached_property
    def rows(self) -> tuple[StatementRow, ...]:
        """Every statement, in the order in which `conf/` has them."""
        said = self.said
        if said is None:
            return ()
        return tuple(
            StatementRow(
                stated,
                tuple(Said(said.source(one.source), one) for one in stated.statement.quotations),
                tuple(self._shown(stated.statement.id, ground) for ground in stated.grounds),
                self.book.report.then.get(stated.statement.id, ()),
            )
            for stated in self.book.report.stated
        )

    @property
    def grounds(self) -> tuple[ShownGround, ...]:
        """What decided all of them."""
        return tuple(ground for row in self.rows for ground in row.grounds)

    @property
    def counts(self) -> dict[str, int]:
        """How many statements have each verdict, those that were not observed apart."""
        found = Counter(row.outcome for row in self.rows)
        return {word: found[word] for word in (*STATED, NOT_OBSERVED)}

    @property
    def then(self) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
        """Each day as of which statements were judged, and how many came out how, most first."""
        days: dict[str, Counter[str]] = {}
        for row in self.rows:
            for one in row.then:
                days.setdefault(one.day, Counter())[one.words] += 1
        return tuple((day, tuple(found.most_common())) for day, found in sorted(days.items()))

    @property
    def sources(self) -> tuple[tuple[Source, int], ...]:
        """Each report, and in how many statements it is quoted."""
        sources = self.said.sources if self.said else ()
        return tuple((one, sum(one.id in row.sources for row in self.rows)) for one in sources)

    @property
    def unkept(self) -> tuple[Source, ...]:
        """The sources of which the project does not keep the text."""
        return tuple(one for one, _ in self.sources if one.not_kept)

    @property
    def nothing(self) -> tuple[tuple[Source, tuple[Nothing, ...]], ...]:
        """What states nothing, by report."""
        said = self.said
        if said is None:
            return ()
        found = (
            (one, tuple(n for n in said.nothing if n.source == one.id)) for one in said.sources
        )
        return tuple((source, nothing) for source, nothing in found if nothing)

    def _shown(self, statement: str, ground: Ground) -> ShownGround:
        found: Finding | Fact = ground.decided_by
        of_finding = isinstance(found, Finding)
        what = found.claim if isinstance(found, Finding) else f"{found.check} {found.of}".strip()
        parts = statement, what, found.pattern, found.environment, found.database
        return ShownGround(
            id=re.sub(r"[^\w.-]+", "-", ".".join(parts)),
            what=what,
            pattern=found.pattern,
            verdict=found.verdict,
            agrees=ground.agrees,
            setting=self.book.settings[Setting(found.environment, found.database)],
            reason="" if of_finding else found.reason,
            address=self.book.address(found) if isinstance(found, Finding) else "",
            events=() if of_finding else self.book.shown(found),
        )
