"""How soon a citation's target can be used on a slow phone, measured in Chromium."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

from bench import site
from bench.figures import Figure
from tests.browser import chromium

SECONDS = 2.5
SLOWER = 4
"""By how much the processor is slowed down. The page's text says this and what follows, too."""

KILOBITS = 1600
ROUND_TRIP = 150
"""Milliseconds: Lighthouse's slow 4G, from which the speed is, too."""

TIMES = 3

PATIENCE = 120_000
"""Milliseconds after which a page is given up."""

WATCH = """
const usable = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const place = target && target.getBoundingClientRect();
  const seen = place && place.bottom > 0 && place.top < innerHeight && place.height > 0;
  // Styles are there, scripts have run, and the target is in view in a frame that was painted.
  if (seen && document.readyState !== 'loading' && performance.timing.domContentLoadedEventEnd) {
    requestAnimationFrame(() => setTimeout(() => console.info(`usable ${performance.now()}`)));
  } else {
    requestAnimationFrame(usable);
  }
};
requestAnimationFrame(usable);
"""
"""Tells when the target is in view and the page could answer to a finger."""


def measure(root: Path, folder: Path) -> Iterator[Figure]:
    """Yield the figure of the pages that citations lead to, sent as most hosts send them."""
    html = site.built(root, folder / "site") / "build" / "html"
    targets = chosen(html)
    program = chromium.find()
    if program is None:
        raise LookupError(chromium.WANTED)
    with serving(html) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=chromium.options())
        took = {target: seconds(browser, f"{address}/{target}") for target in targets}
        browser.close()
    named = (
        f"{PurePosixPath(target.partition('#')[0]).stem} {took[target]:.1f} s" for target in targets
    )
    yield Figure(
        id="phone",
        group="The site",
        what="From a citation's link to its finding in view and usable, on a slow phone",
        goal=f"under {SECONDS} s",
        figure=f"{' and '.join(named)}, the pattern's page of median size and the largest",
        reached=max(took.values()) < SECONDS,
    )


def chosen(html: Path) -> tuple[str, str]:
    """Return the last finding on the page of median size and on the largest, as addresses."""
    pages = sorted(html.glob("*/patterns/*.html"), key=lambda path: path.stat().st_size)
    published = json.loads((html / "verdicts.json").read_text(encoding="utf-8"))
    cited = {PurePosixPath(one["url"].partition("#")[0]).name: one for one in published["findings"]}

    def address(page: Path) -> str:
        return f"{page.relative_to(html).as_posix()}#{cited[page.name]['url'].partition('#')[2]}"

    return address(pages[len(pages) // 2]), address(pages[-1])


def seconds(browser: Browser, address: str) -> float:
    """Return the median time until the target is usable, in seconds, each with nothing cached."""
    return statistics.median(_once(browser, address) for _ in range(TIMES))


def _once(browser: Browser, address: str) -> float:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    speed = KILOBITS * 1000 / 8
    conditions = {"latency": ROUND_TRIP, "downloadThroughput": speed, "uploadThroughput": speed / 2}
    session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    with page.expect_console_message(_tells, timeout=PATIENCE) as told:
        page.goto(address, wait_until="commit")
    took = float(told.value.text.split()[1]) / 1000
    context.close()
    return took


def _tells(message: ConsoleMessage) -> bool:
    return str(message.text).startswith("usable ")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, compressed, and give its address."""
    handler = functools.partial(_Compressing, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Compressing(http.server.SimpleHTTPRequestHandler):
    """Sends text compressed, each file once."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".html", ".css", ".js", ".svg", ".json") or not path.is_file():
            super().do_GET()
            return
        data = _compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Say nothing of each request."""


@functools.cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes())
