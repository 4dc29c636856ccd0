"""The claims on the database's server, on histories written by hand."""

from casebook.record import Event, History
from experiments.session_scoping import claims


def event(kind, labels="", **details):
    return Event(kind, tuple(labels.split()), details)


def history(*events):
    return History("completed", "", events)


def raised(request, type, text="no"):
    return event("exception-raised", f"{request} T1", type=type, text=text)


# --- no-idle-transaction --------------------------------------------------------------------------


def answered(request, status=200, inside=1, after=0, path="/admin/user/"):
    """Return the events of a request in whose view and after which the server was asked."""
    place = "inside the view"
    return (
        event("request-started", f"{request} T1", path=path),
        event("server-asked", f"{request} T1", place=place, idle_in_transaction=inside),
        event("request-ended", f"{request} T1", status=status),
        event("server-asked", "T1", place="after the response", idle_in_transaction=after),
    )


def test_transactions_that_were_open_and_are_closed_support_no_idle_transaction():
    found = claims.no_idle_transaction.check(history(*answered("R1"), *answered("R2", 500)))
    assert found.verdict == "supported"
    assert "open inside R1 and R2 and none after any of 2 responses" in found.reason


def test_a_transaction_left_open_refutes_no_idle_transaction():
    found = claims.no_idle_transaction.check(
        history(*answered("R1"), *answered("R2", 500, after=1))
    )
    assert found.verdict == "refuted"
    assert found.reason == (
        "after R2 was answered 500, the server found 1 connection idle in a transaction"
    )
    assert [one.kind for one in found.events] == ["request-ended", "server-asked"]


def test_without_a_transaction_in_a_failing_view_there_is_no_occasion():
    found = claims.no_idle_transaction.check(
        history(*answered("R1"), *answered("R2", 500, inside=0))
    )
    assert found.verdict == "inconclusive"


def test_without_a_transaction_in_a_view_that_ends_well_there_is_no_occasion():
    found = claims.no_idle_transaction.check(
        history(*answered("R1", inside=0), *answered("R2", 500))
    )
    assert found.verdict == "inconclusive"


def test_transactions_of_own_routes_alone_give_the_admin_no_occasion():
    requests = (*answered("R1", path="/names"), *answered("R2", 500, path="/names"))
    assert claims.no_idle_transaction.check(history(*requests)).verdict == "inconclusive"


# --- recovers-from-lost-connection ----------------------------------------------------------------


def operation(name, request, works=True, *during):
    observed = "done" if works else ""
    return (
        event("operation-started", "T1", name=name),
        *during,
        event("request-ended", f"{request} T1", status=200 if works else 500),
        event("operation-ended", "T1", name=name, status=200, asked="done", observed=observed),
    )


def ended(number=1):
    return event("connections-ended", "T1", number=number)


def test_only_the_requests_that_meet_the_end_fail():
    found = claims.recovers_from_lost_connection.check(
        history(
            *operation("first", "R1"),
            ended(),
            *operation("met", "R2", False),
            *operation("later", "R3"),
            *operation("inside", "R4", True, ended()),
            *operation("last", "R5"),
        )
    )
    assert found.verdict == "supported"
    assert "ended 2 times: 'met' met that, and 3 other requests worked" in found.reason


def test_a_second_failure_after_one_end_refutes_recovery():
    found = claims.recovers_from_lost_connection.check(
        history(
            *operation("first", "R1"),
            ended(),
            *operation("met", "R2", False, raised("R2", "OperationalError")),
            *operation("later", "R3", False, raised("R3", "PendingRollbackError")),
            ended(0),
        )
    )
    assert found.verdict == "refuted"
    assert "'later' failed, too (PendingRollbackError: no)" in found.reason


def test_an_end_inside_a_request_counts_what_fails_from_then_on():
    found = claims.recovers_from_lost_connection.check(
        history(
            *operation("first", "R1"),
            ended(),
            *operation("second", "R2"),
            *operation("inside", "R3", False, ended()),
            *operation("last", "R4", False),
        )
    )
    assert found.verdict == "refuted"


def test_where_no_connection_was_there_to_be_ended_there_is_no_occasion():
    found = claims.recovers_from_lost_connection.check(
        history(
            *operation("first", "R1"),
            ended(0),
            *operation("later", "R2"),
            ended(),
            *operation("last", "R3"),
        )
    )
    assert found.verdict == "inconclusive"


def test_requests_that_failed_before_give_lost_connections_no_occasion():
    events = (*operation("first", "R1", False), ended(), *operation("later", "R2", False), ended())
    found = claims.recovers_from_lost_connection.check(history(*events))
    assert found.verdict == "inconclusive"


# --- recovers-from-database-error -----------------------------------------------------------------


def test_requests_after_refused_values_support_recovery():
    found = claims.recovers_from_database_error.check(
        history(
            *operation("first", "R1"),
            raised("R2", "DataError"),
            *operation("later", "R3"),
            raised("R4", "DataError"),
            *operation("last", "R5"),
        )
    )
    assert found.verdict == "supported"
    assert "refused the values of R2 and R4, and 2 later requests worked" in found.reason


def test_a_request_that_fails_after_a_refused_value_refutes_recovery():
    found = claims.recovers_from_database_error.check(
        history(
            *operation("first", "R1"),
            raised("R2", "DataError"),
            *operation("later", "R3", False, raised("R3", "InternalError", "aborted")),
        )
    )
    assert found.verdict == "refuted"
    assert found.reason == (
        "after the server refused the value of R2, 'later' failed (InternalError: aborted)"
    )


def test_a_server_that_refuses_nothing_gives_database_errors_no_occasion():
    events = (*operation("first", "R1"), *operation("later", "R3"))
    found = claims.recovers_from_database_error.check(history(*events))
    assert found.verdict == "inconclusive"


def test_requests_that_failed_before_give_database_errors_no_occasion():
    events = (*operation("first", "R1", False), raised("R2", "DataError"))
    found = claims.recovers_from_database_error.check(history(*events))
    assert found.verdict == "inconclusive"
