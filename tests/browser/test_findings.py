"""Who comes for a finding: what is in the first screen, its buttons, and the way to its history."""

import json
import re

import pytest
from playwright.sync_api import expect

from casebook.files import digest
from casebook.judge.project import read_report
from casebook.proof.scripts import Reproductions
from tests.browser.kinds import both_widths
from tests.browser.test_every_kind import PAINTED, SHIFTS

PATTERNS = "tiny/patterns"
PAGE = f"{PATTERNS}/one-global.html"
FINDING = "counts-apart.one-global.module-global.ledger"
MANY = f"{PATTERNS}/counts-by-name.html"
"""A pattern of many settings, which are folded."""
OPEN = f"{PATTERNS}/counter-per-name.html"
"""A pattern of few settings, of which most were not observed."""


# --- The first screen -----------------------------------------------------------------------------

SEEN = """id => {
  const finding = document.getElementById(id);
  const title = finding.closest("section.claim").querySelector("h3");
  return [finding, title.querySelector("a"), title.querySelector(".of")].map(
    (part) => {
      const { left, right, top, bottom } = part.getClientRects()[0];
      const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return part.contains(there) ? part.textContent : "";
    });
}"""
"""What of a finding is to be seen: its setting, its claim's title and its pattern's name."""


@pytest.mark.parametrize("size", [(390, 800), (1280, 800)], ids=["phone", "desk"])
@pytest.mark.parametrize("address", [PAGE, MANY, OPEN])
def test_who_comes_by_a_finding_s_link_sees_its_claim_and_its_pattern(visit, site, address, size):
    page = visit(address)
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    pattern = address.rpartition("/")[2].removesuffix(".html")
    findings = page.locator(".settings > li").evaluate_all("all => all.map((one) => one.id)")
    assert findings
    titles = dict(
        page.locator("section.claim").evaluate_all(
            "all => all.map((one) => [one.querySelector('code').innerText, "
            "one.querySelector('h3 a').textContent])"
        )
    )
    for id in findings[:: max(1, len(findings) // 12)]:
        page.goto("about:blank")  # the way of a reader who comes from elsewhere
        page.goto(f"{site.as_uri()}/{address}#{id}")
        setting, title, name = page.evaluate(SEEN, id)
        assert setting, id
        assert title == titles[id.partition(".")[0]], id
        assert name == f"of {pattern}", id


@both_widths
def test_nothing_moves_under_who_comes_for_a_finding(visit, width):
    page = visit(f"{PAGE}#{FINDING}", width, scripts=(SHIFTS,))
    expect(page.locator(f'button.cite[data-finding="{FINDING}"]')).to_be_visible()
    page.evaluate(PAINTED)
    assert sum(page.evaluate("window.shifts")) < 0.001


@both_widths
def test_who_comes_for_a_finding_that_is_folded_has_it_where_it_was_led_to(visit, width):
    page = visit(MANY, width)
    folded = page.locator("details:not([open]) .settings > li").last.get_attribute("id")
    page = visit(f"{MANY}#{folded}", width)
    expect(page.locator(f'button.cite[data-finding="{folded}"]')).to_be_visible()
    page.evaluate(PAINTED)
    margin, top = page.locator(f"[id='{folded}']").evaluate(
        "one => [parseFloat(getComputedStyle(one).scrollMarginTop), "
        "one.getBoundingClientRect().top]"
    )
    assert top == pytest.approx(margin, abs=2)


# --- The buttons ----------------------------------------------------------------------------------


def test_buttons_are_made_where_a_finding_comes_into_view(visit):
    page = visit(PAGE)
    findings = page.locator(".settings > li")
    last = findings.last
    expect(last.locator("button")).to_have_count(0)
    last.scroll_into_view_if_needed()
    expect(last.locator("button.cite")).to_have_text("Copy the citation")
    assert page.locator("button.cite").count() < findings.count()
    for width in range(0, page.evaluate("document.body.scrollHeight"), 400):
        page.evaluate("y => scrollTo(0, y)", width)
    page.locator("details:has(> .settings)").evaluate_all(
        "all => all.map((one) => one.open = true)"
    )
    for finding in findings.all():
        finding.scroll_into_view_if_needed()
        expect(finding.locator("button.cite")).to_have_count(1)
        expect(finding.locator("button.save")).to_have_count(
            int(finding.get_attribute("data-script") is not None)
        )


@pytest.fixture(scope="module")
def reproduction(site):
    """The script that shows the finding."""
    root = site.parent.parent
    report = read_report(root, "tiny")
    (finding,) = (one for one in report.findings if one.id == FINDING)
    return Reproductions(root, report).script(finding)


@pytest.mark.parametrize("over_http", [False, True], ids=["file", "http"])
def test_the_button_saves_the_script_that_shows_the_finding(visit, served, reproduction, over_http):
    page = visit(f"{PAGE}#{FINDING}", at=served if over_http else "")
    button = page.locator(f'button.save[data-finding="{FINDING}"]')
    assert button.get_attribute("aria-label") == f"Save repro.py of {FINDING}"
    with page.expect_download() as saved:
        button.click()
    assert saved.value.suggested_filename == "repro.py"
    assert saved.value.path().read_text(encoding="utf-8") == reproduction


def test_without_a_script_there_is_nothing_to_save(visit):
    page = visit(OPEN)
    without = page.locator(".settings > li:not([data-script]):visible").first
    without.scroll_into_view_if_needed()
    expect(without.locator("button.cite")).to_have_count(1)
    expect(without.locator("button.save")).to_have_count(0)


# --- To the history -------------------------------------------------------------------------------


def histories(page, finding):
    """Return the address of each history that a finding rests on, by its experiment."""
    return dict(
        page.locator(f'.ran:has([id="{finding}"]) a[data-experiment]').evaluate_all(
            "all => all.map((one) => [one.dataset.experiment, one.href.replace(/#.*/, '')])"
        )
    )


@pytest.mark.parametrize(
    ("claim", "experiment", "number"),
    [("counts-apart", "in-turn", 7), ("counts-apart", "overlap", 9), ("counts-to-25", "long", 50)],
)
def test_who_comes_for_an_event_is_led_to_it_in_its_history(visit, claim, experiment, number):
    finding = FINDING.replace("counts-apart", claim)
    address = histories(visit(PAGE), finding)[experiment]
    page = visit(f"{PAGE}#{finding}.{experiment}.1.{number}")
    page.wait_for_url(f"{address}#{number}")
    event = page.locator(":target")
    assert event.get_attribute("id") == str(number)
    expect(event).to_be_in_viewport()


def test_an_event_of_a_finding_that_is_folded_is_found_too(visit):
    page = visit(MANY)
    folded = page.locator(
        ".ran:has(a[data-experiment]) details:not([open]) .settings > li"
    ).last.get_attribute("id")
    experiment, address = next(iter(histories(page, folded).items()))
    visit(f"{MANY}#{folded}.{experiment}.1.2").wait_for_url(f"{address}#2")


def test_an_event_that_is_asked_for_later_is_found_too(visit):
    page = visit(PAGE)
    address = histories(page, FINDING)["overlap"]
    page.evaluate("id => { location.hash = id }", f"{FINDING}.overlap.1.3")
    page.wait_for_url(f"{address}#3")
    page.go_back()
    page.wait_for_url(f"**/{PAGE}")


@pytest.mark.parametrize("event", ["no-such-experiment.1.3", "overlap.2.3", "overlap.3"])
def test_what_is_no_event_of_a_history_ends_at_its_finding(visit, event):
    page = visit(f"{PAGE}#{FINDING}.{event}")
    page.wait_for_url(f"**/{PAGE}#{FINDING}")


# --- The history ----------------------------------------------------------------------------------


def a_history(visit, width=1280):
    """Open the page of a history, and return it with the digest that names it."""
    address = histories(visit(PAGE), FINDING)["overlap"]
    name = address.rpartition("/")[2]
    return visit(f"histories/{name}", width), name.removesuffix(".html")


def test_the_text_of_a_history_is_its_file_and_its_digest_its_name(visit):
    page, name = a_history(visit)
    text = page.locator(".lines").evaluate("one => one.textContent")
    assert digest(text.encode()) == name
    assert len(json.loads(text)["events"]) == page.locator(".lines li").count()


def test_a_line_that_is_clicked_is_what_the_address_names(visit):
    page, name = a_history(visit)
    page.locator(".lines li").nth(6).click()
    page.wait_for_url(f"**/histories/{name}.html#7")


@both_widths
def test_bars_stand_beside_the_lines_of_their_events(visit, width):
    page, _ = a_history(visit, width)
    lines = page.locator(".lines li").evaluate_all(
        """all => all.map((one) => one.getBoundingClientRect())
             .map(({ top, bottom }) => [top, bottom])"""
    )
    events = page.locator(".lines li").evaluate_all(
        "all => all.map((one) => JSON.parse(one.textContent.trim().replace(/,$/, '')))"
    )
    svg = page.locator("svg.margin")
    top = svg.evaluate(
        "one => one.getBoundingClientRect().top + parseFloat(getComputedStyle(one).paddingTop)"
    )
    paths = "".join(
        svg.locator(".b0 path").evaluate_all("all => all.map((one) => one.getAttribute('d'))")
    )
    bars = [
        (float(y), float(height)) for y, height in re.findall(r"M[\d.]+,([\d.]+)v([\d.]+)", paths)
    ]
    opened, closed = (
        {labels[1]: number for number, (kind, labels, _) in enumerate(events) if kind == wanted}
        for wanted in ("conversation-opened", "conversation-closed")
    )
    assert len(bars) == len(opened) == 2
    for (y, height), conversation in zip(sorted(bars), opened, strict=True):
        first, last = opened[conversation], closed[conversation]
        assert lines[first][0] <= top + y <= lines[first][1]
        assert lines[last][0] <= top + y + height <= lines[last][1]
