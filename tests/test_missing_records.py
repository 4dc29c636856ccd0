"""Whatever is missing, the site is built and says so."""

import shutil
import subprocess
import sys

import pytest

from casebook.plan.conf import investigation_ids, read_investigations
from tests.conftest import CASEBOOK


def built(project):
    command = [sys.executable, "-m", "casebook", "--root", str(project), "site"]
    return subprocess.run(command, cwd=CASEBOOK, capture_output=True, encoding="utf-8")


@pytest.fixture
def project(request, tmp_path):
    """A project with records of its own: the miniature, or that of this checkout."""
    if request.param == "the miniature":
        made = request.getfixturevalue("tiny")
        for environment in ("dictionary", "closure", "module-global"):
            assert made.run(environment).returncode == 0
        return made.root
    for name in ("conf", "experiments"):
        (tmp_path / name).symlink_to(CASEBOOK / name)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CASEBOOK / "docs", tmp_path / "docs", ignore=ignored)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("project", "gone"),
    [("the miniature", slice(1)), ("the checkout", slice(None))],
    indirect=["project"],
)
def test_without_a_record_the_site_is_built_and_ends_with_3(project, gone):
    for investigation in read_investigations(project):
        environments = [one.id for one in investigation.environments]
        for environment in environments[gone]:
            records = project.glob(f"docs/results/{investigation.id}/{environment}.*.json")
            assert [record.unlink() for record in records]
        gone = slice(1)  # of any other investigation
    ended = built(project)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "no record" in ended.stderr
    assert "nox -s" in ended.stderr
    for id in investigation_ids(project):
        page = (project / "build" / "html" / id / "index.html").read_text(encoding="utf-8")
        assert "This report is incomplete." in page
