"""The reproductions of streamed responses: each claim's is run for each verdict it can see."""

import os

import pytest

from casebook.proof import runner, scripts
from casebook.proof.runner import readable
from casebook.proof.scripts import Reproductions
from tests.committed import report_of
from tests.conftest import CASEBOOK

ASKED, TAKEN = "g-asked-in-body", "g-taken-in-view"
SEEN = {
    "can-be-set-up": (ASKED, "raises-when-wired"),
    "arrives-whole": (ASKED, "g-loaded-in-view"),
    "keeps-its-session": ("closed-with-response", ASKED),
    "nothing-left-at-the-end": (ASKED, TAKEN),
    "nothing-left-when-a-client-leaves": (ASKED, TAKEN),
    "works-behind-werkzeug": (ASKED, TAKEN),
    "works-behind-waitress": (ASKED, "closed-at-the-last-line"),
}
"""Of each claim a pattern that supports it and one that refutes it, with plain Flask."""


@pytest.fixture(scope="module")
def report():
    return report_of("streaming")


def findings():
    return [
        f"{claim}.{pattern}.streaming-flask.sqlite"
        for claim, patterns in SEEN.items()
        for pattern in patterns
    ]


def agree(report, wanted):
    """Assert that each of these findings' scripts sees what the finding says."""
    folder = os.environ.get("CASEBOOK_ENVIRONMENTS")
    if not folder or not os.path.isdir(f"{folder}/experiments-streaming-flask"):
        pytest.skip("CASEBOOK_ENVIRONMENTS has no environments of this investigation")
    found = runner.reproductions(CASEBOOK, [report], wanted)
    assert sorted(one.finding.id for one in found) == sorted(wanted)
    wrong = [one for one in runner.run_all(CASEBOOK, found, 2, installed=True) if not one.agrees]
    assert not wrong, "\n".join(map(readable, wrong))


def test_every_claim_has_one_that_can_see_each_verdict(report):
    assert set(SEEN) == {claim.id for claim in report.claims}
    assert scripts.missing(CASEBOOK, report) == ()
    words = {one.id: one.verdict for one in report.findings}
    assert [words[id] for id in findings()] == ["supported", "refuted"] * len(SEEN)


@pytest.mark.slow
def test_scripts_see_what_their_findings_say(report):
    agree(report, findings())


@pytest.mark.slow
def test_a_script_without_an_occasion_sees_none(report):
    agree(report, ["keeps-its-session.g-send-file.streaming-flask.sqlite"])


def test_every_finding_has_a_script_that_stands_alone(report):
    made = Reproductions(CASEBOOK, report)
    for one in report.findings:
        text = made.script(one)
        if one.verdict != "not-tested":
            assert text is not None, one.id
            compile(text, "script", "exec")
            assert "experiments.streaming" not in text
