"""Symptoms are found by the words of the error, first of all, and read on a phone."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from casebook.plan.claims import read_claims
from casebook.plan.conf import investigation_ids, read_investigation
from casebook.plan.symptoms import Symptom, read_symptoms
from tests.browser.test_finding_things import results
from tests.conftest import CASEBOOK

SEARCHED = [
    ("Counting outside", "outside"),
    ("T_ABACUS", "never-seen"),
]
"""Of the miniature, what somebody would look for."""

DECLARED = ["on-its-way-out", "wrong-number", *(symptom for _, symptom in SEARCHED)]
"""The symptoms of the miniature."""


def told_of(id: str) -> tuple[Symptom, ...]:
    """Return the symptoms of an investigation here, if it has a page of them."""
    asked = read_investigation(CASEBOOK, id)
    if "symptoms" not in asked.chapters:
        return ()
    return read_symptoms(CASEBOOK, asked, read_claims(CASEBOOK, asked)).symptoms


HERE = [(id, told) for id in investigation_ids(CASEBOOK) if (told := told_of(id))]


def words(symptom: Symptom) -> Iterator[str]:
    """Yield what stands in its title: the longest part without gaps, and each text of an error."""
    yield max(symptom.title.split("…"), key=len).strip()
    yield from (text for text in symptom.match if text in symptom.title)


@pytest.mark.parametrize(("searched", "symptom"), SEARCHED)
def test_search_finds_the_symptom_first(visit, searched, symptom):
    first = results(visit, quote(searched), "")[0]
    assert first == f"tiny/symptoms.html#symptom-{symptom}"


@pytest.mark.parametrize("site", ["checkout"], indirect=True)
@pytest.mark.parametrize(
    ("id", "symptom"),
    [pytest.param(id, one, id=f"{id} {one.id}") for id, told in HERE for one in told],
)
def test_search_finds_each_symptom_first_by_the_words_of_its_title(visit, id, symptom):
    for searched in dict.fromkeys(words(symptom)):
        first = results(visit, quote(searched), "")[0]
        assert first == f"{id}/symptoms.html#symptom-{symptom.id}", searched


@pytest.mark.parametrize(
    ("site", "id", "symptoms"),
    [
        pytest.param("miniature", "tiny", DECLARED, id="miniature"),
        *(pytest.param("checkout", id, [one.id for one in told], id=id) for id, told in HERE),
    ],
    indirect=["site"],
)
def test_each_symptom_has_an_anchor_and_says_where_it_was_seen_or_not(visit, id, symptoms):
    page = visit(f"{id}/symptoms.html", 390)
    told = page.locator("section.symptom")
    assert told.count() == len(symptoms)
    assert all("een " in text for text in told.all_inner_texts())
    for symptom in symptoms:
        assert page.locator(f"[id='symptom-{symptom}']").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 390
