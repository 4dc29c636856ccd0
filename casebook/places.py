"""The places of a report, each an environment with a database, and in what two of them differ."""

from __future__ import annotations

from dataclasses import dataclass

from casebook import addresses, results
from casebook.plan.investigation import Environment, package_name
from casebook.record import Record
from casebook.report import Report, main_releases


@dataclass(frozen=True, slots=True)
class Place:
    """An environment with a database, and what was recorded there.

    `headline` are the releases that readers care about. `download` is where the record is on
    the site, relative to its root, and empty without one. `twins` are the environments that hold
    what some experiments need beyond this one, each with its download, which may be empty.
    """

    environment: Environment
    database: str
    title: str
    anchor: str
    record: Record | None
    headline: dict[str, str]
    not_rerun: str
    download: str
    twins: tuple[tuple[Environment, str], ...] = ()

    @property
    def key(self) -> results.Key:
        """What findings and records of this place are found by."""
        return self.environment.id, self.database

    @property
    def unavailable(self) -> str:
        """The exact reason why the environment could not be imported, or an empty text."""
        return self.record.unavailable or "" if self.record else ""

    @property
    def usable(self) -> bool:
        """Whether it was recorded that the environment can be imported."""
        return self.record is not None and self.record.unavailable is None


@dataclass(frozen=True, slots=True)
class Difference:
    """A package in which an environment differs from its twin.

    None is not installed, an empty release is one that nothing recorded.
    """

    package: str
    before: str | None
    after: str | None


def places(report: Report) -> dict[results.Key, Place]:
    """Return every environment with every database, in the plan's order."""
    environments = {one.id: one for one in report.investigation.environments}
    return {
        (environment, database): _place(report, environments[environment], database)
        for environment, database in report.homes
    }


def differences(before: Place, after: Place) -> tuple[Difference, ...]:
    """Return the packages in which two places differ, as installed, else as asked for."""
    if before.record and after.record:
        old, new = before.record.releases, after.record.releases
    else:
        old = {package_name(one): "" for one in before.environment.install}
        new = {package_name(one): "" for one in after.environment.install}
    return tuple(
        Difference(name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys(), key=package_name)
        if old.get(name) != new.get(name)
    )


def _place(report: Report, environment: Environment, database: str) -> Place:
    investigation = report.investigation
    key = environment.id, database
    record = report.record(*key)
    home = report.homes[key]
    others = dict.fromkeys(ran for (*where, _), ran in report.ran_in.items() if key == tuple(where))
    several = len(investigation.databases) > 1
    named = investigation.database(database).title
    return Place(
        environment=environment,
        database=database,
        title=f"{environment.title}, {named}" if several else environment.title,
        anchor=f"answer-{environment.id}.{database}" if several else f"answer-{environment.id}",
        record=record,
        headline=main_releases(investigation, record),
        not_rerun=report.not_rerun.get((home, database), ""),
        download=addresses.record(investigation, (home, database)) if record else "",
        twins=tuple(
            (twin, addresses.record(investigation, at) if at in report.records else "")
            for twin in investigation.twins
            if twin.id in others and (at := (twin.id, database))
        ),
    )
