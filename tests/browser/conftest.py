"""Two sites, each built once, and a browser that looks at them.

The miniature's has every kind of page; the checkout's is that of the investigations that it has.
Whatever a test opens, it fails where a page asked for something off the site or logged an error.
"""

import functools
import http.server
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser import chromium, markup, miniature
from tests.browser.chromium import WANTED
from tests.browser.kinds import found
from tests.conftest import Editions, once

PATIENCE = 120_000
"""Milliseconds that a page may take on a busy machine; nothing waits without need."""

expect.set_options(timeout=PATIENCE)

Visit = Callable[..., Page]
"""`visit(address, width=1280, scheme="light", javascript=True)`: a page of the site, loaded."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count what opens a browser among the slow tests."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, shared: Path) -> Path:
    """The folder of a built site, which tests look at and leave alone: the miniature's, or another.

    `kinds.each_site` and `kinds.every_kind` name it.
    """
    if getattr(request, "param", "miniature") == "checkout":
        found: Path = request.getfixturevalue("checkout_site")
        return found
    with once(shared / "miniature.built") as first:
        if first:
            miniature.build(shared / "miniature")
    return shared / "miniature" / "project" / "build" / "html"


@pytest.fixture(scope="session")
def pages(site: Path, shared: Path) -> dict[str, markup.Parsed]:
    """What a strict parser makes of every page, by its address."""
    name = site.relative_to(shared).parts[0]
    kept = shared / f"{name}.json"
    with once(shared / f"{name}.parsed") as first:
        if first:
            markup.keep(markup.parse_all(site), kept)
    return markup.read(kept)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium.find()
    if program is None:
        pytest.skip(WANTED)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=chromium.options())
        yield launched
        launched.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say once, and not for each test, that there is no Chromium."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and WANTED in report.longrepr[2]:
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture
def visit(browser: Browser, site: Path) -> Iterator[Visit]:
    """Open pages of the site, from its folder or from `at`, where it is served."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def visit(
        address: str,
        width: int = 1280,
        scheme: Literal["light", "dark"] = "light",
        javascript: bool = True,
        at: str = "",
        scripts: tuple[str, ...] = (),
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 800},
            color_scheme=scheme,
            java_script_enabled=javascript,
        )
        contexts.append(context)
        watch(context, at or site.as_uri(), wrong)
        for script in scripts:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(f"{at or site.as_uri()}/{found(site, address)}")
        return page

    yield visit
    for context in contexts:
        context.close()
    # What loads while a page is left is aborted, and nothing is wrong with it.
    wrong = [one for one in wrong if not one.endswith("net::ERR_ABORTED")]
    assert not wrong, f"asked for off the site, or logged: {wrong}"


def watch(context: BrowserContext, own: str, wrong: list[str]) -> None:
    """Append to `wrong` what pages ask for off their own site, and the errors that they log."""

    def asks(request: Request) -> None:
        if not request.url.startswith((own, "data:")):
            wrong.append(request.url)

    def says(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    context.set_default_timeout(PATIENCE)
    context.on("request", asks)
    context.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
    context.on("console", says)
    context.on("weberror", lambda raised: wrong.append(str(raised.error)))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and give its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing of each request."""

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The address at which a local server shows the site."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def published(editions: Editions) -> Iterator[str]:
    """The address at which a local server shows two editions of the miniature."""
    with serving(editions.public) as address:
        yield address
