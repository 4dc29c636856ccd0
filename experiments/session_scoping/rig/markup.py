"""Reads a page as a browser does: by its elements, whatever else a release writes into its tags."""

from __future__ import annotations

from html.parser import HTMLParser


def cells(page: str, column: str) -> list[str]:
    """Return the texts of one column of the lists on a page, in order, without extra spaces."""
    reader = _CellReader(f"col-{column}")
    reader.feed(page)
    reader.close()
    return [" ".join("".join(texts).split()) for texts in reader.found]


def is_page(text: str) -> bool:
    """Return whether a text is a whole page, which has a title, and not a part of one."""
    reader = _TagReader()
    reader.feed(text)
    return "title" in reader.found


class _TagReader(HTMLParser):
    """Collects the names of the elements that a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


class _CellReader(HTMLParser):
    """Collects the texts of the cells of one class; `found` holds each cell's pieces of text."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self._wanted = wanted
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "td":
            self._inside = self._wanted in (dict(attrs).get("class") or "").split()
            if self._inside:
                self.found.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1].append(data)
