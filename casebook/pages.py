"""The pages: a complete Sphinx source tree, rendered from a report by Jinja templates.

Prose is `docs/*.md` and `docs/<investigation>/**/*.md`, templates themselves; the pages that every
investigation has come from `docs/templates`. What a template shows is computed in `Book`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from textwrap import dedent
from typing import Any

import jinja2
from markupsafe import Markup

from casebook import plan
from casebook.diagram import Drawing, draw, environment, mermaid, one_line, svg
from casebook.judge import ControlOutcome, Evidence, Finding, Grade, Report
from casebook.plan import Backend, Environment, Investigation, Pattern
from casebook.record import Claim, Event, History, Record, VerdictWord, write_whole

VERDICTS: tuple[VerdictWord, ...] = ("supported", "refuted", "inconclusive", "not-tested")

GENERATED = ("comparison", "claims", "method")
"""The pages that each investigation has, from a template where its folder has no prose for them."""

EXTRA = "extra"
"""The folder of `build/docs` whose files Sphinx copies to the site's root; see `docs/conf.py`."""


def render(root: Path, report: Report, build: Path, extra: Mapping[str, str] | None = None) -> int:
    """Write the Sphinx source tree of a report into `build/docs`; return how many files changed.

    `extra` holds files for the site's root by name, such as `verdicts.json`. Only files whose
    content changed are written, and files that no longer belong there are removed. Raises
    LookupError for a pattern without a function, OSError where its module cannot be read.
    """
    folder = build / "docs"
    wanted = dict(_pages(root, report))
    wanted |= {f"{EXTRA}/{name}": text for name, text in (extra or {}).items()}
    changed = sum(write_whole(folder / name, text) for name, text in wanted.items())
    return changed + _remove_others(folder, wanted)


def source(root: Path, investigation: Investigation, pattern: Pattern) -> str:
    """Return the exact source of a pattern's function, read from its module, which is not imported.

    Raises LookupError where the module has no such function.
    """
    module = investigation.backend(pattern.backend).patterns
    file = plan.source(root, module)
    if file is None:
        raise LookupError(f"no module {module!r} in {root} for the pattern {pattern.id!r}")
    text = file.read_text(encoding="utf-8")
    for node in ast.parse(text, filename=str(file)).body:
        if isinstance(node, ast.FunctionDef) and node.name == pattern.function:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno]))
    raise LookupError(f"{file}: no function {pattern.function!r} for the pattern {pattern.id!r}")


def address(investigation: Investigation, finding: Finding) -> str:
    """Return where a finding is on the site, relative to its root."""
    return f"{investigation.id}/patterns/{finding.pattern}.html#{finding.id}"


# --- The tree -------------------------------------------------------------------------------------


def _pages(root: Path, report: Report) -> Iterator[tuple[str, str]]:
    book = Book(root, report)
    templates = environment(root / "docs")
    templates.filters["text"] = markdown_text
    for name, template in _prose(root, report.investigation).items():
        yield name, _render(templates, template, name, book)
    for pattern in report.investigation.patterns:
        name = f"{report.investigation.id}/patterns/{pattern.id}.md"
        page = PatternPage(book, pattern)
        yield name, _render(templates, "pattern.md.j2", name, book, page=page)


def _prose(root: Path, investigation: Investigation) -> dict[str, str]:
    """Return the template of each page that is not a pattern's, by the page's name."""
    docs = root / "docs"
    own = [*docs.glob("*.md"), *(docs / investigation.id).rglob("*.md")]
    pages = {"index.md": "index.md.j2"}
    pages |= {f"{investigation.id}/{name}.md": f"{name}.md.j2" for name in GENERATED}
    pages |= {name: name for name in (path.relative_to(docs).as_posix() for path in own)}
    return dict(sorted(pages.items()))


def _render(
    templates: jinja2.Environment, template: str, name: str, book: Book, **values: Any
) -> str:
    """Render one page. `up` leads from it to the site's root, `html` embeds an HTML template."""
    context: dict[str, Any] = {
        "book": book,
        "report": book.report,
        "investigation": book.investigation,
        "up": "../" * (len(PurePosixPath(name).parts) - 1),
        "fence": fence,
        **values,
    }

    def html(part: str, **more: Any) -> str:
        return fence(templates.get_template(part).render(context | more), "{raw} html")

    return templates.get_template(template).render(context | {"html": html})


def _remove_others(folder: Path, wanted: Mapping[str, str]) -> int:
    """Remove the files of `folder` that are not wanted, and folders that are empty then."""
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
            removed += 1
    return removed


# --- Text for Markdown ----------------------------------------------------------------------------

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$%^=:\"'/,;?@])")


def markdown_text(text: str) -> str:
    """Return an untrusted text for the middle of a Markdown line, where it shows as it is."""
    escaped = _PUNCTUATION.sub(r"\\\1", one_line(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fence(text: str, info: str) -> str:
    """Return a text as a fenced block of Markdown that nothing inside it can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{info}\n{text.rstrip()}\n{ticks}\n"


# --- What the templates show ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """An environment with a database, and what was recorded there."""

    environment: Environment
    database: str
    title: str
    record: Record | None
    headline: dict[str, str]
    not_rerun: str

    @property
    def key(self) -> tuple[str, str]:
        """What findings and records of this place are found by."""
        return self.environment.id, self.database

    @property
    def unavailable(self) -> str:
        """The exact reason why the environment could not be imported, or an empty text."""
        return self.record.unavailable or "" if self.record else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A pattern in one place, its grade, and the findings that say why."""

    pattern: Pattern
    grade: Grade
    refuted: tuple[Finding, ...]
    open: tuple[Finding, ...]
    deprecated: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A package in which an environment differs from its twin.

    None is not installed, an empty release is one that nothing recorded.
    """

    package: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """What to write and what not, in one place.

    `twin` is the place from which this one differs in `differences`; `beside` are those that
    differ from this one.
    """

    place: Place
    choices: tuple[Choice, ...]
    twin: Place | None
    differences: tuple[Difference, ...]
    beside: tuple[tuple[Place, tuple[Difference, ...]], ...]

    def graded(self, *grades: str) -> tuple[Choice, ...]:
        """Return the choices of these grades, in the order of the grades."""
        return tuple(
            choice for grade in grades for choice in self.choices if choice.grade.grade == grade
        )

    @property
    def mended(self) -> bool:
        """Whether the twin cannot be imported and this one can: the difference is what it takes."""
        usable = self.place.record is not None and not self.place.unavailable
        return usable and self.twin is not None and bool(self.twin.unavailable)

    @property
    def words(self) -> set[tuple[str, str]]:
        """Each pattern with its grade, by which the answers of two places differ."""
        return {(choice.pattern.id, choice.grade.grade) for choice in self.choices}


@dataclass(frozen=True, slots=True)
class Answer:
    """What to write with one backend, place by place; `primary` are the places shown first."""

    backend: Backend
    places: tuple[PlaceAnswer, ...]
    primary: tuple[PlaceAnswer, ...]

    @property
    def others(self) -> tuple[PlaceAnswer, ...]:
        """The places that answer otherwise than those shown first, or cannot be imported."""
        known = [one.words for one in self.primary]
        return tuple(
            one for one in self.places if one not in self.primary and one.words not in known
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One claim across the columns of a table; None where there is no finding."""

    claim: Claim
    cells: tuple[Finding | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The findings of one place: claims by patterns."""

    place: Place
    patterns: tuple[Pattern, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ControlRow:
    """What one control was declared to show of a claim, and what it showed in each place."""

    claim: Claim
    pattern: Pattern
    expected: str
    cells: tuple[ControlOutcome | None, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Findings of one place that say neither supported nor refuted, for one reason."""

    place: Place
    verdict: VerdictWord
    reason: str
    findings: tuple[Finding, ...]

    @property
    def patterns(self) -> tuple[str, ...]:
        """The ids of the patterns that are concerned, in order."""
        return tuple(dict.fromkeys(finding.pattern for finding in self.findings))


@dataclass(frozen=True, slots=True)
class Shown:
    """Events of one history that show a verdict, with their numbers, counted from 1."""

    experiment: str
    run: int
    runs: int
    events: tuple[tuple[int, Event], ...]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """One drawn history and the places in which it was the same."""

    title: str
    drawing: Drawing
    svg: Markup
    mermaid: str
    run: int
    runs: int
    places: tuple[Place, ...]


class Book:
    """Everything that the pages of one report show, looked up once."""

    def __init__(self, root: Path, report: Report) -> None:
        self.root = root
        self.report = report
        self.investigation = report.investigation
        self.claims = {claim.id: claim for claim in report.claims}
        self.patterns = {pattern.id: pattern for pattern in report.investigation.patterns}
        self.findings = {
            (finding.environment, finding.database, finding.pattern, finding.claim): finding
            for finding in report.findings
        }
        self.cells = {
            (*key, cell.pattern, cell.experiment): cell
            for key, record in report.records.items()
            for cell in record.cells
        }
        self.grades = {
            (grade.environment, grade.database, grade.pattern): grade for grade in report.grades
        }

    def address(self, finding: Finding) -> str:
        """Return where a finding is on the site, relative to its root."""
        return address(self.investigation, finding)

    def source(self, pattern: Pattern) -> str:
        """Return the exact source of a pattern's function."""
        return source(self.root, self.investigation, pattern)

    def histories(self, place: Place, pattern: str, experiment: str) -> tuple[History, ...]:
        """Return what was recorded of a cell, empty where nothing was."""
        cell = self.cells.get((*place.key, pattern, experiment))
        return cell.histories if cell else ()

    def shown(self, finding: Finding) -> tuple[Shown, ...]:
        """Return the events that show a finding's verdict."""
        return tuple(one for evidence in finding.evidence if (one := self._show(finding, evidence)))

    def _show(self, finding: Finding, evidence: Evidence) -> Shown | None:
        key = finding.environment, finding.database, finding.pattern, evidence.experiment
        cell = self.cells.get(key)
        if not cell or not evidence.events or evidence.history >= len(cell.histories):
            return None
        events = cell.histories[evidence.history].events
        numbered = tuple((at + 1, events[at]) for at in evidence.events if at < len(events))
        return Shown(evidence.experiment, evidence.history + 1, len(cell.histories), numbered)

    @property
    def toctree(self) -> tuple[str, ...]:
        """The pages of the navigation, for an investigation whose folder has an index or none."""
        own = self.root / "docs" / self.investigation.id / "index.md"
        names = ("index",) if own.is_file() else GENERATED
        return tuple(f"{self.investigation.id}/{name}" for name in names)

    # --- Places

    @cached_property
    def places(self) -> dict[tuple[str, str], Place]:
        """Every environment with every database, in the plan's order."""
        databases = self.investigation.databases
        return {
            (one.id, database): Place(
                environment=one,
                database=database,
                title=one.title if len(databases) == 1 else f"{one.title}, {database}",
                record=self.report.records.get((one.id, database)),
                headline=self._headline(one, self.report.records.get((one.id, database))),
                not_rerun=self.report.not_rerun.get((one.id, database), ""),
            )
            for one in self.investigation.environments
            for database in databases
        }

    def _headline(self, environment: Environment, record: Record | None) -> dict[str, str]:
        """Return the releases of what is asked for or imported by name, which is asked first."""
        names = {_package(one) for one in environment.install}
        names |= {_normal(module.partition(".")[0]) for module in environment.imports}
        names |= {_normal(backend.id) for backend in self.investigation.backends}
        releases = record.releases if record else {}
        return {name: release for name, release in releases.items() if _normal(name) in names}

    def differences(self, before: Place, after: Place) -> tuple[Difference, ...]:
        """Return the packages in which two places differ, as installed, else as asked for."""
        if before.record and after.record:
            old, new = before.record.releases, after.record.releases
        else:
            old = {_package(one): "" for one in before.environment.install}
            new = {_package(one): "" for one in after.environment.install}
        return tuple(
            Difference(name, old.get(name), new.get(name))
            for name in sorted(old.keys() | new.keys(), key=_normal)
            if old.get(name) != new.get(name)
        )

    # --- The answer

    @cached_property
    def counts(self) -> Counter[str]:
        """How many findings of patterns that are no controls have each verdict."""
        words = Counter(
            finding.verdict
            for finding in self.report.findings
            if not self.patterns[finding.pattern].control
        )
        return Counter({word: words[word] for word in VERDICTS})

    @cached_property
    def failed_controls(self) -> tuple[ControlOutcome, ...]:
        """The controls that came out otherwise than declared."""
        return tuple(
            control
            for control in self.report.controls
            if not control.held and control.verdict != "not-tested"
        )

    @cached_property
    def unobserved_controls(self) -> tuple[ControlOutcome, ...]:
        """The controls that should have run and did not."""
        return tuple(
            control
            for control in self.report.controls
            if not control.held and control.verdict == "not-tested"
        )

    @property
    def complete(self) -> bool:
        """Whether all that was planned was observed, now, and every control held."""
        report = self.report
        gaps = report.coverage.not_tested or report.problems or report.not_rerun
        controls = self.failed_controls or self.unobserved_controls
        return not (gaps or controls or report.failed_checkers)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """What to write and what not, backend by backend."""
        return tuple(
            _answer(backend, places)
            for backend in self.investigation.backends
            if (
                places := tuple(
                    self._place_answer(place)
                    for place in self.places.values()
                    if place.environment.backend == backend.id
                )
            )
        )

    def _place_answer(self, place: Place) -> PlaceAnswer:
        twin = self.places.get((place.environment.differs_from, place.database))
        beside = [
            other
            for other in self.places.values()
            if (other.environment.differs_from, other.database) == place.key
        ]
        return PlaceAnswer(
            place=place,
            choices=tuple(
                self._choice(grade)
                for grade in self.report.grades
                if (grade.environment, grade.database) == place.key
                and not self.patterns[grade.pattern].control
            ),
            twin=twin,
            differences=self.differences(twin, place) if twin else (),
            beside=tuple((other, self.differences(place, other)) for other in beside),
        )

    def _choice(self, grade: Grade) -> Choice:
        key = grade.environment, grade.database, grade.pattern

        def findings(claims: Iterable[str]) -> tuple[Finding, ...]:
            return tuple(self.findings[*key, one] for one in claims if (*key, one) in self.findings)

        return Choice(
            pattern=self.patterns[grade.pattern],
            grade=grade,
            refuted=findings(grade.refuted),
            open=findings(grade.open),
            deprecated=tuple(
                finding
                for finding in findings(one.id for one in self.report.claims if not one.required)
                if finding.verdict == "refuted"
            ),
        )

    def choice(self, place: Place, pattern: Pattern) -> Choice | None:
        """Return the grade of a pattern in a place, None where it has none, as controls may."""
        grade = self.grades.get((*place.key, pattern.id))
        return self._choice(grade) if grade else None

    # --- The comparison and the method

    @cached_property
    def comparison(self) -> tuple[Table, ...]:
        """One table for each place, claims by patterns, controls last."""
        return tuple(self._table(place) for place in self.places.values())

    def _table(self, place: Place) -> Table:
        found = {key[2] for key in self.findings if key[:2] == place.key}
        patterns = sorted(
            (one for one in self.patterns.values() if one.id in found), key=lambda one: one.control
        )
        return Table(
            place,
            tuple(patterns),
            tuple(
                Row(claim, tuple(self.findings.get((*place.key, p.id, claim.id)) for p in patterns))
                for claim in self.report.claims
            ),
        )

    @cached_property
    def control_rows(self) -> tuple[ControlRow, ...]:
        """Each claim with each of its controls, and how it came out in each place."""
        outcomes = {
            (one.claim, one.pattern, one.environment, one.database): one
            for one in self.report.controls
        }
        return tuple(
            ControlRow(
                claim,
                self.patterns[name],
                "supported" if name in claim.supported_by else "refuted",
                tuple(outcomes.get((claim.id, name, *key)) for key in self.places),
            )
            for claim in self.report.claims
            for name in claim.controls
        )

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What is inconclusive or was not tested, by place and reason."""
        groups: dict[tuple[Any, ...], list[Finding]] = {}
        for finding in self.report.findings:
            if finding.verdict in ("inconclusive", "not-tested"):
                key = finding.environment, finding.database, finding.verdict, finding.reason
                groups.setdefault(key, []).append(finding)
        return tuple(
            Gap(self.places[key[:2]], key[2], key[3], tuple(findings))
            for key, findings in groups.items()
        )


class PatternPage:
    """What the page of one pattern shows."""

    def __init__(self, book: Book, pattern: Pattern) -> None:
        self.book = book
        self.pattern = pattern
        found = {key[:2] for key in book.findings if key[2] == pattern.id}
        self.places = tuple(place for key, place in book.places.items() if key in found)
        self.backend = book.investigation.backend(pattern.backend)

    @property
    def source(self) -> str:
        """The function's exact source."""
        return self.book.source(self.pattern)

    @cached_property
    def grades(self) -> tuple[tuple[Place, Choice], ...]:
        """The pattern's grade in each place."""
        graded = ((place, self.book.choice(place, self.pattern)) for place in self.places)
        return tuple((place, choice) for place, choice in graded if choice)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Each claim's finding in each place."""
        return tuple(
            Row(
                claim,
                tuple(
                    self.book.findings.get((*place.key, self.pattern.id, claim.id))
                    for place in self.places
                ),
            )
            for claim in self.book.report.claims
        )

    @cached_property
    def lifecycles(self) -> tuple[tuple[str, tuple[Lifecycle, ...]], ...]:
        """The drawn histories of each experiment that is drawn, equal ones once."""
        diagram = self.book.investigation.diagram
        experiments = diagram.experiments if diagram else ()
        drawn = ((experiment, self._lifecycles(experiment)) for experiment in experiments)
        return tuple((experiment, lifecycles) for experiment, lifecycles in drawn if lifecycles)

    def _lifecycles(self, experiment: str) -> tuple[Lifecycle, ...]:
        diagram = self.book.investigation.diagram
        assert diagram is not None
        groups: dict[Drawing, list[tuple[Place, History, int, int]]] = {}
        for place in self.places:
            histories = self.book.histories(place, self.pattern.id, experiment)
            for run, history in enumerate(histories, 1):
                if history.outcome == "unavailable":
                    continue
                drawing = draw(history, diagram)
                groups.setdefault(drawing, []).append((place, history, run, len(histories)))
        return tuple(
            self._lifecycle(experiment, drawing, members) for drawing, members in groups.items()
        )

    def _lifecycle(
        self, experiment: str, drawing: Drawing, members: list[tuple[Place, History, int, int]]
    ) -> Lifecycle:
        diagram = self.book.investigation.diagram
        assert diagram is not None
        _, history, run, runs = members[0]
        title = f"{self.pattern.id}, {experiment}"
        return Lifecycle(
            title=title,
            drawing=drawing,
            svg=Markup(svg(drawing, title)),
            mermaid=mermaid(history, diagram),
            run=run,
            runs=runs,
            places=tuple(place for place, *_ in members),
        )


def _answer(backend: Backend, places: tuple[PlaceAnswer, ...]) -> Answer:
    """Return a backend's answer: its first place comes first, with those beside it."""
    first = places[0].place
    primary = tuple(
        one
        for one in places
        if one.place.key == first.key or (one.twin and one.twin.key == first.key)
    )
    return Answer(backend, places, primary)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _package(requirement: str) -> str:
    """Return the normal name of the package that a requirement asks for."""
    found = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement)
    return _normal(found.group()) if found else requirement
