"""The commands: what each prints, writes and ends with."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from casebook.cli.command import Command, UsageError
from casebook.cli.commands import (
    COMMANDS,
    citing,
    observing,
    project,
    proving,
    releases,
    reporting,
)
from casebook.cli.main import main
from casebook.exit_codes import ENDINGS, MEANINGS, HarnessError
from casebook.judge.project import read_report
from casebook.plan.investigation import Setting
from casebook.site import build as casebook_site
from tests.casebook.builders import add_twin
from tests.conftest import CASEBOOK, Project


def test_the_command_cites_and_verifies_and_ends_with_0_3_or_2(
    observed: tuple[Project, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = ["--root", str(observed[0].root)]
    assert main([*root, "cite", "wires", "counts-by-name", "--database", "sqlite"]) == 0
    reply = tmp_path / "reply.md"
    reply.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main([*root, "verify", str(reply)]) == 0
    assert capsys.readouterr().out.startswith("matches: wires of counts-by-name in dictionary, ")
    assert main([*root, "verify", "--update", str(reply)]) == 0
    assert capsys.readouterr().out == reply.read_text(encoding="utf-8")
    reply.write_text(reply.read_text(encoding="utf-8").replace("**Supported**", "**Refuted**"))
    assert main([*root, "verify", str(reply)]) == 3
    shown = capsys.readouterr()
    assert "verdict: the block says refuted, the results say supported" in shown.out
    assert f"exit code 3: {ENDINGS[3]}" in shown.err
    reply.write_text(reply.read_text(encoding="utf-8").replace('"wires"', '"wirse"'))
    assert main([*root, "verify", str(reply)]) == 2
    assert "did you mean 'wires'?" in capsys.readouterr().out
    reply.write_text("nothing")
    assert main([*root, "verify", str(reply)]) == 2
    assert f"casebook: {reply} holds no block: " in capsys.readouterr().err
    assert main([*root, "verify", str(tmp_path / "none.md")]) == 2
    assert "none.md cannot be read: No such file" in capsys.readouterr().err


def casebook(*arguments, root=CASEBOOK, **options):
    return subprocess.run(
        [sys.executable, "-m", "casebook", "--root", root, *arguments],
        cwd=CASEBOOK,
        capture_output=True,
        text=True,
        **options,
    )


def test_running_an_environment_writes_its_record(tiny):
    assert main(["--root", str(tiny.root), "run", "dictionary"]) == 0
    assert (tiny.root / "docs" / "results" / "tiny" / "dictionary.sqlite.json").exists()


def test_an_unknown_environment_is_wrong_usage(tiny, capsys):
    assert main(["--root", str(tiny.root), "show", "dictionray", "kept-apart", "overlap"]) == 2
    assert "'dictionary'" in capsys.readouterr().err


def test_an_environment_that_is_not_installed_is_wrong_usage(tiny, capsys, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tiny.root / "none"))
    assert main(["--root", str(tiny.root), "show", "dictionary", "kept-apart", "overlap"]) == 2
    assert 'run `nox -s "experiments(dictionary)"` first' in capsys.readouterr().err


def test_an_unknown_claim_is_wrong_usage_and_names_the_nearest(tiny, capsys):
    assert main(["--root", str(tiny.root), "cite", "wirse"]) == 2
    assert "did you mean 'wires'?" in capsys.readouterr().err


def test_citing_prints_markdown_and_ends_with_0(tiny, capsys):
    assert main(["--root", str(tiny.root), "cite", "wires"]) == 0
    assert capsys.readouterr().out.strip()


def test_what_could_not_be_installed_is_noted_with_the_reason(tiny, capsys):
    main(["--root", str(tiny.root), "run", "dictionary"])
    record = tiny.root / "docs" / "results" / "tiny" / "dictionary.sqlite.json"
    before = record.read_bytes()
    said = tiny.root / "said.txt"
    said.write_text("error: Failed to fetch\n  cause: Connection refused\n")
    capsys.readouterr()
    assert main(["--root", str(tiny.root), "not-rerun", "dictionary", str(said)]) == 3
    assert "dictionary: not rerun" in capsys.readouterr().out
    facts = (tiny.root / "build" / "runs" / "tiny" / "dictionary.sqlite.json").read_text()
    assert "Failed to fetch: Connection refused" in facts
    assert record.read_bytes() == before


def test_what_cannot_be_built_anywhere_is_recorded_with_the_exact_error(tiny, capsys):
    said = tiny.root / "said.txt"
    said.write_text(
        "error: Failed to build `tally==1`\n  cause: The build backend returned an error\n"
    )
    tiny.write("conf/requirements/tiny/dictionary.txt", "tally==1\n")
    assert main(["--root", str(tiny.root), "not-rerun", "dictionary", str(said)]) == 0
    error = "Failed to build `tally==1`: The build backend returned an error"
    assert tiny.record()["unavailable"] == f"cannot be installed: {error}"
    main(["--root", str(tiny.root), "run", "closure"])
    capsys.readouterr()
    report = read_report(tiny.root, "tiny")
    gate = report.finding("wires", "counts-by-name", Setting("dictionary", "sqlite"))
    assert gate
    assert (gate.verdict, gate.reason) == ("refuted", f"cannot be installed: {error}")
    assert report.problems == ()


def test_the_summary_of_what_never_ran_is_incomplete(tiny, capsys):
    assert main(["--root", str(tiny.root), "summary"]) == 3
    assert "Exit code 3" in capsys.readouterr().out


def test_a_damaged_result_file_ends_with_4(tiny, capsys):
    results = tiny.root / "docs" / "results" / "tiny"
    results.mkdir(parents=True)
    (results / "dictionary.sqlite.json").write_text("{")
    assert main(["--root", str(tiny.root), "summary"]) == 4
    assert "docs/results/tiny/dictionary.sqlite.json" in capsys.readouterr().out


@pytest.fixture
def twins(tiny):
    """Return a project of two investigations, which differ in their names alone."""
    add_twin(tiny.root)
    return tiny.root


def test_a_report_is_of_every_investigation(twins, capsys):
    assert main(["--root", str(twins), "run", "dictionary-2"]) == 0
    assert (twins / "docs" / "results" / "twin" / "dictionary-2.sqlite.json").exists()
    capsys.readouterr()
    assert main(["--root", str(twins), "summary"]) == 3
    assert capsys.readouterr().out.count("Counting in conversations") == 2
    main(["--root", str(twins), "verdicts"])
    published = json.loads(capsys.readouterr().out)
    asked = (
        published["settings"][one["setting"]]["investigation"] for one in published["findings"]
    )
    assert set(asked) == {"tiny", "twin"}


def test_a_citation_asks_which_of_several_investigations_is_meant(twins, capsys):
    assert main(["--root", str(twins), "cite", "wires", "one-global"]) == 2
    assert "add --investigation tiny or twin" in capsys.readouterr().err
    assert main(["--root", str(twins), "cite", "wires", "--investigation", "twin"]) == 0
    assert "/twin/patterns/" in capsys.readouterr().out
    assert main(["--root", str(twins), "cite", "wires", "--environment", "closure-2"]) == 0


def test_a_checker_that_raises_fails_the_harness_and_is_named(tiny, capsys):
    claims = tiny.root / "experiments" / "tiny" / "claims.py"
    claims.write_text(claims.read_text().replace("asked: Counter[str] = Counter()", "1 / 0"))
    main(["--root", str(tiny.root), "run", "dictionary"])
    capsys.readouterr()
    assert main(["--root", str(tiny.root), "summary"]) == 1
    shown = capsys.readouterr().out
    assert "counts-apart.counts-by-name.dictionary.sqlite" in shown
    assert "Exit code 1" in shown


def test_where_the_harness_failed_nothing_is_published(tiny, monkeypatch, capsys):
    def failed(root, folder=""):
        raise casebook_site.SiteError("Sphinx failed")

    assert tiny.run("dictionary").returncode == 0
    monkeypatch.setattr(casebook_site, "build", failed)
    assert main(["--root", str(tiny.root), "publish"]) == 1
    tiny.replace("experiments/tiny/claims.py", "    ended = history.", "    ended = nothing.")
    assert main(["--root", str(tiny.root), "publish"]) == 1
    assert "nothing is published: a checker failed" in capsys.readouterr().err
    assert not tiny.path("public").exists()


# --- Each by itself -------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "meaning"), MEANINGS.items())
def test_an_exit_code_is_explained(code, meaning, capsys):
    assert project.explain(Namespace(code=code)) == 0
    assert capsys.readouterr().out == f"casebook: exit code {code}: {meaning}\n"


def test_an_exit_code_that_is_not_casebooks_is_said_to_be_none(capsys):
    assert project.explain(Namespace(code=77)) == 0
    said = capsys.readouterr().out
    assert said.startswith("casebook: exit code 77: none of Casebook's (0, 1, 2, 3, 4, 130): ")


def test_schemas_that_are_written_are_named_and_those_up_to_date_are_not(tmp_path, capsys):
    for expected in (3, 0):
        assert project.schemas(Namespace(root=tmp_path)) == 0
        assert len(capsys.readouterr().out.splitlines()) == expected


def test_a_lock_that_nobody_declared_is_wrong_usage(tiny):
    with pytest.raises(UsageError, match=r"unknown lock 'closur': .*'closure'"):
        project.lock(Namespace(root=tiny.root, names=["closur"]))


def test_verdicts_are_printed_whole_though_the_terminal_has_fewer_characters(tiny):
    tiny.replace("reports/NOTES.md", "`0`.", "`0` \u2713.")
    statements = "conf/tiny.statements.toml"
    tiny.replace(statements, "Counting begins at 0.", "Counting begins at 0 \u2713.")
    shown = casebook("verdicts", root=tiny.root, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert "Counting begins at 0 \u2713." in shown.stdout


def test_what_a_terminal_has_no_character_for_is_shown_by_its_number(tiny):
    tiny.replace("conf/tiny.toml", "Counting in conversations", "Counting \u2713 in conversations")
    shown = casebook("summary", root=tiny.root, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert shown.returncode == 3, shown.stderr
    assert "Counting \\u2713 in conversations" in shown.stdout


def test_pages_of_an_incomplete_report_end_with_3_unless_calm(tiny, capsys):
    assert main(["--root", str(tiny.root), "pages"]) == 3
    assert "casebook: exit code 3: " in capsys.readouterr().err
    assert main(["--root", str(tiny.root), "pages", "--calm"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["verdicts", "pages", "site"])
def test_what_is_missing_is_said_above_the_exit_code(command, tiny, monkeypatch, capsys):
    monkeypatch.setattr(casebook_site, "build", lambda root: None)
    assert main(["--root", str(tiny.root), command]) == 3
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "Not observed"
    assert last == f"casebook: exit code 3: {ENDINGS[3]}"


def test_a_report_ends_as_gravely_as_the_experiments_before_it(tiny, monkeypatch, capsys):
    monkeypatch.setattr(casebook_site, "build", lambda root: None)
    root = ["--root", str(tiny.root)]
    assert main([*root, "report", "--experiments-ended", "1"]) == 1
    said = capsys.readouterr().out
    assert " ".join(said.split()).endswith(f"Exit code 1: {MEANINGS[1]}.")
    assert "The experiments ended with exit code 1: see " in said
    assert main([*root, "report", "--experiments-ended", "0"]) == 3


def test_the_gravest_of_several_blocks_counts_wherever_it_stands(tiny, tmp_path, capsys):
    root = ["--root", str(tiny.root)]
    main([*root, "cite", "wires"])
    block = capsys.readouterr().out
    edited = block.replace("not tested", "supported")
    for text in (edited + block, block + edited):
        (tmp_path / "thread.md").write_text(text, encoding="utf-8")
        assert main([*root, "verify", str(tmp_path / "thread.md")]) == 3


def test_an_environment_that_could_not_be_observed_is_a_failure_of_the_harness(
    tiny, monkeypatch, capsys
):
    def failed(setting, *, fresh):
        raise HarnessError("it broke")

    monkeypatch.setattr("casebook.observe.run.observe", failed)
    assert main(["--root", str(tiny.root), "run", "dictionary"]) == 1
    assert capsys.readouterr().err == "casebook: it broke\n"


@pytest.mark.parametrize(("held", "code"), [(True, 0), (False, 3)])
def test_a_fault_that_no_claim_catches_ends_with_3(held, code, monkeypatch, capsys):
    report = Namespace(investigation=None)
    outcome = Namespace(held=held)
    monkeypatch.setattr(proving, "reports_of", lambda arguments: (report,))
    monkeypatch.setattr(proving, "read_faults", lambda *of: Namespace(faults=[Namespace(id="a")]))
    monkeypatch.setattr("casebook.proof.laboratory.try_all", lambda *of: [(None, outcome)])
    monkeypatch.setattr("casebook.proof.outcomes.readable", lambda *of: ["a fault"])
    assert proving.faults(Namespace(root=Path(), faults=["a"], jobs=1)) == code


@pytest.mark.parametrize(
    ("agrees", "without", "code"), [(True, [], 0), (True, ["wires"], 3), (False, [], 3)]
)
def test_a_reproduction_that_disagrees_or_is_missing_ends_with_3(
    agrees, without, code, monkeypatch, capsys
):
    report = Namespace(investigation=Namespace(id="tiny", reproductions="repros"))
    ran = [Namespace(agrees=agrees)]
    monkeypatch.setattr(proving, "reports_of", lambda arguments: (report,))
    monkeypatch.setattr("casebook.proof.runner.reproductions", lambda *of: ["a script"])
    monkeypatch.setattr("casebook.proof.runner.run_all", lambda *of, installed: ran)
    monkeypatch.setattr("casebook.proof.runner.readable", lambda one: "it disagrees")
    monkeypatch.setattr("casebook.proof.runner.summary_of", lambda ran: "1 ran")
    monkeypatch.setattr("casebook.proof.scripts.missing", lambda *of: without)
    arguments = Namespace(root=Path(), findings=[], jobs=1, installed=False)
    assert proving.repros(arguments) == code
    assert capsys.readouterr().out.count("has no reproduction") == len(without)


def test_an_environment_without_a_planned_cell_is_no_failure(tiny, monkeypatch, capsys):
    monkeypatch.setattr(observing, "databases_in", lambda *of: ())
    assert main(["--root", str(tiny.root), "run", "dictionary"]) == 0
    assert capsys.readouterr().out == "dictionary: no cell is planned\n"


# --- One investigation of several -----------------------------------------------------------------


@pytest.fixture
def two(tiny):
    """The miniature, and beside it a new investigation; nothing has run."""
    assert main(["--root", str(tiny.root), "new", "greeting"]) == 0
    return tiny


@pytest.mark.parametrize("command", ["summary", "needs", "verdicts"])
def test_a_command_takes_one_investigation_alone(two, capsys, command):
    what = ["experiments"] if command == "needs" else []
    main(["--root", str(two.root), command, *what])
    assert "greeting" in capsys.readouterr().out.lower()
    main(["--root", str(two.root), command, *what, "--investigation", "tiny"])
    assert "greeting" not in capsys.readouterr().out.lower()


def test_an_investigation_that_is_none_is_wrong_usage(two, capsys):
    assert main(["--root", str(two.root), "summary", "--investigation", "tinny"]) == 2
    assert "unknown investigation 'tinny': did you mean 'tiny'?" in capsys.readouterr().err


def test_each_public_function_of_a_group_is_a_command():
    for group in (observing, project, proving, citing, releases, reporting):
        own = {name for name, one in vars(group).items() if isinstance(one, Command)}
        assert own
        assert {one.name for one in COMMANDS} >= {name.replace("_", "-") for name in own}
