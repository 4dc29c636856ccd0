"""The exit codes: what each means, and which counts where several apply."""

from __future__ import annotations

MEANINGS = {
    130: "interrupted: nothing is half-written, and running again works",
    2: "wrong usage, or a wrong file in conf/",
    1: "the harness failed, or a sentence on the site no longer holds: see above",
    4: "a result file is invalid and was left out or not believed",
    3: (
        "incomplete: a cell has no observation, something was not rerun, a control failed, "
        "a fault was not caught, a reproduction did not see what its finding says, or a citation "
        "says otherwise than the results"
    ),
    0: "every planned cell was observed and every control came out as declared",
}
"""What each exit code means, in the order in which they count."""


class HarnessError(Exception):
    """The harness failed as the message says in one line: the command ends with 1."""


def gravest(*codes: int) -> int:
    """Return the exit code that counts where several apply; an unknown one counts as 1."""
    return min((code if code in MEANINGS else 1 for code in codes), key=list(MEANINGS).index)
