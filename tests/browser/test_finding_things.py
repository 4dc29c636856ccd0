"""The comparison and the statements: filtered and sorted by mouse, keyboard and address; search."""

import re

import pytest

from tests.browser.kinds import PAGES

COMPARISON, CONTROLS, STATEMENTS = (
    PAGES[name] for name in ("comparison", "controls", "statements")
)

FORGETS = "forgets-after-10"
"""A pattern that supports some claims and refutes others."""

CELLS = """() => [...document.querySelectorAll(".comparison td .cell")]
    .filter((cell) => cell.checkVisibility({ visibilityProperty: true }))
    .map((cell) => ({
      verdict: cell.classList[1],
      reason: document.querySelector("#reasons")?.content
        .querySelectorAll("li")[cell.dataset.why]?.textContent,
      claim: cell.closest("tr").dataset.claim,
      backend: cell.closest(".comparison").dataset.backend,
      releases: cell.closest(".comparison").dataset.release.split(" "),
    }))"""
"""The cells of the comparison that are to be seen."""


def cells(page):
    return page.evaluate(CELLS)


def statements(page):
    return page.eval_on_selector_all(
        "article.statement:not([hidden])", "all => all.map((one) => one.id)"
    )


def asked(page):
    """Return what the address asks for."""
    return page.evaluate("Object.fromEntries(new URLSearchParams(location.hash.slice(1)))")


def status(page):
    return page.locator("[role=status]").inner_text()


def ask(page, **fields):
    for name, value in fields.items():
        field = page.locator(f"form.filter [name={name}]")
        field.fill(value) if name == "words" else field.select_option(value)


def test_at_first_everything_is_shown(visit):
    page = visit(COMPARISON)
    without_script = visit(COMPARISON, javascript=False)
    count = without_script.locator(".comparison td .cell").count()
    assert len(cells(page)) == count
    assert {"refuted", "inconclusive", "not-tested"} < {one["verdict"] for one in cells(page)}
    assert status(page).startswith("All ")


@pytest.mark.parametrize("verdict", ["refuted", "inconclusive", "not-tested", "supported"])
def test_the_comparison_can_be_filtered_by_verdict(visit, verdict):
    page = visit(COMPARISON)
    every = [one for one in cells(page) if one["verdict"] == verdict]
    ask(page, verdict=verdict)
    # What stands in one place of the table is shown for either of its answers.
    assert [one for one in cells(page) if one["verdict"] == verdict] == every
    shown = page.locator(".comparison td:visible:not(.out):has(.cell)")
    assert shown.count() == shown.filter(has=page.locator(f".cell.{verdict}")).count()
    assert asked(page) == {"verdict": verdict}


@pytest.mark.parametrize("address", [COMPARISON, CONTROLS])
def test_tables_can_be_filtered_by_backend_release_and_claim(visit, address):
    page = visit(address)
    ask(page, backend="dictionary", release="tally-1.3")
    ask(page, claim="counts-apart")
    found = cells(page)
    assert found
    assert {one["backend"] for one in found} == {"dictionary"}
    assert all("tally-1.3" in one["releases"] for one in found)
    assert {one["claim"] for one in found} == {"counts-apart"}


def test_controls_that_stood_in_the_comparison_are_found_where_they_are_now(browser, site):
    page = browser.new_page()  # without `visit`: what the page that is left still asks for ends
    page.goto(f"{site.as_uri()}/{COMPARISON}#claim=counts-apart&kind=control")
    page.wait_for_url("**/controls.html#*")
    page.wait_for_function("document.querySelector('[name=claim]').value === 'counts-apart'")
    assert {one["claim"] for one in cells(page)} == {"counts-apart"}
    page.close()


def test_a_control_is_found_by_its_name(visit):
    page = visit(CONTROLS)
    ask(page, words="mixed-up")
    assert cells(page)
    shown = page.locator(".comparison td:visible:not(.out):has(.cell)").all_inner_texts()
    assert all("mixed-up" in text for text in shown)


def test_words_are_looked_for_in_the_reasons(visit):
    page = visit(COMPARISON)
    ask(page, words="OUTSIDE counting conversation")
    assert cells(page)
    assert all("Counting outside" in one["reason"] for one in cells(page))


def test_the_count_is_said(visit):
    page = visit(COMPARISON)
    ask(page, words="Counting outside of a conversation")
    shown = page.locator(".comparison td:not(.out):visible:has(.cell)").count()
    tables = page.locator(".comparison:visible").count()
    assert re.fullmatch(rf"{shown} of \d+ cells, in {tables} of \d+ tables", status(page))


def test_what_nothing_matches_is_said_and_leaves_no_table(visit):
    page = visit(f"{COMPARISON}#words=nothing-is-called-this")
    assert status(page).startswith("0 of ")
    assert not page.locator(".comparison:visible, .comparison h2:visible").count()
    assert page.locator("form.filter").is_visible()


def test_the_address_asks_for_the_same_again(visit):
    page = visit(COMPARISON)
    ask(page, verdict="refuted", claim="wires", words="ModuleNotFoundError: No module")
    page.locator("button.sort[value=claim]:visible").first.click()
    again = visit(f"{COMPARISON}{page.evaluate('location.hash')}")
    assert cells(again) == cells(page)
    assert status(again) == status(page)
    assert again.locator("[name=words]").input_value() == "ModuleNotFoundError: No module"


def test_another_address_of_the_same_page_is_followed(visit):
    page = visit(f"{COMPARISON}#verdict=refuted")
    page.evaluate("location.hash = '#claim=wires'")
    page.wait_for_function("document.querySelector('[name=verdict]').value === ''")
    assert {one["claim"] for one in cells(page)} == {"wires"}


def test_what_the_address_asks_for_and_is_not_there_is_left_out(visit):
    page = visit(f"{COMPARISON}#verdict=proven&nonsense=%E0%A4%A&claim=wires")
    assert {one["claim"] for one in cells(page)} == {"wires"}


def test_all_can_be_shown_again(visit):
    page = visit(COMPARISON)
    before = page.locator("article").inner_text()
    ask(page, verdict="refuted", words="count")
    page.locator("button.sort[value=claim]").first.click()
    page.get_by_role("button", name="Show all").click()
    assert page.locator("article").inner_text() == before
    assert asked(page) == {}


def column(page, pattern):
    """Return the verdicts of a pattern, as its column has them in the first table that has it."""
    return page.evaluate(
        """(pattern) => {
          const head = document.querySelector(`button.sort[value="${pattern}"]`).closest("th");
          const rows = [...head.closest("table").tBodies[0].rows];
          return rows.map((row) => row.cells[head.cellIndex].querySelector(".cell")?.classList[1]);
        }""",
        pattern,
    )


def test_a_column_sorts_the_claims_by_verdict(visit):
    page = visit(COMPARISON)
    button = page.get_by_role("button", name=f"Sort by {FORGETS}", exact=True).first
    head = page.locator("th", has=button).first
    planned = column(page, FORGETS)
    worst_first = ["refuted", "supported"]

    button.click()
    up = column(page, FORGETS)
    assert up != planned
    assert up == sorted(planned, key=worst_first.index)
    assert head.get_attribute("aria-sort") == "ascending"
    assert asked(page) == {"sort": FORGETS}

    button.click()
    down = column(page, FORGETS)
    assert down == sorted(planned, key=["supported", "refuted"].index)
    assert head.get_attribute("aria-sort") == "descending"

    button.click()
    assert column(page, FORGETS) == planned
    assert head.get_attribute("aria-sort") is None
    assert asked(page) == {}


def test_each_table_that_has_the_column_is_sorted(visit):
    page = visit(f"{COMPARISON}#sort=-{FORGETS}")
    heads = page.locator(f"th:has(button[value={FORGETS}])")
    assert heads.count() > 2
    directions = heads.evaluate_all("all => all.map((one) => one.ariaSort)")
    assert set(directions) == {"descending"}


def test_claims_are_sorted_by_name(visit):
    page = visit(f"{COMPARISON}#sort=claim")
    names = page.locator(".comparison table").first.locator("tbody tr")
    ids = names.evaluate_all("rows => rows.map((row) => row.dataset.claim)")
    assert ids == sorted(ids)


def test_a_keyboard_filters_and_sorts(visit):
    page = visit(COMPARISON)
    page.locator("[name=verdict]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert asked(page) == {"verdict": "refuted"}
    page.locator("button.sort:visible").first.focus()
    page.keyboard.press("Enter")
    assert asked(page) == {"verdict": "refuted", "sort": "claim"}
    assert page.evaluate("document.activeElement.value") == "claim"


# --- The statements -------------------------------------------------------------------------------


def test_the_statements_can_be_filtered_by_verdict_and_report(visit):
    # The address is one that was published before there were more filters.
    page = visit(f"{STATEMENTS}#report=notes&verdict=overturned")
    shown = page.locator("article.statement:visible")
    assert shown.count() > 1
    assert shown.count() == page.locator("article.statement.overturned[data-report~=notes]").count()
    assert status(page) == f"{shown.count()} of {page.locator('.statement').count()} statements"


def test_the_statements_can_be_filtered_by_claim_backend_release_and_words(visit):
    page = visit(STATEMENTS)
    ask(page, claim="counts-apart", backend="dictionary", release="tally-1.5")
    assert statements(page)
    ask(page, words="one counts from")
    (shown,) = statements(page)
    assert "one counts from" in page.locator(f"[id='{shown}']").inner_text()


def test_the_statements_can_be_sorted_by_verdict_and_back(visit):
    page = visit(STATEMENTS)
    quoted = statements(page)
    ask(page, sort="verdict")
    verdicts = page.locator(".statement").evaluate_all("all => all.map((a) => a.dataset.verdict)")
    assert [
        one for one, before in zip(verdicts, ["", *verdicts], strict=False) if one != before
    ] == [
        "overturned",
        "holds-only-when",
        "not-observed",
        "not-checkable",
        "upheld",
    ]
    ask(page, sort="")
    assert statements(page) == quoted


def test_the_anchor_of_a_statement_that_is_filtered_out_shows_it(visit):
    page = visit(f"{STATEMENTS}#verdict=overturned")
    upheld = page.locator(".statement.upheld").last.get_attribute("id")
    page.evaluate("(id) => { location.hash = id }", upheld)
    target = page.locator(f"[id='{upheld}']")
    target.wait_for(state="visible")
    assert page.evaluate("scrollY") > 0
    assert status(page).startswith("All ")


def test_the_anchor_of_a_statement_that_is_shown_leaves_the_filter_alone(visit):
    page = visit(f"{STATEMENTS}#verdict=overturned")
    page.locator(".statement.overturned .permalink").last.click()
    assert page.locator("[name=verdict]").input_value() == "overturned"


# --- Without the script ---------------------------------------------------------------------------


def test_without_javascript_everything_is_there_and_no_dead_form(visit):
    for address, items in ((COMPARISON, ".comparison td .cell"), (STATEMENTS, ".statement")):
        page = visit(address, javascript=False)
        scripted = visit(address)
        assert page.locator(f"{items}:visible").count() == scripted.locator(items).count()
        assert not page.locator("form.filter:visible, button.sort:visible").count()


# --- Search ---------------------------------------------------------------------------------------


def results(visit, words, at):
    page = visit(f"search.html?q={words}", at=at)
    page.locator("#search-results .search-summary:not(:empty)").wait_for()
    page.wait_for_function("!document.querySelector('#search-progress')?.innerText")
    return page.locator("#search-results li a").evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("counts-apart", "claims.html"),
        ("No conversation sees", "claims.html"),
        ("Counting outside of a conversation", "patterns/gives-up.html"),
        ("RuntimeError", "patterns/raises-when-wired.html"),
    ],
)
def test_search_finds_claims_and_error_messages(visit, served, scheme, words, page):
    found = results(visit, words, served if scheme == "http" else "")
    assert any(address.startswith(f"tiny/{page}") for address in found)


def test_search_leads_to_the_claim_itself(visit):
    assert "tiny/claims.html#counts-apart" in results(visit, "counts-apart", "")
