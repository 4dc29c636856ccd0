"""What is published of the releases: as far as each differs."""

import json

import msgspec

from casebook.claim import Claim
from casebook.editions.manifest import manifest_of
from casebook.judge.releases import Releases
from casebook.judge.report import Report
from casebook.site.published_releases import PublishedRelease, published_releases
from casebook.site.verdicts import Published, dump_published, published_verdicts
from tests.casebook.judge.over_releases import at, over
from tests.casebook.judge.test_releases import needing_an_addition
from tests.casebook.site.over_releases import SINCE_2_1, UNAVAILABLE


def published(report: Report) -> dict[str, PublishedRelease]:
    return {one.release: one for one in published_releases(report, "https://x.example")}


def test_a_release_is_published_as_far_as_it_differs():
    found = published(over(*SINCE_2_1))
    assert list(found) == ["1.0", "2.0", "2.1", "2.2.1"]
    assert [(one.claim, one.verdict) for one in found["1.0"].differences] == [("good", "refuted")]
    assert found["1.0"].url == "https://x.example/tiny/releases/now-at-admin-1.0.html"
    assert found["2.1"].differences == ()
    assert found["2.2.1"].declared


def test_a_release_is_published_with_what_moved_along_and_where_it_is_told():
    moved = {"admin": "2.0", "library": "3.0", "other": "1"}
    found = published(over(at("2.0", releases=moved), at("2.1")))
    assert {name: one.releases for name, one in found.items()} == {
        "1.0": {},
        "2.0": {"library": "3.0"},
        "2.1": {},
        "2.2.1": {},
    }
    assert [name for name, one in found.items() if one.declared] == ["2.2.1"]
    assert [name for name, one in found.items() if one.observed] == ["2.0", "2.1", "2.2.1"]
    every = "https://x.example/tiny/releases.html#now-admin"
    assert (found["1.0"].url, found["2.2.1"].url) == (every, every)


def test_a_release_is_published_with_the_claims_that_were_not_tried_on_it():
    found = published(needing_an_addition(()).report)
    assert {name: one.not_tried for name, one in found.items()} == {"2.1": ("good",), "2.2.1": ()}


def test_a_release_that_cannot_be_used_is_published_with_its_reason():
    found = published(over(*UNAVAILABLE[:2]))
    assert found["1.0"].unavailable == "cannot be imported: ImportError: no <module>"
    assert {one.claim for one in found["1.0"].differences} == {"wires"}
    assert found["2.0"].observed
    assert not found["2.1"].observed


def test_published_verdicts_with_releases_have_the_form_that_is_published():
    text = dump_published(published_verdicts([over(*SINCE_2_1)], "https://x.example"))
    assert json.loads(text)["schema"] == 2
    assert len(msgspec.json.decode(text, type=Published).over) == 4


def test_findings_of_older_releases_are_named_where_they_are_told_apart():
    report = over(*SINCE_2_1)
    listed = manifest_of([report], ["tiny/releases/now-at-admin-1.0.html"])
    held = listed.pages["tiny/releases/now-at-admin-1.0.html"]
    assert held.ids == {"good.used.now-at-admin-1.0.sqlite": "refuted"}
    assert held.kind == "prose"


def test_a_claim_that_was_not_tried_all_along_is_left_out_of_the_strips():
    found = Releases(over(*SINCE_2_1))
    (course,) = found.courses
    left_out: tuple[Claim, ...] = found.left_out(course, "sqlite")
    assert left_out == ()
