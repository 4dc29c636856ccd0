"""What a command says: a document, and why it did not end with 0."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from casebook.exit_codes import ENDINGS

if TYPE_CHECKING:
    from casebook.judge.report import Report


def explained(code: int, reports: Iterable[Report] = ()) -> int:
    """Return the exit code, having said why it is not 0, and what it means."""
    if code:
        from casebook.cli.summary import shortcomings

        for report in reports:
            for line in shortcomings(report):
                print(line, file=sys.stderr)
        print(f"casebook: exit code {code}: {ENDINGS[code]}", file=sys.stderr)
    return code


def write(text: str) -> None:
    """Write a document to standard output, in UTF-8 whatever the terminal's encoding is.

    A citation is sealed, and others read `verdicts.json`: neither may lose a character.
    """
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
