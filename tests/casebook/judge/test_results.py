"""Reading results: whatever a file holds, it is read, or named with the rule that it breaks."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from casebook.judge.results import Problem, RunFacts, read_results, read_runs
from casebook.record import Cell, dump
from tests.casebook.judge.builders import (
    GOOD,
    INVESTIGATION,
    OBSERVED,
    a_cell,
    a_record,
    judged,
    seen,
)

NAME = "now.sqlite.json"

RECORD = a_record(OBSERVED)


def write(root: Path, content: str | bytes, name: str = NAME) -> None:
    file = root / "docs" / "results" / "tiny" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def changed(**changes: Any) -> str:
    return json.dumps({**json.loads(dump(RECORD)), **changes})


def the_problem(root: Path) -> Problem:
    records, (problem,) = read_results(root, INVESTIGATION)
    assert records == {}
    return problem


# --- Records --------------------------------------------------------------------------------------


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    write(tmp_path, dump(RECORD))
    assert read_results(tmp_path, INVESTIGATION) == ({("now", "sqlite"): RECORD}, ())


def test_no_results_are_no_problem(tmp_path: Path) -> None:
    assert read_results(tmp_path, INVESTIGATION) == ({}, ())


def test_another_schema_number_is_told_before_anything_else(tmp_path: Path) -> None:
    write(tmp_path, '{"schema": 7, "investigation": ["another", "form"]}')
    problem = the_problem(tmp_path)
    assert problem.file == "docs/results/tiny/now.sqlite.json"
    assert (problem.place, problem.rule) == ("$.schema", "schema 7, this Casebook reads 1")


@pytest.mark.parametrize("part", [0, 1, 30, 200, -3])
def test_a_half_written_file_is_damaged(tmp_path: Path, part: int) -> None:
    write(tmp_path, dump(RECORD)[:part])
    assert the_problem(tmp_path).rule.startswith("damaged or half-written: ")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"\0" * 100,
        b'{"schema": 1, "x": ' + b"[" * 100_000,
        b'<<<<<<< HEAD\n{"schema": 1}',
        dump(RECORD).replace("2.2.1", "\\ud800").encode(),
        dump(RECORD).encode() + b"{}",
    ],
)
def test_damage_of_any_kind_is_named(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, content)
    assert the_problem(tmp_path).rule.startswith("damaged or half-written: ")


def test_a_broken_rule_is_named_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, dump(RECORD).replace('"completed"', '"passed"', 1))
    problem = the_problem(tmp_path)
    assert problem.place == "$.cells[0].histories[0].outcome"
    assert problem.rule == "Invalid enum value 'passed'"


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
    write(tmp_path, dump(RECORD))
    write(tmp_path, "{", "then.sqlite.json")
    records, problems = read_results(tmp_path, INVESTIGATION)
    assert list(records) == [("now", "sqlite")]
    assert [problem.file for problem in problems] == ["docs/results/tiny/then.sqlite.json"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"planned": []}, "recorded, and not planned"),
        ({"unavailable": "ImportError: no"}, "differ in whether it is available"),
    ],
)
def test_a_record_that_contradicts_itself_is_named(
    tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    write(tmp_path, changed(**changes))
    _, problems = read_results(tmp_path, INVESTIGATION)
    assert problems
    assert all(rule in problem.rule for problem in problems)


def test_a_doubled_cell_is_named_and_never_believed(tmp_path: Path) -> None:
    again = a_cell("used", "use", GOOD)
    write(tmp_path, dump(replace(RECORD, cells=(*RECORD.cells, again))))
    records, problems = read_results(tmp_path, INVESTIGATION)
    rule = "doubled: pattern `used`, experiment `use` is recorded 2 times"
    assert [problem.rule for problem in problems] == [rule, rule]
    assert problems[1].place == "$.cells[6]"
    assert seen(judged(records=list(records.values())))[0] == "inconclusive"


def test_more_histories_than_runs_are_named(tmp_path: Path) -> None:
    write(tmp_path, dump(a_record({("used", "use"): Cell("used", "use", 2, (GOOD,) * 3)})))
    _, (problem,) = read_results(tmp_path, INVESTIGATION)
    assert problem.rule == "pattern `used`, experiment `use`: 3 histories of 2 runs"


HOSTILE = "\x1b[2J</td><script>\n\u202e" + "x" * 5000


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": HOSTILE},
        {"investigation": HOSTILE},
        {
            "cells": [
                {"pattern": "", "experiment": "", "runs": 2, "histories": [{"outcome": HOSTILE}]}
            ]
        },
    ],
)
def test_hostile_text_in_a_problem_is_one_line_without_control_characters(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    write(tmp_path, changed(**changes))
    rule = the_problem(tmp_path).rule
    assert rule.isprintable()
    assert len(rule) < 300


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
