"""How pages are read: by keyboard, folded, on paper, without scripts, while tables scroll."""

import pytest

from casebook.plan.conf import investigation_ids
from tests.browser.kinds import PAGES, both_widths, every_kind
from tests.conftest import CASEBOOK

COMPARISON = PAGES["comparison"]
PATTERN = PAGES["pattern"]

MANY = "tiny/patterns/counts-by-name.html"
"""A pattern of many settings."""

FOCUSED = """() => {
  const one = document.activeElement;
  const { outlineStyle, boxShadow } = getComputedStyle(one);
  return {
    what: one.name || one.className || one.localName,
    seen: one.matches(":focus-visible") && (outlineStyle !== "none" || boxShadow !== "none"),
  };
}"""


def tabs(page, count):
    """Return what the keyboard reaches, one after the other."""
    for _ in range(count):
        page.keyboard.press("Tab")
        yield page.evaluate(FOCUSED)


def test_a_keyboard_reaches_everything_and_sees_where_it_is(visit):
    page = visit(COMPARISON)
    reached = list(tabs(page, 70))
    names = [one["what"] for one in reached]
    order = ["skip-to-content muted-link", "q", "verdict", "words", "scroll", "sort"]
    assert [name for name in dict.fromkeys(names) if name in order] == order
    assert any(name.startswith("cell ") for name in names)
    assert not [one["what"] for one in reached if not one["seen"]]


def test_the_skip_link_leads_to_the_text(visit):
    page = visit(COMPARISON)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


@both_widths
def test_the_first_row_and_column_of_a_table_stay(visit, width):
    page = visit(COMPARISON, width)
    region = page.locator(".scroll:has(.matrix)").first
    region.evaluate("one => { one.scrollTop = 300; one.scrollLeft = 200; }")
    corner, row, column, box = region.evaluate(
        """one => [one, ...["thead th:nth-child(9)", "tbody tr:nth-child(20) th"].map(
             (name) => one.querySelector(name)), one.querySelector("thead th")]
           .map((part) => part.getBoundingClientRect().toJSON())"""
    )[::-1]
    assert box["height"] <= page.viewport_size["height"] * 0.9
    assert corner["left"] == pytest.approx(box["left"], abs=1)
    assert corner["top"] == pytest.approx(box["top"], abs=1)
    assert row["left"] == pytest.approx(box["left"], abs=1)
    assert column["top"] == pytest.approx(box["top"], abs=1)
    assert corner["width"] < box["width"] / 2
    assert corner["height"] < box["height"] / 2


TOLD = """() => [...document.querySelectorAll(
    "main :is(td, th, p, li, pre, summary), article[role=main] :is(td, th, p, li, pre, summary)")]
    .filter((one) => !one.matches("[role=status], #search-results *, noscript *"))
    .map((one) => {
      const copy = one.cloneNode(true);
      copy.querySelectorAll("button").forEach((button) => button.remove());
      return copy.textContent.trim();
    })"""
"""The texts of a page, without what scripts add: the buttons that copy, how many are shown."""


@every_kind
def test_without_javascript_the_same_is_told(visit, address):
    without, scripted = (
        visit(address, javascript=javascript).evaluate(TOLD) for javascript in (False, True)
    )
    assert without == scripted


def test_a_finding_that_is_folded_opens_for_its_anchor(visit):
    page = visit(MANY)
    folded = page.locator("details:not([open]) .settings > li").last.get_attribute("id")
    assert not page.locator(f"[id='{folded}']").is_visible()
    target = visit(f"{MANY}#{folded}").locator(f"[id='{folded}']")
    target.wait_for(state="visible")
    assert target.evaluate("one => one.getBoundingClientRect().top < innerHeight / 2")
    assert target.evaluate("one => one.getBoundingClientRect().top >= 0")


def test_settings_are_counted_where_they_are_folded_and_where_the_verdict_is(visit):
    page = visit(MANY, javascript=False)
    count = "one => [one.innerText, one.parentElement.querySelectorAll('.settings > li').length]"
    folded = page.locator("details:has(> .settings) > summary")
    assert folded.count() > 10
    for summary in folded.all():
        text, settings = summary.evaluate(count)
        assert settings > 6
        assert text == f"{settings} settings"
    for head in page.locator(".finding > .head").all():
        text, settings = head.evaluate(count)
        assert settings > 0
        assert (f" in {settings} settings" in text) == (settings > 1)
        assert ("settings" in text) == (settings > 1)


def test_on_paper_nothing_is_folded_and_nothing_is_for_the_screen(visit):
    page = visit(PATTERN, 800)
    page.emulate_media(media="print")
    for name in (
        ".sidebar-drawer",
        ".toc-drawer",
        ".mobile-header",
        "article button",
        ".back-to-top",
    ):
        assert not page.locator(f"{name}:visible").count(), name
    folded = page.locator(".finding, .finding li, table.events").evaluate_all(
        "all => all.filter((one) => !one.checkVisibility({ contentVisibilityAuto: true })).length"
    )
    assert folded == 0
    clipped = page.locator(".scroll").evaluate_all(
        "all => all.filter((one) => getComputedStyle(one).overflow !== 'visible').length"
    )
    assert clipped == 0


def test_on_paper_a_verdict_has_its_sign_and_its_word(visit):
    page = visit(PATTERN, 800)
    page.emulate_media(media="print")
    finding = page.locator(".finding.refuted").first
    assert finding.locator(".verdict").inner_text().split() == ["✗", "refuted"]
    for setting in finding.locator(".settings > li").all():
        printed = "one => getComputedStyle(one, '::after').content.replaceAll('\" \"', '')"
        assert setting.evaluate(printed) == f'"#{setting.get_attribute("id")}"'


def test_the_filter_is_not_printed(visit):
    page = visit(COMPARISON, 800)
    page.emulate_media(media="print")
    assert not page.locator("form.filter:visible, button.sort:visible").count()
    assert page.locator(".comparison td .cell").first.is_visible()


ANSWERED = """() => {
  const items = [...document.querySelectorAll(".answer .backend:first-of-type li")];
  const others = items.findIndex((one) => one.matches(".other"));
  return items.slice(0, others < 0 ? items.length : others)
    .map((one) => one.getBoundingClientRect().bottom);
}"""
"""Where what to write and what not ends, with the first backend, today's releases and database."""


@both_widths
@pytest.mark.parametrize("site", ["checkout"], indirect=True)
@pytest.mark.parametrize("id", investigation_ids(CASEBOOK))
def test_the_page_of_an_investigation_answers_in_its_first_screen(visit, id, width):
    page = visit(f"{id}/index.html", width)
    assert max(page.evaluate(ANSWERED)) < page.viewport_size["height"]
    assert page.locator("article[role=main] strong").first.evaluate(
        "one => one.getBoundingClientRect().bottom < innerHeight / 2"
    )


@pytest.mark.parametrize("site", ["checkout"], indirect=True)
def test_the_answer_stands_in_the_first_screen_of_a_phone(visit):
    page = visit("index.html", 390)
    answer = page.locator("article strong").first
    assert answer.inner_text()
    said = answer.locator("xpath=..").bounding_box()
    assert said["y"] + said["height"] < page.viewport_size["height"]
