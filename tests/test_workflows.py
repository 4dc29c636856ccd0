"""The workflows of the CI service: of the right form, pinned, and calling what there is."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from casebook.cli.new import SCAFFOLD
from casebook.plan.conf import read_all_unlocked
from tests.conftest import CASEBOOK

MOST = 256
"""The jobs that a matrix may have, as the service's documentation says."""

WRITTEN = SCAFFOLD / "project" / ".github" / "workflows" / "report.yml.new"
"""What `casebook new` writes."""

WORKFLOWS = [*sorted((CASEBOOK / ".github" / "workflows").glob("*.yml")), WRITTEN]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    return request.param


def read(path: Path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def steps(path: Path):
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def shell(path: Path) -> str:
    return "\n".join(step["run"] for step in steps(path) if "run" in step)


def against_schema(path: Path):
    command = ["check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    command += ["--default-filetype", "yaml", str(path)]
    return subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)


def test_a_workflow_is_as_the_schema_of_the_service_says(workflow):
    process = against_schema(workflow)
    assert process.returncode == 0, process.stdout


def test_the_schema_finds_a_key_that_is_none(tmp_path):
    text = (CASEBOOK / ".github/workflows/tests.yml").read_text()
    (tmp_path / "wrong.yml").write_text(text.replace("runs-on:", "runs_on:"))
    process = against_schema(tmp_path / "wrong.yml")
    assert process.returncode == 1
    assert "runs_on" in process.stdout


def test_each_action_is_pinned_by_the_digest_of_its_commit(workflow):
    used = re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_nothing_is_allowed_but_what_a_job_asks_for(workflow):
    described = read(workflow)
    assert described["permissions"] == {}
    for job in described["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"] <= 60


def test_what_runs_the_code_of_a_stranger_may_write_nothing():
    """The candidate is built and run in one job, and its text is commented by another."""
    jobs = read(CASEBOOK / ".github/workflows/candidate.yml")["jobs"]
    assert jobs["observe"]["permissions"] == {"contents": "read"}
    assert not any("checkout" in step.get("uses", "") for step in jobs["comment"]["steps"])


def test_each_session_and_target_exists(workflow):
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list", "--json", "--sessions", *sessions(workflow)],
        cwd=CASEBOOK,
        capture_output=True,
        text=True,
    )
    assert listed.returncode == 0, listed.stderr
    names = {session["name"] for session in json.loads(listed.stdout or "[]")}
    assert set(sessions(workflow)) <= names
    for target in re.findall(r"make (\w+)", shell(workflow)):
        assert re.search(rf"^{target}: ##", (CASEBOOK / "Makefile").read_text(), re.MULTILINE)


def sessions(path: Path) -> list[str]:
    named = re.findall(r"nox (?:--list --json )?--sessions \"?(\w+)", shell(path))
    return sorted(set(named)) or ["report"]


def test_the_steps_are_shell(workflow):
    for step in steps(workflow):
        if "run" in step:
            process = subprocess.run(["bash", "-n"], input=step["run"], text=True)
            assert process.returncode == 0


@pytest.mark.skipif(shutil.which("jq") is None, reason="the matrix is made with jq")
def test_the_matrix_has_a_job_for_each_environment(tmp_path):
    (step,) = (
        step
        for step in steps(CASEBOOK / ".github/workflows/report.yml")
        if step.get("id") == "sessions"
    )
    output = tmp_path / "output"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        cwd=CASEBOOK,
        env=os.environ | {"PATH": path, "GITHUB_OUTPUT": str(output)},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    name, _, matrix = output.read_text().partition("=")
    installed = [one.id for each in read_all_unlocked(CASEBOOK) for one in each.installed]
    assert name == "environments"
    assert json.loads(matrix) == installed
    assert len(installed) <= MOST
