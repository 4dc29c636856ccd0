"""The answer is that of the newest recorded releases, though another environment stands first."""

from dataclasses import replace

import pytest

from casebook.cli.summary import Previous, summary
from tests.casebook.judge.builders import (
    BAD,
    INVESTIGATION,
    OBSERVED,
    a_record,
    an_environment,
    judged,
)
from tests.casebook.site.builders import project, written

PATTERNS = "".join(
    f"def {one}():\n    return None\n\n\n" for one in ("used", "right", "wrong", "unwired")
)


def report(first, second):
    """Return the report of rows in this order: what is used broke, and works since library 1.10."""
    cells = {"old": {**OBSERVED, ("used", "use"): BAD}, "new": OBSERVED}
    releases = {"old": {"library": "1.9"}, "new": {"library": "1.10"}}
    records = [a_record(cells[id], id, releases=releases[id]) for id in (first, second)]
    rows = tuple(an_environment(id, title=f"The library, {id}") for id in (first, second))
    return judged(investigation=replace(INVESTIGATION, environments=rows), records=records)


def pages(root, *reports):
    """Render reports, and return the pages."""
    folder = project(root) / "experiments" / "tiny"
    folder.mkdir(parents=True)
    (folder / "library.py").write_text(PATTERNS)
    return written(root, *reports)


@pytest.fixture(params=[("old", "new"), ("new", "old")], ids=" ".join)
def told(request):
    return report(*request.param)


def headline(page):
    """Return the answer in the first screen, as far as its list of variants."""
    return page.partition('<section class="answer"')[2].partition("</section>")[0]


def test_the_front_page_answers_with_the_newest_releases(tmp_path, told):
    answer = headline(pages(tmp_path, told)["index.md"])
    assert '<p class="holds"><span>library 1.10</span>' in answer
    assert '<li class="recommended">' in answer
    assert '<li class="avoid">' not in answer


def test_the_front_page_of_several_investigations_does_too(tmp_path, told):
    other = replace(told, investigation=replace(told.investigation, id="other", title="Another"))
    first, *others = pages(tmp_path, told, other)["index.md"].split("\n## ")[1:]
    for answer in map(headline, (first, *others)):
        assert '<p class="holds"><span>library 1.10</span>' in answer
        assert '<li class="avoid">' not in answer


def test_the_details_below_begin_with_the_newest(tmp_path, told):
    page = pages(tmp_path, told)["index.md"].partition("</section>")[2]
    assert page.index("The library, new") < page.index("The library, old")


def test_the_summary_answers_with_the_newest_releases(told):
    shown = summary(told, Previous("HEAD", None)).splitlines()
    at = shown.index("What to write, with library 1.10")
    assert shown[at + 2].split() == ["recommended", "View(model,", "used)"]
    assert "avoid" not in "\n".join(shown[at:])


def test_the_badge_says_the_newest_release(tmp_path, told):
    badge = pages(tmp_path, told)["extra/tiny/badges/used.svg"]
    assert "recommended" in badge
    assert "library 1.10" in badge
