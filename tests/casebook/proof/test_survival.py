"""Mutants of the miniature's library: what turns, and which cells have to run for it."""

import subprocess
from dataclasses import replace

import pytest

from casebook.exit_codes import HarnessError
from casebook.judge.project import read_report
from casebook.plan.mutants import read_mutants
from casebook.proof import reach, stand, survival
from casebook.proof.mutants import chosen_of, mutants_of
from casebook.proof.survival import try_mutants
from casebook.record import Event, History
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
    assert one.outcome == "unobserved"
    assert one.reason == "counts-by-name: in-turn: the harness failed in it"


# --- Two runs -------------------------------------------------------------------------------------

TIMED_OUT = History("timed-out", "no end after 5 s", ())


@pytest.fixture
def changed_runs(monkeypatch):
    """Return a function that has each run of a cell changed by one of its number and history."""

    def change(changed):
        def observed(*where, run, **options):
            for cell, history in stand.observed(*where, run=run, **options):
                yield cell, changed(cell, run, history)

        monkeypatch.setattr(survival, "observed", observed)

    return change


def test_a_run_that_timed_out_alone_shows_nothing(counting, changed_runs):
    changed_runs(lambda cell, run, history: TIMED_OUT if run == 1 else history)
    (one,) = tried(counting, "*:Tally.next:left-out:2")
    assert one.outcome == "unobserved"
    assert one.reason.endswith(": one run of two timed out")


def test_a_run_without_a_history_shows_nothing(counting, changed_runs):
    changed_runs(lambda cell, run, history: history if run == 1 else None)
    (one,) = tried(counting, "*:Tally.key:one-key:1")
    assert one.outcome == "unobserved"
    assert one.reason.endswith(": the harness failed in it")


def test_a_mutant_with_which_both_runs_time_out_is_caught(counting, changed_runs):
    changed_runs(lambda cell, run, history: TIMED_OUT)
    (one,) = tried(counting, "*:Tally.next:left-out:2")
    assert (one.outcome, one.claim) == ("inconclusive", "counts-apart")


def test_what_turns_in_one_run_alone_is_not_believed(counting, changed_runs):
    unchanged: dict[object, object] = {}
    changed_runs(lambda cell, run, history: unchanged.setdefault(cell, history))
    tried(counting, "*:Tally.next:left-out:2")
    changed_runs(lambda cell, run, history: unchanged.get(cell) if run == 2 else history)
    (one,) = tried(counting, "*:Tally.key:one-key:1")
    assert one.outcome == "unobserved"
    assert one.reason.startswith("counts-apart: counts-by-name: the two runs differed")


def test_a_library_that_is_imported_in_one_run_alone_shows_nothing(counting, monkeypatch):
    def observed(*where, run, **options):
        if run == 1:
            raise stand.Unimportable("killed by SIGKILL")
        yield from stand.observed(*where, run=run, **options)

    monkeypatch.setattr(survival, "observed", observed)
    (one,) = tried(counting, "*:Tally.next:left-out:2")
    assert one.outcome == "unobserved"
    assert one.reason == "imported in one run of two: killed by SIGKILL"


def test_a_harness_that_fails_as_a_whole_observes_nothing(counting, monkeypatch):
    def observed(*where, **options):
        yield from ()
        raise subprocess.CalledProcessError(1, "streamed", stderr="Killed")

    monkeypatch.setattr(survival, "observed", observed)
    (one,) = tried(counting, "*:Tally.next:left-out:2")
    assert (one.outcome, one.reason) == ("unobserved", "the harness failed: Killed")


def test_a_cell_shows_two_runs_however_often_it_is_asked(counting, changed_runs):
    asked = []

    def differing(cell, run, history):
        asked.append((cell, run))
        return replace(history, events=(*history.events, Event("noise", (), {"run": run})))

    changed_runs(differing)
    (one,) = tried(counting, "*:Tally.key:one-key:1")
    assert (one.outcome, one.claim) == ("refuted", "counts-apart")
    assert len(asked) == len(set(asked))


def test_the_original_library_stays_as_it_is(counting):
    before = {path: path.read_bytes() for path in counting.path(".nox").rglob("*.py")}
    tried(counting, "*:Tally.key:*", "*:step:*")
    assert {path: path.read_bytes() for path in counting.path(".nox").rglob("*.py")} == before


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


@pytest.mark.parametrize("cut_short", [None, TIMED_OUT, History("crashed", "SIGSEGV", ())])
def test_a_traced_run_that_is_cut_short_is_not_kept(counting, monkeypatch, cut_short):
    def observed(*where, **options):
        yield from ((cell, cut_short) for cell, _ in stand.observed(*where, **options))

    monkeypatch.setattr(reach, "observed", observed)
    with pytest.raises(HarnessError, match="which lines it runs is unknown"):
        tried(counting, "*:Tally.unused:*")
    assert not list(counting.path("build/mutants").rglob("*.json"))


def test_a_traced_run_may_end_as_the_recorded_one_did(counting):
    counting.replace(
        "experiments/tiny/driver.py",
        "number=self.desk.answer(conversation))",
        "number=self.desk.answer(conversation))\n        __import__('os').abort()",
    )
    run_installed(counting)
    (one,) = tried(counting, "*:Tally.unused:left-out:1")
    assert one.outcome == "survived"


def test_a_traced_run_records_nothing(counting):
    before = {
        path: path.read_bytes() for path in counting.path("docs").rglob("*") if path.is_file()
    }
    tried(counting, "*:Tally.unused:*")
    after = {path: path.read_bytes() for path in counting.path("docs").rglob("*") if path.is_file()}
    assert after == before
