"""The words of prose: the functions that a page of prose or a template may call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from casebook import templates
from casebook.draw.timeline import Excerpt
from casebook.editions import addresses
from casebook.judge.settings import ShownSetting
from casebook.plan.investigation import Backend
from casebook.site import prose, situations
from casebook.site.book import Book
from casebook.site.filters import Filters, filters
from casebook.site.mistakes import line_of
from casebook.site.pattern import drawn_lifecycles
from casebook.site.prose import Recorded
from casebook.text import fence


def words(book: Book, docs: Path, up: str, contradictions: dict[str, None]) -> dict[str, Any]:
    """Return the functions by their names, for a page from which `up` leads to the site's root.

    `docs` is the folder of the prose; each sentence whose findings say otherwise is added to
    `contradictions`.
    """
    return _marks(book, docs, up, contradictions) | _figures(book)


def _marks(book: Book, docs: Path, up: str, contradictions: dict[str, None]) -> dict[str, Any]:
    """Return the functions by which prose names what holds it."""

    def mark(support: prose.Support, denied: str = "") -> str:
        template = templates.template("parts/held.html.j2")
        return template.render(up=up, support=support, denied=denied).strip()

    def checked(find: Callable[..., prose.Support], file: str, words: tuple[str, ...]) -> str:
        try:
            name = f"docs/{file}" if (docs / file).is_file() else file
            return mark(find(book, f"{name}: line {line_of(file)}", *words))
        except prose.Contradiction as error:
            contradictions[str(error)] = None
            page = f"{book.investigation.id}/comparison.html"
            return mark(prose.Support(page, ", ".join(words), True), denied=str(error))

    @jinja2.pass_context
    def held_by_finding(context: jinja2.runtime.Context, *finding: str) -> str:
        return checked(prose.held, context.name or "", finding)

    @jinja2.pass_context
    def held_by_grade(context: jinja2.runtime.Context, *grade: str) -> str:
        return checked(prose.graded, context.name or "", grade)

    def told(claim: str, pattern: str, environment: str, **words: str) -> str:
        text, support = prose.told(book, claim, pattern, environment, words)
        return text + mark(support)

    def since(claim: str, pattern: str, environment: str, package: str) -> str:
        found = prose.since(book, claim, pattern, environment, package)
        address = addresses.releases(book.investigation, found.course)
        template = templates.template("parts/since.html.j2")
        return template.render(up=up, address=address, over=found).strip()

    def evidence(cell: Recorded) -> Markup:
        observed = cell.history is not None and not cell.setting.not_rerun
        reason = cell.reason or cell.setting.not_rerun
        return Markup(mark(prose.Support(cell.address, cell.says, observed, reason)))

    return {
        "evidence": evidence,
        "held": held_by_finding,
        "graded": held_by_grade,
        "since": since,
        "told": told,
    }


def _figures(book: Book) -> dict[str, Any]:
    """Return the functions by which prose shows what ran and what was recorded.

    `drawn` takes a pattern, an experiment and an environment, and of which part a history is
    drawn; see `excerpt.Excerpt`. Its `marks` are kinds of events that are shown, too.
    """

    def code(pattern: str) -> str:
        return fence(book.source(book.investigation.pattern(pattern)), "python")

    @jinja2.pass_context
    def drawn(
        context: jinja2.runtime.Context,
        pattern: str,
        experiment: str,
        environment: str,
        since: str = "",
        until: str = "",
        before: str = "",
        marks: Sequence[str] = (),
    ) -> str:
        prose.check_events(book, marks, [one for one in (since, until, before) if one])
        part = Excerpt(since, until, before)
        shown = drawn_lifecycles(book, pattern, experiment, environment, part, marks)
        return str(context["html"]("figures/lifecycle.html.j2", lifecycles=shown, named=pattern))

    @jinja2.pass_context
    def advice(context: jinja2.runtime.Context, situation: str) -> str:
        prose.check_names(book, situation=situation)
        (asked,) = (one for one in book.investigation.situations if one.id == situation)
        parts = []
        for one in situations.advice(book, asked):
            parts.append(context["html"]("parts/advice.html.j2", one=one))
            parts += [code(best.choice.pattern.id) for best in one.fitting[:1]]
        return "\n\n".join(parts)

    def option(pattern: str, environment: str) -> situations.Option | None:
        prose.check_names(book, pattern=pattern, environment=environment)
        return situations.option(book, environment, book.investigation.pattern(pattern))

    def recorded(pattern: str, experiment: str, environment: str) -> Recorded:
        return prose.recorded(book, pattern, experiment, environment)

    def unjudged(backend: Backend) -> tuple[Recorded, ...]:
        return tuple(prose.unjudged(book, backend))

    def findable(settings: Iterable[ShownSetting], claims: Iterable[str] = ()) -> Filters:
        return filters(book, settings, claims)

    found = (advice, code, drawn, findable, option, recorded, unjudged)
    return {function.__name__: function for function in found}
