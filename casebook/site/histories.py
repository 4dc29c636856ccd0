"""The pages of histories: one for each digest, which everything that rests on it links to.

They are HTML without Sphinx, since nothing on them is prose. Editions share them: a page lists the
cells of the newest edition that has its history, and the history itself never changes.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from casebook import ENGINE
from casebook.draw.margin import margin, margin_svg
from casebook.editions import addresses
from casebook.judge.results import schema_text
from casebook.plan.investigation import Setting
from casebook.record import History
from casebook.site.book import Book
from casebook.site.releases import linked
from casebook.stored import HISTORIES, StoredHistory, dump_history, folder
from casebook.templates import template, visible

BESIDE = ("favicon.svg", "history.css", "history.js", "theme.js")
"""The engine's static files that lie beside the pages, since editions do not share theirs."""


@dataclass(slots=True)
class Ran:
    """Cells of one pattern under one experiment that ran alike, by their settings.

    `run` is the number of the run, where the two runs of a cell differed, else 0. `swept` counts
    the settings of environments that only axes make.
    """

    pattern: str
    experiment: str
    run: int
    address: str
    settings: list[str] = field(default_factory=list)
    swept: int = 0

    def add(self, setting: Setting, *, swept: bool) -> None:
        """Add a setting in which the cell ran like this."""
        if swept:
            self.swept += 1
        else:
            self.settings.append(", ".join(setting))


def history_pages(books: Sequence[Book], site: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of each history's page, and of what lies beside them.

    `site` is what the site is called.
    """
    for name in BESIDE:
        text = (ENGINE / "static" / name).read_text(encoding="utf-8")
        yield f"{addresses.HISTORIES}/{name}", text
    yield f"{addresses.HISTORIES}/history.schema.json", schema_text(StoredHistory)
    made: set[str] = set()
    ran = _ran(books)
    for book in books:
        for digest, history in book.releases.histories.items():
            if digest in ran and digest not in made:
                made.add(digest)
                text = _page(book, digest, history, list(ran[digest].values()), site)
                yield addresses.history(digest), text


def _ran(books: Iterable[Book]) -> dict[str, dict[tuple[str, ...], Ran]]:
    """Return the cells that ran like each history, by its digest.

    Of those that only cells of swept environments have, pages are made where one links to them.
    """
    found: dict[str, dict[tuple[str, ...], Ran]] = {}
    for book in books:
        wanted = {*book.report.histories, *linked(book)}
        for setting, record in book.releases.records.items():
            for cell in record.cells:
                for run, digest in enumerate(cell.histories, 1):
                    if digest not in wanted:
                        continue
                    number = run if len(cell.histories) > 1 else 0
                    key = book.investigation.id, cell.pattern, cell.experiment, str(number)
                    alike = found.setdefault(digest, {})
                    if key not in alike:
                        address = addresses.pattern(book.investigation, cell.pattern)
                        alike[key] = Ran(cell.pattern, cell.experiment, number, address)
                    alike[key].add(setting, swept=setting not in book.report.records)
    return found


def _page(book: Book, digest: str, history: History, ran: Sequence[Ran], site: str) -> str:
    diagram = book.investigation.diagram
    drawn = margin(history, diagram) if diagram else None
    first = ran[0]
    return template("pages/history.html.j2").render(
        title=f"{first.experiment} of {first.pattern}"
        + (f" and {len(ran) - 1} more" if len(ran) > 1 else ""),
        site=site,
        history=history,
        ran=ran,
        cells=sum(len(one.settings) + one.swept for one in ran),
        margin=drawn,
        drawn=Markup(margin_svg(drawn)) if drawn else "",
        lines=Markup(_lines(history)),
        folder=f"{folder(book.investigation.id)}/{HISTORIES}/",
    )


def _lines(history: History) -> str:
    """Return the history's file as HTML, each event an item that is named by its number.

    An item ends where the next one begins, as HTML has it: a site holds hundreds of thousands.
    """
    head, *lines, tail, end = html.escape(visible(dump_history(history)), quote=False).split("\n")
    items = "".join(
        f"<li id={number}>{line}\n" if line else "\n" for number, line in enumerate(lines, 1)
    )
    return f"{head}\n<ol>{items}</ol>{tail}\n{end}"
