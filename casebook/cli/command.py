"""A command: a function, and beside it the arguments that it takes from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class UsageError(Exception):
    """The command was given what it cannot use; the message says what it can."""


@dataclass(frozen=True)
class Argument:
    """One argument of a command, as `argparse` takes it."""

    names: tuple[str, ...]
    options: dict[str, Any]


@dataclass(frozen=True)
class Command:
    """What a person may call; `anywhere` if it asks for no investigation."""

    run: Callable[[argparse.Namespace], int]
    arguments: tuple[Argument, ...]
    anywhere: bool

    def __call__(self, arguments: argparse.Namespace) -> int:
        """Run the command and return its exit code."""
        return self.run(arguments)

    @property
    def name(self) -> str:
        """The word by which it is called."""
        return self.run.__name__.replace("_", "-")

    @property
    def text(self) -> str:
        """What it does, as its function says."""
        return (self.run.__doc__ or "").strip()


def argument(*names: str, **options: Any) -> Argument:
    """Return an argument of a command: what `ArgumentParser.add_argument` is given."""
    return Argument(names, options)


def command(
    *arguments: Argument, anywhere: bool = False
) -> Callable[[Callable[[argparse.Namespace], int]], Command]:
    """Make a function a command that takes `arguments`.

    With `anywhere` it asks for no investigation: what it names is of one, or of none.
    """
    return lambda run: Command(run, arguments, anywhere)
