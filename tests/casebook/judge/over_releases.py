"""The smallest investigation with an axis: `admin` from 1.0 to 2.2.1, and what each one did."""

from collections.abc import Iterable
from dataclasses import replace

from casebook.judge.bisected import Bisection, Step
from casebook.judge.judge import judge
from casebook.judge.newer import KnownPackage, KnownReleases
from casebook.judge.project import swept_investigation
from casebook.judge.releases import Releases
from casebook.judge.report import Report
from casebook.judge.results import Results
from casebook.plan.axes import Axis
from casebook.plan.investigation import Addition, Investigation, Setting
from casebook.plan.sweep import with_sweep
from casebook.record import History
from casebook.stored import Record
from tests.casebook.judge.builders import (
    CLAIMS,
    HISTORIES,
    INVESTIGATION,
    OBSERVED,
    Cells,
    a_record,
    an_environment,
    judged,
    planned_cells,
)

OLDER = ("1.0", "2.0", "2.1")
"""The releases before the one that is declared, 2.2.1."""


def with_axis(*axes: Axis, additions: tuple[Addition, ...] = ()) -> Investigation:
    """Return the investigation with axes; without any given, `admin` through its releases."""
    declared = an_environment(pins=(("admin", "2.2.1"), ("library", "3.1.1"), ("other", "1")))
    wanted = axes or (Axis("admin", "now", (*OLDER, "2.2.1")),)
    own = replace(INVESTIGATION, environments=(declared,), additions=additions, axes=wanted)
    return with_sweep(own)


def at(release: str, cells: Cells | None = None, **changes: object) -> Record:
    """Return what was recorded with an older release."""
    releases = {"admin": release, "library": "3.1.1", "other": "1"}
    values = {"releases": releases, **changes}
    return a_record({**OBSERVED, **(cells or {})}, f"now-at-admin-{release}", **values)


EVERY = (*OLDER, "2.2.1")
"""The releases that the index lists, if a test says nothing else."""


def over(
    *records: Record,
    now: Cells | None = None,
    axes: tuple[Axis, ...] = (),
    listed: tuple[str, ...] = EVERY,
    bisections: tuple[Bisection, ...] = (),
    databases: tuple[str, ...] = ("sqlite",),
) -> Report:
    """Return the report of the declared environment, beside it that of these records."""
    investigation = replace(with_axis(*axes), databases=databases)
    today = [a_record({**OBSERVED, **(now or {})}, database=one) for one in databases]
    declared = judged(investigation=investigation, records=today)
    found = {Setting(one.environment, one.database): one for one in records}
    asked = swept_investigation(investigation, found)
    results = Results(found, named_by(records), ())
    swept = judge(asked, CLAIMS, planned_cells(asked, CLAIMS), results)
    index = KnownPackage("admin", "2.2.1", "2026-12-01", releases=listed)
    return replace(
        declared,
        histories=named_by(declared.records.values()),
        swept=swept,
        known=KnownReleases(1, "2026-12-24", "https://pypi.org/simple", (index,)),
        bisections=bisections,
    )


def named_by(records: Iterable[Record]) -> dict[str, History]:
    """Return the histories that the cells of records name, as a project's reports hold them."""
    cells = (cell for record in records for cell in record.cells)
    return {digest: HISTORIES[digest] for cell in cells for digest in cell.histories}


def releases(
    *records: Record,
    now: Cells | None = None,
    listed: tuple[str, ...] = EVERY,
    bisections: tuple[Bisection, ...] = (),
) -> Releases:
    """Return the same, over the releases."""
    return Releases(over(*records, now=now, listed=listed, bisections=bisections))


def bisected(before: str, first: str, *, skipped: tuple[str, ...] = ()) -> Bisection:
    """Return a bisection of `used`, which became good: bad on `before`, good on `first`."""
    return Bisection(
        *("good", "used", "admin", "now", "sqlite", "3.11"),
        turned=True,
        before=before,
        first=first,
        skipped=skipped,
        moved={},
        experiment="use",
        parting="after event 1 (start): before, bad; after, good",
        steps=(
            Step(before, "refuted", "S1 was bad"),
            *(Step(one, None, "cannot be imported") for one in skipped),
            Step(first, "supported", "S1 was good"),
        ),
        inputs="",
    )
