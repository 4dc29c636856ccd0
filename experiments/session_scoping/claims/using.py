"""Whether the pattern can be set up and used."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.histories import (
    PLAIN,
    RIGHT,
    done_as_asked,
    no_occasion,
    not_wired,
    position,
)


@claim(
    experiments=("three-requests",),
    supported_by=(*RIGHT, PLAIN),
    refuted_by={"raises-when-wired": "this pattern cannot be wired"},
    gate=True,
    otherwise="fails at registration",
)
def wires(history: History) -> Verdict:
    """The pattern can be set up as written.

    The backend is set up as its documentation says and its views are added to the admin. The
    claim is refuted where an import, the backend or Flask-Admin raises meanwhile.
    """
    if failed := not_wired(history):
        return failed
    return supported("its views were added without an exception", *history.of("wiring-ended"))


@claim(
    experiments=("operations", "operations-with-options", "second-admin"),
    supported_by=(*RIGHT, "app-lifetime-session", PLAIN),
    refuted_by={"scope-per-access": "create"},
    otherwise="an admin operation fails",
    unless=("hooks-may-end-session",),
)
def admin_works(history: History) -> Verdict:
    """Each of Flask-Admin's operations does what it says.

    List, search, filter, sort, page, details, export, AJAX lookups, create, a refused duplicate,
    edit, edit in the list, relations, delete, bulk delete, and posts created, edited and deleted
    inline. Then with options that are off by default: windows for forms and details, page sizes, no
    count, all relations in the list, relations that are edited in the list, searched, sorted and
    filtered by, and a bulk delete in one statement. Judged by rows and content, not by status
    codes, because Flask-Admin answers 200 to much that it did not do.
    """
    return done_as_asked(history)


@claim(
    experiments=("three-requests", "operations"),
    supported_by=("scoped-session-as-db", PLAIN),
    refuted_by={
        "warns-when-wired": "this pattern is deprecated (while it was wired)",
        "warns-at-first-request": "this pattern is deprecated in use (in R1",
    },
    required=False,
    baseline="scoped-session-as-db",
    otherwise="deprecated",
)
def no_deprecation_warnings(history: History, baseline: History) -> Verdict:
    """No deprecation is warned of when the pattern is wired and used.

    While its views are added, and in each request after that: a library may warn only when it is
    first used. What another library than Flask-Admin warns of counts beyond what the control
    `scoped-session-as-db` meets, too, which no pattern can avoid; Flask-Admin's own deprecations
    all count. Other warnings are listed and not judged.
    """
    wired = history.first("wiring-ended")
    if wired is None or baseline.first("wiring-ended") is None:
        return no_occasion(history, "wiring did not end")
    unavoidable = {
        event["text"] for event in baseline.of("warning-raised") if event.get("by") != "flask_admin"
    }
    warned = [one for one in history.of("warning-raised") if one["text"] not in unavoidable]
    deprecations = [event for event in warned if event["deprecation"]]
    if deprecations:
        said: dict[object, str] = {}
        for one in deprecations:
            is_wired = position(history, one) > position(history, wired)
            when = f"in {one.label('R') or 'use'}" if is_wired else "while it was wired"
            said.setdefault(one["text"], f"{one['category']}: {one['text']} ({when})")
        return refuted("; ".join(said.values()), *deprecations)
    answered = [end for end in history.of("request-ended") if end["status"] in (200, 302)]
    if not answered:
        return no_occasion(history, "no request was answered")
    others = sorted({str(event["text"]) for event in warned})
    also = f"; other warnings: {'; '.join(others)}" if others else ""
    return supported(
        f"wired and used without a deprecation warning of its own{also}", wired, answered[-1]
    )
