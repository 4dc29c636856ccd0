"""Two result sets compared: folders, commits, and editions."""

import json
import shutil
import subprocess
from dataclasses import replace

import pytest

from casebook.cli.compare import (
    NotComparable,
    ResultSet,
    alike,
    compare_all,
    read_side,
    result_set,
)
from casebook.cli.main import main
from casebook.judge.results import Problem
from casebook.site.verdicts import published_verdicts
from tests.casebook.site.builders import another, sample
from tests.conftest import copy_of_tiny


@pytest.fixture
def ran(observed, tmp_path):
    """A project that ran, in a repository of its own whose commit holds the results."""
    project = copy_of_tiny(tmp_path)
    shutil.copytree(observed[0].root / "docs" / "results", project.root / "docs" / "results")
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "results")
    return project


def git(project, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", "-C", project.root, *identity, *arguments]
    subprocess.run(command, check=True, capture_output=True)


def compared(project, before, after="", **how):
    how = {"markdown": False, "full": False, "called_from": project.root, **how}
    return compare_all(project.root, before, after, **how)


def turn(project):
    """Let each conversation see the other's count, as if the library had changed, and run that."""
    library = "experiments/tiny/backends/dictionary.py"
    project.replace(library, "return Counts().next", "return mixed_up()")
    assert project.run("dictionary").returncode == 0


def test_the_same_results_turn_nothing(ran):
    text, problems = compared(ran, "HEAD")
    assert "No finding turned; 0 say the same of other releases" in text
    assert "records, read with today's claims." in text
    assert problems == ()


def test_a_commit_is_compared_with_what_is_here(ran):
    turn(ran)
    text, _ = compared(ran, "HEAD")
    assert "counts-apart" in text
    assert "supported -> " in text
    assert "before: " in text
    assert "in in-turn: after event" in text


def test_a_reply_is_markdown(ran):
    turn(ran)
    text, _ = compared(ran, "HEAD", markdown=True)
    assert "| Claim | Pattern | Where | Before | After |\n| --- |" in text
    assert "| `counts-apart` | `counts-by-name` | dictionary (sqlite) | supported |" in text
    assert text.startswith("**HEAD (")


@pytest.mark.parametrize("named", [".", "docs/results", "docs/results/tiny"])
def test_a_folder_may_be_a_projects_its_results_or_one_investigations(ran, named):
    assert result_set(ran.root, named, ["tiny"], ran.root).files["tiny"]


def test_what_another_folder_holds_is_compared(ran, tmp_path):
    kept = tmp_path / "kept"
    shutil.copytree(ran.root / "docs" / "results", kept)
    turn(ran)
    assert "turned" in compared(ran, str(kept))[0].splitlines()[4]


def test_an_edition_is_read_as_it_was_published(ran, capsys):
    assert main(["--root", str(ran.root), "verdicts"]) in (0, 3)
    edition = ran.root / "edition"
    edition.mkdir()
    (edition / "verdicts.json").write_text(capsys.readouterr().out, encoding="utf-8")
    text, _ = compared(ran, "edition")
    assert "edition is read as it was published: edition " in text
    assert "No finding turned" in text
    turn(ran)
    assert "counts-apart" in compared(ran, "edition")[0]


def test_of_an_edition_only_the_findings_of_the_investigation_are_compared(tmp_path):
    other = another()
    others = tuple(replace(one, verdict="inconclusive", reason="x") for one in other.findings)
    published = published_verdicts([sample(), replace(other, findings=others)], "https://x.example")
    given = ResultSet("an edition", {}, published)
    own, theirs = (
        read_side(tmp_path, report.investigation, given).side.findings
        for report in (sample(), other)
    )
    assert {id: one.verdict for id, one in own.items()} == {
        one.id: one.verdict for one in sample().findings
    }
    assert {one.verdict for one in theirs.values()} == {"inconclusive"}


def test_with_an_edition_the_releases_of_axes_are_left_out(swept, capsys):
    for id in ("dictionary", "dictionary-at-tally-1.1"):
        assert swept.run(id).returncode == 0
    assert main(["--root", str(swept.root), "verdicts"]) == 3
    swept.write("edition/verdicts.json", capsys.readouterr().out)
    text, _ = compared(swept, "edition")
    assert "an edition holds nothing of the releases that axes add: these are left out." in text
    assert "No finding turned" in text
    assert "appeared" not in text


def test_a_file_that_cannot_be_used_is_named_with_the_result_set_that_holds_it(ran):
    before = ran.root / "before"
    shutil.copytree(ran.root / "docs" / "results", before)
    (before / "tiny" / "dictionary.sqlite.json").write_text("{")
    _, problems = compared(ran, str(before))
    assert [one.file for one in problems] == [f"{before}: docs/results/tiny/dictionary.sqlite.json"]


def test_an_edition_of_another_form_is_refused(ran):
    ran.write("edition/verdicts.json", json.dumps({"schema": 99}))
    with pytest.raises(NotComparable, match="schema 99, this Casebook reads"):
        compared(ran, "edition")
    ran.write("edition/verdicts.json", "[]")
    with pytest.raises(NotComparable, match="holds no verdicts as an edition does"):
        compared(ran, "edition")


def test_an_environment_that_is_declared_no_more_is_named(ran):
    own = ran.root / "docs" / "results" / "tiny"
    record = json.loads((own / "dictionary.sqlite.json").read_text(encoding="utf-8"))
    record["environment"] = "gone"
    (own / "gone.sqlite.json").write_text(json.dumps(record), encoding="utf-8")
    text, problems = compared(ran, "HEAD")
    assert "Only docs/results has gone.sqlite.json: `gone` is not in the plan." in text
    assert problems == ()


def test_a_pattern_that_is_declared_no_more_is_named(ran):
    own = ran.root / "docs" / "results" / "tiny" / "dictionary.sqlite.json"
    text = own.read_text(encoding="utf-8").replace('"counts-by-name"', '"counts-by-hand"')
    own.write_text(text, encoding="utf-8")
    said, _ = compared(ran, "HEAD")
    assert "has the pattern counts-by-hand, of which" in said
    assert "went: pattern counts-by-name" in said


def test_a_damaged_record_is_named_and_the_command_ends_with_4(ran, capsys):
    (ran.root / "docs/results/tiny/dictionary.sqlite.json").write_text("{")
    assert main(["--root", str(ran.root), "diff", "HEAD"]) == 4
    shown = capsys.readouterr()
    assert "docs/results/tiny/dictionary.sqlite.json: damaged or half-written" in shown.err
    assert "went" in shown.out


def test_a_turn_is_a_result_and_ends_with_0(ran, capsys):
    turn(ran)
    assert main(["--root", str(ran.root), "diff", "HEAD"]) == 0
    assert "turned" in capsys.readouterr().out


@pytest.mark.parametrize("named", ["nothing-like-it", "--help", "tests"])
def test_what_cannot_be_compared_is_wrong_usage(ran, named, capsys):
    ran.write("tests/readme.txt", "nothing")
    assert main(["--root", str(ran.root), "diff", "--", named]) == 2
    assert capsys.readouterr().err.startswith("casebook: ")


def test_a_commit_without_results_is_named(ran):
    git(ran, "rm", "-r", "-q", "docs/results")
    git(ran, "commit", "-m", "none")
    with pytest.raises(NotComparable, match=r"the commit HEAD \(\w+\) holds no results"):
        compared(ran, "HEAD", "HEAD~1")


def test_files_that_break_the_same_rule_are_told_together():
    problems = [Problem(f"{n}.json", "$.schema", "schema 1") for n in range(3)]
    assert list(alike(problems)) == ["0.json: $.schema: schema 1, and likewise 2 more"]


def test_a_path_is_that_of_the_folder_from_which_the_command_is_called(ran, tmp_path):
    kept = tmp_path / "elsewhere" / "kept"
    shutil.copytree(ran.root / "docs" / "results", kept)
    assert "No finding turned" in compared(ran, "kept", called_from=kept.parent)[0]
