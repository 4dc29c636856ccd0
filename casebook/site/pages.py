"""The pages: a complete Sphinx source tree, rendered from reports by Jinja templates.

Prose is `docs/*.md` and `docs/<investigation>/**/*.md`, templates themselves; the pages that every
investigation has come from the engine's templates. What a template shows is computed in
`casebook.site.book`.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2

from casebook.editions import addresses, manifest, names
from casebook.editions.manifest import Manifest, manifest_of
from casebook.editions.names import dump_names, names_of
from casebook.files import write_whole
from casebook.judge import results
from casebook.judge.observed import short
from casebook.judge.report import Report
from casebook.plan.conf import investigation_ids
from casebook.plan.investigation import Investigation
from casebook.plan.mistakes import PlanError
from casebook.site import prose
from casebook.site.book import Book
from casebook.site.descriptions import descriptions, front_matter
from casebook.site.downloads import downloads
from casebook.site.histories import history_pages
from casebook.site.mistakes import check_title, fix_of, mistake
from casebook.site.pattern import PatternPage
from casebook.site.releases import ReleasesPage
from casebook.site.statements import StatementsPage
from casebook.site.swept import swept_pages
from casebook.site.words import words
from casebook.stored import Record
from casebook.templates import environment
from casebook.text import fence

EXTRA = "extra"
"""The folder of `build/docs` whose files Sphinx copies to the root of the site."""

PAGES = {"index.md": "investigation", "controls.md": "controls"}
"""The template of each page that every investigation has, whatever its chapters are."""

RECORD_SCHEMA = "record.schema.json"
"""Where the schema of the records is on the site, relative to its root."""


def render(
    root: Path,
    reports: Sequence[Report],
    build: Path,
    extra: Mapping[str, str] | None = None,
    site_url: str = "",
    *,
    title: str = "",
    published: bool = False,
) -> int:
    """Write the Sphinx source tree of the reports into `build/docs`; return how many files changed.

    `extra` holds files for the site's root by name, such as `verdicts.json`; what readers paste
    elsewhere begins with `site_url`; `title` is what the site is called. Histories' pages are files
    for the root, too; of a site that is to be `published` they lie in `build/histories`, since
    editions share them, and its pages link to the folder beside the edition. Only files whose
    content changed are written. Files that no longer belong there are removed, but the pages of an
    investigation in `conf/` that is not among the reports stay as they are. Raises LookupError for
    a pattern without a function, OSError where its module cannot be read and, when everything is
    written, `prose.Contradiction` for sentences whose findings say otherwise; they are marked so.
    """
    folder = build / "docs"
    books = [Book(root, report) for report in reports]
    others = sorted(set(investigation_ids(root)) - {book.investigation.id for book in books})
    kept_as_they_are = [name for name in others if (folder / name).is_dir()]
    site = _Site(root, books, kept_as_they_are, site_url, published)
    wanted = dict(site.pages())
    known = manifest_of(reports, map(_address, wanted))
    wanted = dict(_fronted(books, wanted, known))
    wanted[names.FILE] = dump_names(names_of(reports))
    wanted |= {f"{EXTRA}/{name}": text for name, text in manifest.files(known)}
    wanted[f"{EXTRA}/{RECORD_SCHEMA}"] = results.schema_text(Record)
    for book in books:
        offered = downloads(book, site_url)
        wanted |= {f"{EXTRA}/{name}": text for name, text in offered}
    wanted |= {f"{EXTRA}/{name}": text for name, text in (extra or {}).items()}
    above = "../" if published else f"{EXTRA}/"
    wanted |= {f"{above}{name}": text for name, text in history_pages(books, title)}
    changed = sum(write_whole(folder / name, text, durable=False) for name, text in wanted.items())
    kept = tuple(
        f"{above}{name}/"
        for name in site.others
        for above in ("", f"{EXTRA}/", f"{EXTRA}/{manifest.NOW}/")
    )
    changed += _remove_others(folder, wanted, kept)
    if site.contradictions:
        raise prose.Contradiction("\n".join(site.contradictions))
    return changed


def _address(name: str) -> str:
    """Return the address of the page that Sphinx makes of a source."""
    return f"{name.removesuffix('.md')}.html"


def _way(folder: str, address: str) -> str:
    """Return the shortest way from a page in a folder of the site to an address there."""
    page, at, id = address.partition("#")
    return f"{posixpath.relpath(page, folder or '.')}{at}{id}"


def _fronted(
    books: Sequence[Book], pages: Mapping[str, str], known: Manifest
) -> Iterator[tuple[str, str]]:
    """Yield the pages, each with what it says of itself where it is linked."""
    described = descriptions(books)
    for name, text in pages.items():
        address = _address(name)
        verdicts = manifest.now(address) if manifest.told(known.pages[address]) else ""
        description = described.get(name.removesuffix(".md"), "")
        yield name, front_matter(text, description, verdicts)


def _remove_others(folder: Path, wanted: Mapping[str, str], kept: tuple[str, ...]) -> int:
    """Remove the files of `folder` that are neither wanted nor kept, and folders empty then."""
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in wanted and not name.startswith(kept):
            path.unlink()
            removed += 1
    return removed


# --- The tree -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """An investigation on the front page, and its answer, already rendered."""

    book: Book
    text: str


class _Site:
    """Renders the pages of the reports; the pages of the `others` stay as they are."""

    def __init__(
        self, root: Path, books: list[Book], others: list[str], site_url: str, published: bool
    ) -> None:
        self.published = published
        self.docs = root / "docs"
        self.books = books
        self.others = others
        self.site_url = site_url
        self.templates = {
            id: environment(self.docs / id, self.docs)
            for id in ("", *(book.investigation.id for book in books))
        }
        for made in self.templates.values():
            made.filters["short"] = short
        self.contradictions: dict[str, None] = {}

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the text of each page."""
        yield from self.front_pages()
        for book in self.books:
            yield from self.chapters(book)

    @property
    def alone(self) -> bool:
        """Whether the front page is the one investigation's answer."""
        return len(self.books) == 1 and not self.others

    @property
    def toctree(self) -> list[str]:
        """The pages of the navigation's first level."""
        if self.alone and not self.prose(self.books[0].investigation.id).get("index.md"):
            only = self.books[0].investigation
            return [f"{only.id}/{name}" for name in self.navigation(only)]
        own = [book.investigation.id for book in self.books]
        return [f"{name}/index" for name in (*own, *self.others)]

    def navigation(self, investigation: Investigation) -> list[str]:
        """The pages below an investigation's first page: its chapters, then its other prose."""
        prose = (name.removesuffix(".md") for name in sorted(self.prose(investigation.id)))
        shown = (name for name in prose if f"{name}.md" not in PAGES and "/" not in name)
        return list(dict.fromkeys((*investigation.chapters, *shown)))

    def front_pages(self) -> Iterator[tuple[str, str]]:
        pages = {"index.md": "pages/index.md.j2"}
        pages |= {path.name: path.name for path in self.docs.glob("*.md")}
        part = "summary" if self.alone else "short"
        summaries = [
            Summary(book, self.render(f"parts/{part}.md.j2", "index.md", book))
            for book in self.books
        ]
        only = self.books[0] if self.alone else None
        values = {"summaries": summaries, "toctree": self.toctree}
        for name, template in sorted(pages.items()):
            yield name, self.render(template, name, only, **values)

    def chapters(self, book: Book) -> Iterator[tuple[str, str]]:
        id = book.investigation.id
        pages = {name: f"pages/{template}.md.j2" for name, template in PAGES.items()}
        pages |= {"releases.md": "pages/releases.md.j2"} if book.investigation.axes else {}
        chapters = book.investigation.chapters
        for name in chapters:
            pages[f"{name}.md"] = f"pages/{name}.md.j2"
            if f"{name}.md" not in self.prose(id) and not self.has_template(
                id, f"pages/{name}.md.j2"
            ):
                problem = f"{name!r} has no template, and there is no docs/{id}/{name}.md"
                fix = "write it, or delete the name"
                raise PlanError(book.investigation.file, "chapters", problem, fix)
        navigation = self.navigation(book.investigation)
        values = {
            "alone": self.alone,
            "chapters": navigation,
            "statements": StatementsPage(book),
            "over": ReleasesPage(book),
        }
        for name, template in sorted((pages | self.prose(id)).items()):
            text = self.render(template, f"{id}/{name}", book, **values)
            if (self.docs / template).is_file():
                check_title(f"docs/{template}", text)
            if name == "index.md" and "{toctree}" not in text:  # each page must be in some list
                text += self.render("parts/navigation.md.j2", f"{id}/{name}", book, **values)
            yield f"{id}/{name}", text
        for pattern in book.investigation.patterns:
            name = f"{id}/patterns/{pattern.id}.md"
            yield (
                name,
                self.render("pages/pattern.md.j2", name, book, page=PatternPage(book, pattern)),
            )
        for swept in swept_pages(book):
            name = f"{id}/releases/{swept.environment.id}.md"
            yield (
                name,
                self.render("pages/swept.md.j2", name, book, page=swept, over=values["over"]),
            )
        for answer in book.answers:
            name = f"{id}/backends/{answer.backend.id}.md"
            yield name, self.render("pages/backend.md.j2", name, book, answer=answer)

    def has_template(self, investigation: str, name: str) -> bool:
        """Return whether a page of this template can be rendered."""
        return name in self.templates[investigation].list_templates()

    def prose(self, investigation: str) -> dict[str, str]:
        """Return the template of each page of prose, by its name in the investigation's folder."""
        folder = self.docs / investigation
        return {
            path.relative_to(folder).as_posix(): path.relative_to(self.docs).as_posix()
            for path in folder.rglob("*.md")
        }

    def render(self, template: str, name: str, book: Book | None, **values: Any) -> str:
        """Render one page. `up` leads from it to the site's root, and `to` by the shortest way to
        an address; `html` embeds an HTML template, `held` and `graded` mark what a sentence rests
        on, `told` chooses its words, `drawn` shows a history and `code` what a pattern's function
        is.
        """
        up = "../" * (len(PurePosixPath(name).parts) - 1)
        to = functools.partial(_way, posixpath.dirname(name))
        context: dict[str, Any] = {"up": up, "to": to, "fence": fence, "addresses": addresses}
        context["shared"] = f"{up}../" if self.published else up
        context |= {"site_url": self.site_url, **values}
        if book:
            context |= {"book": book, "report": book.report, "investigation": book.investigation}
            context |= words(book, self.docs, up, self.contradictions)

        templates = self.templates[book.investigation.id if book else ""]

        def html(part: str, **more: Any) -> str:
            text = templates.get_template(part).render(context | more)
            return fence(text, "{raw} html") if text.strip() else ""

        try:
            return templates.get_template(template).render(context | {"html": html})
        except (LookupError, TypeError, jinja2.TemplateError) as error:
            said = re.sub(r"\S*<locals>\.", "", str(error)) or type(error).__name__
            known = {*context, *templates.globals, "html"}
            found = mistake(error, self.docs, said, fix_of(said, sorted(known)))
            if found is None:  # the mistake is in the engine's own template
                raise
            raise found from error
        except PlanError as error:
            found = mistake(error, self.docs, error.problem, error.fix)
            if found is None or (book and error.file != book.investigation.file):
                raise
            raise found from error
