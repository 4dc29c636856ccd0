"""Faults put into copied environments: the evidence must turn, at the claim that each concerns."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from casebook import judge
from casebook.environment import EnvironmentMissing, interpreter
from casebook.report import Finding

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


class Laboratory:
    """A copy of one environment in a project of its own, to be broken and observed."""

    def __init__(self, environment: str, folder: Path) -> None:
        try:
            python = interpreter(ROOT, environment)
        except EnvironmentMissing as missing:
            pytest.fail(str(missing))
        self.environment = environment
        self.root = folder / "project"
        self.copy = folder / "environment"
        shutil.copytree(python.parent.parent, self.copy, symlinks=True)
        for name in ("conf", "experiments", "casebook", "docs/templates"):
            shutil.copytree(
                ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__")
            )

    def break_library(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands in an installed file exactly once."""
        (path,) = self.copy.glob(f"lib/python3*/site-packages/{file}")
        text = path.read_text()
        assert text.count(old) == 1, f"{file} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def observe(self) -> dict[tuple[str, str], Finding]:
        """Run the environment and return its findings by claim and pattern."""
        done = subprocess.run(
            [
                self.copy / "bin" / "python",
                "-m",
                "casebook.run",
                "session_scoping",
                self.environment,
            ],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        report = judge.report(self.root, "session_scoping")
        return {
            (finding.claim, finding.pattern): finding
            for finding in report.findings
            if finding.environment == self.environment
        }


def test_a_teardown_that_removes_nothing_refutes_closed_on_success(tmp_path):
    laboratory = Laboratory("flask-sqlalchemy", tmp_path)
    laboratory.break_library(
        "flask_sqlalchemy/extension.py", "        self.session.remove()\n", "        pass\n"
    )
    findings = laboratory.observe()
    for pattern in ("db", "session"):
        for claim in ("closed-on-success", "closed-on-error"):
            finding = findings[claim, pattern]
            assert finding.verdict == "refuted", finding
            assert "still checked out" in finding.reason
        assert findings["pool-bounded", pattern].verdict == "refuted"
    assert findings["closed-on-success", "scoped-session-removed"].verdict == "supported"


def test_a_close_that_is_skipped_after_an_exception_refutes_closed_on_error_alone(tmp_path):
    environment = "flask-sqlalchemy-lite-beside-flask-sqlalchemy"
    laboratory = Laboratory(environment, tmp_path)
    laboratory.break_library(
        "flask_sqlalchemy_lite/_extension.py",
        '    sessions: dict[str, orm.Session] = g.pop("_sqlalchemy_sessions", None)\n\n'
        "    if sessions is None:\n",
        '    sessions: dict[str, orm.Session] = g.pop("_sqlalchemy_sessions", None)\n\n'
        "    if sessions is None or e is not None:\n",
    )
    findings = laboratory.observe()
    assert findings["closed-on-error", "db-in-context"].verdict == "refuted"
    assert findings["closed-on-success", "db-in-context"].verdict == "supported"


def test_a_validator_that_keeps_the_session_of_wiring_refutes_one_session_per_request(tmp_path):
    environment = "flask-sqlalchemy-lite-beside-flask-sqlalchemy"
    laboratory = Laboratory(environment, tmp_path)
    laboratory.break_library(
        "flask_admin/contrib/sqla/validators.py",
        "        self.db_session = db_session\n",
        "        self.db_session = _get_deprecated_session(db_session)\n",
    )
    findings = laboratory.observe()
    for claim in ("one-session-per-request", "request-scoped", "closed-on-success"):
        assert findings[claim, "db-in-context"].verdict == "refuted"
        assert "flask_admin" in findings["one-session-per-request", "db-in-context"].reason
    assert findings["one-session-per-request", "scoped-session-as-db"].verdict == "supported"


def test_a_library_that_keeps_sessions_weakly_by_context_is_not_refuted_by_the_recorder(tmp_path):
    # What is observed must die when it would: a recorder that kept contexts would refute this.
    environment = "flask-sqlalchemy-lite-beside-flask-sqlalchemy"
    laboratory = Laboratory(environment, tmp_path)
    laboratory.break_library(
        "flask_sqlalchemy_lite/_extension.py",
        '        sessions: dict[str, orm.Session] = g.setdefault("_sqlalchemy_sessions", {})\n',
        "        from flask.globals import app_ctx\n"
        '        kept = self.__dict__.setdefault("_kept", WeakKeyDictionary())\n'
        "        sessions = kept.setdefault(app_ctx._get_current_object(), {})\n"
        "        g._sqlalchemy_sessions = sessions\n",
    )
    findings = laboratory.observe()
    verdicts = {one.verdict for one in findings.values() if one.pattern == "db-in-context"}
    assert verdicts == {"supported"}


def test_a_form_that_keeps_a_session_of_its_own_is_seen_when_it_is_opened(tmp_path):
    laboratory = Laboratory("flask-sqlalchemy", tmp_path)
    laboratory.break_library(
        "flask_admin/contrib/sqla/view.py",
        "        session = _get_deprecated_session(self.session)\n"
        "        return session.get(self.model, tools.iterdecode(id))\n",
        "        session = _get_deprecated_session(self.session)\n"
        "        from flask import request\n"
        '        if request.method == "GET" and "/edit/" in request.path:\n'
        "            from sqlalchemy.orm import Session\n"
        "            self.kept = Session(session.get_bind())\n"
        "            self.kept.get(self.model, tools.iterdecode(id))\n"
        "        return session.get(self.model, tools.iterdecode(id))\n",
    )
    findings = laboratory.observe()
    # Flask-Admin does so with every session, so that the right control shows it, too.
    shown = findings["closed-on-success", "scoped-session-removed"]
    assert shown.verdict == "refuted"
    assert shown.reason.startswith("after 'open the edit form', still")
    assert findings["closed-on-success", "db"].verdict == "inconclusive"
