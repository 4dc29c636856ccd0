"""What was recorded of streamed responses: the controls, and the release at which it turned."""

import os
from pathlib import Path

import pytest

from tests.committed import report_of
from tests.conftest import CASEBOOK


@pytest.fixture(scope="module")
def report():
    return report_of("streaming")


def verdicts(report, pattern, environment):
    return {
        one.claim: one.verdict
        for one in report.findings
        if (one.pattern, one.environment) == (pattern, environment)
    }


def could_run(part):
    """Return the environments whose libraries can be imported."""
    return {where.environment for where, one in part.records.items() if one.unavailable is None} & {
        one.environment for one in part.findings
    }


def test_every_control_came_out_as_it_is_declared_wherever_it_could_run(report):
    for part in (report, report.swept):
        ran = [one for one in part.controls if one.verdict != "not-tested"]
        assert {one.environment for one in ran} >= set(could_run(part))
        assert not [one for one in ran if not one.held]


def test_every_planned_cell_was_observed(report):
    assert not report.unobserved
    assert not report.problems


def test_the_view_lost_its_session_at_flask_3_1_2(report):
    pattern = "g-loaded-in-view"
    claims = ("keeps-its-session", "arrives-whole")
    found = {
        environment: [verdicts(report, pattern, environment)[claim] for claim in claims]
        for environment in ("streaming-flask-3.1.1", "streaming-flask-3.1.2", "streaming-flask")
    }
    assert found == {
        "streaming-flask-3.1.1": ["supported", "supported"],
        "streaming-flask-3.1.2": ["refuted", "refuted"],
        "streaming-flask": ["refuted", "refuted"],
    }


def test_each_backend_lost_it_at_the_same_release(report):
    investigation = report.investigation
    starts = {axis.start for axis in investigation.axes}
    assert starts == {one.id for one in investigation.environments if not one.differs_from}
    for axis in investigation.axes:
        start = investigation.environment(axis.start)
        (pattern,) = (
            one.id
            for one in investigation.patterns
            if one.backend == start.backend and one.id.endswith(("-loaded-in-view", "-export"))
        )
        seen = []
        for point in investigation.points(axis):
            part = report if not point.environment.axis else report.swept
            seen.append((point.release, verdicts(part, pattern, point.environment.id)))
        whole = {release: found["arrives-whole"] for release, found in seen}
        assert whole.pop("2.3.3") in ("supported", "not-tested")  # flask-sqlalchemy-lite 0.1.0
        assert whole == {
            "3.0.3": "supported",
            "3.1.0": "supported",
            "3.1.1": "supported",
            "3.1.2": "refuted",
            "3.1.3": "refuted",
        }, axis.start


@pytest.mark.parametrize("release", ["3.1.1", "3.1.2"])
def test_the_line_that_decides_stands_where_its_reference_leads_to(report, release):
    (source,) = (
        one.source
        for one in report.bibliography.references
        if one.source and one.source.release == release
    )
    environments = Path(os.environ.get("CASEBOOK_ENVIRONMENTS") or CASEBOOK / ".nox")
    installed = list(
        environments.glob(f"experiments-*/lib/python3*/site-packages/flask-{release}.dist-info")
    )
    if not installed:
        pytest.skip(f"Flask {release} is not installed")
    for packages in installed:
        lines = (packages.parent / source.file).read_text(encoding="utf-8").splitlines()
        assert lines[source.line - 1].strip() == source.text
