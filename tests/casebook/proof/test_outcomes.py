"""The outcomes of faults: recorded, read again, and shown."""

import pytest

from casebook.cli.main import main
from casebook.judge.results import Problem
from casebook.proof import outcomes
from casebook.proof.outcomes import dump_outcomes, read_outcomes
from tests.casebook.plan.builders import FAULTS, HARMLESS, ONE_COUNT, UNTURNED, put
from tests.casebook.proof.builders import method_page

pytestmark = pytest.mark.slow


def test_the_outcomes_are_recorded_the_same_each_time(installed):
    put(installed, ONE_COUNT, HARMLESS)
    file = installed.path("docs/results/tiny.faults.json")
    assert main(["--root", str(installed.root), "faults"]) == 0
    first = file.read_bytes()
    file.unlink()
    assert main(["--root", str(installed.root), "faults", "--jobs", "1"]) == 0
    assert file.read_bytes() == first


def test_a_fault_that_is_not_caught_ends_with_3_and_is_said(installed, capsys):
    put(installed, ONE_COUNT.replace("self.counts.total()", "self.counts[conversation] + 0"))
    assert main(["--root", str(installed.root), "faults"]) == 3
    assert "one-count  NOT caught" in capsys.readouterr().out


def test_a_fault_that_is_named_is_tried_alone_and_not_recorded(installed, capsys):
    put(installed, ONE_COUNT, HARMLESS)
    assert main(["--root", str(installed.root), "faults", "one-count"]) == 0
    assert "plain-dictionary" not in capsys.readouterr().out
    assert not installed.path("docs/results/tiny.faults.json").exists()


def test_a_fault_that_nobody_declared_is_wrong_usage(tiny, capsys):
    put(tiny, ONE_COUNT)
    assert main(["--root", str(tiny.root), "faults", "one-cuont"]) == 2
    assert "'one-count'" in capsys.readouterr().err


def test_the_method_page_shows_what_turned_with_its_link(installed):
    put(installed, ONE_COUNT)
    assert main(["--root", str(installed.root), "faults"]) == 0
    page = method_page(installed)
    assert "1 of\n1 did" in page
    assert "patterns/counts-by-name.html#counts-apart.counts-by-name.dictionary.sqlite" in page
    assert "saw what another conversation counted" in page
    assert 'claims.html#no-warnings">no-warnings</a></li>' in page


def test_the_method_page_of_an_investigation_without_faults_says_nothing_of_them(tiny):
    assert "Faults" not in method_page(tiny)


def test_a_fault_that_was_never_tried_is_shown_so(tiny):
    put(tiny, ONE_COUNT)
    page = method_page(tiny)
    assert "not tried yet" in page
    assert "Of 1 it is not known: nothing was tried with what is here now" in page


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (FAULTS, "counts.total()", "counts.total() ", "an earlier form of this fault"),
        ("experiments/tiny/desk.py", "Return the", "Say the", "experiments/tiny/desk.py"),
        ("experiments/tiny/claims.py", "counted from 1", "began", "experiments/tiny/claims.py"),
        ("docs/results/tiny/dictionary.sqlite.json", '"schema": 2', '"schema": 0', "not-tested"),
    ],
)
def test_an_outcome_whose_inputs_changed_is_shown_as_earlier(installed, file, old, new, why):
    put(installed, ONE_COUNT)
    assert main(["--root", str(installed.root), "faults"]) == 0
    installed.replace(file, old, new)
    page = method_page(installed)
    assert why in page
    assert "Of 1 it is not known: nothing was tried with what is here now" in page


def test_outcomes_that_cannot_be_read_are_named_with_the_rule(tiny):
    put(tiny, ONE_COUNT)
    tiny.write("docs/results/tiny.faults.json", '{"schema": 1}')
    problem = read_outcomes(tiny.root, "tiny")
    assert isinstance(problem, Problem)
    assert "missing required field `investigation`" in problem.rule
    assert "tiny.faults.json</code> cannot be used" in method_page(tiny)


def test_outcomes_of_another_form_are_not_read(tiny):
    text = dump_outcomes(outcomes.Outcomes(99, "tiny", {}, ()))
    tiny.write("docs/results/tiny.faults.json", text)
    problem = read_outcomes(tiny.root, "tiny")
    assert isinstance(problem, Problem)
    assert problem.rule == "schema 99, this Casebook reads 1"


def test_a_claim_that_no_fault_turns_stands_with_the_reason(tiny):
    put(tiny, ONE_COUNT, UNTURNED.format("no-warnings"))
    assert "no-warnings</a>: no library warns" in method_page(tiny)
