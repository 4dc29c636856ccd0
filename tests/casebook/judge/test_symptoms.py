"""Where a symptom was seen is computed: from events, from reasons, and from claims."""

from dataclasses import replace

from casebook.judge.answers import Answers
from casebook.judge.report import Report
from casebook.judge.symptoms import SeenSymptom, seen_symptoms
from casebook.plan.investigation import Setting
from casebook.plan.symptoms import DeclaredSymptoms, Symptom
from casebook.record import Event, History
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    OBSERVED,
    RAISED,
    Cells,
    a_pattern,
    a_record,
    an_environment,
    judged,
)

LOCKED = History(
    "completed",
    "",
    (
        Event("start"),
        Event("error", ("R1",), {"type": "Locked", "text": "it is locked", "at": 3}),
        Event("good", ("S1",)),
    ),
)

TWO_PATTERNS = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, a_pattern("other")))

BOTH: Cells = {**OBSERVED, ("other", "wire"): GOOD, ("other", "use"): GOOD}


def seen(report: Report, **of: tuple[str, ...]) -> SeenSymptom:
    """Return what was seen of one symptom, whose errors are events of the kind `error`."""
    symptoms = DeclaredSymptoms(("error",), (Symptom("it", "It", "It is so.", **of),))
    report = replace(report, symptoms=symptoms)
    (found,) = seen_symptoms(report, Answers(report))
    return found


def reported(cells: Cells) -> Report:
    return judged(investigation=TWO_PATTERNS, records=[a_record(cells)])


def test_it_is_seen_in_the_event_that_holds_its_text() -> None:
    found = seen(reported({**BOTH, ("used", "use"): LOCKED}), match=("is locked",))
    (of,) = found.backends
    (used,) = of.patterns
    assert (used.pattern.id, used.settings) == ("used", (Setting("now", "sqlite"),))
    assert used.event is not None
    assert (used.event.experiment, used.event.number) == ("use", 2)
    assert used.findings == ()
    assert not found.controls


def test_it_is_seen_by_an_errors_type() -> None:
    assert seen(reported({**BOTH, ("used", "use"): LOCKED}), match=("Locked",)).seen


def test_what_is_no_error_is_not_looked_at() -> None:
    told = History("completed", "", (Event("shown", ("R1",), {"text": "it is locked"}),))
    assert not seen(reported({**BOTH, ("used", "use"): told}), match=("is locked",)).seen


def test_instead_one_writes_what_works_and_does_not_show_it() -> None:
    (of,) = seen(reported({**BOTH, ("used", "use"): LOCKED}), match=("is locked",)).backends
    assert of.works
    assert [choice.pattern.id for choice in of.instead] == ["other"]


def test_where_everything_that_works_shows_it_there_is_nothing_to_write_instead() -> None:
    cells = {**BOTH, ("used", "use"): LOCKED, ("other", "use"): LOCKED}
    (of,) = seen(reported(cells), match=("is locked",)).backends
    assert (of.works, of.instead) == (True, ())


def test_patterns_about_another_thing_stand_apart() -> None:
    other = replace(a_pattern("other"), about="something else")
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, other))
    cells = {**BOTH, ("used", "use"): LOCKED, ("other", "use"): LOCKED}
    report = judged(investigation=investigation, records=[a_record(cells)])
    first, second = seen(report, match=("is locked",)).backends
    assert (first.about, [one.pattern.id for one in first.patterns]) == ("", ["used"])
    assert (second.about, second.patterns[0].pattern) == ("something else", other)
    assert not second.works  # no claim is about something else, so nothing has a grade


def test_a_claim_shows_it_where_it_is_refuted() -> None:
    found = seen(reported({**BOTH, ("used", "use"): BAD}), claims=("good",))
    (of,) = found.backends
    (used,) = of.patterns
    assert [one.claim for one in used.findings] == ["good"]
    assert used.event is None
    assert [one.pattern.id for one in found.controls] == ["wrong"]


def test_a_reason_shows_it_with_the_finding_and_the_history() -> None:
    cells = {**BOTH, ("used", "wire"): RAISED, ("used", "use"): RAISED}
    found = seen(reported(cells), match=("no such option",))
    (of,) = found.backends
    (used,) = of.patterns
    assert [one.claim for one in used.findings] == ["wires"]
    assert used.event is not None
    assert used.event.number == 0
    assert [one.pattern.id for one in found.controls] == ["unwired"]


def test_a_finding_that_the_event_decides_belongs_to_it() -> None:
    bad = Event("bad", ("S1",), {"text": "it is locked"})
    history = History("completed", "", (Event("start"), bad))
    report = reported({**BOTH, ("used", "use"): history})
    symptoms = DeclaredSymptoms(("bad",), (Symptom("it", "It", "So.", match=("is locked",)),))
    report = replace(report, symptoms=symptoms)
    (found,) = seen_symptoms(report, Answers(report))
    (used,) = found.backends[0].patterns
    assert [one.claim for one in used.findings] == ["good"]


def test_what_was_recorded_before_a_change_is_not_seen() -> None:
    report = reported({**BOTH, ("used", "use"): LOCKED})
    report = replace(report, changed={("now", "sqlite", "used", "use"): "experiments/use.py"})
    assert not seen(report, match=("is locked",)).seen


def test_each_setting_where_it_was_seen_is_named() -> None:
    environments = (an_environment(), an_environment("earlier"))
    investigation = replace(TWO_PATTERNS, environments=environments)
    cells = {**BOTH, ("used", "use"): LOCKED}
    records = [a_record(cells), a_record(cells, "earlier")]
    found = seen(judged(investigation=investigation, records=records), match=("Locked",))
    (used,) = found.backends[0].patterns
    assert [setting.environment for setting in used.settings] == ["now", "earlier"]


def test_a_symptom_that_nothing_shows_is_returned_all_the_same() -> None:
    found = seen(reported(BOTH), match=("never said",))
    assert (found.symptom.id, found.seen) == ("it", False)


def test_what_is_installed_beside_an_environment_mends_what_was_seen_there_alone() -> None:
    beside = an_environment("beside", differs_from="now")
    investigation = replace(TWO_PATTERNS, environments=(an_environment(), beside))
    records = [
        a_record(dict.fromkeys(BOTH), unavailable="ImportError: no library"),
        a_record({**BOTH, ("used", "use"): LOCKED}, "beside"),
    ]
    report = judged(investigation=investigation, records=records)
    (unimportable,) = seen(report, match=("no library",)).backends
    assert unimportable.mended
    assert [choice.pattern.id for choice in unimportable.instead] == ["used", "other"]
    (locked,) = seen(report, match=("is locked",)).backends
    assert not locked.mended
