"""Editions in a browser: the notice on old ones, and every old link, followed by Chromium."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from casebook.editions.manifest import read_manifest
from tests.browser.conftest import watch
from tests.browser.test_every_kind import PAINTED, SHIFTS
from tests.casebook.editions.builders import Reader, addresses_of

pytestmark = pytest.mark.slow

NOTICE = "section.edition"
VERDICT = "p.verdict-now"

PATTERNS = "tiny/patterns"
TURNED = f"{PATTERNS}/counts-by-name.html#counts-apart.counts-by-name.dictionary.sqlite"
FINDING = TURNED.partition("#")[2]
SAME = f"{PATTERNS}/counts-by-name.html#wires.counts-by-name.dictionary.sqlite"
WENT = f"{PATTERNS}/one-global.html#wires.one-global.module-global.sqlite"
RENAMED = f"{PATTERNS}/counter-per-name.html#no-warnings.counter-per-name.closure.sqlite"

Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, editions) -> Iterator[Show]:
    """Open an address of the folder of editions from its files, or of another folder."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []
    own = editions.public.parent.as_uri()

    def show(address: str, width=1280, scheme="light", javascript=True, folder="public") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=javascript,
        )
        contexts.append(context)
        watch(context, own, wrong)
        context.add_init_script(SHIFTS)
        page = context.new_page()
        page.goto(f"{own}/{folder}/{address}")
        return page

    yield show
    for context in contexts:
        context.close()
    # What loads while a page is left is aborted, and nothing is wrong with it.
    wrong = [one for one in wrong if not one.endswith("net::ERR_ABORTED")]
    assert not wrong, f"asked for off the site, or logged: {wrong}"


def says(part: Locator, text: str) -> None:
    """Wait until a part of the page shows a text; what it hides does not count."""
    expect(part).to_contain_text(text, use_inner_text=True)


# --- The notice -----------------------------------------------------------------------------------


def test_an_old_edition_says_which_is_the_latest_and_leads_there(editions, show):
    page = show(f"{editions.first}/tiny/claims.html")
    notice = page.locator(NOTICE)
    says(notice, f"Edition {editions.first} of ")
    says(notice, f"The latest is {editions.second} of ")
    notice.get_by_role("link", name="this page there").click()
    page.wait_for_url("**/public/latest/tiny/claims.html")
    expect(page.locator(NOTICE)).to_have_count(0)


def test_the_newest_edition_says_that_it_is(editions, show):
    notice = show(f"{editions.second}/index.html").locator(NOTICE)
    says(notice, ", the latest.")
    expect(notice.get_by_role("link")).to_have_count(0)


def test_a_page_that_went_is_said_to_have_gone(editions, show):
    notice = show(f"{editions.first}/{PATTERNS}/one-global.html").locator(NOTICE)
    says(notice, "without this page")


def test_a_page_that_was_renamed_leads_to_what_it_is_now(editions, show):
    page = show(f"{editions.first}/{PATTERNS}/counter-per-name.html")
    page.locator(NOTICE).get_by_role("link", name="this page there").click()
    page.wait_for_url(f"**/public/latest/{PATTERNS}/one-counter-each.html")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (TURNED, "This finding is now refuted, here supported."),
        (SAME, "The verdict of this finding is unchanged: supported."),
        (WENT, "This finding is no longer judged, here supported."),
        (RENAMED, "The verdict of this finding is unchanged: supported."),
        (f"{TURNED}.no-such-experiment.1.4", "This finding is now refuted, here supported."),
        (
            "tiny/statements.html#dictionaries-count-from-zero",
            "This statement is now upheld, here overturned.",
        ),
        (
            "tiny/statements.html#dictionaries-keep-counts-apart",
            "This statement is now overturned, here upheld.",
        ),
        (
            "tiny/statements.html#dictionaries-are-best",
            "This statement is no longer judged, here not checkable.",
        ),
    ],
)
def test_a_verdict_s_address_says_what_it_is_now(editions, show, address, text):
    said = show(f"{editions.first}/{address}").locator(VERDICT)
    expect(said).to_be_visible()
    expect(said).to_have_text(text, use_inner_text=True)


def test_what_it_says_follows_the_address(editions, show):
    page = show(f"{editions.first}/{TURNED.partition('#')[0]}")
    said = page.locator(VERDICT)
    says(page.locator(NOTICE), "The latest is")
    expect(said).to_be_hidden()
    for address, text in ((TURNED, "now refuted"), (SAME, "unchanged")):
        page.evaluate("id => location.hash = id", address.partition("#")[2])
        says(said, text)
    said.get_by_role("link").click()
    page.wait_for_url(f"**/public/latest/{SAME}")


def test_a_build_that_nobody_published_has_no_notice_and_looks_for_nothing(editions, show):
    html = editions.public.parent / "html"
    shutil.copytree(editions.public / editions.first, html, dirs_exist_ok=True)
    asked: list[str] = []
    page = show("index.html", folder="html")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{html.as_uri()}/{TURNED}.no.such.event")
    page.wait_for_url(f"**/html/{TURNED}")
    page.wait_for_load_state()
    assert page.locator(".edition").count() == 0
    assert asked
    assert all(url.startswith(html.as_uri()) for url in asked)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("address", [TURNED, SAME, f"{PATTERNS}/one-global.html", "index.html"])
def test_the_notice_moves_nothing(editions, show, address, width):
    page = show(f"{editions.first}/{address}", width)
    says(page.locator(NOTICE), "The latest is")
    if address in (TURNED, SAME):
        says(page.locator(VERDICT), "finding is")
    page.evaluate(PAINTED)
    assert sum(page.evaluate("window.shifts")) < 0.001


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("address", [TURNED, "the index"])
def test_axe_finds_nothing(editions, show, address, width, scheme):
    page = show(
        "index.html" if address == "the index" else f"{editions.first}/{address}", width, scheme
    )
    if address == TURNED:
        says(page.locator(VERDICT), "now refuted")
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    assert not {one["id"]: [node["html"][:200] for node in one["nodes"][:3]] for one in found}


# --- Links ----------------------------------------------------------------------------------------


def test_every_old_address_that_moved_ends_where_it_should(editions, show):
    reader = Reader(editions.public)
    old = [one for one in addresses_of(editions.public, editions.first) if one != "index.html"]
    moved = {one: ends for one in old if (ends := reader.arrive(one)) != f"latest/{one}"}
    assert len(moved) > 10
    page = show("index.html")
    for address, ends in moved.items():
        page.goto("about:blank")
        page.goto(f"{editions.public.as_uri()}/{address}")
        page.wait_for_url(f"{editions.public.as_uri()}/{ends}")
        _, _, id = ends.partition("#")
        assert not id or page.locator(f'[id="{id}"]').count() == 1


@pytest.mark.parametrize("edition", ["first", "second", "latest"])
def test_an_event_is_found_in_the_history_that_its_edition_shows(editions, show, edition):
    folder = edition if edition == "latest" else getattr(editions, edition)
    link = (
        show(f"{folder}/{TURNED}")
        .locator(f"[id='{FINDING}']")
        .locator("xpath=ancestor::*[contains(@class, 'ran')]//a[@data-experiment='in-turn']")
    )
    history = link.evaluate("one => one.href").partition("#")[0]
    assert history.startswith(f"{editions.public.as_uri()}/histories/")
    page = show(f"{folder}/{TURNED}.in-turn.1.4")
    page.wait_for_url(f"{history}#4")
    number = 1 if edition == "first" else 0
    expect(page.locator(":target")).to_contain_text(f'"counted",["D1","V1"],{{"number":{number}}}')


def test_an_event_of_an_experiment_that_went_ends_at_its_finding(editions, show):
    page = show(f"{TURNED}.no-such-experiment.1.4")
    page.wait_for_url(f"**/public/latest/{TURNED}")


def test_an_event_that_went_ends_at_the_history_that_lacks_it(editions, show):
    page = show(f"{TURNED}.in-turn.1.400")
    page.wait_for_url("**/public/histories/*.html#400")


def test_without_scripts_every_old_page_leads_somewhere(editions, show):
    reader = Reader(editions.public)
    page = show("index.html", javascript=False)
    for old in read_manifest(editions.public / editions.first).pages:
        if old != "index.html":
            page.goto(f"{editions.public.as_uri()}/{old}")
            page.wait_for_url(f"{editions.public.as_uri()}/{reader.arrive(old)}")
