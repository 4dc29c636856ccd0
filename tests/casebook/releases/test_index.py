"""The index: which releases of a package it lists, and which of them can be tried."""

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
