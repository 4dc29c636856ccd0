"""What Flask-Admin tells of its operations: those who use it, and the hooks of its views."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    REMOVED,
    count,
    done_as_asked,
    labels,
    listed,
    no_occasion,
    of_request,
    position,
)


@claim(
    experiments=("outcomes-told",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"tells-nothing": "was asked for 'failed' and answered 200 with 'nothing'"},
    required=False,
    otherwise="says something else than what came of an operation",
)
def tells_outcomes(history: History) -> Verdict:
    """Flask-Admin says of each operation whether it was done, and that it failed where it did.

    Users and posts are created, edited, edited in the list, deleted, and deleted in bulk. Each must
    be said to be done, with the number of rows; where the database refuses a row or a hook raises,
    it must be said once that it failed; and the text of a `ValidationError` is shown as it is.
    """
    return done_as_asked(history)


@claim(
    experiments=("operations",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={"flushed-before-hooks": "was flushed before the hook"},
    weighs=False,
    otherwise="flushes before on_model_change",
)
def hooks_before_flush(history: History) -> Verdict:
    """The hook `on_model_change` is called before anything of the change is flushed.

    Only until then does SQLAlchemy tell what is about to change, to a hook that keeps a log of
    changes, say. Flask-Admin prevents that the session flushes by itself while a form is stored.
    Creates, edits, and changes of related rows in the same form are looked at.
    """
    marks = [one for one in history.of("marked") if one["name"] == "changed" and one.label("R")]
    late = []
    for mark in marks:
        flushed = of_request(history, mark, "session-flushed")
        early = [one for one in flushed if position(history, one) < position(history, mark)]
        if early:
            return refuted(
                f"what {mark.label('R')} changes was flushed before the hook `on_model_change`",
                *early,
                mark,
            )
        late += flushed[:1]
    if len(marks) < 2 or len(late) < len(marks):
        return no_occasion(history, "not every change was flushed after its hook", *marks)
    return supported(
        f"in {listed(labels(marks, 'R'))} {count(len(marks), 'hook')} came before the first flush",
        *marks,
        *late,
    )
