"""Settings as pages and the terminal show them, and the packages in which two of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casebook.installed import cannot
from casebook.judge.report import Report, main_releases
from casebook.judge.untested import brief
from casebook.plan.investigation import Environment, Setting, package_name
from casebook.stored import Record


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """An environment with a database, and the record of it.

    `headline` are the releases that readers care about. `home` is the setting in which experiments
    without needs ran, whose record is `record`. `twins` are the environments that add the packages
    that some experiments need, each with whether it has a record.
    """

    environment: Environment
    database: str
    title: str
    anchor: str
    record: Record | None
    headline: dict[str, str]
    not_rerun: str
    home: Setting
    twins: tuple[tuple[Environment, bool], ...] = ()

    @property
    def key(self) -> Setting:
        """The setting by which the report's findings are looked up."""
        return Setting(self.environment.id, self.database)

    @property
    def unavailable(self) -> str:
        """The exact error because of which nothing could run in the environment, or ""."""
        return cannot(self._reason)[1]

    @property
    def cannot(self) -> str:
        """What the environment cannot be, in words, where `unavailable` says why."""
        return cannot(self._reason)[0]

    @property
    def _reason(self) -> str:
        return self.record.unavailable or "" if self.record else ""

    @property
    def because(self) -> str:
        """The same in short: the error's type and words."""
        return brief(self.unavailable)

    @property
    def usable(self) -> bool:
        """Whether the record shows that the environment can be imported."""
        return self.record is not None and self.record.unavailable is None


@dataclass(frozen=True, slots=True)
class Difference:
    """A package in which two environments that are compared differ.

    A release is None if the package is not installed, and "" if no record names it.
    """

    package: str
    before: str | None
    after: str | None


def shown_settings(report: Report) -> dict[Setting, ShownSetting]:
    """Return every environment with every database, in the order of the plan."""
    environments = {
        environment.id: environment for environment in report.investigation.environments
    }
    return {
        setting: _shown(report, environments[setting.environment], setting)
        for setting in report.settings
    }


def differences(before: ShownSetting, after: ShownSetting) -> tuple[Difference, ...]:
    """Return the packages in which two settings differ, from the records or else the plan."""
    if before.record and after.record:
        old, new = before.record.releases, after.record.releases
    else:
        old = {package_name(requirement): "" for requirement in before.environment.install}
        new = {package_name(requirement): "" for requirement in after.environment.install}
    return moved(old, new)


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return the packages of which two sets of releases have not the same, in order of names."""
    return tuple(
        Difference(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys(), key=package_name)
        if before.get(name) != after.get(name)
    )


def _shown(report: Report, environment: Environment, setting: Setting) -> ShownSetting:
    investigation, database = report.investigation, setting.database
    record = report.record(setting)
    home = Setting(report.homes[setting], database)
    others = {ran for (*where, _), ran in report.ran_in.items() if setting == tuple(where)}
    several = len(investigation.databases) > 1
    named = investigation.database(database).title
    return ShownSetting(
        environment=environment,
        database=database,
        title=f"{environment.title}, {named}" if several else environment.title,
        anchor=f"answer-{'.'.join(setting)}" if several else f"answer-{environment.id}",
        record=record,
        headline=main_releases(investigation, record.releases if record else {}),
        not_rerun=report.not_rerun.get(home, ""),
        home=home,
        twins=tuple(
            (twin, Setting(twin.id, database) in report.records)
            for twin in investigation.twins
            if twin.id in others
        ),
    )
