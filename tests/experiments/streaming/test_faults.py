"""Faults put into copied environments: the findings on streamed responses must turn as declared."""

import os

import pytest

from casebook.plan.conf import read_investigation
from casebook.plan.faults import read_faults
from casebook.proof import laboratory, outcomes
from casebook.proof.outcomes import read_outcomes
from tests.committed import report_of
from tests.conftest import CASEBOOK

DECLARED = read_faults(CASEBOOK, read_investigation(CASEBOOK, "streaming"))


@pytest.mark.slow
@pytest.mark.parametrize("fault", DECLARED.faults, ids=lambda fault: fault.id)
def test_a_fault_comes_out_as_declared_and_as_recorded(fault):
    folder = os.environ.get("CASEBOOK_ENVIRONMENTS")
    if not folder or not os.path.isdir(f"{folder}/experiments-streaming-flask"):
        pytest.skip("CASEBOOK_ENVIRONMENTS has no environments of this investigation")
    recorded = read_outcomes(CASEBOOK, "streaming")
    assert isinstance(recorded, outcomes.Outcomes), f"run `nox -s faults`: {recorded}"
    outcome = laboratory.try_one(CASEBOOK, report_of("streaming"), fault)
    assert outcome.held, "\n".join(outcomes.readable(fault, outcome))
    assert outcome in recorded.faults, "recorded otherwise: run `nox -s faults`"


def test_every_claim_is_turned_by_a_fault():
    claims = {claim.id for claim in report_of("streaming").claims}
    assert claims == DECLARED.claims() | DECLARED.unturned.keys()
