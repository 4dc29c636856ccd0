"""The records that measuring writes and changes are such as the judge reads."""

from collections import Counter

import pytest

from bench import records, synthetic
from bench.synthetic import Size
from casebook.judge.project import read_report

SMALL = Size(2000)


@pytest.mark.slow
def test_a_synthetic_project_has_as_many_findings_as_was_asked(tmp_path):
    synthetic.project(tmp_path, SMALL)
    report = read_report(tmp_path, synthetic.ID)
    assert report.counts.findings == SMALL.findings
    assert report.complete
    verdicts = Counter(finding.verdict for finding in report.findings)
    assert min(verdicts.values()) > 50, verdicts


def test_one_changed_result_is_that_of_the_pattern_which_is_named(tiny):
    assert tiny.run("dictionary").returncode == 0
    before = tiny.record()["cells"]
    pattern, digests = records.change_one(tiny.root, "tiny")
    (changed,) = (
        (one, other)
        for one, other in zip(before, tiny.record()["cells"], strict=True)
        if one != other
    )
    assert [cell["pattern"] for cell in changed] == 2 * [pattern]
    assert {name for cell in changed for name in cell["histories"]} == digests
    report = read_report(tiny.root, "tiny")
    assert not report.problems


def test_an_environment_that_behaves_like_the_first_gets_the_same_verdicts(tiny):
    assert tiny.run("dictionary").returncode == 0
    again = records.add_the_same(tiny.root, "tiny")
    findings = read_report(tiny.root, "tiny").findings

    def said(environment):
        own = (finding for finding in findings if finding.environment == environment)
        return [(one.claim, one.pattern, one.verdict, one.reason) for one in own]

    assert said(again) == said("dictionary")
    assert "supported" in {verdict for _, _, verdict, _ in said(again)}
