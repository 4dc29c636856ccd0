"""Whatever is missing, the site is built and says so."""

import shutil
import subprocess
import sys

import pytest

from tests.conftest import CASEBOOK


def built(project):
    command = [sys.executable, "-m", "casebook", "--root", str(project), "site"]
    return subprocess.run(command, cwd=CASEBOOK, capture_output=True, encoding="utf-8")


@pytest.fixture
def project(tmp_path):
    """The real project, with records of its own."""
    for name in ("conf", "experiments"):
        (tmp_path / name).symlink_to(CASEBOOK / name)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CASEBOOK / "docs", tmp_path / "docs", ignore=ignored)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["flask-sqlalchemy.sqlite", "*"])
def test_without_a_record_the_site_is_built_and_ends_with_3(project, gone):
    records = list((project / "docs" / "results" / "session_scoping").glob(f"{gone}.json"))
    assert records
    for record in records:
        record.unlink()
    ended = built(project)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "no record" in ended.stderr
    assert "nox -s" in ended.stderr
    page = (project / "build" / "html" / "index.html").read_text(encoding="utf-8")
    assert "This report is incomplete." in page
