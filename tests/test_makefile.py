"""The Makefile, with a stand-in for the interpreter in `.venv` where one is there already."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

STAND_IN = """#!/bin/sh
[ "$1" = -c ] && exit 0
[ "$2" = casebook ] && { echo "meaning of $4"; exit 0; }
for argument in "$@"; do echo "<$argument>"; done > called
exit ${END:-0}
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "it's a project"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for place in (folder, folder / ".venv"):
        (place / "requirements.txt").write_text("# nothing\n")
    python = folder / ".venv" / "bin" / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    return folder


def make(project, *arguments, **variables):
    return subprocess.run(
        ["make", "--file", project / "Makefile", *arguments],
        cwd="/",
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


def called(project):
    return (project / "called").read_text()


def test_without_a_target_make_says_what_there_is(project):
    said = make(project).stdout
    assert "make report" in said
    assert "make cite" in said


def test_make_calls_nox_in_the_project_s_folder_from_anywhere(project):
    assert make(project, "report").returncode == 0
    assert called(project) == "<-m>\n<nox>\n<--session>\n<report>\n"


def test_a_failure_says_the_code_and_what_it_means(project):
    ended = make(project, "report", END="3")
    assert ended.returncode == 2
    assert ended.stderr.startswith("meaning of 3\n")


def test_a_citation_s_arguments_arrive_as_they_were_given(project):
    make(project, "cite", "CLAIM=wires; $(touch x)", "PATTERN=a pattern")
    assert called(project).endswith("<cite>\n<-->\n<wires; >\n<a pattern>\n")


def test_the_folder_of_editions_arrives_as_it_was_given_and_may_be_left_out(project):
    make(project, "publish", "FOLDER=../a branch")
    assert called(project).endswith("<publish>\n<-->\n<../a branch>\n")
    make(project, "publish")
    assert called(project).endswith("<publish>\n<-->\n")


def test_what_is_to_be_verified_arrives_as_it_was_given(project):
    make(project, "verify", "FILE=a reply; $(touch x)")
    assert called(project).endswith("<verify>\n<-->\n<a reply; >\n")


def test_an_old_python_is_named_and_nothing_is_installed(project):
    old = project / "old python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    shutil.rmtree(project / ".venv")
    ended = make(project, "site", f"PYTHON={old}")
    assert "needs Python 3.11 or newer" in ended.stderr
    assert not (project / ".venv").exists()


def test_nox_is_installed_again_when_the_requirements_changed(project):
    (project / "requirements.txt").write_text("# more\n")
    newer = project / "newer"
    newer.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "made: $@" >&2\nexit 1\n')
    newer.chmod(0o755)
    assert "made: -m venv .venv" in make(project, "site", f"PYTHON={newer}").stderr


def test_what_a_candidate_is_stays_in_one_piece(project):
    make(project, "candidate", "PACKAGE=admin @ ../it's here", "ENVIRONMENT=one")
    told = "<candidate>\n<-->\n<admin @ ../it's here>\n<--environment>\n<one>\n"
    assert called(project).endswith(told)


def test_a_bisection_is_told_what_to_ask(project):
    make(project, "bisect", "CLAIM=wires", "PATTERN=db", "PACKAGE=flask")
    assert called(project).endswith("<bisect>\n<-->\n<wires>\n<db>\n<flask>\n")
