"""Tells what became of findings: as a table for the terminal, and as Markdown for a reply."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import jinja2

from casebook import templates
from casebook.cite.markdown import code, finalized
from casebook.claim import VerdictWord
from casebook.judge.comparison import Compared, Comparison, Turn, by_verdicts
from casebook.judge.settings import Difference
from casebook.plan.investigation import Setting
from casebook.text import one_line

WIDTH = 100
"""The columns of a line on the terminal."""

WHERE = 50
"""The columns that a table on the terminal has for the settings."""

REASON = 400
"""The characters of a reason that are shown."""

ROWS = 40
"""The turned findings that are shown at most, those that say the same counted as one."""


TELLING: tuple[VerdictWord, ...] = ("refuted", "supported", "inconclusive", "not-tested")
"""The verdicts, those first to which a turn tells the most."""


@dataclass(frozen=True, slots=True)
class TurnedRow:
    """Findings of a claim that turned alike: their patterns, and where they hold."""

    turn: Turn
    patterns: tuple[str, ...]
    where: str

    @property
    def claim(self) -> str:
        """The id of the claim."""
        return self.turn.after.claim

    @property
    def pattern(self) -> str:
        """The ids of the patterns."""
        return _some(self.patterns, 4)

    @property
    def was(self) -> str:
        """The verdict before, in words."""
        return self.turn.before.verdict.replace("-", " ")

    @property
    def became(self) -> str:
        """The verdict after, in words."""
        return self.turn.after.verdict.replace("-", " ")

    @property
    def said(self) -> tuple[tuple[str, str], ...]:
        """The reasons, and where the histories part, each with what it is called."""
        turn = self.turn
        parted = [(f"in {turn.experiment}", turn.parting)] if turn.parting else []
        reasons = (("before", turn.before.reason), ("after", turn.after.reason), *parted)
        return tuple((name, one_line(text, REASON)) for name, text in reasons)


def turned_rows(turns: Iterable[Turn]) -> tuple[TurnedRow, ...]:
    """Return these turns, those together that tell the same of several patterns and settings.

    What is refuted now comes first.
    """
    alike: dict[object, dict[str, list[Turn]]] = {}
    for turn in turns:
        was, now = turn.before, turn.after
        key = now.claim, was.verdict, was.reason, now.verdict, now.reason, turn.parting
        alike.setdefault(key, {}).setdefault(now.pattern, []).append(turn)
    rows = []
    for by_pattern in alike.values():
        patterns: dict[tuple[Setting, ...], list[str]] = {}
        for pattern, same in by_pattern.items():
            patterns.setdefault(tuple(turn.after.setting for turn in same), []).append(pattern)
        for settings, named in patterns.items():
            first = by_pattern[named[0]][0]
            rows.append(TurnedRow(first, tuple(named), _where(settings)))
    return tuple(sorted(rows, key=lambda row: TELLING.index(row.turn.after.verdict)))


def compared_lines(comparison: Comparison, most: int | None = ROWS) -> tuple[str, ...]:
    """Return what became of findings as lines for the terminal, the counts first.

    At most so many rows are shown, the others counted.
    """
    every = turned_rows(comparison.turned)
    rows = every[:most]
    shown = [
        (row.claim, row.pattern, one_line(row.where, WHERE), f"{row.was} -> {row.became}")
        for row in rows
    ]
    shown_rows = table([("claim", "pattern", "where", "verdict"), *shown] if rows else [])
    lines = [*_wrapped(_counts(comparison)), *_about_sides(comparison)]
    lines += shown_rows[:1]
    for line, row in zip(shown_rows[1:], rows, strict=True):
        lines.append(line)
        lines += [part for name, text in row.said for part in _wrapped(f"{name}: {text}", 6)]
    rest = len(every) - len(rows)
    return (*lines, *([f"and {rest} more rows"] if rest else []))


def compared_markdown(comparison: Comparison, most: int | None = ROWS) -> str:
    """Return what became of findings as Markdown for a reply; any text in it does nothing.

    At most so many rows are shown, the others counted.
    """
    every = turned_rows(comparison.turned)
    rows = every[:most]
    text = _template().render(
        title=f"{comparison.before.name} → {comparison.after.name}",
        counts=_counts(comparison),
        notes=list(_notes(comparison)),
        rows=rows,
        rest=len(every) - len(rows),
        code=functools.partial(code, in_table=True),
    )
    return text.strip() + "\n"


# --- Words ----------------------------------------------------------------------------------------


def _counts(comparison: Comparison) -> str:
    """Return in a sentence how many findings turned, from what to what, and what of the rest."""
    turned = comparison.turned
    words = ", ".join(
        f"{count:,} from {was} to {became}" for (was, became), count in by_verdicts(turned)
    ).replace("not-tested", "not tested")
    said = f"{_count(len(turned), 'finding')} turned: {words}" if turned else "No finding turned"
    others = (
        f"{comparison.only_moved:,} say the same of other releases",
        f"{comparison.unchanged:,} say the same of the same releases",
    )
    return "; ".join([said, *others]) + "."


def _about_sides(comparison: Comparison) -> Iterator[str]:
    for note in _notes(comparison):
        yield from _wrapped(note, 2)


def _notes(comparison: Comparison) -> Iterator[str]:
    """Yield what is to be known besides: releases that moved, what only one side has."""
    by_packages: dict[str, list[Setting]] = {}
    for setting, packages in comparison.moved.items():
        by_packages.setdefault(_moved(packages, comparison.packages), []).append(setting)
    for words, settings in by_packages.items():
        yield f"Other releases in {_where(settings)}: {words}."
    for name, found in (("appeared", comparison.appeared), ("went", comparison.went)):
        if found:
            yield f"{_count(len(found), 'finding')} {name}: {_in_all(found)}."
    for side in (comparison.before, comparison.after):
        for what in side.undeclared:
            yield f"Only {side.name} has {what}."


def _moved(packages: Sequence[Difference], asked: Sequence[str]) -> str:
    """Return which releases changed; those of packages that readers ask for come first."""
    first = sorted(packages, key=lambda one: (one.package not in asked, one.package))
    return _some(f"{one.package} {one.before or 'none'} -> {one.after or 'none'}" for one in first)


def _in_all(found: Sequence[Compared]) -> str:
    """Return what these findings are of: whichever of patterns, claims, settings are the fewest."""
    choices = (
        list(dict.fromkeys(f"{kind} {getattr(one, kind)}" for one in found))
        for kind in ("pattern", "claim", "environment")
    )
    fewest = min(choices, key=len)
    return _some(fewest)


def _some(names: Iterable[str], most: int = 8) -> str:
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _where(settings: Iterable[Setting]) -> str:
    """Return these settings, each environment once with its databases."""
    databases: dict[str, dict[str, None]] = {}
    for setting in settings:
        databases.setdefault(setting.environment, {})[setting.database] = None
    return _some([f"{id} ({', '.join(some)})" for id, some in databases.items()], 4)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# --- Lines ----------------------------------------------------------------------------------------


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns begin at the same place."""
    columns = zip_longest(*rows, fillvalue="")
    widths = [max(map(len, column)) for column in columns]
    padded = (zip(row, widths, strict=True) for row in rows)
    return ["  ".join(text.ljust(width) for text, width in row).rstrip() for row in padded]


def _wrapped(text: str, indent: int = 0) -> list[str]:
    lines = textwrap.wrap(one_line(text), WIDTH - indent - 2, break_on_hyphens=False)
    return [" " * (indent + 2 * bool(number)) + line for number, line in enumerate(lines)]


@functools.cache
def _template() -> jinja2.Template:
    made = templates.environment()
    made.finalize = finalized
    return made.get_template("reply/compared.md.j2")
