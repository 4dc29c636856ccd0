"""What is missing or wrong in a report, with what to do about it."""

from casebook.cli.wrong import FAILED, faulty, first_wrong, told, wrong
from casebook.judge.project import read_report
from casebook.plan.investigation import Setting


def test_what_was_not_observed_is_told_with_the_command_that_observes_it(tiny):
    report = read_report(tiny.root, "tiny")
    ((kind, items),) = (one for one in wrong(report) if one[0] == "Not observed")
    assert any(fix.startswith("run `nox -s ") for _, fix in items)
    assert first_wrong([(kind, items)], 3)[0].startswith(kind)


def test_how_an_experiment_failed_comes_with_its_fix(tiny):
    report = read_report(tiny.root, "tiny")
    faults = {Setting("dictionary", "sqlite"): ["overlap.py line 7: ZeroDivisionError; mend it"]}
    ((kind, items),) = faulty(report, faults)
    assert (kind, items) == (
        FAILED,
        [("in dictionary: overlap.py line 7: ZeroDivisionError", "mend it")],
    )
    assert told(*items[0])[-1].strip() == "mend it"
