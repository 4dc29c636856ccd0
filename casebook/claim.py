"""The claim: a falsifiable statement about histories, its checker, and what a checker answers.

Uses the standard library alone: `claims` modules import it where nothing is installed. No history
depends on it, so a change here outdates no record.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from casebook.record import Event, History

VerdictWord = Literal["supported", "refuted", "inconclusive", "not-tested"]

VERDICTS: tuple[VerdictWord, ...] = get_args(VerdictWord)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says of one history: a word, one sentence why, the events that show it."""

    verdict: VerdictWord
    reason: str
    events: tuple[Event, ...] = ()


def supported(reason: str, *events: Event) -> Verdict:
    """Return the verdict that the claim could have been refuted here and was not."""
    return Verdict("supported", reason, events)


def refuted(reason: str, *events: Event) -> Verdict:
    """Return the verdict that these events contradict the claim."""
    return Verdict("refuted", reason, events)


def inconclusive(reason: str, *events: Event) -> Verdict:
    """Return the verdict that the history gave the claim no occasion to be refuted."""
    return Verdict("inconclusive", reason, events)


Checker = Callable[..., Verdict]


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A falsifiable statement with its checker, a pure function of histories.

    `title` and `text` are the checker's docstring and become the page's text. `supported_by` names
    the controls that must support the claim. `refuted_by` maps each control that must refute it to
    a phrase that the refutation's reason must contain, so that it is refuted for the reason that
    the claim names. A `gate` is the claim that the pattern can be set up at all: where it is not
    supported, the others are not tested. A claim is judged on the patterns that are `about` the
    same as it, "" where that is what the investigation asks. A claim with a `baseline` gets that
    pattern's history of the same experiment as its checker's second argument. A claim that does not
    weigh is shown and changes no grade: what it asks is decided by something else than the pattern.
    `unless` names claims that are conditions of this one: where one of them is refuted, a finding
    that supports this claim says so.
    `otherwise` says in a few plain words what is so where the claim is refuted ("deprecated").
    """

    id: str
    title: str
    text: str
    experiments: tuple[str, ...]
    supported_by: tuple[str, ...]
    refuted_by: dict[str, str]
    required: bool
    gate: bool
    baseline: str | None
    check: Checker
    about: str = ""
    weighs: bool = True
    otherwise: str = ""
    unless: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "otherwise", self.otherwise or f"{self.id} refuted")

    @property
    def controls(self) -> tuple[str, ...]:
        """The names of all controls of this claim, the right ones first."""
        return (*self.supported_by, *self.refuted_by)

    def names(self, pattern: str) -> bool:
        """Return whether a pattern is one of this claim's controls, or its baseline."""
        return pattern in self.controls or pattern == self.baseline


def claim(
    *,
    experiments: tuple[str, ...],
    supported_by: tuple[str, ...],
    refuted_by: dict[str, str],
    required: bool = True,
    gate: bool = False,
    baseline: str | None = None,
    about: str = "",
    weighs: bool = True,
    otherwise: str = "",
    unless: tuple[str, ...] = (),
) -> Callable[[Checker], Claim]:
    """Make a claim of a checker: its name is the claim's id, its docstring the page's text.

    Raises TypeError for a checker without a docstring, since the page would have no text.
    """

    def declare(check: Checker) -> Claim:
        text = inspect.getdoc(check)
        if not text:
            raise TypeError(f"claim {check.__name__!r} has no docstring: write its title there")
        title, _, rest = text.partition("\n")
        return Claim(
            id=check.__name__.replace("_", "-"),
            title=title.strip().rstrip("."),
            text=rest.strip(),
            experiments=experiments,
            supported_by=supported_by,
            refuted_by=refuted_by,
            required=required,
            gate=gate,
            baseline=baseline,
            check=check,
            about=about,
            weighs=weighs,
            otherwise=otherwise,
            unless=unless,
        )

    return declare


# --- Checks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A question of fact that a statement needs answered: a pure function of a history and a text.

    `text` is the checker's docstring. What a statement asks `of` ("get_counter") is the second
    argument, "" where the check takes none. It is asked of patterns that are `about` the same.
    """

    id: str
    text: str
    experiments: tuple[str, ...]
    about: str
    check: Callable[[History, str], Verdict]

    def asked(self, of: str) -> Claim:
        """Return the check as a claim of what it is asked of, which no control supports."""
        return Claim(
            id=self.id,
            title=self.text,
            text="",
            experiments=self.experiments,
            supported_by=(),
            refuted_by={},
            required=False,
            gate=False,
            baseline=None,
            check=lambda history: self.check(history, of),
            about=self.about,
        )


def check(
    *, experiments: tuple[str, ...], about: str
) -> Callable[[Callable[[History, str], Verdict]], Check]:
    """Make a check of a function: its name is the check's id, its docstring what is asked.

    Raises TypeError for a function without a docstring, since the page would have no text.
    """

    def declare(function: Callable[[History, str], Verdict]) -> Check:
        text = inspect.getdoc(function)
        if not text:
            raise TypeError(f"check {function.__name__!r} has no docstring: write what it asks")
        id = function.__name__.replace("_", "-")
        return Check(id, text, experiments, about, function)

    return declare
