"""The figures of `nox -s bench`: what is kept, and the page that shows it."""

from dataclasses import replace

import pytest

from bench import figures
from bench.figures import FIGURES, GROUPS, PAGE, Figure
from tests.conftest import CASEBOOK

FIGURE = Figure(
    id="bytes",
    group="The site",
    what="All files",
    goal="under 30 MB",
    figure="20 MB",
    reached=True,
    machine="2 cores",
    date="2026-11-27",
)


def rows(page):
    return [line for line in page.splitlines() if line.startswith("| ")]


def test_a_figure_that_was_measured_again_stands_in_its_old_place():
    other = replace(FIGURE, id="rebuild")
    again = replace(FIGURE, figure="25 MB")
    assert figures.united([FIGURE, other], [again]) == (again, other)


def test_a_figure_that_was_not_measured_keeps_its_date(tmp_path):
    figures.keep(tmp_path, [FIGURE])
    kept = replace(figures.read(tmp_path)[0], date="2020-01-01")
    text = (tmp_path / FIGURES).read_text()
    (tmp_path / FIGURES).write_text(text.replace(figures.read(tmp_path)[0].date, "2020-01-01"))
    figures.keep(tmp_path, [replace(FIGURE, id="rebuild")])
    assert figures.read(tmp_path)[0] == kept
    assert "2020-01-01" in (tmp_path / PAGE).read_text()


def test_a_figure_is_kept_with_the_machine_and_the_day(tmp_path):
    figures.keep(tmp_path, [replace(FIGURE, machine="", date="")])
    (kept,) = figures.read(tmp_path)
    assert kept.machine == figures.machine()
    assert kept.date


@pytest.mark.parametrize(("reached", "word"), [(True, "yes"), (False, "**no**"), (None, "")])
def test_a_row_says_whether_its_goal_is_reached(reached, word):
    *_, row = rows(figures.page([replace(FIGURE, reached=reached)]))
    said = [cell.strip() for cell in row.strip("|").split("|")]
    assert said == ["All files", "20 MB", word, "under 30 MB", "", "2026-11-27, machine 1"]


def test_a_line_within_a_cell_does_not_end_the_cell():
    *_, row = rows(figures.page([replace(FIGURE, peer="a | b")]))
    assert r"a \| b" in row


def test_groups_stand_in_their_order_whichever_was_measured_first():
    page = figures.page([replace(FIGURE, id=group, group=group) for group in reversed(GROUPS)])
    places = [page.index(f"## {group}") for group in GROUPS]
    assert places == sorted(places)


def test_figures_of_two_machines_name_each(tmp_path):
    page = figures.page([FIGURE, replace(FIGURE, id="rebuild", machine="64 cores")])
    assert "machine 2" in page
    assert page.endswith("1. 2 cores\n2. 64 cores\n")


def test_the_page_is_what_the_kept_figures_say():
    kept = figures.read(CASEBOOK)
    assert (CASEBOOK / PAGE).read_text(encoding="utf-8") == figures.page(kept)
