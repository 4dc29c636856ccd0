"""Every control as committed: as it declares, or with the reason why not, old releases included."""

from collections.abc import Iterator

import pytest

from casebook.judge.findings import control_failure
from casebook.judge.report import Report
from casebook.plan.conf import investigation_ids
from tests.committed import report_of
from tests.conftest import CASEBOOK

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    """The report of each investigation here, and that of the releases of its axes."""
    found = [report_of(id) for id in investigation_ids(CASEBOOK)]
    return [*found, *(one.swept for one in found if one.swept)]


def unjudged(report: Report) -> Iterator[str]:
    """Yield the controls of which nothing is expected though their environment is imported."""
    for finding in report.findings:
        record = report.record(finding.ran_in)
        control = finding.pattern in report.claims_by_id[finding.claim].controls
        known = report.control(finding.claim, finding.pattern, finding.setting)
        if control and not known and record and record.unavailable is None:
            yield f"{finding.id}: {finding.verdict}: {finding.reason}"


def test_every_control_is_as_declared_or_the_subject_fails_with_it(reports: list[Report]) -> None:
    for report in reports:
        broken = [one for one in report.controls if not one.sound]
        assert [control_failure(one) for one in broken] == [], report.investigation.id


def test_where_an_environment_is_imported_a_control_is_judged_or_lacks_what_it_needs(
    reports: list[Report],
) -> None:
    for report in reports:
        for found in unjudged(report):
            assert ": not-tested: needs " in found
