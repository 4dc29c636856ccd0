"""Where a text comes from that is to be verified: a file, standard input, an address, or itself."""

from __future__ import annotations

import http.client
import queue
import re
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from casebook.cite import block
from casebook.text import decoded, one_line

SIZE = 8 * 1024 * 1024
"""The bytes that are read at most."""

SECONDS = 20
"""The time that a server has for its whole answer, and for those that it leads to."""


Result = TypeVar("Result")


class Unreadable(Exception):
    """A text cannot be had; the message says why, and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text and what it is called; `page` says that it is HTML, which shows no markers."""

    name: str
    text: str
    page: bool = False


def read_source(what: str) -> GivenText:
    """Return the text of a file, an address or a block; of standard input for `-`.

    Raises Unreadable where it cannot be had.
    """
    if f"<!-- {block.NAME}" in what:
        return _source("the block", what, "")
    if what == "-":
        return _source("standard input", _decoded(sys.stdin.buffer.read(SIZE + 1)), "")
    if re.match(r"[a-z][a-z0-9+.-]*://", what, re.IGNORECASE):
        return _fetched(what)
    try:
        with Path(what).open("rb") as file:
            data = file.read(SIZE + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Unreadable(f"{one_line(what, 200)} cannot be read: {why}") from None
    return _source(one_line(what, 200), _decoded(data), "")


def api_address(url: str) -> str:
    """Return where GitHub has the Markdown behind the address of a comment, an issue or a pull.

    Any other address is returned as it is. Raises Unreadable for a comment in a discussion, whose
    Markdown has no address.
    """
    parts = urlsplit(url)
    if parts.hostname not in ("github.com", "www.github.com"):
        return url
    place = f"{parts.path}#{parts.fragment}"
    for pattern, address in _GITHUB:
        if found := re.fullmatch(pattern, place):
            return f"https://api.github.com/repos/{found.expand(address)}"
    if "#discussioncomment-" in place:
        raise Unreadable("GitHub has no address for a discussion's Markdown: save it to a file")
    return url


_GITHUB = (
    (r"/([^/]+/[^/]+)/(?:issues|pull)/\d+(?:/[^#]*)?#issuecomment-(\d+)", r"\1/issues/comments/\2"),
    (r"/([^/]+/[^/]+)/pull/\d+(?:/[^#]*)?#discussion_r(\d+)", r"\1/pulls/comments/\2"),
    (r"/([^/]+/[^/]+)/pull/(\d+)(?:/[^#]*)?#pullrequestreview-(\d+)", r"\1/pulls/\2/reviews/\3"),
    (r"/([^/]+/[^/]+)/(?:issues|pull)/(\d+)(?:#(?:issue-\d+)?)?", r"\1/issues/\2"),
)


def _fetched(url: str) -> GivenText:
    data, kind, charset = fetched(url)
    return _source(one_line(url, 200), _decoded(data, charset), kind)


def fetched(url: str, size: int = SIZE) -> tuple[bytes, str, str | None]:
    """Return what a server answers, at most a byte more than `size`, its kind and its encoding.

    It is asked on the web alone: an answer may lead nowhere else. Raises Unreadable.
    """
    shown = one_line(url, 200)
    try:
        if urlsplit(url).scheme.lower() not in ("http", "https"):
            raise Unreadable(f"{shown} is not an http:// or https:// URL, and not a file")
        headers = {
            "User-Agent": "casebook",
            "Accept": "application/vnd.github+json, application/json, text/*, */*;q=0.1",
        }
        asked = urllib.request.Request(api_address(url), headers=headers)
        return _in_time(lambda: _answer(asked, size))
    except urllib.error.HTTPError as error:
        hint = ""
        if error.code in (401, 403, 404, 429) and "github" in error.url:
            hint = "; signed in, `gh api ADDRESS` prints it: give that to `verify -- -`"
        reason = one_line(str(error.reason), 80)
        raise Unreadable(
            f"{one_line(error.url, 200)} answers {error.code} {reason}{hint}"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise Unreadable(f"{shown} cannot be read: {one_line(str(why), 200)}") from None


def _answer(asked: urllib.request.Request, size: int) -> tuple[bytes, str, str | None]:
    """Return what a server answers, its kind, and the encoding that it names."""
    with _web().open(asked, timeout=SECONDS) as answer:
        headers = answer.headers
        return answer.read(size + 1), headers.get_content_type(), headers.get_content_charset()


def _in_time(work: Callable[[], Result]) -> Result:
    """Return what `work` returns, or raise what it raises; TimeoutError after SECONDS.

    A socket's own limit is for each read: a server that sends a byte now and then never meets it.
    """
    came: queue.SimpleQueue[tuple[Result | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            came.put((work(), None))
        except BaseException as error:
            came.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = came.get(timeout=SECONDS)
    except queue.Empty:
        raise TimeoutError(f"no whole answer within {SECONDS} s") from None
    if error is not None:
        raise error
    return cast(Result, result)


def _web() -> urllib.request.OpenerDirector:
    """Return what opens addresses of the web and no others, also where an answer leads on."""
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        made.add_handler(handler())
    return made


def _decoded(data: bytes, charset: str | None = None) -> str:
    """Return text in the encoding that a server names, else in the one that it shows."""
    if len(data) > SIZE:
        raise Unreadable(f"it is longer than {SIZE:,} bytes: give the part that holds the block")
    try:
        shown = data.decode(charset, errors="replace") if charset else decoded(data)
    except (LookupError, UnicodeError):  # some encodings take no `errors`
        return decoded(data)
    return shown.removeprefix("\ufeff")


def _source(name: str, text: str, kind: str) -> GivenText:
    """Return a text; of what GitHub's API answers, the Markdown in it."""
    if "json" in kind or text.lstrip().startswith(("{", "[")):
        try:
            return GivenText(name, "\n\n".join(_bodies(msgspec.json.decode(text))))
        except (msgspec.DecodeError, RecursionError):
            pass  # Markdown may begin with a bracket, too
    page = kind == "text/html" or bool(re.match(r"\s*<(!doctype|html)\b", text, re.IGNORECASE))
    return GivenText(name, text, page)


def _bodies(answer: object) -> list[str]:
    """Return the Markdown of a comment, an issue or of a list of these."""
    found = answer if isinstance(answer, list) else [answer]
    bodies = (one.get("body") for one in found if isinstance(one, dict))
    return [body for body in bodies if isinstance(body, str)]


HIDDEN = frozenset({"head", "script", "style", "template"})
"""The elements whose text nobody sees."""


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page, and its links in order: where each leads, and its words."""

    text: str
    every_link: tuple[tuple[str, str], ...]

    def links(self, words: str) -> tuple[str, ...]:
        """Return where the links lead that have these words, each once."""
        found = (href for href, shown in self.every_link if " ".join(shown.split()) == words)
        return tuple(dict.fromkeys(found))


def read_page(html: str) -> Page:
    """Return what a page shows."""
    reader = _PageReader()
    reader.feed(html)
    reader.close()
    return Page("".join(reader.text), tuple((href, "".join(words)) for href, words in reader.links))


class _PageReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[tuple[str, list[str]]] = []
        self.hidden = 0
        self.linked = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in HIDDEN
        if tag == "a":
            self.linked = True
            self.links.append((dict(attrs).get("href") or "", []))

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(0, self.hidden - (tag in HIDDEN))
        self.linked = self.linked and tag != "a"

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text.append(data)
            if self.linked:
                self.links[-1][1].append(data)
