"""The exit codes: the meaning of each, and which one counts if several apply."""

from __future__ import annotations

MEANINGS = {
    130: "interrupted: nothing is half-written, and running again works",
    2: "wrong usage, or a wrong file in conf/",
    1: "the harness failed, or a sentence on the site no longer holds: see above",
    4: "a result file is invalid and was left out or not believed",
    3: (
        "incomplete: a cell has no observation, something was not rerun, a control failed, "
        "a fault or a mutant was not caught, a reproduction did not see what its finding says, or "
        "a citation says otherwise than the results"
    ),
    0: "every cell was observed and no control failed",
}
"""The meaning of each exit code, the gravest first."""


ENDINGS = MEANINGS | {3: "incomplete: what is missing, or not as declared, is named above"}
"""The meaning of each in the last line of a command, below what it is about."""


def meaning(code: int) -> str:
    """Return what an exit code means, also one that is not Casebook's own."""
    if code in MEANINGS:
        return MEANINGS[code]
    known = ", ".join(map(str, sorted(MEANINGS)))
    return f"none of Casebook's ({known}): something that it ran, or that ran it, ended so"


class HarnessError(Exception):
    """The harness failed; the message says why in one line, and the command exits with 1."""


class Unanswered(Exception):
    """What an answer needs cannot be had now; the command exits with 3.

    `said` is all that a tool printed of it, or "".
    """

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(why)
        self.said = said


def gravest(*codes: int) -> int:
    """Return the gravest of several exit codes; an unknown one counts as 1."""
    return min((code if code in MEANINGS else 1 for code in codes), key=list(MEANINGS).index)
