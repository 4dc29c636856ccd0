"""What an application must not do, or the other claims do not hold: no pattern withstands it."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.histories import (
    REMOVED,
    count,
    done_as_asked,
    first_uses,
    labels,
    listed,
    no_occasion,
    of_operation,
    one_use_each,
    sessions_by_request,
    uses,
)


@claim(
    experiments=("outer-context", "requests-in-shell"),
    supported_by=("removed-with-request",),
    refuted_by={REMOVED: "inside A1"},
    required=False,
    weighs=False,
    otherwise="one session for all requests inside an outer application context",
)
def outer_context_safe(history: History) -> Verdict:
    """Requests inside an application context that is pushed around them have a session each.

    A test, a fixture or a shell does so with `with app.app_context():` around a test client. Flask
    then takes that context for the requests, too, and ends none with them. Three requests are sent
    inside, and the pool and the sessions are looked at while the context is still there; then one
    request leaves a row uncommitted, and another lists the rows. Once in a `with` statement, and
    once typed into a real `flask shell`, whose context is there until the shell ends, as that of
    any command of `flask` is.
    """
    outer = [event for event in history.of("context-pushed") if not event.label("R")]
    served = sessions_by_request(history)
    if not outer or len(served) < 2:
        return no_occasion(history, "fewer than two requests used a session inside a context")
    where = f"inside {outer[-1].label('A')}"
    out = [event for event in history.of("looked-up") if event["checked_out"]]
    shown = [event for event in history.of("shown") if "Uncommitted" in str(event["names"])]
    left = f"{count(int(str(out[0]['checked_out'])), 'connection')} stayed out" if out else ""
    met = "a row that one left uncommitted reached the next one" if shown else ""
    for session in labels(uses(history), "S"):
        requests = [request for request, sessions in served.items() if session in sessions]
        if len(requests) > 1:
            told = "; ".join(filter(None, [f"served {listed(requests)} {where}", left, met]))
            uses_of_it = first_uses(history, session)
            return refuted(f"{session} {told}", outer[-1], *uses_of_it, *out, *shown)
    if out or shown:
        told = "; ".join(filter(None, [left, met]))
        return refuted(f"{where}, {told}", outer[-1], *out, *shown)
    return supported(
        f"{count(len(served), 'request')} {where} used {listed(labels(uses(history), 'S'))},"
        " none of them in two requests",
        outer[-1],
        *one_use_each(history, served),
    )


@claim(
    experiments=("ended-in-hook",),
    supported_by=("never-ended-session",),
    refuted_by={REMOVED: "remove in after_model_change"},
    required=False,
    weighs=False,
    otherwise="a hook that ends the session loses the change or the answer",
)
def hooks_may_end_session(history: History) -> Verdict:
    """A hook may close or remove the session, and nothing is lost.

    A post is created and then opened to go on editing ("Save and Continue Editing"), while
    `on_model_change` or `after_model_change` calls `close()` or `remove()` of the application's own
    session; a session without `remove()` is left alone there. Judged by the row and by the answer's
    status, which is a redirect to the form. The same must have worked before, under no such hook.
    """
    ended = list(history.of("operation-ended"))
    if not ended or ended[0]["asked"] != ended[0]["observed"]:
        return no_occasion(history, "no post could be created before a hook ended the session")
    called = [end for end in ended[1:] if of_operation(history, end, "hook-called")]
    if not called or called != ended[1:]:
        return no_occasion(history, "not every hook was called")
    return done_as_asked(history)
