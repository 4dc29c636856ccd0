"""What is left after answers of every kind."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.closing import closed_after_each
from experiments.session_scoping.claims.histories import PLAIN, REMOVED, no_occasion


@claim(
    experiments=("any-answer",),
    supported_by=(REMOVED, PLAIN),
    refuted_by={
        "removed-after-200-only": "still",
        "scoped-session-kept": "still",
        "committed-at-teardown": "was stored",
    },
    otherwise="not closed after a refusal",
)
def closed_after_any_answer(history: History) -> Verdict:
    """Whatever a request is answered, nothing is left of it, and nothing uncommitted is stored.

    An abort with 404, a redirect and a body that breaks off, each after a row was added without a
    commit; a view that refuses with 403; a row, a field and a page that are missing; HEAD, OPTIONS
    and a method that is not allowed; answers that nobody reads or that are left after their first
    piece. Before each request the application loads a user, as one with a login does. Looked at
    after each answer; where a row was left, others commit something before the rows are read.
    """
    closed = closed_after_each(history, well=True)
    if closed.verdict == "refuted":
        return closed
    followed = list(history.of("followed"))
    for event in followed:
        if event["stored"]:
            return refuted(f"what {event['name']!r} left uncommitted was stored", event)
    if closed.verdict != "supported":
        return closed
    ended = list(history.of("operation-ended"))
    other = next((event for event in ended if event["status"] != event["asked"]), None)
    if other:
        return no_occasion(history, f"{other['name']!r} was answered {other['status']}", other)
    failed = next((event for event in followed if event["statuses"] != "302 200"), None)
    if failed or not followed:
        return no_occasion(history, "others could not commit after what was left", failed)
    statuses = sorted({str(event["status"]) for event in ended})
    return supported(
        f"{closed.reason}, answered {', '.join(statuses)}; what {len(followed)} of them left"
        " uncommitted was not stored",
        *ended,
        *followed,
    )
