"""What became of the findings of one result set in another."""

from dataclasses import replace

from casebook.judge.comparison import by_verdicts, compare, side_of, what_turned
from casebook.judge.settings import Difference
from casebook.plan.investigation import Setting
from casebook.record import Event, History
from tests.casebook.judge.builders import BAD, GOOD, OBSERVED, RAISED, a_record, judged

HERE = Setting("now", "sqlite")

LATE = History("completed", "", (Event("start"), Event("late"), Event("good", ("S1",))))


def compared(before=None, after=None, **releases):
    """Compare two records of `OBSERVED`, each changed by its cells."""
    then = a_record({**OBSERVED, **(before or {})})
    now = a_record({**OBSERVED, **(after or {})})
    now = replace(now, releases=then.releases | releases)
    return compare(side_of("then", judged(records=[then])), side_of("now", judged(records=[now])))


def test_the_same_results_turn_nothing():
    found = compared()
    assert (found.turned, found.appeared, found.went) == ((), (), ())
    assert found.only_moved == 0
    assert found.unchanged == len(found.after.findings)


def test_a_finding_that_turned_has_both_reasons_and_where_the_histories_part():
    (turn,) = compared(after={("used", "use"): BAD}).turned
    assert (turn.before.verdict, turn.before.reason) == ("supported", "S1 was good")
    assert (turn.after.verdict, turn.after.reason) == ("refuted", "S1 was bad")
    assert turn.experiment == "use"
    assert turn.parting.startswith("after event 1 (start): before, good, S1; after, bad, S1")


def test_a_finding_that_turned_by_its_control_has_no_parting():
    turns = {turn.after.pattern: turn for turn in compared(after={("wrong", "use"): GOOD}).turned}
    assert turns["used"].after.verdict == "inconclusive"
    assert turns["used"].parting == ""
    assert turns["wrong"].experiment == "use"


def test_of_several_experiments_the_one_that_shows_the_verdict_is_told():
    found = compared(after={("used", "wire"): RAISED, ("used", "use"): LATE})
    turns = {turn.after.claim: turn for turn in found.turned}
    assert turns["wires"].experiment == "wire"
    assert turns["good"].experiment == "use"


def test_findings_that_say_the_same_of_other_releases_are_counted():
    found = compared(after={("used", "use"): BAD}, library="3.2.0")
    assert found.moved == {HERE: (Difference("library", "3.1.1", "3.2.0"),)}
    assert found.only_moved == len(found.after.findings) - 1
    assert found.unchanged == 0


def test_what_no_record_then_was_to_run_appeared_and_what_none_now_is_went():
    less = {("used", "use"): None}
    then = a_record({key: seen for key, seen in OBSERVED.items() if key != ("used", "use")})
    without, whole = side_of("then", judged(records=[then])), side_of("now", judged())
    assert [one.id for one in compare(without, whole).appeared] == ["good.used.now.sqlite"]
    assert [one.id for one in compare(whole, without).went] == ["good.used.now.sqlite"]
    assert [one.after.verdict for one in compared(after=less).turned] == ["not-tested"]


def test_turns_are_counted_by_their_verdicts():
    found = compared(after={("wrong", "use"): GOOD})
    assert dict(by_verdicts(found.turned)) == {
        ("supported", "inconclusive"): 1,
        ("refuted", "supported"): 1,
    }


def test_verdicts_are_compared_by_the_ids_of_their_findings():
    found = what_turned({"a": "supported", "b": "refuted"}, {"a": "refuted", "c": "supported"})
    assert (found.turned, found.appeared, found.went) == (("a",), ("c",), ("b",))
