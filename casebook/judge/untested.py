"""Why findings of patterns were not tested: each reason once, and how it is said in short."""

from __future__ import annotations

import re
from dataclasses import dataclass

from casebook.judge.findings import Finding
from casebook.judge.observed import NOT_SET_UP
from casebook.judge.report import Report
from casebook.text import one_line

BRIEF = 120
"""The characters of a reason that stand beside a count."""

_PLACE = re.compile(r" \([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Untested:
    """A reason why findings were not tested, and these findings, in the order of the report."""

    reason: str
    findings: tuple[Finding, ...]

    @property
    def brief(self) -> str:
        """The reason in short."""
        return brief(self.reason)


def untested(report: Report) -> tuple[Untested, ...]:
    """Return each reason why findings of patterns were not tested, the most frequent first.

    What keeps a control from being tested is told as what went wrong, where anything did.
    """
    controls = {pattern.id for pattern in report.investigation.controls}
    groups: dict[str, list[Finding]] = {}
    for one in report.findings:
        if one.verdict == "not-tested" and one.pattern not in controls:
            groups.setdefault(one.reason, []).append(one)
    found = (Untested(reason, tuple(findings)) for reason, findings in groups.items())
    return tuple(sorted(found, key=lambda one: -len(one.findings)))


def brief(reason: str) -> str:
    """Return a reason on one line: the error alone, without the file that Python names last.

    Its type and words are what readers search for, so that they stand there as they are.
    """
    return one_line(_PLACE.sub("", reason.strip().removeprefix(NOT_SET_UP)), BRIEF)
