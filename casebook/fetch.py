"""Where a text comes from that is to be verified: a file, standard input, an address, or itself."""

from __future__ import annotations

import http.client
import re
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from casebook import block
from casebook.text import one_line

SIZE = 8 * 1024 * 1024
"""The bytes that are read at most."""

SECONDS = 20
"""The time that a server has for each answer."""


class Unreadable(Exception):
    """A text cannot be had; the message says why, and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text and what it is called; `page` says that it is HTML, which shows no markers."""

    name: str
    text: str
    page: bool = False


def source(what: str) -> Source:
    """Return the text of a file, an address or a block; of standard input for `-`.

    Raises Unreadable where it cannot be had.
    """
    if f"<!-- {block.NAME}" in what:
        return _source("the block", what, "")
    if what == "-":
        return _source("standard input", _decoded(sys.stdin.buffer.read(SIZE + 1), "utf-8"), "")
    if re.match(r"[a-z][a-z0-9+.-]*://", what, re.IGNORECASE):
        return _fetched(what)
    try:
        with Path(what).open("rb") as file:
            data = file.read(SIZE + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Unreadable(f"{one_line(what, 200)} cannot be read: {why}") from None
    return _source(one_line(what, 200), _decoded(data, "utf-8"), "")


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


def _fetched(url: str) -> Source:
    """Return what a server answers, on the web alone: an answer may lead nowhere else."""
    shown = one_line(url, 200)
    try:
        if urlsplit(url).scheme.lower() not in ("http", "https"):
            raise Unreadable(f"{shown} is no web address: give one with http or https, or a file")
        headers = {
            "User-Agent": "casebook",
            "Accept": "application/vnd.github+json, application/json, text/*, */*;q=0.1",
        }
        asked = urllib.request.Request(api_address(url), headers=headers)
        with _web().open(asked, timeout=SECONDS) as answer:
            data = answer.read(SIZE + 1)
            kind = answer.headers.get_content_type()
            charset = answer.headers.get_content_charset("utf-8")
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
    return _source(shown, _decoded(data, charset), kind)


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


def _decoded(data: bytes, charset: str) -> str:
    if len(data) > SIZE:
        raise Unreadable(f"it is longer than {SIZE:,} bytes: give the part that holds the block")
    try:
        return data.decode(charset, errors="replace")
    except LookupError:
        return data.decode(errors="replace")


def _source(name: str, text: str, kind: str) -> Source:
    """Return a text; of what GitHub's API answers, the Markdown in it."""
    if "json" in kind or text.lstrip().startswith(("{", "[")):
        try:
            return Source(name, "\n\n".join(_bodies(msgspec.json.decode(text))))
        except msgspec.DecodeError:
            pass  # Markdown may begin with a bracket, too
    page = kind == "text/html" or bool(re.match(r"\s*<(!doctype|html)\b", text, re.IGNORECASE))
    return Source(name, text, page)


def _bodies(answer: object) -> list[str]:
    """Return the Markdown of a comment, an issue or of a list of these."""
    found = answer if isinstance(answer, list) else [answer]
    bodies = (one.get("body") for one in found if isinstance(one, dict))
    return [body for body in bodies if isinstance(body, str)]
