"""The line of progress: cells, what runs or is installed, and the time left if it is known."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from casebook.cli.main import main
from casebook.cli.progress import ExpectedRun, Overview, expected_runs, in_words
from casebook.observe.earlier import Note, as_json
from casebook.observe.progress import Progress
from casebook.plan.conf import read_investigations
from tests.conftest import Project

CELLS = [("used", "wire"), ("used", "use"), ("right", "use"), ("wrong", "use")]


def a_run(root: Path, environment: str = "now", database: str = "sqlite", each: float = 60) -> Any:
    seconds = dict.fromkeys(CELLS, each) if each else {}
    file = root / f"{environment}.{database}.progress"
    return ExpectedRun(environment, database, file, frozenset(CELLS), seconds)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two environments, which are installed."""
    monkeypatch.setenv("CASEBOOK_ENVIRONMENTS", str(tmp_path / "nox"))
    for name in ("now", "earlier"):
        (tmp_path / f"{name}.txt").write_text("library==1\n")
        install(tmp_path, name)
    return tmp_path


def install(root: Path, name: str, lock: str = "library==1\n") -> None:
    folder = root / "nox" / f"experiments-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "installed.txt").write_text(lock)


def an_overview(root: Path, *runs: ExpectedRun, **changes: Any) -> Overview:
    values: dict[str, Any] = {"locks": {"now": "now.txt", "earlier": "earlier.txt"}, "jobs": 1}
    return Overview(root, runs, **{**values, **changes})


def test_cells_are_counted_over_all_settings(root: Path) -> None:
    runs = a_run(root), a_run(root, "earlier")
    overview = an_overview(root, *runs, begun={"now": None})
    with Progress(runs[0].file, 4) as progress:
        progress.done(CELLS[:3])
        assert overview.line(180) == "3 of 8 cells, about 5 min left, running now (sqlite)"


def test_cells_that_had_not_to_run_are_counted_and_take_no_time(root: Path) -> None:
    run = a_run(root)
    overview = an_overview(root, run, begun={"now": None})
    with Progress(run.file, 4) as progress:
        progress.done(CELLS[:3], unchanged=True)
        assert overview.line(600) == "3 of 4 cells, about 1 min left, running now (sqlite)"


def test_an_environment_that_is_installed_is_said_to_be(root: Path) -> None:
    install(root, "earlier", "library==0\n")
    runs = a_run(root), a_run(root, "earlier")
    overview = an_overview(root, *runs, begun={"now": None, "earlier": None})
    assert overview.line(0) == "0 of 8 cells, installing earlier, starting now"


def test_an_environment_without_a_lock_is_not_installed(root: Path) -> None:
    (root / "now.txt").unlink()
    overview = an_overview(root, a_run(root), begun={"now": None})
    assert overview.line(0).endswith("starting now")


def test_a_session_that_is_no_environment_counts_no_cells(root: Path) -> None:
    (root / "conf" / "requirements").mkdir(parents=True)
    (root / "conf" / "requirements" / "postgresql.txt").write_text("server==1\n")
    overview = an_overview(root, a_run(root), begun={"postgresql": None})
    assert overview.line(0) == "installing postgresql"


def test_where_no_cell_will_run_environments_are_counted(root: Path) -> None:
    overview = an_overview(root, install_only=True, begun={"now": None}, ended={"now"})
    assert overview.line(0) == "1 of 2 environments"


def test_the_time_left_is_not_said_while_something_must_be_installed(root: Path) -> None:
    install(root, "earlier", "library==0\n")
    overview = an_overview(root, a_run(root), a_run(root, "earlier"), begun={"now": None})
    assert "left" not in overview.line(0)


def test_the_time_left_is_not_said_where_the_last_run_timed_nothing(root: Path) -> None:
    overview = an_overview(root, a_run(root), a_run(root, "earlier", each=0), begun={"now": None})
    assert "left" not in overview.line(0)


def test_environments_that_run_at_a_time_take_their_time_together(root: Path) -> None:
    runs = a_run(root), a_run(root, "earlier")
    assert an_overview(root, *runs, jobs=2).time_left(0, []) == 0
    overview = an_overview(root, *runs, jobs=2, begun={"now": None})
    assert "about 4 min left" in overview.line(0)


def test_one_environment_s_databases_run_one_after_the_other(root: Path) -> None:
    runs = a_run(root), a_run(root, database="postgresql")
    overview = an_overview(root, *runs, jobs=2, begun={"now": None})
    assert "about 8 min left" in overview.line(0)


def test_a_slower_machine_has_more_time_left(root: Path) -> None:
    run = a_run(root)
    overview = an_overview(root, run, begun={"now": None})
    with Progress(run.file, 4) as progress:
        progress.done(CELLS[:2])
        assert "about 10 min left" in overview.line(600)


def test_what_ended_has_no_time_left_although_cells_are_missing(root: Path) -> None:
    runs = a_run(root), a_run(root, "earlier")
    overview = an_overview(root, *runs, begun={"now": None, "earlier": None}, ended={"now"})
    assert "about 4 min left" in overview.line(0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(4, "less than a minute left"), (44, "about 1 min left"), (200, "about 3 min left")],
)
def test_the_time_left_is_said_as_exactly_as_it_is_known(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


# --- What is expected -----------------------------------------------------------------------------


def expected(project: Project, environment: str) -> ExpectedRun:
    runs = expected_runs(project.root, read_investigations(project.root))
    return next(run for run in runs if run.environment == environment)


def test_every_planned_cell_is_expected(tiny: Project) -> None:
    run = expected(tiny, "dictionary")
    assert len(run.cells) == 10
    assert run.name == "dictionary (sqlite)"
    assert run.seconds == {}


def noted(seconds: tuple[float, ...]) -> str:
    """Return the facts of a run that noted one cell, which took so long."""
    note = Note("", "2026-11-27", 2, (), seconds)
    return json.dumps({"status": "ran", "notes": as_json({("mixed-up", "overlap"): note})})


def test_a_cell_takes_as_long_as_its_slower_run_and_one_that_never_ran_as_the_others(
    tiny: Project,
) -> None:
    tiny.write("build/runs/tiny/dictionary.sqlite.json", noted((1, 3)))
    run = expected(tiny, "dictionary")
    assert set(run.seconds) == run.cells
    assert set(run.seconds.values()) == {3}


def test_where_no_cell_could_run_none_takes_any_time(tiny: Project) -> None:
    tiny.write("build/runs/tiny/dictionary.sqlite.json", noted(()))
    assert set(expected(tiny, "dictionary").seconds.values()) == {0}


def test_a_run_that_did_not_take_place_timed_nothing(tiny: Project) -> None:
    facts = {"status": "not-rerun", "reason": "no network"}
    tiny.write("build/runs/tiny/dictionary.sqlite.json", json.dumps(facts))
    assert expected(tiny, "dictionary").seconds == {}


def test_a_run_notes_its_progress_where_it_is_looked_for(observed: tuple[Project, str]) -> None:
    assert expected(observed[0], "dictionary").file.exists()


EVERY = {
    "dictionary",
    "closure",
    "module-global",
    "closure-not-importable",
    "closure-not-resolvable",
}
"""The environments of the miniature."""


@pytest.mark.parametrize(
    ("options", "environments", "jobs"),
    [
        ([], EVERY, 1),
        (["-s", "experiments(closure)"], {"closure"}, 1),
        (
            ["-s", "experiments(closure)", "experiments(dictionary)", "--parallel", "2"],
            {"closure", "dictionary"},
            2,
        ),
    ],
)
def test_what_is_watched_is_what_nox_is_told_to_run(
    tiny: Project,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    environments: set[str],
    jobs: int,
) -> None:
    seen: list[Overview] = []

    def watch(root: Path, overview: Overview, command: list[str], stream: object) -> int:
        seen.append(overview)
        return 0

    monkeypatch.setattr("casebook.cli.watch.watch", watch)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    assert main(["--root", str(tiny.root), "watch", "--", "nox", *options]) == 0
    (overview,) = seen
    assert {run.environment for run in overview.runs} == {*overview.locks} == environments
    assert overview.jobs == jobs
