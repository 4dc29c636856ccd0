"""The claims on session scoping, on histories written by hand."""

import pytest

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, labels="", **details):
    return Event(kind, tuple(labels.split()), details)


def history(*events, outcome="completed", reason=""):
    return History(outcome, reason, events)


def request(number, *sessions, thread=1, status=200, by="flask_admin.contrib.sqla.view"):
    """Return the events of a request that used these sessions."""
    place = f"R{number} T{thread}"
    return (
        event("request-started", place),
        *(event("session-used", f"{session} {place}", by=by) for session in sessions),
        event("request-ended", place, status=status),
    )


def operation(name, number, *sessions, status=200, asked="done", observed="done", left=()):
    """Return the events of an operation, after which `left` was looked at."""
    return (
        event("operation-started", "T1", name=name),
        *request(number, *sessions, status=status),
        event("looked-up", "T1", checked_out=0),
        *left,
        event("operation-ended", "T1", name=name, status=status, asked=asked, observed=observed),
    )


def verdict(claim, *histories):
    return claim.check(*histories).verdict


# --- wires and no-deprecation-warnings ------------------------------------------------------------

WIRED = event("wiring-ended", "T1")


def warning(text, deprecation=True):
    return event("warning-raised", "T1", category="AWarning", deprecation=deprecation, text=text)


def test_wiring_that_ended_is_supported():
    assert verdict(claims.wires, history(WIRED)) == "supported"


def test_wiring_that_raised_is_refuted_with_the_exact_error():
    found = claims.wires.check(history(outcome="raised", reason="TypeError: no\nmore of it"))
    assert (found.verdict, found.reason) == ("refuted", "wiring raised TypeError: no")


def test_wiring_that_did_not_end_in_time_leaves_it_open():
    found = claims.wires.check(history(outcome="timed-out", reason="no end after 30 s"))
    assert found.verdict == "inconclusive"


def test_a_deprecation_that_the_baseline_does_not_meet_is_refuted():
    wired = history(warning("old"), WIRED, *request(1, "S1"))
    found = claims.no_deprecation_warnings.check(wired, history(WIRED))
    assert found.verdict == "refuted"
    assert found.reason == "AWarning: old (while it was wired)"


def test_a_deprecation_that_the_baseline_meets_too_cannot_be_avoided():
    wired = history(warning("old"), WIRED, *request(1, "S1"))
    assert verdict(claims.no_deprecation_warnings, wired, wired) == "supported"


def test_a_deprecation_of_flask_admins_own_counts_also_where_the_baseline_meets_it():
    said = event("warning-raised", category="W", deprecation=True, text="old", by="flask_admin")
    wired = history(said, WIRED, *request(1, "S1"))
    assert verdict(claims.no_deprecation_warnings, wired, wired) == "refuted"


def test_a_deprecation_that_comes_with_a_request_is_refuted_too():
    start, *rest = request(1, "S1")
    late = event("warning-raised", "R1 T1", category="W", deprecation=True, text="late")
    used = history(WIRED, start, late, *rest)
    found = claims.no_deprecation_warnings.check(used, history(WIRED, *request(1, "S1")))
    assert (found.verdict, found.reason) == ("refuted", "W: late (in R1)")
    assert found.events == (late,)
    assert verdict(claims.no_deprecation_warnings, used, used) == "supported"


def test_each_deprecation_is_named_once():
    wired = history(warning("old"), warning("older"), WIRED, *request(1, "S1"), warning("old"))
    assert claims.no_deprecation_warnings.check(wired, history(WIRED)).reason == (
        "AWarning: old (while it was wired); AWarning: older (while it was wired)"
    )


def test_what_answered_no_request_had_no_occasion_to_warn_in_one():
    failed = history(WIRED, *request(1, "S1", status=500))
    for used in (history(WIRED), failed):
        assert verdict(claims.no_deprecation_warnings, used, history(WIRED)) == "inconclusive"


def test_other_warnings_are_listed_and_not_judged():
    used = history(warning("hm", deprecation=False), WIRED, *request(1, "S1"))
    found = claims.no_deprecation_warnings.check(used, history(WIRED))
    assert found.verdict == "supported"
    assert "other warnings: hm" in found.reason


# --- Which session served which request -----------------------------------------------------------


def test_a_session_that_served_two_requests_is_named_with_them():
    found = claims.request_scoped.check(history(*request(1, "S1"), *request(2, "S1")))
    assert (found.verdict, found.reason) == ("refuted", "S1 served R1 and R2")
    assert len(found.events) == 2


def test_a_session_for_each_request_is_supported():
    seen = history(*request(1, "S1"), *request(2, "S2"))
    assert verdict(claims.request_scoped, seen) == "supported"


def test_requests_that_end_before_a_session_is_used_share_none_and_show_nothing():
    seen = history(*request(1, status=500), *request(2, status=500))
    found = claims.request_scoped.check(seen)
    assert found.verdict == "inconclusive"
    assert (
        found.reason == "no occasion: fewer than two requests used a session; R1 was answered 500"
    )


def test_where_no_address_was_reused_nothing_is_said_of_reused_addresses():
    pushed = event("context-pushed", "A1 R1 T1", at_the_address_of=None)

    found = claims.request_scoped.check(history(pushed, *request(1, "S1"), *request(2, "S2")))

    assert found.verdict == "inconclusive"


def test_a_session_of_its_own_at_an_address_that_was_reused_is_supported():
    pushed = event("context-pushed", "A2 R2 T1", at_the_address_of="A1")

    found = claims.request_scoped.check(history(*request(1, "S1"), pushed, *request(2, "S2")))

    assert found.verdict == "supported"


def test_a_session_used_while_wiring_serves_no_request():
    used = event("session-used", "S1 T1", by="flask_admin.contrib.sqla._compat")
    seen = history(used, *request(1, "S2"), *request(2, "S3"))
    assert verdict(claims.request_scoped, seen) == "supported"


def test_two_sessions_in_one_request_are_refuted_with_who_used_them():
    found = claims.one_session_per_request.check(history(*request(1, "S1", "S2")))
    assert found.verdict == "refuted"
    assert "R1 used S1 and S2: flask_admin.contrib.sqla.view used S1" in found.reason


def test_one_part_of_flask_admin_alone_gives_no_occasion_for_two_sessions():
    assert verdict(claims.one_session_per_request, history(*request(1, "S1"))) == "inconclusive"


def test_two_parts_of_flask_admin_with_one_session_are_supported():
    place = "S1 R1 T1"
    seen = history(
        event("session-used", place, by="flask_admin.contrib.sqla.view"),
        event("session-used", place, by="flask_admin.contrib.sqla.validators"),
    )
    assert verdict(claims.one_session_per_request, seen) == "supported"


# --- Overlap --------------------------------------------------------------------------------------


def overlapping(first, second):
    return history(
        event("request-started", "R1 T2"),
        event("session-used", f"{first} R1 T2", by="view"),
        event("marked", "R1 T2", name="changed"),
        event("request-started", "R2 T3"),
        event("session-used", f"{second} R2 T3", by="view"),
        event("marked", "R2 T3", name="listed"),
        event("request-ended", "R1 T2", status=302),
        event("request-ended", "R2 T3", status=200),
    )


def test_overlapping_requests_with_sessions_of_their_own_are_isolated():
    assert verdict(claims.thread_isolated, overlapping("S1", "S2")) == "supported"


def test_overlapping_requests_that_share_a_session_are_not_isolated():
    found = claims.thread_isolated.check(overlapping("S1", "S1"))
    assert (found.verdict, found.reason) == ("refuted", "S1 served both R1 and R2 at once")


def test_requests_that_follow_each_other_say_nothing_of_overlap():
    events = overlapping("S1", "S1").events
    one_by_one = history(*events[:3], events[6], *events[3:6], events[7])
    assert verdict(claims.thread_isolated, one_by_one) == "inconclusive"


def again(*of_third, closer=None):
    """Return two overlapping requests, and a third that began before the second had ended."""
    events = overlapping("S1", "S2").events
    return history(
        *events[:-1],
        *([event("session-closed", closer)] if closer else []),
        event("request-started", "R3 T1"),
        *(event("session-used", f"{one} R3 T1", by="view") for one in of_third),
        event("marked", "R3 T1", name="listed"),
        events[-1],
        event("request-ended", "R3 T1", status=200),
    )


def test_requests_that_overlap_later_are_isolated_too():
    assert verdict(claims.thread_isolated, again("S3")) == "supported"


def test_a_session_that_only_a_later_overlap_shares_is_refuted():
    found = claims.thread_isolated.check(again("S2"))
    assert (found.verdict, found.reason) == ("refuted", "S2 served both R2 and R3 at once")


def test_a_later_request_without_a_session_leaves_it_open():
    assert verdict(claims.thread_isolated, again()) == "inconclusive"


def test_a_request_that_closes_the_session_of_another_is_refuted():
    found = claims.thread_isolated.check(again("S3", closer="S2 R1 T1"))
    assert (found.verdict, found.reason) == (
        "refuted",
        "R1 closed S2 while R2 was in progress with it",
    )


# --- What is left after a response ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "status"), [(claims.closed_on_success, 200), (claims.closed_on_error, 500)]
)
class TestClosed:
    def test_nothing_left_is_supported(self, claim, status):
        assert verdict(claim, history(*operation("list", 1, "S1", status=status))) == "supported"

    def test_a_session_that_something_holds_is_refuted(self, claim, status):
        held = event("session-held", "S1 T1", open=False, objects=0, pending=0)
        seen = history(*operation("list", 1, "S1", status=status, left=[held]))
        found = claim.check(seen)
        assert (found.verdict, found.reason) == ("refuted", "after 'list', still registered: S1")

    def test_a_connection_that_is_checked_out_is_refuted(self, claim, status):
        events = list(operation("list", 1, "S1", status=status))
        events[4] = event("looked-up", "T1", checked_out=1)
        assert "still checked out" in claim.check(history(*events)).reason

    def test_what_comes_back_with_garbage_is_closed_late_and_refuted(self, claim, status):
        events = list(operation("list", 1, "S1", status=status))
        events[4] = event("looked-up", "T1", checked_out=1)
        events.insert(5, event("connection-checked-in", "C1 T1"))
        assert claim.check(history(*events)).reason == (
            "after 'list', still checked out: 1 connection; closed late, when garbage was collected"
        )

    def test_what_a_later_operation_gives_up_is_closed_late_and_refuted(self, claim, status):
        held = event("session-held", "S1 T1", open=True, objects=1, pending=0)
        events = operation("list", 1, "S1", status=status, left=[held])
        same = operation("edit", 2, "S1", status=status, left=[held])
        gone = operation("delete", 3, "S2", status=status)
        found = claim.check(history(*events, *same, *gone))
        assert (found.verdict, found.reason) == (
            "refuted",
            "after 'list', still open: S1; closed late, with 'delete'",
        )

    def test_an_operation_that_used_no_session_gives_no_occasion(self, claim, status):
        assert verdict(claim, history(*operation("list", 1, status=status))) == "inconclusive"


def test_an_error_in_a_view_says_nothing_of_success():
    seen = history(*operation("list", 1, "S1", status=500))
    assert verdict(claims.closed_on_success, seen) == "inconclusive"


def test_a_view_that_did_not_raise_says_nothing_of_errors():
    seen = history(*operation("list", 1, "S1", status=200))
    assert verdict(claims.closed_on_error, seen) == "inconclusive"


# --- Streamed answers that are never sent ---------------------------------------------------------


def left_by(name):
    """Return a history in which the views of a list and of an export raise, and one leaves S2."""
    held = event("session-held", "S2 T1", open=True, objects=0, pending=0)
    numbers = {"list": 1, "export": 2}
    return history(
        *(
            one
            for operated, number in numbers.items()
            for one in operation(
                operated,
                number,
                f"S{number}",
                status=500,
                left=[held] if operated == name else [],
            )
        )
    )


def test_what_the_export_leaves_is_not_said_of_the_other_views():
    assert verdict(claims.closed_on_error, left_by("export")) == "supported"
    found = claims.closed_on_unsent_stream.check(left_by("export"))
    assert (found.verdict, found.reason) == ("refuted", "after 'export', still open: S2")


def test_what_other_views_leave_is_not_said_of_the_export():
    assert verdict(claims.closed_on_error, left_by("list")) == "refuted"
    found = claims.closed_on_unsent_stream.check(left_by("list"))
    assert (found.verdict, found.reason) == (
        "supported",
        "after 'export' nothing was checked out, open or registered",
    )


def test_an_export_that_is_not_made_gives_no_occasion():
    seen = history(*operation("list", 1, "S1", status=500))
    assert verdict(claims.closed_on_unsent_stream, seen) == "inconclusive"


@pytest.mark.parametrize(("session", "status"), [("S1", 200), (None, 500)])
def test_an_export_that_is_sent_or_uses_no_session_gives_no_occasion(session, status):
    used = (session,) if session else ()
    seen = history(*operation("export", 1, *used, status=status))
    assert verdict(claims.closed_on_unsent_stream, seen) == "inconclusive"


# --- Connections ----------------------------------------------------------------------------------


def test_a_request_without_a_free_connection_had_to_wait():
    late = event("exception-raised", "R2 T3", type="TimeoutError", text="pool limit")
    first, second = request(1, "S1", thread=2), request(2, "S2", thread=3, status=500)
    found = claims.pool_bounded.check(history(*first, *second[:2], late, second[2]))
    assert found.verdict == "refuted"
    assert found.reason == "R2 found no free connection: TimeoutError: pool limit"


def test_requests_that_failed_otherwise_say_nothing_of_the_pool():
    seen = history(*request(1, "S1"), *request(2, status=500))
    assert verdict(claims.pool_bounded, seen) == "inconclusive"


# --- What other requests meet ---------------------------------------------------------------------


def uncommitted(names="Ann, Ben", users="Ann, Ben", posts="committed after flush"):
    left = [event("marked", f"R{number} T1", name="left uncommitted") for number in (1, 5)]
    shown = [event("shown", "T1", names=names) for _ in range(4)]
    return history(*left, *shown, event("stored", "T1", users=users, posts=posts))


def test_what_was_not_committed_and_not_seen_is_isolated():
    assert verdict(claims.uncommitted_isolated, uncommitted()) == "supported"


def test_an_uncommitted_name_in_a_later_page_reached_another_request():
    found = claims.uncommitted_isolated.check(uncommitted(names="Uncommitted, Ben"))
    assert found.verdict == "refuted"
    assert "reached another request" in found.reason


def test_an_uncommitted_name_in_the_database_went_with_another_commit():
    found = claims.uncommitted_isolated.check(uncommitted(users="Ann, Added"))
    assert "reached the database" in found.reason


def test_others_that_could_not_commit_could_not_have_taken_it_along():
    assert verdict(claims.uncommitted_isolated, uncommitted(posts="First post")) == "inconclusive"


def external(shown="Renamed 1", error=None):
    return history(
        *request(1, "S1"),
        event("external-change", "T1", statement="update", error=error),
        event("external-change", "T1", statement="update", error=None),
        event("shown", "T1", asked="Renamed 1", names=shown),
    )


def test_a_row_changed_outside_that_shows_is_supported():
    assert verdict(claims.sees_external_changes, external()) == "supported"


def test_a_row_changed_outside_that_does_not_show_is_refuted():
    assert verdict(claims.sees_external_changes, external(shown="Ann")) == "refuted"


def placed(names):
    seen = external().events[:-1]
    return history(*seen, event("shown", "T1", place="details", asked="Later", names=names))


def test_a_row_changed_outside_that_a_page_shows_is_supported():
    assert verdict(claims.sees_external_changes, placed("Later")) == "supported"


@pytest.mark.parametrize("names", ["Early", "Early, Later"])
def test_an_old_name_on_a_page_is_refuted_with_its_place(names):
    found = claims.sees_external_changes.check(placed(names))
    assert (found.verdict, found.reason) == (
        "refuted",
        f"the new name 'Later' was not shown in the details: {names}",
    )


def test_a_page_that_shows_no_name_at_all_gives_no_occasion():
    assert verdict(claims.sees_external_changes, placed("")) == "inconclusive"


def test_a_row_that_could_not_be_changed_cannot_show():
    seen = external(shown="Ann", error="database is locked")
    assert verdict(claims.sees_external_changes, seen) == "inconclusive"


def after_failed_flush(status=200, names="Ann", posts="after"):
    return history(
        *request(1, "S1"),
        *request(2, "S2", status=302),
        event("request-started", "R3 T1"),
        event("session-flush-failed", "S3 R3 T1", type="IntegrityError", text="UNIQUE"),
        event("request-ended", "R3 T1", status=500),
        *request(4, "S4", status=status),
        event("shown", "T1", names=names),
        event("stored", "T1", posts=posts),
    )


def test_requests_that_work_after_a_failed_flush_are_supported():
    assert verdict(claims.recovers_from_failed_flush, after_failed_flush()) == "supported"


@pytest.mark.parametrize("spoilt", [{"status": 500}, {"names": ""}, {"posts": "First post"}])
def test_a_request_that_fails_after_a_failed_flush_is_refuted(spoilt):
    assert verdict(claims.recovers_from_failed_flush, after_failed_flush(**spoilt)) == "refuted"


def test_without_a_failed_flush_there_is_nothing_to_recover_from():
    seen = history(*(e for e in after_failed_flush().events if e.kind != "session-flush-failed"))
    assert verdict(claims.recovers_from_failed_flush, seen) == "inconclusive"


@pytest.mark.parametrize("statuses", [(500, 302), (200, 500), (200, 200)])
def test_what_did_not_work_before_a_failed_flush_did_not_fail_because_of_it(statuses):
    before = (request(number, f"S{number}", status=s) for number, s in enumerate(statuses, 1))
    seen = history(*(e for one in before for e in one), *after_failed_flush(status=500).events[6:])
    assert verdict(claims.recovers_from_failed_flush, seen) == "inconclusive"


# --- admin-works ----------------------------------------------------------------------------------


def test_an_operation_that_did_something_else_is_named():
    seen = history(
        *operation("list", 1, "S1"), *operation("delete", 2, "S2", asked="0", observed="1")
    )
    found = claims.admin_works.check(seen)
    assert found.verdict == "refuted"
    assert found.reason.startswith("1 operation of 2 did something else: delete; 'delete' was")


def test_operations_that_did_what_they_were_asked_work():
    assert verdict(claims.admin_works, history(*operation("list", 1, "S1"))) == "supported"
