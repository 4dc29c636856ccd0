"""The day of a record is noted when it changed, and counts for that content alone."""

import json

from casebook.judge.days import days_file, note_days, read_days
from casebook.plan.investigation import Setting
from tests.casebook.cli.builders import write_record
from tests.casebook.judge.builders import BAD, INVESTIGATION

HERE = Setting("now", "sqlite")


def days(root):
    return read_days(root, INVESTIGATION)[0]


def test_a_record_has_the_day_on_which_it_ran(tmp_path):
    write_record(tmp_path, {})
    assert days(tmp_path) == {}
    assert note_days(tmp_path, INVESTIGATION, {HERE: "2026-11-27"})
    assert days(tmp_path) == {HERE: "2026-11-27"}


def test_running_again_with_the_same_outcome_keeps_the_day_and_the_bytes(tmp_path):
    write_record(tmp_path, {})
    note_days(tmp_path, INVESTIGATION, {HERE: "2026-11-27"})
    before = (tmp_path / days_file("tiny")).read_bytes()
    assert not note_days(tmp_path, INVESTIGATION, {HERE: "2026-12-24"})
    assert (tmp_path / days_file("tiny")).read_bytes() == before


def test_a_record_that_changed_has_no_day_until_it_is_noted(tmp_path):
    write_record(tmp_path, {})
    note_days(tmp_path, INVESTIGATION, {HERE: "2026-11-27"})
    write_record(tmp_path, {("used", "use"): BAD})
    assert days(tmp_path) == {}
    note_days(tmp_path, INVESTIGATION, {HERE: "2026-12-24"})
    assert days(tmp_path) == {HERE: "2026-12-24"}


def test_what_ran_elsewhere_has_no_day(tmp_path):
    write_record(tmp_path, {})
    assert not note_days(tmp_path, INVESTIGATION, {})
    assert not (tmp_path / days_file("tiny")).exists()


def test_a_record_that_is_gone_has_no_day_any_more(tmp_path):
    write_record(tmp_path, {})
    write_record(tmp_path, {}, "other")
    both = {HERE: "2026-11-27", Setting("other", "sqlite"): "2026-11-27"}
    note_days(tmp_path, INVESTIGATION, both)
    (tmp_path / "docs/results/tiny/other.sqlite.json").unlink()
    note_days(tmp_path, INVESTIGATION, both)
    assert list(json.loads((tmp_path / days_file("tiny")).read_text())["days"]) == ["now.sqlite"]


def test_a_damaged_file_is_a_problem_and_no_day_is_known(tmp_path):
    write_record(tmp_path, {})
    file = tmp_path / days_file("tiny")
    file.write_text("{")
    found, (problem,) = read_days(tmp_path, INVESTIGATION)
    assert (found, problem.file) == ({}, "docs/results/tiny.days.json")
    file.write_text('{"schema": 2, "days": {}}')
    _, (problem,) = read_days(tmp_path, INVESTIGATION)
    assert problem.rule == "schema 2, this Casebook reads 1"
