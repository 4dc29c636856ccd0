"""What is recorded is the same for the same behaviour, and holds nothing of the machine."""

import sys

from casebook import record
from casebook.record import Event, History, clean

# --- Cleaning -------------------------------------------------------------------------------------


def test_the_environments_folder_is_named():
    file = f"{sys.prefix}/lib/python3.11/site-packages/flask/app.py"

    assert clean(f"in {file}") == "in <environment>/lib/python3.11/site-packages/flask/app.py"


def test_another_absolute_path_keeps_its_last_name():
    assert clean("no /home/ada/.cache/app.db here") == "no <path>/app.db here"


def test_a_quoted_path_is_cleaned():
    assert clean("open('/tmp/x-1/app.db')") == "open('<path>/app.db')"


def test_an_address_on_the_web_stays():
    text = "Background on this error at: https://sqlalche.me/e/20/e3q8"

    assert clean(text) == text


def test_a_relative_path_and_a_division_stay():
    assert clean("templates/admin/base.html, 3 / 4") == "templates/admin/base.html, 3 / 4"


def test_an_address_in_memory_is_the_same_each_time():
    assert clean("<Session object at 0x7f3b2c1d9e50>") == "<Session object at 0x...>"


def test_a_short_hexadecimal_number_stays():
    assert clean("flags 0x1f") == "flags 0x1f"


def test_a_lone_surrogate_becomes_its_number_and_other_characters_stay():
    assert clean("a \udc80 b") == "a \\udc80 b"
    assert clean("\x1b[31m\x00\r é \U0001f600") == "\x1b[31m\x00\r é \U0001f600"


def test_a_lone_surrogate_in_a_verbatim_text_does_not_lose_the_run():
    events: list[Event] = []
    trial = record.Trial(lambda: None, "sqlite", "/tmp/x", events.append)

    trial.record("said", url=record.Verbatim("/a/\ud800"))

    assert events[0]["url"] == "/a/\\ud800"


def test_what_an_experiment_records_is_cleaned():
    events: list[Event] = []
    trial = record.Trial(lambda: None, "sqlite", "/tmp/x", events.append)

    trial.record("said", "S1", text="at 0x7f3b2c1d9e50", number=1)

    assert events == [Event("said", ("S1",), {"text": "at 0x...", "number": 1})]


# --- Histories and claims -------------------------------------------------------------------------


def test_events_between_two_are_found_by_identity():
    # Equal events happen twice; the positions are those of the very events.
    events = tuple(Event(kind) for kind in "abab")
    history = History("completed", "", events)

    assert history.between(events[1], events[3]) == (events[2],)


def test_a_label_is_found_by_its_letter():
    event = Event("used", ("S12", "T1"))

    assert (event.label("T"), event.label("S"), event.label("C")) == ("T1", "S12", None)
