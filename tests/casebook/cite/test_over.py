"""A citation says on which releases the same was found."""

from casebook.cite.over import over as line
from casebook.judge.holding import Holding
from casebook.judge.releases import Releases
from casebook.judge.report import Report
from tests.casebook.cite.builders import content, text_of
from tests.casebook.judge.builders import BAD, finding, judged
from tests.casebook.judge.over_releases import at, over

WAS_BAD = {("used", "use"): BAD}

SAME = "The same on admin 2.1 and 2.2.1. On admin 1.0 and 2.0: refuted."


def turned() -> Report:
    return over(at("1.0", WAS_BAD), at("2.0", WAS_BAD), at("2.1"))


def test_it_is_one_line_of_the_citation() -> None:
    assert SAME in content(turned(), "good", "used").splitlines()


def test_it_is_in_a_short_citation_too() -> None:
    assert SAME in content(turned(), "good", "used", full=False).splitlines()


def test_where_all_releases_say_the_same_nothing_else_is_said() -> None:
    text = content(over(at("1.0"), at("2.0"), at("2.1")), "good", "used")
    assert "The same on admin 1.0 to 2.2.1." in text.splitlines()


def test_without_an_axis_there_is_no_such_line() -> None:
    report = judged()
    assert list(line(Holding(Releases(report)), finding(report), None)) == []
    assert "The same on" not in text_of(report)
