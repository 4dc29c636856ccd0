"""The answer: the patterns to write and to avoid, and why, for each backend and setting.

It is computed only here. The site, the terminal, badges, descriptions, situations and citations
read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from packaging.version import InvalidVersion, Version

from casebook.judge.findings import Finding, Grade
from casebook.judge.grades import GRADES, WORKING, GradeWord
from casebook.judge.report import Report, main_releases
from casebook.judge.settings import Difference, ShownSetting, differences, shown_settings
from casebook.plan.investigation import Backend, Environment, Pattern, Setting


@dataclass(frozen=True, slots=True)
class Choice:
    """A pattern in a setting, its grade, and the findings that explain the grade.

    `concerns` are the refuted findings of claims that do not weigh, but for those that all patterns
    that work share, each of this database or, where the claim is not judged on it, of another one
    of the environment. `words` name the grade, after
    "works, but" the caveats, and beside each grade that works the concerns, so that nothing is
    recommended without them.
    """

    pattern: Pattern
    grade: GradeWord
    words: str
    refuted: tuple[Finding, ...]
    caveats: tuple[Finding, ...]
    open: tuple[Finding, ...]
    concerns: tuple[Finding, ...] = ()

    @property
    def sign(self) -> str:
        """The sign of the grade."""
        return GRADES[self.grade].sign

    @property
    def against(self) -> tuple[Finding, ...]:
        """The gravest kind of findings that keep the pattern from being recommended."""
        return self.refuted or self.caveats or self.open

    @property
    def beside(self) -> tuple[Finding, ...]:
        """What the words name beside the grade of a pattern that works: caveats, then concerns."""
        return self.caveats + self.concerns if self.grade in WORKING else ()


def standing(choice: Choice) -> tuple[int, int]:
    """Return what orders choices, the best last: the grade's rank, then how little qualifies it."""
    return GRADES[choice.grade].rank, -len(choice.beside)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same environment on another database, and the choices that differ there."""

    setting: ShownSetting
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SettingAnswer:
    """The patterns to write and to avoid in one environment on its first database.

    `twin` is the setting that this one is compared with, `differences` lists the packages in which
    they differ; `beside` are the settings that are compared with this one. `elsewhere` are the
    environment's other databases.
    """

    setting: ShownSetting
    choices: tuple[Choice, ...]
    twin: ShownSetting | None
    differences: tuple[Difference, ...]
    beside: tuple[tuple[ShownSetting, tuple[Difference, ...]], ...]
    elsewhere: tuple[Elsewhere, ...] = ()

    def graded(self, *grades: str) -> tuple[Choice, ...]:
        """Return the choices of these grades, in the order of the grades."""
        return tuple(choice for grade in grades for choice in self.choices if choice.grade == grade)

    @property
    def working(self) -> tuple[Choice, ...]:
        """The choices that work, the recommended ones first, and of these the least qualified."""
        return tuple(sorted(self.graded(*WORKING), key=standing, reverse=True))

    @property
    def best(self) -> tuple[Choice, ...]:
        """The choices that work of which the same is said as of the best one, or none."""
        return tuple(choice for choice in self.working if choice.words == self.working[0].words)

    @property
    def mended(self) -> bool:
        """Whether this setting can be imported and its twin cannot, so the difference fixes it."""
        return self.setting.usable and self.twin is not None and bool(self.twin.unavailable)

    @property
    def words(self) -> set[tuple[str, str]]:
        """What is said of each pattern; two settings with equal words have the same answer."""
        return {(choice.pattern.id, choice.words) for choice in self.choices}

    @property
    def same(self) -> tuple[ShownSetting, ...]:
        """The other databases on which the same is said of every pattern as here."""
        return tuple(other.setting for other in self.elsewhere if not other.choices)

    @property
    def otherwise(self) -> tuple[Elsewhere, ...]:
        """The other databases on which something else is said of some pattern."""
        return tuple(other for other in self.elsewhere if other.choices)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one backend, by environment; `primary` are the settings shown first.

    They are today's environment, and the environments that are compared with it.
    """

    backend: Backend
    settings: tuple[SettingAnswer, ...]
    primary: tuple[SettingAnswer, ...]

    @property
    def others(self) -> tuple[SettingAnswer, ...]:
        """The settings whose answers differ from all those shown first."""
        known = [answer.words for answer in self.primary]
        return tuple(
            answer
            for answer in self.settings
            if answer not in self.primary and answer.words not in known
        )

    @property
    def usable(self) -> SettingAnswer | None:
        """The first primary setting that can be imported, or None."""
        return next((answer for answer in self.primary if answer.setting.usable), None)

    @property
    def holds_for(self) -> ShownSetting:
        """The setting whose releases the answer holds for."""
        return (self.usable or self.primary[0]).setting

    @property
    def same_on(self) -> tuple[str, ...]:
        """The other databases on which no environment grades any pattern differently."""
        same = [{setting.database for setting in answer.same} for answer in self.settings]
        first = (setting.database for setting in self.settings[0].same)
        return tuple(
            database for database in first if all(database in databases for databases in same)
        )


class Answers:
    """The answer for each backend that has an environment, and the grade of each pattern."""

    def __init__(self, report: Report) -> None:
        self.report = report

    @cached_property
    def settings(self) -> dict[Setting, ShownSetting]:
        """Every environment with every database, in the order of the plan."""
        return shown_settings(self.report)

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """The environments by backend, today's first."""
        investigation = self.report.investigation
        return tuple(
            environment
            for backend in investigation.backends
            for environment in todays(
                self.report,
                [one for one in investigation.environments if one.backend == backend.id],
            )
        )

    @cached_property
    def backends(self) -> tuple[Answer, ...]:
        """The answers, in the order of the backends."""
        found = []
        for backend in self.report.investigation.backends:
            environments: dict[str, list[SettingAnswer]] = {}
            for setting in self.settings.values():
                if setting.environment.backend == backend.id:
                    answer = self._in(setting)
                    environments.setdefault(setting.environment.id, []).append(answer)
            own = {id: _on_all_databases(*found) for id, found in environments.items()}
            if own:
                ordered = tuple(
                    own[environment.id]
                    for environment in self.environments
                    if environment.id in own
                )
                found.append(Answer(backend, ordered, _primary(ordered)))
        return tuple(found)

    def of(self, backend: str) -> Answer | None:
        """Return the answer for a backend, or None if it has no environment."""
        return next((answer for answer in self.backends if answer.backend.id == backend), None)

    def choice(self, pattern: Pattern, setting: Setting) -> Choice | None:
        """Return a pattern's grade in a setting with its findings, or None if it has no grade."""
        grade = self.report.grade(pattern.id, setting)
        return self._choice(grade) if grade else None

    def findings(self, claim: str, pattern: str) -> tuple[Finding, ...]:
        """Return the findings of a claim on a pattern, those of today's environment first."""
        settings = [
            key
            for environment in self.environments
            for key in self.report.databases_of(environment.id)
        ]
        found = (self.report.finding(claim, pattern, setting) for setting in settings)
        return tuple(finding for finding in found if finding)

    def _choice(self, grade: Grade) -> Choice:
        report = self.report

        def found(claims: Iterable[str]) -> tuple[Finding, ...]:
            findings = (report.finding(claim, grade.pattern, grade.setting) for claim in claims)
            return tuple(finding for finding in findings if finding)

        def otherwise(claims: Iterable[str]) -> str:
            return ", ".join(report.claims_by_id[claim].otherwise for claim in claims)

        concerns = tuple(
            finding for finding in self._concerns(grade) if finding.claim not in self.common
        )
        words = GRADES[grade.grade].name
        if grade.grade == "works-but":
            words += f" {otherwise(grade.caveats)}"
        if grade.grade in WORKING and concerns:
            words += f"; {otherwise(finding.claim for finding in concerns)}"
        return Choice(
            pattern=report.investigation.pattern(grade.pattern),
            grade=grade.grade,
            words=words,
            refuted=found(grade.refuted),
            caveats=found(grade.caveats),
            open=found(grade.open),
            concerns=concerns,
        )

    @cached_property
    def common(self) -> tuple[str, ...]:
        """The claims that do not weigh and are refuted for every pattern that works.

        Whichever pattern is chosen, they are so, and are told once. They are looked up on the first
        database, in every environment; if one pattern alone works, they are its own.
        """
        investigation = self.report.investigation
        found = [
            [finding.claim for finding in self._concerns(grade)]
            for grade in self.report.grades
            if grade.grade in WORKING
            and grade.database == investigation.databases[0]
            and not investigation.pattern(grade.pattern).about
        ]
        if len(found) < 2:
            return ()
        return tuple(claim for claim in found[0] if all(claim in others for others in found))

    def _concerns(self, grade: Grade) -> Iterator[Finding]:
        """Yield the refuted findings of claims that do not weigh.

        A claim that is not judged on this database is told as the environment's first other
        database judges it: who uses this one must know of it, too.
        """
        databases = self.report.databases_of(grade.environment)
        settings = (grade.setting, *(one for one in databases if one != grade.setting))
        for claim in self.report.claims:
            if not claim.weighs:
                found = (self.report.finding(claim.id, grade.pattern, one) for one in settings)
                judged = (one for one in found if one and one.verdict in ("supported", "refuted"))
                finding = next(judged, None)
                if finding and finding.verdict == "refuted":
                    yield finding

    def _in(self, setting: ShownSetting) -> SettingAnswer:
        settings, report = self.settings, self.report
        twin = settings.get(Setting(setting.environment.differs_from, setting.database))
        beside = (
            other
            for other in settings.values()
            if (other.environment.differs_from, other.database) == setting.key
        )
        asked = (
            pattern
            for pattern in report.investigation.patterns
            if not pattern.control and not pattern.about
        )
        choices = (self.choice(pattern, setting.key) for pattern in asked)
        return SettingAnswer(
            setting=setting,
            choices=tuple(choice for choice in choices if choice),
            twin=twin,
            differences=differences(twin, setting) if twin else (),
            beside=tuple((other, differences(setting, other)) for other in beside),
        )


def _on_all_databases(first: SettingAnswer, *others: SettingAnswer) -> SettingAnswer:
    """Return an environment's answer on its first database, with the differences on the others."""
    elsewhere = (
        Elsewhere(
            other.setting,
            tuple(
                choice
                for choice in other.choices
                if (choice.pattern.id, choice.words) not in first.words
            ),
        )
        for other in others
    )
    return replace(first, elsewhere=tuple(elsewhere))


def _primary(settings: tuple[SettingAnswer, ...]) -> tuple[SettingAnswer, ...]:
    """Return a backend's first setting and the settings that are compared with it."""
    first = settings[0].setting
    return tuple(
        answer
        for answer in settings
        if answer.setting.key == first.key or (answer.twin and answer.twin.key == first.key)
    )


# --- Which environment is today's -----------------------------------------------------------------


def todays(report: Report, environments: Iterable[Environment]) -> list[Environment]:
    """Return environments with the newest releases first, whatever their order in the file.

    An environment that is compared with another one follows it. Of any two others, the first of the
    packages that readers care about whose releases differ decides; without a record, the releases
    are those of the lock. Environments with equal releases, or with no package in common, stay in
    their order.
    """
    environments = list(environments)
    ids = {environment.id for environment in environments}
    leading = [environment for environment in environments if environment.differs_from not in ids]
    ordered: list[Environment] = []

    def add(environment: Environment) -> None:
        ordered.append(environment)
        for each in environments:
            if each.differs_from == environment.id:
                add(each)

    while leading:
        newest = (
            one for one in leading if not any(_newer(report, each, one) > 0 for each in leading)
        )
        first = next(newest, leading[0])
        leading.remove(first)
        add(first)
    return ordered


def _newer(report: Report, one: Environment, other: Environment) -> int:
    """Return 1 if `one` has the newer releases, -1 if `other` has, else 0."""
    mine, theirs = _releases(report, one), _releases(report, other)
    for package in mine:
        if package in theirs and mine[package] != theirs[package]:
            ours, others = _version(mine[package]), _version(theirs[package])
            return (ours > others) - (ours < others)
    return 0


def _releases(report: Report, environment: Environment) -> Mapping[str, str]:
    """Return an environment's main releases from its record, or else from its lock."""
    found = (report.record(setting) for setting in report.databases_of(environment.id))
    record = next((record for record in found if record), None)
    return main_releases(report.investigation, record.releases if record else environment.locked)


def _version(release: str) -> Version:
    try:
        return Version(release)
    except InvalidVersion:
        return Version("0")
