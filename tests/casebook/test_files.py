"""Files are written whole or not at all, and digested by what they say."""

import os

import pytest

from casebook import files
from casebook.files import digest, swap, text_of, write_whole


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "folder" / "record.json"
    write_whole(file, "old")

    def fail(*arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="full"):
        write_whole(file, "new")

    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_would_not_change_is_not_touched(tmp_path):
    # A touch alone makes the site build its pages again.
    file = tmp_path / "record.json"

    assert write_whole(file, "same")
    written = file.stat().st_mtime_ns
    assert not write_whole(file, "same")
    assert file.stat().st_mtime_ns == written


def test_a_file_is_written_whole_with_the_folders_that_it_needs(tmp_path):
    file = tmp_path / "a" / "b" / "c.txt"
    assert write_whole(file, "é\n")
    assert file.read_bytes() == "é\n".encode()
    assert list(file.parent.iterdir()) == [file]


def test_a_file_whose_content_changed_is_written_again(tmp_path):
    file = tmp_path / "c.txt"
    write_whole(file, "one")
    assert write_whole(file, "two")
    assert file.read_text() == "two"


# --- Digests --------------------------------------------------------------------------------------


def test_a_digest_is_the_same_whatever_the_line_ends():
    assert digest(b"a\r\nb\r\n") == digest(b"a\nb\n")
    assert text_of(b"a\r\nb\r\n") == b"a\nb\n"


def test_a_digest_is_another_where_the_text_is():
    assert len({digest(b"a\n"), digest(b"a"), digest(b"a\n\n"), digest(b"a\r")}) == 4


def test_a_digest_is_that_which_other_programs_compute():
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


# --- Folders --------------------------------------------------------------------------------------


@pytest.fixture(params=["in one step", "in two steps"])
def folders(request, tmp_path, monkeypatch):
    """A new folder and a place, exchanged as Linux can and as others cannot."""
    if request.param == "in two steps":
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").write_text("new")
    return tmp_path / "new", tmp_path / "place"


def test_a_folder_is_put_where_nothing_was(folders):
    new, place = folders
    swap(new, place)
    assert ((place / "file").read_text(), new.exists()) == ("new", False)


def test_a_folder_takes_the_place_of_another(folders):
    new, place = folders
    place.mkdir()
    (place / "file").write_text("old")
    swap(new, place)
    assert (place / "file").read_text() == "new"


def test_what_was_in_a_place_is_put_back_where_the_new_folder_cannot_take_it(folders, monkeypatch):
    new, place = folders
    place.mkdir()
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    new.rename(new.with_name("gone"))
    with pytest.raises(FileNotFoundError):
        swap(new, place)
    assert place.is_dir()
