"""The sessions, run by nox itself on the miniature investigation and a stand-in for `casebook`.

The stand-in notes how it was called and ends as the test says, so that nothing is installed and
only noxfile.py is observed.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent

STAND_IN = """
import json, os, sys
if sys.argv[1] in ("watch", "needs"):
    from casebook.cli.main import main
    sys.exit(main(sys.argv[1:]))
with open("calls.jsonl", "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
sys.exit(int(os.environ.get("END_" + sys.argv[1].replace("-", "_"), "0")))
"""

OUT_OF_REACH = "nothing-like-this==1 --hash=sha256:" + 64 * "0" + "\n"


class Project:
    """A project of its own, in a folder whose name has a space."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "tests" / "tiny", folder)
        shutil.copy(ROOT / "noxfile.py", folder)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "casebook", folder / "casebook", ignore=ignored)
        (folder / "casebook" / "__main__.py").write_text(STAND_IN)
        for name in ("site", "serve"):
            (folder / "conf" / "requirements" / f"{name}.txt").write_text("# nothing\n")

    def nox(self, *arguments: str, **ends: int) -> subprocess.CompletedProcess[str]:
        told = {f"END_{command}": str(code) for command, code in ends.items()}
        return subprocess.run(
            [sys.executable, "-m", "nox", "-f", str(self.folder / "noxfile.py"), *arguments],
            cwd="/",
            env={**os.environ, "UV_OFFLINE": "1", **told},
            capture_output=True,
            text=True,
            timeout=120,
        )

    @property
    def calls(self) -> list[list[str]]:
        """How the stand-in was called, without `keep` and the times that it was told."""
        lines = (self.folder / "calls.jsonl").read_text().splitlines()
        calls = [
            [part for part in json.loads(line) if not part.startswith("--experiments-took")]
            for line in lines
        ]
        return [call for call in calls if call != ["keep"]]

    def lock(self, environment: str) -> Path:
        return self.folder / "conf" / "requirements" / "tiny" / f"{environment}.txt"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "a project")


def test_each_environment_of_the_plan_is_a_session(project):
    listed = project.nox("--list", "--json", "-s", "experiments")
    assert [session["session"] for session in json.loads(listed.stdout)] == [
        "experiments(dictionary)",
        "experiments(closure)",
        "experiments(module-global)",
        "experiments(closure-not-importable)",
        "experiments(closure-not-resolvable)",
    ]


def test_a_session_names_only_its_environment_to_other_programs(project):
    listed = project.nox("--list", "--json", "-s", "experiments(closure)")
    assert json.loads(listed.stdout)[0]["call_spec"] == {"environment": "closure"}


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4])
def test_the_site_s_exit_code_reaches_the_shell(project, code):
    assert project.nox("-s", "site", site=code).returncode == code


@pytest.mark.parametrize("code", [3, 4])
def test_the_report_s_exit_code_reaches_the_shell(project, code):
    assert project.nox("-s", "report", report=code).returncode == code


def test_a_code_without_a_meaning_is_a_failed_harness(project):
    assert project.nox("-s", "site", site=77).returncode == 1


def test_the_report_comes_after_every_environment_ran(project):
    project.nox("-s", "report")
    assert project.calls[-1] == ["report", "--experiments-ended=0"]
    assert sorted(call[1] for call in project.calls[:-1]) == [
        "closure",
        "closure-not-importable",
        "closure-not-resolvable",
        "dictionary",
        "module-global",
    ]


def test_the_report_is_made_although_an_environment_s_harness_failed(project):
    project.nox("-s", "report", run=1)
    assert project.calls[-1] == ["report", "--experiments-ended=1"]


def test_of_environments_in_order_the_report_prints_nothing(project):
    ended = project.nox("-s", "report")
    assert "experiments(" not in ended.stdout + ended.stderr
    assert "experiments(closure)" in (project.folder / "build/runs/nox.log").read_text()


def test_an_environment_that_failed_is_named_in_what_the_report_prints(project):
    ended = project.nox("-s", "report", run=1)
    assert "✗ experiments(closure): failed" in ended.stdout


def test_one_environment_s_exit_code_reaches_the_shell(project):
    assert project.nox("-s", "experiments(closure)", run=1).returncode == 1


def test_an_environment_that_nobody_declared_is_named_with_the_nearest(project):
    ended = project.nox("-s", "experiments(dictionery)")
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert line.startswith("experiments(dictionery): no environment is called that")
    assert "'dictionary'" in line


def test_an_environment_without_a_lock_is_left_to_the_runner_to_explain(project):
    project.nox("-s", "experiments(closure-not-resolvable)")
    assert project.calls == [["run", "closure-not-resolvable"]]


def test_an_environment_that_cannot_be_installed_is_noted_and_not_run(project):
    project.lock("closure").write_text(OUT_OF_REACH)
    ended = project.nox("-s", "experiments(closure)", not_rerun=3)
    [[command, environment, said]] = project.calls
    assert (command, environment) == ("not-rerun", "closure")
    assert "nothing-like-this" in (project.folder / said).read_text()
    assert ended.returncode == 3


def test_an_environment_that_cannot_be_installed_does_not_keep_the_others_from_the_report(project):
    project.lock("closure").write_text(OUT_OF_REACH)
    ended = project.nox("-s", "report", not_rerun=3, report=3)
    assert sorted(call[0] for call in project.calls) == ["not-rerun", "report", *4 * ["run"]]
    assert project.calls[-1] == ["report", "--experiments-ended=0"]
    assert ended.returncode == 3


AXIS = """
[[axis]]
package = "tally"
from = "dictionary"
releases = ["1.0", "2.0"]

[[axis]]
package = "python"
from = "dictionary"
releases = ["3.98"]
"""


@pytest.fixture
def swept(project):
    toml = project.folder / "conf" / "tiny.toml"
    toml.write_text(toml.read_text() + AXIS)
    for name in ("tally-1.0", "tally-2.0", "python-3.98"):
        project.lock(f"dictionary-at-{name}").write_text("# nothing\n")
    return project


def test_a_sweep_runs_what_the_axes_generate_and_says_what_came_of_it(swept):
    ended = swept.nox("-s", "sweep")
    assert ended.returncode == 0
    assert sorted(call[1] for call in swept.calls[:-1]) == [
        "dictionary-at-tally-1.0",
        "dictionary-at-tally-2.0",
    ]
    assert swept.calls[-1] == ["swept", "--experiments-ended=0"]


def test_a_sweep_of_one_package_names_it_and_runs_all_where_asked(swept):
    swept.nox("-s", "sweep", "--", "tally", "--fresh", swept=3)
    assert ["run", "dictionary-at-tally-1.0", "--fresh"] in swept.calls
    assert swept.calls[-1] == ["swept", "tally", "--experiments-ended=0"]


def test_a_report_runs_no_swept_environment(swept):
    swept.nox("-s", "report")
    assert not [call for call in swept.calls if "-at-" in "".join(call)]


def test_an_environment_of_a_python_that_is_not_here_is_skipped(swept):
    ended = swept.nox(
        "-s", "experiments(dictionary-at-python-3.98)", "--no-error-on-missing-interpreters"
    )
    assert "Python interpreter 3.98 not found" in ended.stderr
    assert not (swept.folder / "calls.jsonl").exists()


def test_what_a_lock_no_longer_holds_is_removed(project):
    project.nox("-s", "experiments(closure)")
    [packages] = project.folder.glob(".nox/experiments-closure/lib/python*/site-packages")
    left = packages / "left_over-1.dist-info"
    left.mkdir()
    (left / "METADATA").write_text("Metadata-Version: 2.1\nName: left-over\nVersion: 1\n")
    (left / "RECORD").write_text(
        "left_over-1.dist-info/METADATA,,\nleft_over-1.dist-info/RECORD,,\n"
    )
    project.lock("closure").write_text("# another nothing\n")
    project.nox("-s", "experiments(closure)")
    assert not left.exists()


def test_what_is_installed_is_not_asked_for_again(project):
    project.nox("-s", "experiments(closure)")
    again = project.nox("-s", "experiments(closure)")
    assert "--exact" not in again.stderr


def test_a_wrong_file_in_conf_is_one_line_and_ends_with_2(project):
    file = project.folder / "conf" / "tiny.toml"
    file.write_text(file.read_text().replace('title = "Dictionary"', 'tilte = "Dictionary"', 1))
    ended = project.nox("-s", "site")
    assert ended.returncode == 2
    assert ended.stderr.startswith("conf/tiny.toml: backend 'dictionary'")
    assert len(ended.stderr.splitlines()) == 1


def test_a_missing_lock_does_not_keep_locks_from_being_made(project):
    project.lock("closure").unlink()
    project.nox("-s", "lock", "--", "closure")
    assert project.calls == [["lock", "closure"]]


@pytest.mark.parametrize("command", ["cite", "publish"])
def test_what_comes_after_the_dashes_reaches_the_command(project, command):
    project.nox("-s", command, "--", "wires", "counts")
    assert project.calls == [[command, "wires", "counts"]]


def test_what_comes_after_the_dashes_is_verified(project):
    ended = project.nox("-s", "verify", "--", "reply.md", verify=3)
    assert project.calls == [["verify", "reply.md"]]
    assert ended.returncode == 3


def test_nox_says_nothing_on_the_citation_s_output(project):
    assert project.nox("-s", "cite", "--", "wires").stdout == ""


def test_faults_are_tried_where_nox_installed_the_environments(project):
    ended = project.nox("-s", "faults", "--", "one-count", faults=3)
    assert project.calls == [["faults", "one-count"]]
    assert ended.returncode == 3


def test_mutants_are_tried_where_nox_installed_the_environments(project):
    ended = project.nox("-s", "mutants", "--", "*:next:*", mutants=3)
    assert project.calls == [["mutants", "*:next:*"]]
    assert ended.returncode == 3


def test_reproductions_are_chosen_on_the_command_line(project):
    assert project.nox("-s", "repros", "--", "wires.*").returncode == 0
    assert project.calls == [["repros", "wires.*"]]


def test_a_reproduction_that_sees_something_else_ends_nox_with_3(project):
    assert project.nox("-s", "repros", repros=3).returncode == 3
