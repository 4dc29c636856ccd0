"""The reproductions of session scoping: each claim's is run for each verdict that it can see."""

import os

import pytest

from casebook.plan.claims import read_claims
from casebook.proof import runner, scripts
from casebook.proof.runner import readable
from casebook.proof.scripts import Reproductions
from tests.committed import report_of
from tests.conftest import CASEBOOK

pytestmark = pytest.mark.slow

SAME = {
    "wires": ("scoped-session-removed", "raises-when-wired"),
    "request-scoped": ("session", "app-lifetime-session"),
    "one-session-per-request": ("db", "scope-per-access"),
    "shares-session-with-application": ("session", "sessions-apart"),
    "works-in-session": ("db", "engine-beside-session"),
    "tells-outcomes": ("session", "tells-nothing"),
    "hooks-before-flush": ("session", "flushed-before-hooks"),
    "thread-isolated": ("db", "app-lifetime-session"),
    "operations-isolated": ("db", "app-lifetime-session"),
    "overlaps-serializable": ("session", "one-connection"),
    "server-threads-isolated": ("session", "app-lifetime-session"),
    "greenlet-isolated": ("db", "scoped-session-removed"),
    "forked-workers-apart": ("db", "queried-when-wired"),
    "use-before-fork-safe": ("disposed-after-fork", "db"),
    "applications-apart": ("db-global", "registry-of-the-process"),
    "connection-per-session": ("session", "one-connection"),
    "nested-context-safe": ("session", "begun-with-request"),
    "background-context": ("db", "scoped-session-kept"),
    "shell-apart-from-requests": ("db", "scoped-session-kept"),
    "outer-context-safe": ("removed-with-request", "session"),
    "closed-on-success": ("session", "scoped-session-kept"),
    "closed-on-error": ("db", "removed-on-success-only"),
    "closed-on-unsent-stream": ("session", "removed-on-success-only"),
    "closed-after-any-answer": ("session", "removed-after-200-only"),
    "closed-after-streaming": ("session", "removed-before-streaming"),
    "closed-after-greenlets": ("db", "app-lifetime-session"),
    "pool-bounded": ("session", "scoped-session-kept"),
    "memory-bounded": ("db", "scope-per-access"),
    "uncommitted-isolated": ("session", "app-lifetime-session"),
    "sees-external-changes": ("db", "app-lifetime-session"),
    "filter-choices-current": ("filters-made-anew", "db"),
    "recovers-from-failed-flush": ("session", "app-lifetime-session"),
    "recovers-from-refused-commit": ("session", "rolls-back-nothing"),
    "recovers-from-raising-hook": ("db", "kept-and-rolls-back-nothing"),
    "recovers-from-hook-after-commit": ("session", "app-lifetime-session"),
    "recovers-where-errors-are-raised": ("db", "app-lifetime-session"),
    "recovers-from-refused-commit-in-route": ("rolled-back-at-teardown", "session"),
    "admin-works": ("db", "scope-per-access"),
    "session-while-streaming": ("session", "begun-with-request"),
    "streaming-works": ("removed-after-streaming", "db"),
    "hooks-may-end-session": ("never-ended-session", "db"),
    "no-deprecation-warnings": ("db", "session"),
    "second-engine": ("bind", "engines-kept"),
    "second-engines-apart": ("bind", "engines-of-the-process"),
}
"""Of each claim a pattern that supports it and one that refutes it, with Flask-SQLAlchemy."""

ON_POSTGRESQL = {
    "no-idle-transaction": ("session", "removed-on-success-only"),
    "recovers-from-lost-connection": ("db", "scoped-session-kept"),
    "recovers-from-database-error": ("session", "app-lifetime-session"),
    "isolation-level-holds": ("db", "one-connection"),
    "recovers-from-serialization-failure": ("db", "scoped-session-kept"),
}

ASYNC = {
    "async-request-scoped": ("async-session", "async-session-of-the-application"),
    "async-closed": ("async-session-closed", "async-session-closed-on-success-only"),
    "async-works": ("async-sessionmaker", "async-session-rolled-back"),
}

LITE = "flask-sqlalchemy-lite-beside-flask-sqlalchemy"


@pytest.fixture(scope="module")
def report():
    return report_of("session_scoping")


def findings(claims, environment, database):
    return [
        f"{claim}.{pattern}.{environment}.{database}"
        for claim, patterns in claims.items()
        for pattern in patterns
    ]


def agree(report, wanted):
    """Assert that each of these findings' scripts sees what the finding says."""
    if not os.environ.get("CASEBOOK_ENVIRONMENTS"):
        pytest.skip("no environments under test are named by CASEBOOK_ENVIRONMENTS")
    scripts = runner.reproductions(CASEBOOK, [report], wanted)
    assert sorted(one.finding.id for one in scripts) == sorted(wanted)
    came = list(runner.run_all(CASEBOOK, scripts, 2, installed=True))
    wrong = [readable(one) for one in came if not one.agrees]
    assert not wrong, "\n".join(wrong)


def test_every_claim_has_one_that_can_see_each_verdict(report):
    asked = SAME | ON_POSTGRESQL | ASYNC
    claims = read_claims(CASEBOOK, report.investigation)
    assert set(asked) == {claim.id for claim in claims}
    assert scripts.missing(CASEBOOK, report) == ()
    words = {one.id: one.verdict for one in report.findings}
    for claims_of, environment, database in (
        (SAME, "flask-sqlalchemy", "sqlite"),
        (ON_POSTGRESQL, "flask-sqlalchemy", "postgresql"),
        (ASYNC, LITE, "sqlite"),
    ):
        found = [words[id] for id in findings(claims_of, environment, database)]
        assert found == ["supported", "refuted"] * len(claims_of)


@pytest.mark.slow
def test_scripts_on_sqlite_see_what_their_findings_say(report):
    agree(report, findings(SAME, "flask-sqlalchemy", "sqlite"))


@pytest.mark.slow
def test_scripts_on_postgresql_see_what_their_findings_say(report):
    agree(report, findings(ON_POSTGRESQL, "flask-sqlalchemy", "postgresql"))


@pytest.mark.slow
def test_scripts_of_async_sessions_see_what_their_findings_say(report):
    agree(report, findings(ASYNC, LITE, "sqlite"))


@pytest.mark.slow
def test_scripts_without_an_occasion_see_none(report):
    old = "flask-admin-2.0.2-flask-sqlalchemy"
    agree(report, [f"{claim}.db.{old}.sqlite" for claim in ("request-scoped", "closed-on-error")])


def test_every_finding_that_others_can_see_has_a_script(report):
    scripts = Reproductions(CASEBOOK, report)
    texts = {one.id: scripts.script(one) for one in report.findings}
    without = [
        one.pattern
        for one in report.findings
        if texts[one.id] is None and one.verdict != "not-tested"
    ]
    assert set(without) == {"plain-views", "plain-views-by-context"}
    for text in filter(None, texts.values()):
        compile(text, "script", "exec")
        assert "experiments.session_scoping" not in text


def test_what_a_reader_must_see_stands_first_and_can_be_read_in_a_minute(report):
    scripts = Reproductions(CASEBOOK, report)
    read = 0
    for one in report.findings:
        _, found, first = (scripts.script(one) or "").partition("# --- The pattern, as it ran")
        if found:  # else nothing can be imported, and the script is that import
            read += 1
            lines = first[: first.index("# --- What the two parts above use")].splitlines()
            assert len(list(filter(str.strip, lines))) <= 90, one.id
    assert read > 1000
