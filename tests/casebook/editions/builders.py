"""A reader who follows addresses in a folder of editions."""

import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from casebook.editions import manifest
from casebook.editions.manifest import read_manifest


class Ids(HTMLParser):
    """The ids and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id" and value:
                self.ids.add(value)
            if name == "href" and value and tag == "a":
                self.links.append(value)


class Reader:
    """Follows addresses in a folder of editions; what scripts do is done as they say."""

    def __init__(self, public: Path) -> None:
        self.public = public
        self.pages: dict[str, Ids] = {}

    def page(self, address: str) -> Ids:
        if address not in self.pages:
            text = (self.public / address).read_text(encoding="utf-8")
            self.pages[address] = Ids(text)
        return self.pages[address]

    def arrive(self, address: str, steps: int = 6) -> str:
        """Return where a reader ends who opens an address, relative to the folder."""
        assert steps, f"{address} leads round in circles"
        page, _, id = address.partition("#")
        text = (self.public / page).read_text(encoding="utf-8")
        forward = re.search(r'<html [^>]*data-to="([^"]*)"', text)
        if forward:
            return self.arrive(
                self.joined(page, f"{forward[1]}#{id}" if id else forward[1]), steps - 1
            )
        if (not id and "data-went" not in text) or id in self.page(page).ids:
            return address
        leads = self.redirects(page)
        beginnings = [id[:end] for end in range(len(id), 0, -1) if end == len(id) or id[end] == "."]
        for one in beginnings:
            if one in self.page(page).ids:
                return f"{page}#{one}"
            if one in leads:
                return self.arrive(leads[one] + id[len(one) :], steps - 1)
        if "data-went" in text:
            return self.arrive(f"{leads['']}#{id}" if id else leads[""], steps - 1)
        raise AssertionError(f"{address} leads nowhere")

    def redirects(self, page: str) -> dict[str, str]:
        folder, _, own = page.partition("/")
        if folder != "latest":
            return {}
        if own not in said(self.public / "editions.js")["editions"]["redirects"]:
            return {}
        return said(self.public / manifest.script_of("redirects", own))["redirects"]

    def joined(self, page: str, link: str) -> str:
        address, _, id = link.partition("#")
        own = self.public / page
        path = os.path.normpath(own.parent / unquote(address) if address else own)
        whole = os.path.relpath(path, self.public)
        return f"{whole}#{id}" if id else whole


def said(script: Path) -> dict:
    """Return what a script of ours hands over."""
    text = script.read_text(encoding="utf-8")
    return json.loads(text[text.index("{", text.index("?? {}") + 5) : -3])


def addresses_of(public: Path, name: str) -> Iterator[str]:
    for page, held in read_manifest(public / name).pages.items():
        yield page
        yield from (f"{page}#{id}" for id in held.ids)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
