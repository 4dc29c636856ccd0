"""What the end of a run says of what it did not run, and earlier scripts made."""

from dataclasses import replace

import pytest

from casebook.cli.outdated import out_of_date
from casebook.cli.summary import ending
from casebook.judge.project import read_report
from tests.casebook.judge.over_releases import at, bisected, over
from tests.casebook.plan.builders import HARMLESS, ONE_COUNT, put
from tests.casebook.releases.test_bisections import MADE


def test_where_nothing_is_out_of_date_nothing_is_said(tiny):
    report = replace(read_report(tiny.root, "tiny"), outdated=())
    first = out_of_date(tiny.root, [report])
    assert "bisection" not in first
    assert "setting" not in first


def test_faults_that_were_never_put_in_are_out_of_date(tiny):
    put(tiny, ONE_COUNT, HARMLESS)
    said = out_of_date(tiny.root, [read_report(tiny.root, "tiny")])
    assert "2 faults (`nox -s faults`)" in said


@pytest.mark.parametrize("number", [1, 2])
def test_bisections_that_earlier_scripts_made_are_counted_with_the_command(tiny, number):
    old = tuple(replace(MADE, pattern=str(one)) for one in range(number))
    report = replace(read_report(tiny.root, "tiny"), outdated=old)
    said = f"{number} bisection{'s' if number > 1 else ''} (`nox -s bisect`)"
    assert said in out_of_date(tiny.root, [report])


def test_settings_of_the_axes_are_counted_once_each(tiny):
    report = over(at("2.0"), at("2.1"), bisections=(bisected("2.0", "2.1"),))
    assert report.swept
    cells = [("now-at-admin-2.0", "sqlite", "used", one) for one in ("wire", "use")]
    old = replace(report.swept, changed=dict.fromkeys(cells, "a.py"))
    said = out_of_date(tiny.root, [replace(report, swept=old)])
    assert "2 settings (`nox -s sweep`)" in said  # 1.0 was never observed, 2.0 otherwise


def test_the_ending_says_it_before_the_page_and_leaves_the_exit_code():
    said = ending("index.html", 0, "Out of date: 1 setting (`nox -s sweep`).")
    assert said.splitlines()[0].startswith("Out of date: 1 setting")
    assert "Exit code 0" in said
    assert ending("index.html", 0).startswith("The page: ")
