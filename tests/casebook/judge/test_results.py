"""Reading results: whatever a file holds, it is read, or named with the rule that it breaks."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from casebook.files import digest
from casebook.judge.results import Problem, Results, RunFacts, read_results, read_runs
from casebook.plan.investigation import Setting
from casebook.record import History
from casebook.stored import HISTORIES, Cell, digest_of, dump, dump_history
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    OBSERVED,
    RAISED,
    a_cell,
    a_record,
    judged,
    named,
    seen,
)
from tests.casebook.judge.builders import HISTORIES as KNOWN

NAME = "now.sqlite.json"

RECORD = a_record(OBSERVED)


def write(root: Path, content: str | bytes, name: str = NAME) -> None:
    file = root / "docs" / "results" / "tiny" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def write_histories(root: Path, *histories: History) -> None:
    for history in histories or (GOOD, BAD, RAISED):
        write(root, dump_history(history), f"{HISTORIES}/{digest_of(history)}.json")


def write_all(root: Path) -> None:
    write(root, dump(RECORD))
    write_histories(root)


def changed(**changes: Any) -> str:
    return json.dumps({**json.loads(dump(RECORD)), **changes})


def the_problem(root: Path) -> Problem:
    results = read_results(root, INVESTIGATION)
    assert results.records == {}
    (problem,) = results.problems
    return problem


def problems(root: Path) -> list[Problem]:
    return list(read_results(root, INVESTIGATION).problems)


# --- Records --------------------------------------------------------------------------------------


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_all(tmp_path)
    records = {Setting("now", "sqlite"): RECORD}
    histories = {digest_of(one): one for one in (GOOD, BAD, RAISED)}
    assert read_results(tmp_path, INVESTIGATION) == Results(records, histories, ())


def test_no_results_are_no_problem(tmp_path: Path) -> None:
    assert read_results(tmp_path, INVESTIGATION) == Results({}, {}, ())


def test_another_schema_number_is_told_before_anything_else(tmp_path: Path) -> None:
    write(tmp_path, '{"schema": 7, "investigation": ["another", "form"]}')
    problem = the_problem(tmp_path)
    assert problem.file == "docs/results/tiny/now.sqlite.json"
    assert (problem.place, problem.rule) == ("$.schema", "schema 7, this Casebook reads 2")


@pytest.mark.parametrize("part", [0, 1, 30, 200, -3])
def test_a_half_written_file_is_damaged(tmp_path: Path, part: int) -> None:
    write(tmp_path, dump(RECORD)[:part])
    assert the_problem(tmp_path).rule.startswith("damaged or half-written: ")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"\0" * 100,
        b'{"schema": 2, "x": ' + b"[" * 100_000,
        b'<<<<<<< HEAD\n{"schema": 2}',
        dump(RECORD).replace("2.2.1", "\\ud800").encode(),
        dump(RECORD).encode() + b"{}",
    ],
)
def test_damage_of_any_kind_is_named(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, content)
    assert the_problem(tmp_path).rule.startswith("damaged or half-written: ")


def test_a_broken_rule_is_named_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, dump(RECORD).replace('"runs": 2', '"runs": "2"', 1))
    problem = the_problem(tmp_path)
    assert problem.place == "$.cells[0].runs"
    assert problem.rule == "Expected `int`, got `str`"


@pytest.mark.parametrize(
    ("changes", "place", "rule"),
    [
        ({"environment": "then"}, "$.environment", "belongs in `then.sqlite.json`"),
        ({"database": "postgresql"}, "$.environment", "belongs in `now.postgresql.json`"),
        ({"investigation": "other"}, "$.investigation", "`other` in the folder of `tiny`"),
    ],
)
def test_a_record_in_the_wrong_file_is_named(
    tmp_path: Path, changes: dict[str, str], place: str, rule: str
) -> None:
    write(tmp_path, changed(**changes))
    problem = the_problem(tmp_path)
    assert problem.place == place
    assert rule in problem.rule


def test_a_record_of_an_unknown_environment_is_named(tmp_path: Path) -> None:
    write(tmp_path, changed(environment="gone"), "gone.sqlite.json")
    assert the_problem(tmp_path).rule == "`gone` is not in the plan"


def test_a_record_of_an_unknown_database_is_named(tmp_path: Path) -> None:
    write(tmp_path, changed(database="oracle"), "now.oracle.json")
    assert the_problem(tmp_path).rule == "`oracle` is not in the plan"


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs" / "results" / "tiny" / NAME).mkdir(parents=True)
    assert the_problem(tmp_path).rule.startswith("cannot be read: ")


def test_one_bad_file_leaves_the_others(tmp_path: Path) -> None:
    write_all(tmp_path)
    write(tmp_path, "{", "then.sqlite.json")
    assert list(read_results(tmp_path, INVESTIGATION).records) == [("now", "sqlite")]
    assert [one.file for one in problems(tmp_path)] == ["docs/results/tiny/then.sqlite.json"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"planned": {}}, "recorded, and not planned"),
        ({"unavailable": "ImportError: no"}, "differ in whether it is available"),
    ],
)
def test_a_record_that_contradicts_itself_is_named(
    tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    write(tmp_path, changed(**changes))
    write_histories(tmp_path)
    found = problems(tmp_path)
    assert found
    assert all(rule in problem.rule for problem in found)


def test_a_doubled_cell_is_named_and_never_believed(tmp_path: Path) -> None:
    again = a_cell("used", "use", GOOD)
    write(tmp_path, dump(replace(RECORD, cells=(*RECORD.cells, again))))
    write_histories(tmp_path)
    rule = "doubled: pattern `used`, experiment `use` is recorded 2 times"
    assert [problem.rule for problem in problems(tmp_path)] == [rule, rule]
    assert problems(tmp_path)[1].place == "$.cells[6]"
    records = read_results(tmp_path, INVESTIGATION).records
    assert seen(judged(records=list(records.values())))[0] == "inconclusive"


def test_more_histories_than_runs_are_named(tmp_path: Path) -> None:
    write(tmp_path, dump(a_record({("used", "use"): Cell("used", "use", 2, named(GOOD) * 3)})))
    write_histories(tmp_path, GOOD)
    (problem,) = problems(tmp_path)
    assert problem.rule == "pattern `used`, experiment `use`: 3 histories of 2 runs"


HOSTILE = "\x1b[2J</td><script>\n\u202e" + "x" * 5000


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": HOSTILE},
        {"investigation": HOSTILE},
        {"cells": [{"pattern": "", "experiment": "", "runs": 2, "histories": {HOSTILE: HOSTILE}}]},
    ],
)
def test_hostile_text_in_a_problem_is_one_line_without_control_characters(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    write(tmp_path, changed(**changes))
    rule = the_problem(tmp_path).rule
    assert rule.isprintable()
    assert len(rule) < 300


# --- Histories ------------------------------------------------------------------------------------


def test_a_history_whose_content_is_not_what_its_name_says_is_not_believed(tmp_path: Path) -> None:
    write_all(tmp_path)
    write(tmp_path, dump_history(BAD), f"{HISTORIES}/{digest_of(GOOD)}.json")
    (problem,) = problems(tmp_path)
    assert problem.file == f"docs/results/tiny/{HISTORIES}/{digest_of(GOOD)}.json"
    assert problem.rule == f"its content is not what its name says, but {digest_of(BAD)}"
    results = read_results(tmp_path, INVESTIGATION)
    assert digest_of(GOOD) not in results.histories
    KNOWN.pop(digest_of(GOOD))
    verdict, reason = seen(judged(records=list(results.records.values())), "wires")
    named(GOOD)
    assert verdict == "not-tested"
    assert reason.endswith("is missing or cannot be used")


def test_a_missing_history_is_named_with_the_cells_that_ran_so(tmp_path: Path) -> None:
    write_all(tmp_path)
    (tmp_path / f"docs/results/tiny/{HISTORIES}/{digest_of(GOOD)}.json").unlink()
    (problem,) = problems(tmp_path)
    assert problem.file == f"docs/results/tiny/{HISTORIES}/{digest_of(GOOD)}.json"
    assert problem.rule == "missing: used/wire in now.sqlite and 3 more ran like that"


def test_a_history_that_nothing_names_is_named(tmp_path: Path) -> None:
    write(tmp_path, dump(a_record({("used", "use"): GOOD})))
    write_histories(tmp_path, GOOD, BAD)
    (problem,) = problems(tmp_path)
    assert problem.file == f"docs/results/tiny/{HISTORIES}/{digest_of(BAD)}.json"
    assert problem.rule == "no record names it"


def test_what_a_missing_record_may_name_is_not_said_to_be_unnamed(tmp_path: Path) -> None:
    write_all(tmp_path)
    write_histories(tmp_path, History("crashed", "killed", ()))
    there, gone = Setting("now", "sqlite"), Setting("then", "sqlite")
    assert len(read_results(tmp_path, INVESTIGATION, {there}).problems) == 1
    assert read_results(tmp_path, INVESTIGATION, {there, gone}).problems == ()


def test_what_a_damaged_record_may_name_is_not_said_to_be_unnamed(tmp_path: Path) -> None:
    write(tmp_path, dump(RECORD)[:-9])
    write_histories(tmp_path)
    assert [one.file for one in problems(tmp_path)] == ["docs/results/tiny/now.sqlite.json"]


def test_a_history_of_another_form_is_named_with_its_place(tmp_path: Path) -> None:
    write_all(tmp_path)
    text = dump_history(GOOD).replace("completed", "passed")
    write(tmp_path, text, f"{HISTORIES}/{digest_of(GOOD)}.json")
    (problem,) = problems(tmp_path)
    assert (problem.place, problem.rule) == ("$.outcome", "Invalid enum value 'passed'")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"reason": ""', '"reason": "", "outcome": "completed"', "$.outcome"),
        ('["S1"],{}', '["S1"],{"by":1,"by":2}', "$.events[1][2].by"),
    ],
)
def test_a_doubled_key_of_a_history_is_named(
    tmp_path: Path, old: str, new: str, place: str
) -> None:
    text = dump_history(GOOD)
    assert old in text
    text = text.replace(old, new)
    name = digest(text.encode())
    write(tmp_path, dump(RECORD).replace(digest_of(GOOD), name))
    write_histories(tmp_path, BAD, RAISED)
    write(tmp_path, text, f"{HISTORIES}/{name}.json")
    (problem,) = problems(tmp_path)
    assert (problem.place, problem.rule) == (place, "doubled: the key stands there more than once")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"python": "3.11"', '"python": "3.9", "python": "3.11"', "$.python"),
        ('"library": "3.1.1"', '"library": "3.1.1", "library": "9"', "$.releases.library"),
        ('"runs": 2', '"runs": 3, "runs": 2', "$.cells[0].runs"),
    ],
)
def test_a_doubled_key_of_a_record_is_named(tmp_path: Path, old: str, new: str, place: str) -> None:
    write(tmp_path, dump(RECORD).replace(old, new, 1))
    problem = the_problem(tmp_path)
    assert (problem.place, problem.rule) == (place, "doubled: the key stands there more than once")


# --- Releases -------------------------------------------------------------------------------------

LOCK = "admin==2.2.1\nlibrary==3.1.1 \\\n    --hash=sha256:0\nother==1\npip==9\n"


@pytest.mark.parametrize(
    ("releases", "place", "rule"),
    [
        ({"admin": "9.9.9"}, "$.releases.admin", "`9.9.9`, and the lock says `2.2.1`"),
        ({"admin": None}, "$.releases.admin", "missing, and the lock says `2.2.1`"),
        ({"more": "1"}, "$.releases.more", "`1`, and the lock has no such package"),
    ],
)
def test_a_release_that_is_not_the_locks_is_not_believed(
    tmp_path: Path, releases: dict[str, str], place: str, rule: str
) -> None:
    lock = tmp_path / "conf/requirements/now.txt"
    lock.parent.mkdir(parents=True)
    lock.write_text(LOCK)
    digests = {"conf/requirements/now.txt": digest(LOCK.encode())}
    write_all(tmp_path)
    write(tmp_path, dump(replace(RECORD, digests=digests)))
    assert problems(tmp_path) == []
    found = {name: text for name, text in (RECORD.releases | releases).items() if text}
    write(tmp_path, dump(replace(RECORD, digests=digests, releases=found)))
    problem = the_problem(tmp_path)
    assert (problem.place, problem.rule) == (place, rule)


def test_releases_of_an_earlier_lock_are_not_compared_with_the_new_one(tmp_path: Path) -> None:
    lock = tmp_path / "conf/requirements/now.txt"
    lock.parent.mkdir(parents=True)
    lock.write_text(LOCK.replace("2.2.1", "3.0"))
    write_all(tmp_path)
    write(
        tmp_path,
        dump(replace(RECORD, digests={"conf/requirements/now.txt": digest(LOCK.encode())})),
    )
    assert problems(tmp_path) == []


# --- Runs -----------------------------------------------------------------------------------------


def write_run(root: Path, content: str) -> None:
    file = root / "build" / "runs" / "tiny" / NAME
    file.parent.mkdir(parents=True)
    file.write_text(content)


def test_runs_that_left_no_facts_are_absent(tmp_path: Path) -> None:
    assert read_runs(tmp_path, INVESTIGATION) == {}


def test_the_facts_of_a_run_are_read(tmp_path: Path) -> None:
    write_run(tmp_path, '{"status": "not-rerun", "reason": "no network", "started": "today"}')
    facts = {("now", "sqlite"): RunFacts("not-rerun", "no network")}
    assert read_runs(tmp_path, INVESTIGATION) == facts


def test_facts_that_cannot_be_read_count_as_not_rerun(tmp_path: Path) -> None:
    write_run(tmp_path, '{"status": "ra')
    (facts,) = read_runs(tmp_path, INVESTIGATION).values()
    assert facts.status == "not-rerun"
    assert facts.reason.startswith("build/runs/tiny/now.sqlite.json cannot be read: ")
