"""Mutants of the miniature's library: what turns, and which cells have to run for it."""

import pytest

from casebook.exit_codes import HarnessError
from casebook.judge.project import read_report
from casebook.plan.mutants import read_mutants
from casebook.proof import reach
from casebook.proof.mutants import chosen_of, mutants_of
from casebook.proof.survival import try_mutants
from tests.casebook.plan.builders import OPERATORS, TARGET, put_mutants
from tests.casebook.proof.builders import run_installed

pytestmark = pytest.mark.slow


def tried(project, *wanted):
    """Return what came of the mutants of which the ids match."""
    put_mutants(project, OPERATORS, TARGET)
    report = read_report(project.root, "tiny")
    declared = read_mutants(project.root, report.investigation)
    mutants = chosen_of(mutants_of(project.root, report.investigation, declared), wanted)
    return list(try_mutants(project.root, report, declared, mutants, 2))


def test_a_mutant_is_caught_by_the_first_finding_that_turns_to_refuted(counting):
    (one,) = tried(counting, "*:Tally.key:one-key:1")
    assert (one.outcome, one.claim, one.pattern) == ("refuted", "counts-apart", "counts-by-name")
    assert "saw what another conversation counted" in one.reason


def test_a_cell_that_does_not_run_the_changed_line_does_not_run(counting):
    (one,) = tried(counting, "*:Tally.key:one-key:1")
    assert (one.ran, one.differing) == (2, 2)  # in-turn and overlap, of the one pattern


def test_a_mutant_that_keeps_a_pattern_from_being_set_up_fails_at_the_gate(counting):
    (one,) = tried(counting, "*:Tally.__init__:negate:1")
    assert (one.outcome, one.claim) == ("gate", "wires")
    assert "the tally is not ready" in one.reason


def test_a_library_that_cannot_be_imported_fails_at_the_gate(counting):
    counting.replace(
        "conf/tiny.toml",
        'backend = "dictionary"\ninstall = []\nimports = ["json"]',
        'backend = "dictionary"\ninstall = []\nimports = ["json", "tally.start"]',
    )
    library = next(counting.path(".nox").glob("*/lib/*/site-packages/tally"))
    (library / "start.py").write_text(
        "from tally.count import step\n\nif step() != 1:\n    raise ImportError('no step')\n"
    )
    run_installed(counting)
    (one,) = tried(counting, "*:step:one-key:1")
    assert (one.outcome, one.claim, one.pattern) == ("gate", "wires", "counts-by-name")
    assert one.reason == "ImportError: no step"


def test_where_a_control_fails_with_the_pattern_nothing_is_refuted(counting):
    (one,) = tried(counting, "*:step:one-key:1")
    assert (one.outcome, one.claim, one.pattern) == (
        "inconclusive",
        "counts-apart",
        "counts-by-name",
    )
    assert one.reason.startswith("control 'kept-apart' came out refuted")


def test_a_mutant_that_turns_nothing_survives(counting):
    one, other = tried(counting, "*:Tally.next:left-out:2", "*:Tally.unused:*")
    assert (one.outcome, one.claim, one.ran, one.differing) == ("survived", "", 2, 0)
    assert (other.outcome, other.ran) == ("survived", 0)


def test_a_mutant_that_mends_what_was_refuted_is_no_survivor(counting):
    library = next(counting.path(".nox").glob("*/lib/*/site-packages/tally")) / "count.py"
    library.write_text(library.read_text().replace("return name\n", "return 1\n"))
    run_installed(counting)
    put_mutants(counting, OPERATORS, TARGET)
    counting.replace("conf/tiny.mutants.toml", 'by = "0"', 'by = "name"')
    report = read_report(counting.root, "tiny")
    declared = read_mutants(counting.root, report.investigation)
    mutants = chosen_of(mutants_of(counting.root, report.investigation, declared), ["*.key:*"])
    (one,) = try_mutants(counting.root, report, declared, mutants, 1)
    assert (one.outcome, one.claim) == ("mended", "counts-apart")


def test_a_mutant_in_which_the_harness_fails_refutes_nothing(counting):
    counting.replace(
        "experiments/tiny/driver.py",
        "number=self.desk.answer(conversation))",
        "number=self.desk.answer(conversation) or 1 // 0)",
    )
    run_installed(counting)
    (one,) = tried(counting, "*:Tally.next:one-key:1")
    assert one.outcome == "inconclusive"
    assert one.reason == "no observation: the cell holds no history"


def test_the_original_library_stays_as_it_is(counting):
    before = {path: path.read_bytes() for path in counting.path(".nox").rglob("*.py")}
    tried(counting, "*:Tally.key:*", "*:step:*")
    assert {path: path.read_bytes() for path in counting.path(".nox").rglob("*.py")} == before


def test_where_nothing_was_supported_nothing_can_be_tried(counting):
    counting.record_file().unlink()
    with pytest.raises(HarnessError, match=r"nothing is supported in dictionary\.sqlite"):
        tried(counting, "*:step:*")


# --- The reach of a change ------------------------------------------------------------------------


def test_which_lines_run_is_looked_up_once(counting, monkeypatch):
    tried(counting, "*:Tally.unused:*")
    monkeypatch.setattr(reach, "_traced", None)
    tried(counting, "*:Tally.unused:*")


def test_which_lines_run_is_looked_up_again_when_an_experiment_changed(counting, monkeypatch):
    tried(counting, "*:Tally.unused:*")
    asked: list[object] = []

    def traced(*given):
        asked.append(given)
        return {}

    monkeypatch.setattr(reach, "_traced", traced)
    counting.replace("experiments/tiny/desk.py", "Return the", "Say the")
    run_installed(counting)
    tried(counting, "*:Tally.unused:*")
    assert len(asked) == 1


def test_a_traced_run_records_nothing(counting):
    before = {
        path: path.read_bytes() for path in counting.path("docs").rglob("*") if path.is_file()
    }
    tried(counting, "*:Tally.unused:*")
    after = {path: path.read_bytes() for path in counting.path("docs").rglob("*") if path.is_file()}
    assert after == before
