"""Where a claim's checker raised, for who has to mend it."""

from __future__ import annotations

import inspect
import itertools
import traceback
from collections.abc import Sequence

from casebook.judge.findings import Finding
from casebook.judge.report import Report
from casebook.plan.investigation import Setting
from casebook.record import History


def raised_at(report: Report, finding: Finding) -> str:
    """Return the file and the line at which a finding's checker raises, the file without one.

    A finding keeps no traceback, so the checker is asked again of what was recorded.
    """
    claim = report.claims_by_id[finding.claim]
    file = f"{report.investigation.claims.replace('.', '/')}.py"
    for experiment in claim.experiments:
        home = report.ran_in.get((*finding.setting, experiment), finding.environment)
        setting = Setting(home, finding.database)
        own = report.histories_of(report.cell(setting, finding.pattern, experiment))
        baseline = report.histories_of(report.cell(setting, claim.baseline or "", experiment))
        beside = [(one,) for one in baseline] if claim.baseline else [()]
        for one, others in itertools.product(own, beside):
            if line := _line(report, finding, (one, *others)):
                return f"{file} line {line}"
    return file


def _line(report: Report, finding: Finding, histories: Sequence[History]) -> int:
    """Return the last line of the checker's own file that runs before it raises, or 0."""
    check = report.claims_by_id[finding.claim].check
    try:
        check(*histories)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [one for one in frames if one.filename == inspect.getfile(check)]
        return own[-1].lineno or 0 if own else 0
    return 0
