"""The runner of reproductions, on the miniature investigation and its own interpreter."""

import importlib
import os
import sys
import types

import pytest

from casebook.cli.main import main
from casebook.judge.project import read_report
from casebook.plan.conf import read_investigation
from casebook.proof import runner, scripts
from tests.conftest import Project, copy_of_tiny

pytestmark = pytest.mark.slow

SEEN = "counts-apart.kept-apart.dictionary.sqlite"

LIE = "counts-apart.mixed-up.dictionary.sqlite"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A project that ran, with an environment that is this interpreter."""
    project = copy_of_tiny(tmp_path_factory.mktemp("run-again"))
    assert project.run("dictionary").returncode == 0
    python = project.path(".nox/experiments-dictionary/bin/python")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return project


@pytest.fixture
def command(project, monkeypatch, capfd):
    monkeypatch.delenv("CASEBOOK_ENVIRONMENTS", raising=False)

    def run(*arguments):
        code = main(["--root", str(project.root), "repros", *arguments])
        return code, capfd.readouterr()

    return run


def test_scripts_are_run_and_counted(command):
    code, said = command("--installed", SEEN, LIE)
    assert (code, said.out) == (0, "2 of 2 reproductions saw what their finding says\n")


def test_scripts_are_chosen_by_patterns(command):
    code, said = command("--installed", "counts-apart.*-*.dictionary.*")
    assert code == 0
    assert said.out.startswith("3 of 3 ")


def test_a_script_that_sees_the_contrary_is_told_with_what_it_printed(command, monkeypatch):
    honest = scripts.Reproductions.script

    def lying(scripts, finding):
        text = honest(scripts, finding)
        return text and text.replace('"V1", "V2", "V1"', '"V1", "V1", "V1"')

    monkeypatch.setattr(scripts.Reproductions, "script", lying)
    code, said = command("--installed", SEEN, "wires.kept-apart.*")
    assert code == 3
    assert f"{SEEN}: supported, exit code 1\n" in said.out
    assert "    The finding says: supported. Seen here: refuted.\n" in said.out
    assert said.out.endswith("1 of 2 reproductions saw what their finding says\n")
    assert "exit code 3" in said.err


def test_a_script_that_does_not_end_is_ended(project, monkeypatch):
    monkeypatch.setattr(runner, "TIME_LIMIT", 0.2)
    report = read_report(project.root, "tiny")
    monkeypatch.delenv("CASEBOOK_ENVIRONMENTS", raising=False)
    finding = next(one for one in report.findings if one.id == SEEN)
    waits = "# ///\nimport signal\nprint('waiting', flush=True)\nsignal.pause()\n"
    script = runner.Reproduction(finding, report.investigation.database("sqlite"), waits)
    (came,) = runner.run_all(project.root, [script], 1, installed=True)
    assert not came.agrees
    assert came.printed == "waiting\n\nthe script did not end within 0.2 s"


def test_what_names_nothing_is_wrong_usage(command):
    code, said = command("--installed", "nothing.*")
    assert code == 2
    assert "no finding of nothing.* has a reproduction" in said.err


def test_each_is_run_by_uv_from_one_place_for_the_same_releases(project, tmp_path, monkeypatch):
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\nexec "{sys.executable}" "$4"\n')
    uv.chmod(0o755)
    monkeypatch.setenv("UV", str(uv))
    report = read_report(project.root, "tiny")
    scripts = runner.reproductions(project.root, [report], ["*.dictionary.sqlite"])
    came = list(runner.run_all(project.root, scripts, 2))
    assert len(came) == len(scripts) > 5
    assert all(one.agrees for one in came), [one.printed for one in came]
    calls = set((tmp_path / "calls").read_text().splitlines())
    assert len(calls) == 1
    assert calls.pop().startswith(f"run --quiet --script {project.root}/build/repros/")


def test_a_database_with_a_server_gets_one(tiny, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tiny.root / "environments"))
    python = tiny.path("environments/experiments-dictionary/bin/python")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    tiny.write(
        "experiments/tiny/server_for_tests.py",
        "import contextlib, os\n\n@contextlib.contextmanager\ndef serve(folder):\n"
        "    os.environ['SERVED'] = 'yes'\n    yield folder\n    os.environ['SERVED'] = 'no'\n",
    )
    tiny.replace(
        "conf/tiny.toml",
        "# --- Backends",
        '[[database]]\nid = "sqlite"\ntitle = "SQLite"\nurl = "tiny://{address}/here"\n'
        'server = "experiments.tiny.server_for_tests"\n\n# --- Backends',
    )
    (database,) = read_investigation(tiny.root, "tiny").described
    report = read_report(tiny.root, "tiny")
    finding = next(one for one in report.findings if one.environment == "dictionary")
    says = "# ///\nimport os\nprint(os.environ['DATABASE_URL'], os.environ['SERVED'])\n"
    script = runner.Reproduction(finding, database, says)
    monkeypatch.setenv("SERVED", "no")
    monkeypatch.setattr(importlib, "import_module", lambda name: _module(tiny, name))
    (came,) = runner.run_all(tiny.root, [script], 1, installed=True)
    assert came.printed.startswith("tiny:///")
    assert came.printed.endswith("/here yes\n")
    assert os.environ["SERVED"] == "no"


def _module(project, name):
    """Return a module of the project, where another of its name may have been imported."""
    module = types.ModuleType(name)
    exec(project.path(name.replace(".", "/") + ".py").read_text(), vars(module))
    return module
