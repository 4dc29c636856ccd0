"""What the package index was known to have, beside what was observed."""

from casebook.judge.newer import (
    SCHEMA,
    KnownPackage,
    KnownReleases,
    known_file,
    newer,
    read_known,
    write_known,
)
from tests.casebook.judge.builders import an_environment

PACKAGES = (
    KnownPackage("admin", "2.10.0", "2026-12-01", yanked=("2.2.1",)),
    KnownPackage("library", "3.1.1", "2026-01-01"),
)
KNOWN = KnownReleases(SCHEMA, "2026-12-24", "https://pypi.org/simple", PACKAGES)
ASKING = an_environment(install=("admin[extra]", "library"))


def words(releases, environment=ASKING, known=KNOWN):
    return [one.words for one in newer(known, releases, environment)]


def test_a_newer_release_is_told():
    assert words({"admin": "2.9.0", "library": "3.1.1"}) == ["admin 2.10.0"]


def test_the_newest_release_and_one_that_is_newer_than_known_are_not_old():
    assert words({"admin": "2.10.0", "library": "3.2.0"}) == []


def test_a_yanked_release_is_told():
    assert words({"admin": "2.2.1"}) == ["admin 2.10.0; admin 2.2.1 was yanked"]


def test_a_release_that_an_environment_asks_for_is_not_old_but_may_be_yanked():
    exact = an_environment(install=("admin[extra]==2.2.1", "library"))
    assert words({"admin": "2.2.0"}, exact) == []
    assert words({"admin": "2.2.1"}, exact) == ["admin 2.2.1 was yanked"]


def test_a_release_that_an_environment_has_within_bounds_may_be_old():
    for asked in ("admin>=2", "admin[extra]~=2.0", "admin<3,!=2.3", "admin!=2.9.1"):
        assert words({"admin": "2.9.0"}, an_environment(install=(asked,))) == ["admin 2.10.0"]
    for asked in ("admin==2.9.0", "Admin[extra]===2.9.0", "admin==2.9.*,!=2.9.1"):
        assert words({"admin": "2.9.0"}, an_environment(install=(asked,))) == []


def test_what_is_not_installed_or_was_never_asked_for_is_not_told():
    assert words({"other": "1"}) == []
    assert words({"admin": "1"}, known=None) == []


def test_what_cannot_be_compared_is_not_told():
    assert words({"admin": "built here"}) == []


def test_it_is_kept_and_read_again(tmp_path):
    assert read_known(tmp_path, "tiny") == (None, [])
    assert write_known(tmp_path, "tiny", KNOWN)
    assert not write_known(tmp_path, "tiny", KNOWN)
    assert read_known(tmp_path, "tiny") == (KNOWN, [])


def test_a_damaged_file_is_a_problem(tmp_path):
    write_known(tmp_path, "tiny", KNOWN)
    file = tmp_path / known_file("tiny")
    file.write_text(file.read_text().replace('"schema": 1', '"schema": 9'))
    assert [one.rule for one in read_known(tmp_path, "tiny")[1]] == ["schema 9, wanted 1"]
    file.write_text("[]")
    assert [one.file for one in read_known(tmp_path, "tiny")[1]] == ["docs/results/tiny.index.json"]
