"""Pages say when something was observed, and what the package index was known to have since."""

from dataclasses import replace

from casebook.judge.newer import KnownPackage, KnownReleases
from tests.casebook.site.builders import project, sample, written


def pages(tmp_path, newest, days=True):
    """Render the sample, whose `library` is 3.1, where the index was known to have another."""
    report = sample()
    packages = (KnownPackage("library", newest, "2026-12-01"),)
    known = KnownReleases(1, "2026-12-24", "https://pypi.org/simple", packages)
    day = dict.fromkeys(report.records, "2026-11-27") if days else {}
    return written(project(tmp_path), replace(report, days=day, known=known))


def test_a_pattern_says_when_it_was_observed(tmp_path):
    page = pages(tmp_path, "3.1")["sample/patterns/right.md"]
    assert "observed on <time>2026-11-27</time>" in page
    assert "newer on" not in page


def test_newer_releases_that_were_known_are_named_with_the_day(tmp_path):
    found = pages(tmp_path, "3.2")
    told = "newer on 2026-12-24, not observed here: library 3.2"
    for name in ("sample/patterns/right.md", "sample/method.md", "index.md"):
        assert told in found[name], name


def test_where_no_day_is_known_none_is_said(tmp_path):
    assert "observed on" not in pages(tmp_path, "3.1", days=False)["sample/patterns/right.md"]
