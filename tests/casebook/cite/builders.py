"""Reports to cite, what libraries may say, and the reply without its markers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markdown_it import MarkdownIt

from casebook.cite import block
from casebook.cite.buttons import FIRST
from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.judge.report import Report
from casebook.plan.investigation import Database
from casebook.record import History
from tests.casebook.draw.builders import DIAGRAM
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    OBSERVED,
    a_record,
    an_environment,
    judged,
)

SITE = "https://casebook.example/"
DIGEST = "b3055f7accbb" + "0" * 52
PAGE = "https://casebook.example/b3055f7accbb/tiny/patterns/used.html"
LINK = f"{PAGE}#good.used.now.sqlite"
LATEST = LINK.replace("b3055f7accbb", "latest")

TWO_ENVIRONMENTS = replace(
    INVESTIGATION, environments=(an_environment(), an_environment("earlier"))
)


def in_two_environments(now: History | None, earlier: History | None) -> Report:
    records = [
        a_record({**OBSERVED, ("used", "use"): now}),
        a_record({**OBSERVED, ("used", "use"): earlier}, "earlier"),
    ]
    return judged(investigation=TWO_ENVIRONMENTS, records=records, digest=DIGEST)


def on_two_databases(first: History, second: History) -> Report:
    described = (Database("sqlite", "SQLite"), Database("postgresql", "PostgreSQL"))
    investigation = replace(
        INVESTIGATION, databases=("sqlite", "postgresql"), described=described, diagram=DIAGRAM
    )
    records = [
        a_record({**OBSERVED, ("used", "use"): first}),
        a_record({**OBSERVED, ("used", "use"): second}, database="postgresql"),
    ]
    return judged(investigation=investigation, records=records, digest=DIGEST)


def content(
    report: Report, *asked: Any, script: Any = lambda finding: None, full: bool = True
) -> str:
    """Return what a reply says between its markers."""
    (one,) = block.found(cite(Citations(report, SITE, script), *asked, full=full))
    assert one.whole
    return one.content


def table(text: str) -> list[str]:
    """Return the rows of a reply's table, without its head."""
    first = text[text.index("\n|") + 1 :].partition("\n\n")[0]
    return [line for line in first.splitlines() if line.startswith("|")][2:]


HOSTILE = (
    "`x` | <script>alert(1)</script> @octocat #12 [a](http://e.example)\n\n# big *bold* \x1b[2J"
)


def rendered(text: str) -> str:
    """Return a page as GitHub shows a block: without comments, and with its own class names."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    kept = "".join(line for line in html.splitlines(True) if not line.startswith("<!--"))
    return f"<!DOCTYPE html><html><head><title>x</title></head><body>{kept}</body></html>"


REPORT = replace(on_two_databases(GOOD, BAD), digest=DIGEST)


def script(finding: Any) -> str:
    return "print('it held')\n"


def composed(report: Any, site_url: str) -> Citations:
    return Citations(report, site_url, script)


def text_of(report: Any = REPORT, *asked: Any) -> str:
    return cite(composed(report, SITE), *(asked or ("good", "used")), full=True)


# --- What buttons give ----------------------------------------------------------------------------


def held(text: str, kind: str = "Citations") -> Any:
    """Return what a file holds for the page's script."""
    variable = f"window.casebook{kind} = "
    assert text.startswith(variable)
    return json.loads(text.removeprefix(variable).removesuffix(";\n"))


def numbers(file: Any, id: str) -> list[int]:
    """Return the numbers of the pieces that a text is joined from."""
    codes = map(ord, file["texts"][id])
    return [code - (FIRST if code < 0xD800 else FIRST + 0x800) for code in codes]


def given(file: Any, id: str, own: Mapping[str, str] | None = None) -> str:
    """Return the text that a button gives; `own` says what stands for its signs."""
    text = "".join(file["pieces"][number] for number in numbers(file, id))
    for sign, word in (own or {}).items():
        text = text.replace(sign, word)
    return text
