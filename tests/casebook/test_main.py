import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from casebook.__main__ import main

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def tiny(tmp_path):
    """Return a copy of the miniature investigation, in which nothing has run."""
    return Path(shutil.copytree(ROOT / "tests" / "tiny", tmp_path / "tiny"))


def casebook(*arguments, root=ROOT, **options):
    return subprocess.run(
        [sys.executable, "-m", "casebook", "--root", root, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        **options,
    )


def modules_after(*arguments):
    code = "import sys, runpy; sys.argv = ['casebook', *{}]\ntry: runpy.run_module('casebook')\n"
    code += "except SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    program = code.replace("run_module('casebook')", "run_module('casebook', run_name='__main__')")
    ended = subprocess.run(
        [sys.executable, "-c", program.format(list(arguments))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stderr.split())


def test_help_waits_for_none_of_the_site_s_libraries():
    assert modules_after("--help").isdisjoint({"msgspec", "jinja2", "sphinx"})


def test_running_experiments_needs_the_standard_library_alone(tiny):
    loaded = modules_after("--root", str(tiny), "run", "dictionary")
    outside = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert {name for name in outside if not name.startswith(("_", "__"))} <= {
        "casebook",
        "experiments",
        "sitecustomize",
    }


def test_running_an_environment_writes_its_record(tiny):
    assert main(["--root", str(tiny), "run", "dictionary"]) == 0
    assert (tiny / "docs" / "results" / "tiny" / "dictionary.sqlite.json").exists()


def test_a_wrong_file_is_one_line_with_file_place_and_mend(tiny, capsys):
    file = tiny / "conf" / "tiny.toml"
    file.write_text(file.read_text().replace('backend = "closure"', 'backend = "colsure"', 1))
    assert main(["--root", str(tiny), "summary"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("casebook: conf/tiny.toml: environment 'closure'.backend: ")


def test_an_unknown_environment_is_wrong_usage(tiny, capsys):
    assert main(["--root", str(tiny), "show", "dictionray", "kept-apart", "overlap"]) == 2
    assert "'dictionary'" in capsys.readouterr().err


def test_an_environment_that_is_not_installed_is_wrong_usage(tiny, capsys, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tiny / "none"))
    assert main(["--root", str(tiny), "show", "dictionary", "kept-apart", "overlap"]) == 2
    assert 'run `nox -s "experiments(dictionary)"` first' in capsys.readouterr().err


def test_show_runs_one_cell_in_the_environment_s_interpreter(tiny):
    python = tiny / ".nox" / "experiments-dictionary" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    variables = {**os.environ, "CASEBOOK_ENVIRONMENTS": ""}
    shown = casebook("show", "dictionary", "kept-apart", "overlap", root=tiny, env=variables)
    assert shown.returncode == 0, shown.stderr
    assert "completed" in shown.stdout


def test_an_unknown_claim_is_wrong_usage_and_names_the_nearest(tiny, capsys):
    assert main(["--root", str(tiny), "cite", "wirse"]) == 2
    assert "did you mean 'wires'?" in capsys.readouterr().err


def test_citing_prints_markdown_and_ends_with_0(tiny, capsys):
    assert main(["--root", str(tiny), "cite", "wires"]) == 0
    assert capsys.readouterr().out.strip()


def test_what_could_not_be_installed_is_noted_with_the_reason(tiny, capsys):
    main(["--root", str(tiny), "run", "dictionary"])
    record = tiny / "docs" / "results" / "tiny" / "dictionary.sqlite.json"
    before = record.read_bytes()
    said = tiny / "said.txt"
    said.write_text("error: Failed to fetch\n  cause: Connection refused\n")
    capsys.readouterr()
    assert main(["--root", str(tiny), "not-rerun", "dictionary", str(said)]) == 3
    assert "dictionary: not rerun" in capsys.readouterr().out
    facts = (tiny / "build" / "runs" / "tiny" / "dictionary.sqlite.json").read_text()
    assert "Failed to fetch: Connection refused" in facts
    assert record.read_bytes() == before


def test_the_summary_of_what_never_ran_is_incomplete(tiny, capsys):
    assert main(["--root", str(tiny), "summary"]) == 3
    assert "Exit code 3" in capsys.readouterr().out


def test_a_damaged_result_file_ends_with_4(tiny, capsys):
    results = tiny / "docs" / "results" / "tiny"
    results.mkdir(parents=True)
    (results / "dictionary.sqlite.json").write_text("{")
    assert main(["--root", str(tiny), "summary"]) == 4
    assert "docs/results/tiny/dictionary.sqlite.json" in capsys.readouterr().out


@pytest.fixture
def twins(tiny):
    """Return a project of two investigations, which differ in their names alone."""
    text = (tiny / "conf" / "tiny.toml").read_text()
    for name in ("dictionary", "closure", "module-global", "closure-not-importable"):
        text = text.replace(f'id = "{name}"\ntitle = "Counting', f'id = "{name}-2"\ntitle = "Twin')
    text = text.replace('id = "closure-not-resolvable"', 'id = "closure-not-resolvable-2"')
    text = text.replace('differs_from = "closure"', 'differs_from = "closure-2"')
    (tiny / "conf" / "twin.toml").write_text(text)
    (tiny / "conf" / "requirements" / "twin").mkdir()
    for lock in (tiny / "conf" / "requirements" / "tiny").iterdir():
        name = f"{lock.stem}-2{lock.suffix}"
        shutil.copy(lock, tiny / "conf" / "requirements" / "twin" / name)
    return tiny


def test_a_report_is_of_every_investigation(twins, capsys):
    assert main(["--root", str(twins), "run", "dictionary-2"]) == 0
    assert (twins / "docs" / "results" / "twin" / "dictionary-2.sqlite.json").exists()
    capsys.readouterr()
    assert main(["--root", str(twins), "summary"]) == 3
    assert capsys.readouterr().out.count("Counting in conversations") == 2
    main(["--root", str(twins), "verdicts"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {one["investigation"] for one in findings} == {"tiny", "twin"}


def test_a_citation_asks_which_of_several_investigations_is_meant(twins, capsys):
    assert main(["--root", str(twins), "cite", "wires", "one-global"]) == 2
    assert "add --investigation tiny or twin" in capsys.readouterr().err
    assert main(["--root", str(twins), "cite", "wires", "--investigation", "twin"]) == 0
    assert "/twin/patterns/" in capsys.readouterr().out
    assert main(["--root", str(twins), "cite", "wires", "--environment", "closure-2"]) == 0


def test_a_checker_that_raises_fails_the_harness_and_is_named(tiny, capsys):
    claims = tiny / "experiments" / "tiny" / "claims.py"
    claims.write_text(claims.read_text().replace("asked: Counter[str] = Counter()", "1 / 0"))
    main(["--root", str(tiny), "run", "dictionary"])
    capsys.readouterr()
    assert main(["--root", str(tiny), "summary"]) == 1
    shown = capsys.readouterr().out
    assert "counts-apart.counts-by-name.dictionary.sqlite" in shown
    assert "Exit code 1" in shown


def test_a_reader_that_stops_reading_is_no_error(tiny):
    command = f'"{sys.executable}" -m casebook --root "{tiny}" verdicts | true'
    ended = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in ended.stderr
