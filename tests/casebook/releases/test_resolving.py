"""Resolving: what is replaced, what stays, and what uv says where nothing fits."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.releases.resolving import Lock, Moved, Unresolvable, Wheel, moved, replaced, resolve
from casebook.releases.uv import UvFailed


def test_a_release_replaces_what_a_requirement_says_and_its_extras_stay():
    install = ["Flask-Admin[sqlalchemy]>=2 ; python_version > '3'", "wtforms"]
    assert replaced(install, "flask-admin", "==2.1.0") == (
        'Flask-Admin[sqlalchemy]==2.1.0 ; python_version > "3"',
        "wtforms",
    )


def test_a_package_that_no_requirement_names_is_added():
    assert replaced(["flask-admin"], "flask", "==3.0.3") == ("flask-admin", "flask==3.0.3")


def test_without_a_preference_the_newest_release_that_runs_here_is_taken(on_index):
    assert resolve(["tally"]).pins == (("tally", "1.5"),)


def test_a_release_that_can_stay_stays(on_index):
    assert resolve(["tally"], prefer="tally==1.1 \\\n    --hash=sha256:00\n").text == "tally==1.1\n"


def test_a_release_that_must_stay_leaves_no_solution_for_another(on_index):
    with pytest.raises(Unresolvable, match=r"tally==1\.3"):
        resolve(["tally==1.3"], keep="tally==1.1\n")


def test_what_needs_a_package_that_is_nowhere_has_no_solution(on_index):
    with pytest.raises(Unresolvable, match=r"nothing-like-this was not found"):
        resolve(["tally==0.9"])


def test_nothing_newer_than_a_day_is_taken(on_index):
    with pytest.raises(Unresolvable):
        resolve(["tally"], before="2025-01-01")


def test_an_index_that_is_away_is_no_answer(on_index, monkeypatch, tmp_path):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    with pytest.raises(UvFailed) as failed:
        resolve(["tally"])
    assert failed.value.out_of_reach


def test_what_moved_is_named_with_both_releases():
    before, after = [("a", "1"), ("b", "1"), ("c", "1")], [("a", "1"), ("b", "2"), ("d", "1")]
    assert moved(before, after) == (
        Moved("b", "1", "2"),
        Moved("c", "1", None),
        Moved("d", None, "1"),
    )


def test_what_is_away_because_nothing_may_be_asked_is_no_answer(on_index, monkeypatch, tmp_path):
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
    with pytest.raises(UvFailed, match="tally") as failed:
        resolve(["tally"])
    assert failed.value.out_of_reach


PINS = (("a", "1"), ("b", "1"))
WHEEL = Wheel("a", "1", Path("/wheels/00/a-1-py3-none-any.whl"), "00")

LOCKS = [
    Lock(()),
    Lock(PINS),
    Lock((("a", "1"), ("b", "2"))),
    Lock((("a", "1"), ("c", "1"))),
    Lock(PINS, WHEEL),
    Lock(PINS, replace(WHEEL, holds="11")),
    Lock(PINS, replace(WHEEL, file=Path("/wheels/11/a-1-py3-none-any.whl"))),
    Lock(PINS, replace(WHEEL, editable=Path("/a"))),
    Lock(PINS, replace(WHEEL, editable=Path("/b"))),
]


def test_equal_locks_are_one_environment_and_others_are_others(monkeypatch):
    digests = {lock.digest for lock in LOCKS}
    assert len(digests) == len(LOCKS)
    assert {replace(lock).digest for lock in LOCKS} == digests
    monkeypatch.setattr(sys, "version", "3.99.0 (another)")
    assert not {lock.digest for lock in LOCKS} & digests
