"""Symptoms are found by the words of the error, first of all, and read on a phone."""

from urllib.parse import quote

import pytest

from casebook.judge.project import read_report
from tests.browser.conftest import ROOT
from tests.browser.test_finding_things import results

SYMPTOMS = read_report(ROOT, "session_scoping").symptoms.symptoms

PAGE = "session_scoping/symptoms.html"

SEARCHED = [
    ("T_SESSION", "t-session"),
    ("DetachedInstanceError", "detached-instance"),
    ("QueuePool limit", "queue-pool-limit"),
    ("PendingRollbackError", "pending-rollback"),
    ("Can't reconnect until invalid transaction is rolled back", "cannot-reconnect"),
    ("Working outside of application context", "outside-application-context"),
    ("database is locked", "database-is-locked"),
    ("IllegalStateChangeError", "illegal-state-change"),
    ("InFailedSqlTransaction", "failed-transaction"),
    ("is already attached to session", "already-attached"),
    ("Event loop is closed", "event-loop-closed"),
    ("stale rows", "stale-rows"),
]


@pytest.mark.parametrize(("words", "symptom"), SEARCHED)
def test_search_finds_the_symptom_first(visit, words, symptom):
    assert results(visit, quote(words), "")[0] == f"{PAGE}#symptom-{symptom}"


def test_each_symptom_has_an_anchor_and_says_where_it_was_seen_or_that_it_was_not(visit):
    page = visit(PAGE, 390)
    told = page.locator("section.symptom")
    assert told.count() == len(SYMPTOMS)
    assert all("een " in text for text in told.all_inner_texts())
    for symptom in SYMPTOMS:
        assert page.locator(f"[id='symptom-{symptom.id}']").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_answer_stands_in_the_first_screen_of_a_phone(visit):
    page = visit("index.html", 390)
    answer = page.locator("article strong").first
    assert "One " in answer.inner_text()
    said = answer.locator("xpath=..").bounding_box()
    assert said["y"] + said["height"] < page.viewport_size["height"]
