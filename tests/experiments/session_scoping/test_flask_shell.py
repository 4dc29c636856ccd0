"""The experiments in a real `flask shell`, run where Flask is installed."""

import pytest

from experiments.session_scoping import claims
from tests.experiments.session_scoping.test_served import observe

pytestmark = pytest.mark.slow

ENVIRONMENT = "flask-sqlalchemy"


def test_lines_are_typed_into_a_shell_and_what_it_prints_is_seen(tmp_path):
    seen = observe("flask_shell", "scoped_session_removed", tmp_path, ENVIRONMENT)
    assert [one["text"] for one in seen.of("printed")] == ["Ann", "Ann", "Anna", "Anna"]
    assert claims.shell_apart_from_requests.check(seen).verdict == "supported"


def test_what_is_raised_in_a_shell_is_recorded_and_the_shell_goes_on(tmp_path):
    seen = observe("flask_shell", "begun_with_request", tmp_path, ENVIRONMENT)
    assert seen.first("exception-raised")["type"] == "AttributeError"
    assert seen.first("shell-ended")["code"] == 0


def test_requests_in_a_shell_belong_to_its_context(tmp_path):
    seen = observe("requests_in_shell", "scoped_session_removed", tmp_path, ENVIRONMENT)
    found = claims.outer_context_safe.check(seen)
    assert found.verdict == "refuted"
    assert "inside A1" in found.reason
