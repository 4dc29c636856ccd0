"""Faults put into copied environments: the evidence must turn, at the findings that each names."""

import os
from pathlib import Path

import pytest

from casebook.plan.conf import read_investigation
from casebook.plan.faults import read_faults
from casebook.proof import laboratory, outcomes
from casebook.proof.outcomes import read_outcomes
from casebook.record import NoServer
from experiments.session_scoping.rig.databases import postgresql_server
from tests.committed import report_of

ROOT = Path(__file__).resolve().parents[3]

DECLARED = read_faults(ROOT, read_investigation(ROOT, "session_scoping"))


@pytest.fixture(scope="module")
def report():
    return report_of("session_scoping")


@pytest.fixture(scope="module")
def recorded():
    found = read_outcomes(ROOT, "session_scoping")
    assert isinstance(found, outcomes.Outcomes), f"run `nox -s faults`: {found}"
    return {one.id: one for one in found.faults}


@pytest.fixture
def server(monkeypatch):
    """Return a function that skips where a database has no server; nox installs PostgreSQL's."""
    environments = Path(os.environ.get("CASEBOOK_ENVIRONMENTS") or ROOT / ".nox")
    for wheel in environments.glob("postgresql/lib/python3*/site-packages"):
        monkeypatch.setenv("CASEBOOK_POSTGRESQL", str(wheel))

    def needed_by(database):
        try:
            return postgresql_server.binaries() if database == "postgresql" else None
        except NoServer as error:
            pytest.skip(str(error))

    return needed_by


@pytest.mark.slow
@pytest.mark.parametrize("fault", DECLARED.faults, ids=lambda fault: fault.id)
def test_a_fault_comes_out_as_declared_and_as_recorded(fault, report, recorded, server):
    server(fault.database)
    outcome = laboratory.try_one(ROOT, report, fault)
    assert outcome.held, "\n".join(outcomes.readable(fault, outcome))
    assert outcome == recorded.get(fault.id), "recorded otherwise: run `nox -s faults`"


def test_every_claim_is_turned_by_a_fault_or_stands_with_the_reason_why_none_does(report):
    assert {claim.id for claim in report.claims} == DECLARED.claims() | DECLARED.unturned.keys()


def test_nothing_is_recorded_of_a_fault_that_is_not_declared(recorded):
    assert recorded.keys() == {fault.id for fault in DECLARED.faults}
