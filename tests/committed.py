"""The committed results of this checkout, judged once for all tests of a process."""

import functools

from casebook.judge.project import read_report
from casebook.judge.report import Report
from tests.conftest import CASEBOOK


@functools.cache
def report_of(id: str) -> Report:
    """Return the report of an investigation here, which tests look at and leave alone."""
    return read_report(CASEBOOK, id)
