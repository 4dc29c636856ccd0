"""What a run notes of its progress, and what others read of it, also where it was killed."""

from pathlib import Path

import pytest

from casebook.observe.progress import Progress, Reading, read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "now.sqlite.progress"


def test_a_run_that_has_not_begun_has_noted_nothing(file: Path) -> None:
    assert read(file) is None


def test_cells_count_as_they_are_done(file: Path) -> None:
    with Progress(file, 3) as progress:
        progress.done([("used", "wire")])
        assert read(file) == Reading(planned=3, ran=frozenset({("used", "wire")}), running=True)


def test_cells_that_had_not_to_run_are_done_too(file: Path) -> None:
    with Progress(file, 3) as progress:
        progress.done([("used", "wire"), ("right", "wire")], unchanged=True)
        progress.done([("used", "use")])
    reading = read(file)
    assert reading is not None
    assert (reading.done, len(reading.ran), len(reading.unchanged)) == (3, 1, 2)


def test_a_cell_that_is_noted_twice_is_done_once(file: Path) -> None:
    with Progress(file, 3) as progress:
        progress.done([("used", "wire")])
        progress.done([("used", "wire")])
        reading = read(file)
    assert reading is not None
    assert reading.done == 1


def test_a_run_ends_with_the_line_that_it_prints(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress(file, 1) as progress:
        progress.end("all of it", well=True)
    assert read(file) == Reading(planned=1, summary="all of it", well=True)
    assert capsys.readouterr().out == "all of it\n"


def test_a_run_that_raised_is_over(file: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Progress(file, 1):
        raise KeyboardInterrupt
    assert read(file) == Reading(planned=1)


def test_a_line_that_a_killed_run_could_not_finish_is_not_read(file: Path) -> None:
    with Progress(file, 3) as progress:
        progress.done([("used", "wire")])
    with file.open("a") as opened:
        opened.write('{"done": [["used", "u')
    reading = read(file)
    assert reading is not None
    assert reading.ran == {("used", "wire")}


def test_a_run_begins_anew(file: Path) -> None:
    with Progress(file, 1) as progress:
        progress.done([("used", "wire")])
    with Progress(file, 1):
        reading = read(file)
    assert reading == Reading(planned=1, running=True)
