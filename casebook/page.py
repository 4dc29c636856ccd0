"""A page as a reader sees it: its text and its links."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

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


def read(html: str) -> Page:
    """Return what a page shows."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page("".join(reader.text), tuple((href, "".join(words)) for href, words in reader.links))


class _Reader(HTMLParser):
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
