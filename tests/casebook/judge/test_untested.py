"""Why something was not tested is grouped once, and said in short."""

import pytest

from casebook.judge.untested import brief, untested
from tests.casebook.judge.builders import CLAIMS, OBSERVED, RAISED, a_claim, judged

IMPORT = "ImportError: cannot import name 'T' from 'admin._types'"


@pytest.mark.parametrize(
    ("reason", "short"),
    [
        (f"{IMPORT} (<environment>/lib/admin/_types.py)", IMPORT),
        ("TypeError: f() takes no arguments", "TypeError: f() takes no arguments"),
        ("could not be set up: ValueError: no", "ValueError: no"),
        ("two\nlines", "two lines"),
        ("x" * 200, "x" * 119 + "…"),
    ],
)
def test_a_reason_in_short_is_the_error_without_its_file(reason: str, short: str) -> None:
    assert brief(reason) == short


def test_findings_that_were_not_tested_stand_by_their_reason_the_most_first() -> None:
    report = judged(
        {("used", "wire"): RAISED, ("used", "use"): None},
        claims=[*CLAIMS, a_claim("also-good"), a_claim("elsewhere", experiments=("other",))],
    )
    found = untested(report)
    assert [len(one.findings) for one in found] == sorted(
        (len(one.findings) for one in found), reverse=True
    )
    assert {one.reason for one in found} == {
        finding.reason
        for finding in report.findings
        if finding.verdict == "not-tested" and finding.pattern == "used"
    }


def test_what_was_tested_has_no_reason() -> None:
    assert untested(judged(OBSERVED)) == ()
