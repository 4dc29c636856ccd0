"""Where each symptom was seen, with what it goes together, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from casebook.judge.answers import Answers, Choice, SettingAnswer
from casebook.judge.findings import Finding
from casebook.judge.grades import WORKING
from casebook.judge.report import Report
from casebook.judge.settings import ShownSetting
from casebook.plan.investigation import Backend, Pattern, Setting
from casebook.plan.symptoms import Symptom
from casebook.record import Event


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """The first event of a history that shows a symptom, counted from 1; 0 if only its end does."""

    experiment: str
    digest: str
    number: int


@dataclass(frozen=True, slots=True)
class SeenWith:
    """A pattern with which a symptom was seen.

    `settings` are those where it was, in the order of the plan; `findings` are refuted for it, the
    first of each claim; `event` shows it, None where a finding alone does.
    """

    pattern: Pattern
    settings: tuple[Setting, ...]
    findings: tuple[Finding, ...]
    event: SeenEvent | None


@dataclass(frozen=True, slots=True)
class SeenOf:
    """The patterns of a backend about one thing with which a symptom was seen, and the others.

    `usable` is the environment that the answer for the backend is about, None where nothing can be
    imported; `works` says whether anything works there, and `instead` are the choices of the best
    grade that work and with which the symptom was not seen there. `mended` says whether it was seen
    in an environment where nothing can be imported, beside which `usable` has more installed.
    """

    backend: Backend
    about: str
    patterns: tuple[SeenWith, ...]
    usable: SettingAnswer | None
    works: bool
    instead: tuple[Choice, ...]
    mended: bool = False


@dataclass(frozen=True, slots=True)
class SeenSymptom:
    """A symptom with what was seen of it: for each backend, and with patterns built to be wrong."""

    symptom: Symptom
    backends: tuple[SeenOf, ...]
    controls: tuple[SeenWith, ...]

    @property
    def seen(self) -> bool:
        """Whether any cell showed it."""
        return bool(self.backends or self.controls)


def seen_symptoms(report: Report, answers: Answers) -> tuple[SeenSymptom, ...]:
    """Return every declared symptom, also those that were not seen."""
    seen = _Seen(report, answers)
    return tuple(seen.symptom(symptom) for symptom in report.symptoms.symptoms)


Occurrence = tuple[Setting, SeenEvent | None]
"""The setting in which a symptom was seen, and the event that shows it, if any does."""


class _Seen:
    """Looks for symptoms in what was recorded and found."""

    def __init__(self, report: Report, answers: Answers) -> None:
        self.report = report
        self.answers = answers
        self.investigation = report.investigation

    def symptom(self, symptom: Symptom) -> SeenSymptom:
        shown = self._histories(symptom)
        occurrences = self._occurrences(shown)
        findings = self._findings(symptom, shown)
        seen = tuple(
            self._with(pattern, occurrences.get(pattern.id, []), findings.get(pattern.id, []))
            for pattern in self.investigation.patterns
            if pattern.id in occurrences or pattern.id in findings
        )
        controls = tuple(one for one in seen if one.pattern.control)
        others = [one for one in seen if not one.pattern.control]
        backends = tuple(
            self._of(backend, about, own)
            for backend in self.investigation.backends
            for about in dict.fromkeys(one.pattern.about for one in others)
            if (own := tuple(one for one in others if _is_of(one.pattern, backend, about)))
        )
        return SeenSymptom(symptom, backends, controls)

    def _histories(self, symptom: Symptom) -> dict[str, tuple[int, ...]]:
        """Return the numbers of the events that show a symptom, by history, counted from 1.

        A history that only ends with it has none.
        """
        found: dict[str, list[int]] = {}
        for text, where in self._told.items():
            if _holds(symptom.match, text):
                for digest, number in where:
                    found.setdefault(digest, []).append(number)
        return {digest: tuple(sorted(filter(None, found[digest]))) for digest in found}

    @cached_property
    def _told(self) -> dict[str, list[tuple[str, int]]]:
        """Where each text of an error stands: histories, with the numbers of the events.

        The number is 0 where it is the reason with which the history ended.
        """
        kinds = set(self.report.symptoms.errors)
        found: dict[str, list[tuple[str, int]]] = {}
        for digest, history in self.report.histories.items():
            found.setdefault(history.reason, []).append((digest, 0))
            for number, event in enumerate(history.events, start=1):
                if event.kind in kinds:
                    found.setdefault(_text(event), []).append((digest, number))
        return found

    @cached_property
    def _cells(self) -> dict[str, list[tuple[str, str, Setting]]]:
        """The pattern, experiment and setting of each cell that ran like a history, by digest."""
        decided: dict[tuple[Setting, str], list[Setting]] = {}
        for (environment, database, experiment), ran in self.report.ran_in.items():
            key = Setting(ran, database), experiment
            decided.setdefault(key, []).append(Setting(environment, database))
        found: dict[str, list[tuple[str, str, Setting]]] = {}
        for ran_in, record in self.report.records.items():
            for cell in record.cells:
                if (*ran_in, cell.pattern, cell.experiment) in self.report.changed:
                    continue
                for setting in decided.get((ran_in, cell.experiment), ()):
                    where = cell.pattern, cell.experiment, setting
                    for digest in cell.histories:
                        found.setdefault(digest, []).append(where)
        return found

    def _occurrences(self, shown: dict[str, tuple[int, ...]]) -> dict[str, list[Occurrence]]:
        """Return by pattern where the histories that show a symptom were recorded."""
        found: dict[str, list[Occurrence]] = {}
        for digest, numbers in shown.items():
            for pattern, experiment, setting in self._cells.get(digest, ()):
                event = SeenEvent(experiment, digest, numbers[0] if numbers else 0)
                found.setdefault(pattern, []).append((setting, event))
        return found

    def _findings(
        self, symptom: Symptom, shown: dict[str, tuple[int, ...]]
    ) -> dict[str, list[Finding]]:
        """Return by pattern the findings that are refuted for a symptom."""
        found: dict[str, list[Finding]] = {}
        for finding in self.report.findings:
            if finding.verdict == "refuted" and (
                finding.claim in symptom.claims
                or _holds(symptom.match, finding.reason)
                or self._rests_on(finding, shown)
            ):
                found.setdefault(finding.pattern, []).append(finding)
        return found

    def _rests_on(self, finding: Finding, shown: dict[str, tuple[int, ...]]) -> bool:
        """Return whether an event that shows a symptom is among those that decide a finding."""
        for evidence in finding.evidence:
            if cell := self.report.cell_of(finding, evidence):
                numbers = shown.get(cell.histories[evidence.history], ())
                if any(number - 1 in evidence.events for number in numbers):
                    return True
        return False

    def _with(
        self, pattern: Pattern, occurrences: list[Occurrence], findings: list[Finding]
    ) -> SeenWith:
        order = list(self.answers.settings)
        where = {setting for setting, _ in occurrences} | {one.setting for one in findings}
        settings = tuple(sorted(where, key=order.index))
        first: dict[str, Finding] = {}
        for claim in self.report.claims:
            own = [one for one in findings if one.claim == claim.id]
            if own:
                first[claim.id] = min(own, key=lambda one: order.index(one.setting))
        events = sorted(
            (one for one in occurrences if one[1]), key=lambda one: (order.index(one[0]), str(one))
        )
        return SeenWith(pattern, settings, tuple(first.values()), events[0][1] if events else None)

    def _of(self, backend: Backend, about: str, patterns: tuple[SeenWith, ...]) -> SeenOf:
        answer = self.answers.of(backend.id)
        usable = answer.usable if answer else None
        working = self._working(usable, backend, about) if usable else ()
        seen = {one.pattern.id for one in patterns if usable and _is_seen_in(one, usable.setting)}
        fit = [choice for choice in working if choice.pattern.id not in seen]
        best = tuple(choice for choice in fit if choice.grade == fit[0].grade)
        twin = usable.twin if usable and usable.mended else None
        mended = twin is not None and any(_is_seen_in(one, twin) for one in patterns)
        return SeenOf(backend, about, patterns, usable, bool(working), best, mended)

    def _working(self, usable: SettingAnswer, backend: Backend, about: str) -> tuple[Choice, ...]:
        """Return the choices about one thing that work in an environment, the best first."""
        asked = (one for one in self.investigation.patterns if _is_of(one, backend, about))
        choices = [self.answers.choice(one, usable.setting.key) for one in asked]
        return tuple(
            one for grade in WORKING for one in choices if one is not None and one.grade == grade
        )


def _is_of(pattern: Pattern, backend: Backend, about: str) -> bool:
    """Return whether a pattern is one of a backend, about this, and no control."""
    return (pattern.backend, pattern.about, pattern.control) == (backend.id, about, False)


def _is_seen_in(one: SeenWith, shown: ShownSetting) -> bool:
    return any(setting.environment == shown.environment.id for setting in one.settings)


def _text(event: Event) -> str:
    """Return the texts among an event's details, one after the other."""
    return "\n".join(value for value in event.details.values() if isinstance(value, str))


def _holds(pieces: Iterable[str], text: str) -> bool:
    return any(piece in text for piece in pieces)
