"""The smallest investigation and the smallest record; `judged` judges a change of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from casebook.claim import Claim, Verdict, inconclusive, refuted, supported
from casebook.judge.findings import Finding
from casebook.judge.judge import judge
from casebook.judge.report import Report
from casebook.judge.results import Problem, Results
from casebook.plan.claims import concerns
from casebook.plan.investigation import (
    Backend,
    Environment,
    Investigation,
    Pattern,
    PlannedCell,
    Setting,
)
from casebook.record import Event, History
from casebook.stored import SCHEMA, Cell, Record, as_planned, digest_of

GOOD = History("completed", "", (Event("start"), Event("good", ("S1",))))

BAD = History("completed", "", (Event("start"), Event("bad", ("S1",))))

NOTHING = History("completed", "", ())

RAISED = History("raised", "ValueError: no such option", ())

HISTORIES: dict[str, History] = {}
"""Every history that a cell of these builders names, by its digest."""

Cells = Mapping[tuple[str, str], History | Cell | Sequence[History] | None]


def check_wires(history: History) -> Verdict:
    if history.outcome == "raised":
        return refuted(history.reason)
    return supported("it was set up")


def check_good(history: History) -> Verdict:
    for event in history.of("bad"):
        return refuted("S1 was bad", event)
    for event in history.of("good"):
        return supported("S1 was good", event)
    return inconclusive("no occasion: nothing was used")


def a_claim(id: str = "good", check: Any = check_good, **changes: Any) -> Claim:
    values: dict[str, Any] = {
        "title": f"The claim {id}",
        "text": "",
        "experiments": ("use",),
        "supported_by": ("right",),
        "refuted_by": {"wrong": "bad"},
        "required": True,
        "gate": False,
        "baseline": None,
    }
    return Claim(id=id, check=check, **{**values, **changes})


WIRES = a_claim(
    "wires",
    check_wires,
    experiments=("wire",),
    refuted_by={"unwired": "ValueError"},
    gate=True,
)

CLAIMS = (WIRES, a_claim())


def a_pattern(id: str, *, control: bool = False, backend: str = "library") -> Pattern:
    return Pattern(id, f"View(model, {id})", backend, control, id.replace("-", "_"))


def an_environment(id: str = "now", **changes: Any) -> Environment:
    values: dict[str, Any] = {
        "title": f"Admin with the library, {id}",
        "backend": "library",
        "install": ("admin[extra]", "Library==3"),
        "imports": ("library",),
        "source": "",
        "differs_from": "",
        "lock": f"conf/requirements/{id}.txt",
    }
    return Environment(id=id, **{**values, **changes})


INVESTIGATION = Investigation(
    id="tiny",
    title="A tiny investigation",
    question="Does it hold?",
    experiments="experiments.tiny",
    claims="experiments.tiny.claims",
    databases=("sqlite",),
    time_limit=1,
    backends=(Backend("library", "The Library", "experiments.tiny.library"),),
    environments=(an_environment(),),
    patterns=(
        a_pattern("used"),
        a_pattern("right", control=True),
        a_pattern("wrong", control=True),
        a_pattern("unwired", control=True),
    ),
    diagram=None,
)

OBSERVED: Cells = {
    ("used", "wire"): GOOD,
    ("right", "wire"): GOOD,
    ("unwired", "wire"): RAISED,
    ("used", "use"): GOOD,
    ("right", "use"): GOOD,
    ("wrong", "use"): BAD,
}


def named(*histories: History) -> tuple[str, ...]:
    """Return the digests of these histories, under which `judged` finds them."""
    digests = tuple(map(digest_of, histories))
    HISTORIES.update(zip(digests, histories, strict=True))
    return digests


def a_cell(pattern: str, experiment: str, seen: History | Cell | Sequence[History]) -> Cell:
    if isinstance(seen, Cell):
        return seen
    histories = (seen,) if isinstance(seen, History) else tuple(seen)
    return Cell(pattern, experiment, 2, named(*histories))


def a_record(cells: Cells, environment: str = "now", **changes: Any) -> Record:
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "investigation": "tiny",
        "database": "sqlite",
        "python": "3.11",
        "platform": "linux-x86_64",
        "releases": {"admin": "2.2.1", "library": "3.1.1", "other": "1"},
        "digests": {},
        "unavailable": None,
        "planned": as_planned(cells),
        "cells": tuple(a_cell(*name, seen) for name, seen in cells.items() if seen is not None),
    }
    return Record(environment=environment, **{**values, **changes})


def planned_cells(investigation: Investigation, claims: Sequence[Claim]) -> list[PlannedCell]:
    return [
        PlannedCell(environment.id, database, pattern.id, experiment)
        for environment in investigation.environments
        for database in investigation.databases
        for pattern in investigation.patterns_in(environment)
        for experiment in dict.fromkeys(
            name for claim in claims if concerns(claim, pattern) for name in claim.experiments
        )
    ]


def judged(
    cells: Cells | None = None,
    *,
    claims: Sequence[Claim] = CLAIMS,
    investigation: Investigation = INVESTIGATION,
    records: Sequence[Record] | None = None,
    problems: Sequence[Problem] = (),
    **facts: Any,
) -> Report:
    """Judge a record of `OBSERVED`, changed by `cells`: None removes one, two histories differ."""
    if records is None:
        records = [a_record({**OBSERVED, **(cells or {})})]
    by_key = {Setting(record.environment, record.database): record for record in records}
    planned = planned_cells(investigation, claims)
    results = Results(by_key, HISTORIES, tuple(problems))
    return judge(investigation, claims, planned, results, **facts)


def finding(
    report: Report, claim: str = "good", pattern: str = "used", environment: str = "now"
) -> Finding:
    name = f"{claim}.{pattern}.{environment}.sqlite"
    return next(one for one in report.findings if one.id == name)


def seen(report: Report, claim: str = "good", pattern: str = "used") -> tuple[str, str]:
    one = finding(report, claim, pattern)
    return one.verdict, one.reason
