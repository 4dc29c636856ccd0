"""What a process under test is told, and what is kept from it."""

import pytest

from casebook.observe import orders
from casebook.record import Event, History
from tests.casebook.observe.builders import OVERLAP, experiment_that, one_history


def test_the_callers_variables_do_not_reach_a_cell(tiny, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    tiny.write(OVERLAP, experiment_that("trial.record('saw', names=' '.join(sorted(os.environ)))"))

    tiny.run("dictionary")

    names = one_history(tiny)["events"][1]["details"]["names"].split()
    assert set(names) <= {*orders.KEPT_VARIABLES, "PYTHONPATH", "PYTHONHASHSEED", "LC_CTYPE"}


def test_an_answer_holds_a_history():
    answer = {"outcome": "raised", "reason": "E", "events": [["used", ["S1"], {"by": "view"}]]}
    event = Event("used", ("S1",), {"by": "view"})
    assert orders.history(answer) == History("raised", "E", (event,))


@pytest.mark.parametrize(
    ("status", "told"), [(-11, "killed by SIGSEGV"), (3, "exited with 3"), (0, "exited with 0")]
)
def test_a_process_that_said_nothing_is_told_by_how_it_ended(status, told):
    assert orders.ending(status) == told
