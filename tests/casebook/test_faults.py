"""Faults, put into the miniature investigation and read from wrong files."""

import os
import sys
from dataclasses import replace

import pytest

from casebook import judge, laboratory, outcomes, pages
from casebook.__main__ import main
from casebook.plan import faults
from casebook.plan.cells import planned_cells
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.faults import cells_of_fault, read_faults
from casebook.plan.investigation import PlanError
from casebook.results import Problem

TOML = "conf/tiny.faults.toml"

ONE_COUNT = """
[[fault]]
id = "one-count"
title = "The dictionary keeps one count for all."
environment = "dictionary"
file = "experiments/tiny/backends/dictionary.py"
old = "        return self.counts[conversation]"
new = "        return self.counts.total()"
turns = [{ claim = "counts-apart", pattern = "counts-by-name", phrase = "saw what another" }]
keeps = [{ claim = "wires", pattern = "counts-by-name" }]
"""

HARMLESS = """
[[fault]]
id = "plain-dictionary"
title = "Harmless: the counts are looked up otherwise."
environment = "dictionary"
file = "experiments/tiny/backends/dictionary.py"
old = "        return self.counts[conversation]"
new = "        return self.counts.get(conversation)"
keeps = [{ pattern = "counts-by-name" }]
"""

INSTALLED = """
[[fault]]
id = "tally-starts-late"
title = "The installed library counts from 2."
environment = "dictionary"
file = "tally/core.py"
old = "FIRST = 1"
new = "FIRST = 2"
turns = [{ claim = "counts-apart", pattern = "counts-by-name", phrase = "saw what another" }]
"""


def put(project, *texts):
    """Declare these faults in a project that was observed without them."""
    project.write(TOML, "".join(texts))


def interpreter(project):
    """Install the environment as nox would: an interpreter, and a library of two modules."""
    folder = project.path(".nox/experiments-dictionary")
    packages = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "tally"
    packages.mkdir(parents=True)
    (packages / "__init__.py").write_text("from tally.core import FIRST\n")
    (packages / "core.py").write_text("FIRST = 1\n")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text(
        f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n"
    )
    return folder


@pytest.fixture
def project(tiny, monkeypatch):
    """The miniature project, whose environment is installed in it and was observed."""
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tiny.path(".nox")))
    interpreter(tiny)
    tiny.replace(
        "experiments/tiny/backends/dictionary.py",
        "def counts_by_name() -> Count:\n    return Counts().next\n",
        "def counts_by_name() -> Count:\n"
        "    try:\n"
        "        from tally import FIRST\n"
        "    except ImportError:\n"
        "        FIRST = 1\n"
        "    counts = Counts()\n"
        "    return lambda conversation: counts.next(conversation) + FIRST - 1\n",
    )
    assert tiny.run("dictionary").returncode == 0
    return tiny


def with_a_ledger(project, serve):
    """Declare a second database in a project, and how its server is had."""
    project.write(
        "experiments/tiny/server.py",
        "from contextlib import contextmanager\n\n"
        "from casebook.record import NoServer\n\n\n"
        "@contextmanager\ndef serve(folder):\n" + serve,
    )
    project.replace("conf/tiny.toml", 'databases = ["sqlite"]', 'databases = ["sqlite", "ledger"]')
    toml = project.path("conf/tiny.toml").read_text()
    ledger = '[[database]]\nid = "ledger"\ntitle = "A ledger"\nserver = "experiments.tiny.server"\n'
    project.write("conf/tiny.toml", toml + ledger)


def tried(project):
    """Return what came of the one fault that is declared."""
    report = judge.report(project.root, "tiny")
    (fault,) = read_faults(project.root, report.investigation).faults
    return laboratory.try_one(project.root, report, fault)


# --- What comes of a fault ------------------------------------------------------------------------


def test_a_fault_turns_the_finding_that_it_names(project):
    put(project, ONE_COUNT)
    outcome = tried(project)
    (turned,) = outcome.turns
    assert (turned.before.verdict, turned.after.verdict) == ("supported", "refuted")
    assert outcome.held


def test_a_fault_in_an_installed_library_turns_a_finding(project):
    put(project, INSTALLED)
    assert tried(project).held


def test_the_original_library_and_project_stay_as_they_are(project):
    put(project, ONE_COUNT, INSTALLED)
    before = {path: path.read_bytes() for path in project.root.rglob("*.py")}
    report = judge.report(project.root, "tiny")
    for fault in read_faults(project.root, report.investigation).faults:
        assert laboratory.try_one(project.root, report, fault).held
    assert {path: path.read_bytes() for path in project.root.rglob("*.py")} == before


def test_what_was_compiled_of_the_original_is_not_what_runs(project):
    packages = next(project.path(".nox").glob("*/lib/*/site-packages/tally"))
    compiled = project.command(
        "compileall", "-q", "--invalidation-mode", "unchecked-hash", packages
    )
    assert compiled.returncode == 0, compiled.stderr
    put(project, INSTALLED)
    assert tried(project).held


def test_a_harmless_change_turns_nothing(project):
    put(project, HARMLESS)
    outcome = tried(project)
    assert {one.claim for one in outcome.keeps} == {"wires", "counts-apart", "no-warnings"}
    assert outcome.held


def test_a_change_that_is_said_to_be_harmless_and_is_not_does_not_hold(project):
    put(project, HARMLESS.replace("counts.get(conversation)", "counts.total()"))
    assert not tried(project).held


def test_a_finding_that_turns_for_another_reason_does_not_hold(project):
    put(project, ONE_COUNT.replace("saw what another", "heard what another"))
    outcome = tried(project)
    assert outcome.turns[0].after.verdict == "refuted"
    assert not outcome.held


def test_a_finding_that_was_not_supported_before_cannot_turn(project):
    project.record_file().unlink()
    put(project, ONE_COUNT)
    assert not tried(project).held


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("return self.counts[conversation]", "return nothing_like_it", "stands 0 times in"),
        ("        return self.counts[conversation]", "self.counts", "stands 3 times in"),
        ("backends/dictionary.py", "backends/dictionery.py", "there is no"),
    ],
)
def test_a_fault_whose_text_does_not_stand_once_cannot_be_put_in(project, old, new, problem):
    put(project, ONE_COUNT.replace(old, new, 1))
    outcome = tried(project)
    assert outcome.problem.startswith("cannot be put in: ")
    assert problem in outcome.problem
    assert not outcome.held


def test_a_file_that_no_package_holds_cannot_be_broken(project):
    put(project, INSTALLED.replace("tally/core.py", "tally/gone.py"))
    assert tried(project).problem.endswith("there is no tally/gone.py in the installed packages")


def test_an_environment_that_is_not_installed_cannot_be_broken(project, monkeypatch):
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(project.path("none")))
    put(project, ONE_COUNT)
    assert "not installed" in tried(project).problem


def test_an_experiment_that_runs_on_another_database_alone_is_not_missed(project):
    with_a_ledger(project, '    yield "somewhere"\n')
    overlap = project.path("experiments/tiny/overlap.py").read_text()
    project.write("experiments/tiny/overlap.py", overlap + '\nDATABASES = ("ledger",)\n')
    assert project.run("dictionary").returncode == 0
    put(project, HARMLESS)
    assert tried(project).held


def test_where_no_server_can_be_had_the_outcome_says_so(project):
    with_a_ledger(project, '    raise NoServer("install one")\n    yield\n')
    put(project, HARMLESS.replace("file =", 'database = "ledger"\nfile ='))
    outcome = tried(project)
    assert (outcome.problem, outcome.held) == ("cannot be observed: ledger: install one", False)


def test_what_a_fault_was_put_into_is_said_where_a_twin_alone_was_observed(project):
    put(project, HARMLESS)
    report = judge.report(project.root, "tiny")
    record = report.records.pop(("dictionary", "sqlite"))
    report.records["its-twin", "sqlite"] = replace(record, releases={"json": "9"})
    report.homes["dictionary", "sqlite"] = "its-twin"
    investigation = replace(report.investigation, packages=("json",))
    (fault,) = read_faults(project.root, investigation).faults
    outcome = laboratory.try_one(project.root, replace(report, investigation=investigation), fault)
    assert outcome.releases == {"json": "9"}


def test_no_more_runs_than_the_named_findings_need(tiny):
    put(tiny, ONE_COUNT)
    investigation = read_investigation(tiny.root, "tiny")
    (fault,) = read_faults(tiny.root, investigation).faults
    cells = cells_of_fault(
        planned_cells(tiny.root, investigation),
        investigation,
        read_claims(tiny.root, investigation),
        fault,
    )
    assert {(cell.pattern, cell.experiment) for cell in cells} == {
        ("counts-by-name", "wire"),
        ("counts-by-name", "in-turn"),
        ("counts-by-name", "overlap"),
        ("kept-apart", "wire"),
        ("kept-apart", "in-turn"),
        ("kept-apart", "overlap"),
        ("mixed-up", "in-turn"),
        ("mixed-up", "overlap"),
        ("raises-when-wired", "wire"),
    }


# --- The command, the record and the page ---------------------------------------------------------


def test_the_outcomes_are_recorded_the_same_each_time(project):
    put(project, ONE_COUNT, HARMLESS)
    file = project.path("docs/results/tiny.faults.json")
    assert main(["--root", str(project.root), "faults"]) == 0
    first = file.read_bytes()
    file.unlink()
    assert main(["--root", str(project.root), "faults", "--jobs", "1"]) == 0
    assert file.read_bytes() == first


def test_a_fault_that_is_not_caught_ends_with_3_and_is_said(project, capsys):
    put(project, ONE_COUNT.replace("self.counts.total()", "self.counts[conversation] + 0"))
    assert main(["--root", str(project.root), "faults"]) == 3
    assert "one-count  NOT caught" in capsys.readouterr().out


def test_a_fault_that_is_named_is_tried_alone_and_not_recorded(project, capsys):
    put(project, ONE_COUNT, HARMLESS)
    assert main(["--root", str(project.root), "faults", "one-count"]) == 0
    assert "plain-dictionary" not in capsys.readouterr().out
    assert not project.path("docs/results/tiny.faults.json").exists()


def test_a_fault_that_nobody_declared_is_wrong_usage(tiny, capsys):
    put(tiny, ONE_COUNT)
    assert main(["--root", str(tiny.root), "faults", "one-cuont"]) == 2
    assert "'one-count'" in capsys.readouterr().err


def method_page(project):
    report = judge.report(project.root, "tiny")
    pages.render(project.root, [report], project.path("build"))
    return project.path("build/docs/tiny/method.md").read_text()


def test_the_method_page_shows_what_turned_with_its_link(project):
    put(project, ONE_COUNT)
    assert main(["--root", str(project.root), "faults"]) == 0
    page = method_page(project)
    assert "1 of\n1 came out so" in page
    assert "patterns/counts-by-name.html#counts-apart.counts-by-name.dictionary.sqlite" in page
    assert "saw what another conversation counted" in page
    assert 'claims.html#no-warnings">no-warnings</a></li>' in page


def test_the_method_page_of_an_investigation_without_faults_says_nothing_of_them(tiny):
    assert "Faults" not in method_page(tiny)


def test_a_fault_that_was_never_tried_is_shown_so(tiny):
    put(tiny, ONE_COUNT)
    page = method_page(tiny)
    assert "not tried yet" in page
    assert "0 of\n1 came out so" in page


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (TOML, "counts.total()", "counts.total() ", "an earlier form of this fault"),
        ("experiments/tiny/desk.py", "Return the", "Say the", "experiments/tiny/desk.py"),
        ("experiments/tiny/claims.py", "counted from 1", "began", "experiments/tiny/claims.py"),
        ("docs/results/tiny/dictionary.sqlite.json", '"schema": 1', '"schema": 0', "not-tested"),
    ],
)
def test_an_outcome_whose_inputs_changed_is_shown_as_earlier(project, file, old, new, why):
    put(project, ONE_COUNT)
    assert main(["--root", str(project.root), "faults"]) == 0
    project.replace(file, old, new)
    page = method_page(project)
    assert why in page
    assert "0 of\n1 came out so" in page


def test_outcomes_that_cannot_be_read_are_named_with_the_rule(tiny):
    put(tiny, ONE_COUNT)
    tiny.write("docs/results/tiny.faults.json", '{"schema": 1}')
    problem = outcomes.read(tiny.root, "tiny")
    assert isinstance(problem, Problem)
    assert "missing required field `investigation`" in problem.rule
    assert "tiny.faults.json</code> cannot be used" in method_page(tiny)


def test_outcomes_of_another_form_are_not_read(tiny):
    text = outcomes.dump(outcomes.Outcomes(99, "tiny", {}, ()))
    tiny.write("docs/results/tiny.faults.json", text)
    problem = outcomes.read(tiny.root, "tiny")
    assert isinstance(problem, Problem)
    assert problem.rule == "schema 99, this Casebook reads 1"


# --- What is wrong in the TOML --------------------------------------------------------------------

UNTURNED = '\n[[unturned]]\nclaim = "{}"\nwhy = "no library warns"\n'

WRONG = {
    "an unknown key": ("title =", "tilte =", "fault 'one-count'.tilte", "'title'"),
    "no file": ('file = "', '#file = "', "fault 'one-count'.file", "write `file =`"),
    "an empty text": ('new = "        return self.counts.total()"', 'new = ""', "new", "not empty"),
    "no change": ("self.counts.total()", "self.counts[conversation]", "one-count'.new", "wrong"),
    "a file elsewhere": ('file = "', 'file = "../', "one-count'.file", "inside site-packages"),
    "no environment": ('"dictionary"', '"dictionery"', "one-count'.environment", "'dictionary'"),
    "no database": (
        'environment = "dictionary"',
        'environment = "dictionary"\ndatabase = "sqlight"',
        "fault 'one-count'.database",
        "'sqlite'",
    ),
    "no claim": ('"counts-apart"', '"counts-apatr"', "turns[1].claim", "'counts-apart'"),
    "no pattern": ('"counts-by-name", p', '"one-global", p', "turns[1].pattern", "counts-by-name"),
    "no phrase": (', phrase = "saw what another"', "", "turns[1].phrase", "write `phrase =`"),
    "a control that the claim does not name": (
        '"counts-by-name", p',
        '"warns-when-wired", p',
        "fault 'one-count'.turns[1].pattern",
        "a control that the claim names",
    ),
    "nothing turns or stays": (ONE_COUNT[ONE_COUNT.index("turns") :], "", "one-count'", "`turns"),
    "a fault that comes twice": (ONE_COUNT, 2 * ONE_COUNT, "one-count'.id", "write another one"),
    "an unturned claim that turns": (
        ONE_COUNT,
        ONE_COUNT + UNTURNED.format("counts-apart"),
        "unturned 'counts-apart'",
        "delete this row",
    ),
    "an unturned claim that is none": (
        ONE_COUNT,
        ONE_COUNT + UNTURNED.format("no-warning"),
        "unturned[1].claim",
        "'no-warnings'",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "mend"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_names_its_place_and_its_mend(tiny, old, new, key, mend):
    assert old in ONE_COUNT
    put(tiny, ONE_COUNT.replace(old, new, 1))
    with pytest.raises(PlanError) as caught:
        read_faults(tiny.root, read_investigation(tiny.root, "tiny"))
    assert caught.value.file == TOML
    assert caught.value.key.endswith(key)
    assert mend in caught.value.mend


def test_a_claim_that_no_fault_turns_stands_with_the_reason(tiny):
    put(tiny, ONE_COUNT, UNTURNED.format("no-warnings"))
    assert "no-warnings</a>: no library warns" in method_page(tiny)


def test_an_investigation_needs_no_faults(tiny):
    assert read_faults(tiny.root, read_investigation(tiny.root, "tiny")) == faults.Declared()
