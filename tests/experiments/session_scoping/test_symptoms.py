"""Of each error that was recorded, a symptom tells."""

from tests.committed import report_of

OWN = ("ViewFailed", "JobFailed", "HookFailed", "ValidationError")
"""The errors that experiments raise themselves, in hooks the one that Flask-Admin shows."""


def test_each_kind_of_error_that_is_recorded_here_has_a_symptom() -> None:
    report = report_of("session_scoping")
    errors = {
        (str(event["type"]), str(event["text"]))
        for history in report.histories.values()
        for event in history.of("exception-raised")
    }
    pieces = [piece for one in report.symptoms.symptoms for piece in one.match]
    untold = {
        f"{type}: {text[:60]}"
        for type, text in errors
        if type not in OWN
        and " " in text  # more than the name of an attribute
        and not any(piece in type or piece in text for piece in pieces)
    }
    assert errors
    assert not untold, f"no symptom tells of {sorted(untold)}"
