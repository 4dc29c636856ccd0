"""What a parser as strict as the standard makes of a page, kept as plain data."""

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import html5lib

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
ELSEWHERE = ("http://", "https://", "mailto:", "data:")


@dataclass(frozen=True)
class Parsed:
    """A page: what is wrong with its text, and what the tests ask of it."""

    errors: list[str]
    lang: str
    ids: list[str]
    links: list[str]
    unnamed: list[str]
    headings: list[int]
    policy: str
    inline_scripts: int


def parse_all(site: Path) -> dict[str, Parsed]:
    """Return each page of a site by its address, parsed by two processes."""
    files = sorted(site.rglob("*.html"), key=lambda file: -file.stat().st_size)
    with ProcessPoolExecutor(2) as pool:
        parsed = pool.map(parse, files, chunksize=1)
        return {
            file.relative_to(site).as_posix(): one for file, one in zip(files, parsed, strict=True)
        }


def parse(file: Path) -> Parsed:
    """Return what stands in a page."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    with file.open("rb") as opened:
        tree = parser.parse(opened, transport_encoding="utf-8")
    elements = [one for one in tree.iter() if isinstance(one.tag, str)]
    return Parsed(
        errors=[f"{place}: {code} {values}" for place, code, values in parser.errors],
        lang=tree.get("lang", ""),
        ids=[id for one in elements if (id := one.get("id")) is not None],
        links=[link for one in elements if (link := _link(one))],
        unnamed=[str(one.attrib) for one in elements if _is_picture(one) and not _name(one)],
        headings=[HEADINGS.index(one.tag) + 1 for one in elements if one.tag in HEADINGS],
        policy=next((one.get("content") for one in elements if _is_policy(one)), ""),
        inline_scripts=sum(one.tag == "script" and not one.get("src") for one in elements),
    )


def _is_policy(element: Any) -> bool:
    return element.tag == "meta" and element.get("http-equiv") == "Content-Security-Policy"


def _link(element: Any) -> str | None:
    """Return what on the site an element refers to, if it refers to something there."""
    link = element.get("href") or element.get("src")
    return link if link and not link.startswith(ELSEWHERE) else None


def _is_picture(element: Any) -> bool:
    return element.tag == "img" or (element.tag.endswith("svg") and element.get("role") == "img")


def _name(element: Any) -> str | None:
    """Return what a screen reader calls a picture: `alt=""` says that it is no picture at all."""
    if element.tag == "img":
        return "decoration" if element.get("alt") == "" else element.get("alt")
    titles = (one.text for one in element if str(one.tag).endswith("title"))
    return element.get("aria-label") or next(titles, None)


# --- Kept for the other processes -----------------------------------------------------------------


def keep(pages: dict[str, Parsed], file: Path) -> None:
    """Write pages into a file."""
    file.write_text(json.dumps({address: asdict(one) for address, one in pages.items()}))


def read(file: Path) -> dict[str, Parsed]:
    """Return the pages that `keep` wrote."""
    kept = json.loads(file.read_text())
    return {address: Parsed(**one) for address, one in kept.items()}
