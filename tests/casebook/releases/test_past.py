"""Statements judged as of the day on which they were written, with that day's releases."""

import json
from datetime import date

import pytest

from casebook.cli.as_of import WrongDay, observe_days
from casebook.cli.main import main
from casebook.exit_codes import HarnessError
from casebook.judge.project import read_report
from casebook.plan.cells import planned_cells
from casebook.releases.environments import NotInstallable
from casebook.releases.past import NotAsOf, observe_as_of
from casebook.releases.projects import Project
from casebook.releases.resolving import Lock
from casebook.releases.uv import UvFailed
from casebook.site import pages
from casebook.stored import store
from tests.casebook.builders import ADDITION, CLAIM, NEEDY, TWIN, append
from tests.casebook.plan.builders import STATEMENTS

pytestmark = pytest.mark.slow

WRITTEN = "2026-01-05"
"""The day of the notes: `tally` 1.1 was the newest then, 1.2 came five days later."""

TODAY = date(2026, 3, 1)

FILES = ["closure-not-resolvable.sqlite.json", "dictionary.sqlite.json"]

APART = "dictionaries-keep-counts-apart"


@pytest.fixture
def ran(tally):
    """The miniature, observed with `tally` 1.5."""
    ran_today(tally)
    return tally


def ran_today(project):
    report = read_report(project.root, "tiny")
    lock = Lock((("tally", "1.5"),))
    other = Project.of(project.root, report.investigation, {"dictionary": lock})
    cells = planned_cells(project.root, report.investigation)
    other.run(cell for cell in cells if cell.environment == "dictionary")
    results = other.results()
    for record in results.records.values():
        store(project.root, record, results.histories.values())


def observed(project, day=WRITTEN):
    said: list[str] = []
    kept = observe_as_of(project.root, read_report(project.root, "tiny"), day, said.append)
    return kept, said


def statement(project, id=APART):
    report = read_report(project.root, "tiny")
    now = next(one for one in report.stated if one.statement.id == id)
    return now, report.then.get(id, ())


def as_of_files(project, day=WRITTEN):
    own = project.root / "docs/results/tiny/as-of" / day
    return sorted(file.name for file in own.glob("*"))


def test_a_statement_is_what_it_was_and_what_it_is(ran):
    kept, said = observed(ran)
    assert (kept.ran, said[0]) == (2, "dictionary: tally 1.1")
    assert said[1].startswith("closure-not-resolvable: cannot be resolved: ")
    now, (then,) = statement(ran)
    assert (now.outcome, then.stated.outcome) == ("overturned", "upheld")
    assert (then.day, then.words) == (WRITTEN, "true when written, overturned since")
    assert then.since == ""  # the plan says of no package that readers ask for it


def test_the_packages_that_readers_ask_for_are_named_with_both_releases(ran):
    ran.replace("conf/tiny.toml", "time_limit = 10", 'time_limit = 10\npackages = ["tally"]')
    observed(ran)
    _, (then,) = statement(ran)
    assert then.since == "then tally 1.1, today 1.5"


def test_what_is_of_today_stays_as_it_is(ran):
    before = {file: file.read_bytes() for file in (ran.root / "docs/results/tiny").glob("*.json")}
    observed(ran)
    assert all(file.read_bytes() == content for file, content in before.items())
    report = read_report(ran.root, "tiny")
    assert report.problems == ()


def test_a_later_run_of_today_keeps_the_histories_of_the_day(ran):
    observed(ran)
    ran_today(ran)
    assert read_report(ran.root, "tiny").problems == ()
    assert statement(ran)[1]


def test_an_installer_in_a_lock_is_none_of_the_releases_of_a_day(ran):
    append(ran, "conf/requirements/tiny/dictionary.txt", "pip==25.0\n")
    kept, said = observed(ran, "2026-02-01")
    assert (kept.ran, kept.same, len(said)) == (1, 1, 1)


def test_where_the_day_had_the_same_releases_todays_record_is_kept(ran):
    kept, said = observed(ran, "2026-02-01")
    assert (kept.ran, kept.same, len(said)) == (1, 1, 1)
    assert as_of_files(ran, "2026-02-01") == FILES
    _, (then,) = statement(ran)
    assert then.words == "false when written, and today"


def test_what_could_not_be_resolved_on_that_day_is_an_observation(ran):
    ran.replace("conf/tiny.toml", 'install = ["tally"]', 'install = ["tally==1.5"]')
    _, said = observed(ran)
    assert said[0].startswith("dictionary: cannot be resolved: ")
    _, (then,) = statement(ran)
    assert then.stated.outcome in ("overturned", "not-observed")


def test_what_cannot_be_installed_is_an_observation(ran, monkeypatch):
    def fails(*arguments):
        raise NotInstallable(UvFailed("error: Failed to build `tally==1.1`"))

    monkeypatch.setattr("casebook.releases.projects.install", fails)
    observed(ran)
    own = ran.root / "docs/results/tiny/as-of" / WRITTEN / "dictionary.sqlite.json"
    assert '"cannot be installed: Failed to build `tally==1.1`"' in own.read_text(encoding="utf-8")
    _, (then,) = statement(ran)
    assert then.stated.outcome == "not-observed"


def test_what_cannot_be_installed_now_is_no_observation(ran, monkeypatch):
    observed(ran)
    before = as_of_files(ran)

    def fails(*arguments):
        raise NotInstallable(UvFailed("error: Failed to fetch `https://files.example/tally`"))

    monkeypatch.setattr("casebook.releases.projects.install", fails)
    append(ran, "experiments/tiny/desk.py", "#\n")  # so that it would run again
    with pytest.raises(NotAsOf, match="dictionary cannot be installed now: Failed to fetch"):
        observed(ran)
    assert as_of_files(ran) == before
    assert statement(ran)[0].outcome == "not-observed"


def test_a_twin_has_the_releases_of_that_day_and_what_is_added(ran):
    ran.write("experiments/tiny/needy.py", NEEDY)
    append(ran, "experiments/tiny/claims.py", CLAIM.format(experiment="needy"))
    append(ran, "conf/tiny.toml", ADDITION)
    ran.write(f"conf/requirements/tiny/{TWIN}.txt", "abacus==1.0\ntally==1.5\n")
    ran.replace(STATEMENTS, 'claims = ["counts-apart"]', 'claims = ["counts-needy"]')
    _, said = observed(ran)
    assert f"{TWIN}: tally 1.1" in said
    record = ran.root / "docs/results/tiny/as-of" / WRITTEN / f"{TWIN}.sqlite.json"
    assert json.loads(record.read_text())["releases"] == {"abacus": "1.0", "tally": "1.1"}
    assert statement(ran)[1][0].stated.outcome == "upheld"


def test_where_the_harness_failed_the_rest_of_the_day_is_kept(ran, monkeypatch, capsys):
    def fails(project, cells):
        if "dictionary" in project.locks:
            raise HarnessError("dictionary: the harness failed: SystemExit: 2")
        run(project, cells)

    run = Project.run
    monkeypatch.setattr(Project, "run", fails)
    kept, _ = observed(ran)
    assert kept.failed == ("dictionary: the harness failed: SystemExit: 2",)
    assert as_of_files(ran) == FILES[:1]
    assert main(["--root", str(ran.root), "as-of", WRITTEN]) == 3
    assert f"{WRITTEN}: dictionary: the harness failed: SystemExit: 2" in capsys.readouterr().err


def test_where_the_index_cannot_be_asked_what_was_kept_stays(ran, monkeypatch):
    observed(ran)
    before = as_of_files(ran)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(ran.root / "cache"))
    with pytest.raises(NotAsOf, match=f"the releases of {WRITTEN} cannot be resolved now"):
        observed(ran)
    assert as_of_files(ran) == before
    assert main(["--root", str(ran.root), "as-of", WRITTEN]) == 3


def test_what_no_statement_of_the_day_asks_for_did_not_run(ran):
    observed(ran)
    record = (ran.root / "docs/results/tiny/as-of" / WRITTEN / "dictionary.sqlite.json").read_text()
    assert '"counts-by-name"' in record
    assert '"overlap"' in record
    assert "warns-when-wired" not in record


@pytest.mark.parametrize(("day", "runs"), [(WRITTEN, True), ("2026-01-06", False)])
def test_what_decides_a_statement_of_another_day_alone_did_not_run(ran, day, runs):
    ran.replace(STATEMENTS, 'written = "2026-02-01"', 'written = "2026-01-06"')
    of = 'of = "0", patterns = ["counts-by-name"]'
    ran.replace(STATEMENTS, of, of.replace("counts-by-name", "warns-when-wired"))
    observed(ran, day)
    own = ran.root / "docs/results/tiny/as-of" / day / "dictionary.sqlite.json"
    planned = json.loads(own.read_text())["planned"]
    assert "counts-by-name" in planned
    assert ("warns-when-wired" in planned) is runs


def test_an_experiment_that_changed_outdates_what_was_kept(ran):
    observed(ran)
    append(ran, "experiments/tiny/desk.py", "\n# Another desk.\n")
    _, (then,) = statement(ran)
    assert then.stated.outcome == "not-observed"


def test_a_damaged_record_of_a_day_is_a_problem(ran):
    observed(ran)
    ran.write(f"docs/results/tiny/as-of/{WRITTEN}/dictionary.sqlite.json", "{")
    (problem,) = read_report(ran.root, "tiny").problems
    assert problem.file == f"docs/results/tiny/as-of/{WRITTEN}/dictionary.sqlite.json"


def test_without_a_date_all_days_of_statements_are_observed(ran):
    said: list[str] = []
    assert observe_days(ran.root, [], TODAY, said.append) == ()
    assert as_of_files(ran) == as_of_files(ran, "2026-02-01") == FILES
    assert f"{WRITTEN}: 1 true when written, overturned since" in said
    at = said.index(f"  {APART}: true when written, overturned since")
    then, today = said[at + 1 : at + 3]
    assert then.startswith("      then: ")
    assert today.startswith("      today: ")
    assert "saw what another conversation counted" not in then
    assert "saw what another conversation counted" in today
    said.clear()
    observe_days(ran.root, [WRITTEN], TODAY, said.append)
    assert not [line for line in said if "2026-02-01" in line]


@pytest.mark.parametrize("day", ["2062-02-01", TODAY.isoformat()])
def test_a_day_of_statements_that_is_not_over_is_a_reason_and_the_others_are_observed(ran, day):
    ran.replace(STATEMENTS, 'written = "2026-02-01"', f'written = "{day}"')
    (why,) = observe_days(ran.root, [], TODAY, lambda line: None)
    assert why.startswith(f"{day} is not over yet")
    assert as_of_files(ran) == FILES
    assert as_of_files(ran, day) == []


@pytest.mark.parametrize("day", ["yesterday", "20260105", "2026-13-01", "2026-03-01", "2026-03-02"])
def test_what_is_no_day_that_is_over_is_wrong_usage(tally, day):
    with pytest.raises(WrongDay):
        observe_days(tally.root, [day], TODAY, print)
    assert main(["--root", str(tally.root), "as-of", "tomorrow"]) == 2


def test_a_day_of_which_nothing_is_stated_is_wrong_usage(tally):
    with pytest.raises(WrongDay, match=r"no statement is of 2025-12-31.*they are of 2026-01-05, "):
        observe_days(tally.root, ["2025-12-31"], TODAY, print)


def test_a_day_of_opinions_alone_says_that_nothing_ran(tally):
    head = tally.path(STATEMENTS).read_text(encoding="utf-8").partition("[[statement]]")[0]
    opinion = (
        '[[statement]]\nid = "o"\nopinion = "o"\nquotation = [{ source = "notes", quote = "0" }]'
    )
    tally.write(STATEMENTS, head + opinion)
    said: list[str] = []
    assert observe_days(tally.root, [WRITTEN], TODAY, said.append) == ()
    assert (
        f"{WRITTEN}: nothing ran: no statement of that day is bound to a claim or a check" in said
    )


def test_the_page_shows_both(ran, tmp_path):
    observed(ran)
    pages.render(ran.root, [read_report(ran.root, "tiny")], tmp_path)
    page = (tmp_path / "docs" / "tiny" / "statements.md").read_text(encoding="utf-8")
    assert f"With the releases of {WRITTEN}, the day of these texts: " in page
    assert "1 true when written, overturned since" in page
    assert "LETTER.md</code>, 2026-02-01: 2 statements, not judged as of 2026-02-01" in page
