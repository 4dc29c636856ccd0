"""The index: which releases of a package it lists, and which of them can be tried."""

import io
import urllib.error
import urllib.request
from email.message import Message

import pytest

from casebook.releases.index import NotListed, eligible, listed, releases_in


def names(releases):
    return [one.release for one in releases]


def test_releases_come_in_the_order_of_their_versions(on_index):
    known = listed("tally")
    assert names(known) == ["0.9", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.0rc1"]
    assert known[0].uploaded == "2026-01-02"


def test_yanked_ones_pre_releases_and_those_for_another_python_are_left_out(on_index):
    assert names(eligible(listed("tally"))) == ["0.9", "1.0", "1.1", "1.2", "1.3", "1.5"]


def test_yanked_ones_and_pre_releases_can_be_asked_for(on_index):
    found = names(eligible(listed("tally"), pre=True, yanked=True))
    assert "1.4" in found
    assert found[-1] == "2.0rc1"
    assert "1.6" not in found


def test_what_is_no_package_file_is_no_release():
    files = [{"filename": "tally-1.0.exe"}, {"filename": "tally-1.10.tar.gz"}]
    files += [{"filename": "tally-1.9-py3-none-any.whl"}, {"filename": "tally-nonsense.tar.gz"}]
    assert names(releases_in("tally", {"files": files})) == ["1.9", "1.10"]


def test_a_release_is_yanked_only_if_all_its_files_are():
    files = [{"filename": "tally-1.0.tar.gz", "yanked": True}]
    assert releases_in("tally", {"files": files})[0].yanked
    files.append({"filename": "tally-1.0-py3-none-any.whl"})
    assert not releases_in("tally", {"files": files})[0].yanked


def test_a_release_runs_on_a_python_that_one_of_its_files_is_for():
    files = [
        {"filename": "tally-1.0-cp37-cp37m-win32.whl", "requires-python": "<3.8"},
        {"filename": "tally-1.0.tar.gz", "requires-python": ">=3.8"},
        {"filename": "tally-1.1.tar.gz", "requires-python": "~~3"},  # nothing that says anything
        {"filename": "tally-1.2.tar.gz", "requires-python": None},
        {"filename": "tally-1.3.tar.gz", "requires-python": "<3"},
    ]
    found = eligible(releases_in("tally", {"files": files}), python="3.11.7")
    assert names(found) == ["1.0", "1.1", "1.2"]


def test_a_release_was_published_with_its_first_file():
    days = ("2026-02-03", "2026-01-02", "2026-03-04")
    files = [
        {"filename": f"tally-1.0-py{n}-none-any.whl", "upload-time": f"{day}T10:00:00Z"}
        for n, day in enumerate(days)
    ]
    assert releases_in("tally", {"files": files})[0].uploaded == "2026-01-02"


@pytest.mark.parametrize(("code", "away"), [(404, False), (403, True), (429, True), (503, True)])
def test_only_an_index_that_says_so_has_no_such_package(monkeypatch, code, away):
    def answers(asked, timeout):
        raise urllib.error.HTTPError(asked.full_url, code, "no", Message(), io.BytesIO())

    monkeypatch.setattr(urllib.request, "urlopen", answers)
    with pytest.raises(NotListed) as caught:
        listed("tally")
    assert caught.value.out_of_reach is away


def test_a_package_that_the_index_has_not_is_told_apart_from_an_index_that_is_away(
    on_index, monkeypatch
):
    with pytest.raises(NotListed, match=r"talley: no such package on http") as missing:
        listed("talley")
    assert not missing.value.out_of_reach
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(NotListed, match=r"cannot be asked: .*refused") as away:
        listed("tally")
    assert away.value.out_of_reach


def test_an_index_that_answers_with_a_page_is_said_to(on_index):
    with pytest.raises(NotListed, match=r"its answer is no JSON"):
        listed("page")
