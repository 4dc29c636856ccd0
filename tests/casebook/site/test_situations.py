"""Recommendations are what the grades say, in each environment that a situation is about."""

import pytest

from casebook.judge.project import read_report
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.mistakes import PlanError
from casebook.site import pages, situations
from casebook.site.book import Book

SITUATION = """
[[situation]]
id = "starting"
title = "Starting"
environments = ["module-global", "dictionary"]
"""


@pytest.fixture
def asked(tiny):
    """A project with a situation, and what was recorded in its environments."""
    toml = tiny.path("conf/tiny.toml")
    toml.write_text(toml.read_text() + SITUATION)
    for environment in ("dictionary", "module-global"):
        assert tiny.run(environment).returncode == 0
    return tiny


def advice(project):
    report = read_report(project.root, "tiny")
    return situations.advice(Book(project.root, report), report.investigation.situations[0])


def test_what_works_comes_first_and_what_does_not_is_named(asked):
    first, second = advice(asked)

    assert first.environment.id == "dictionary"
    assert [one.choice.pattern.id for one in first.fitting] == ["counts-by-name"]
    assert first.fitting[0].grade == "recommended"
    assert (second.environment.id, second.fitting) == ("module-global", ())
    assert [one.choice.refuted[0].claim for one in second.ruled_out] == ["counts-apart"]


def test_what_a_situation_turns_on_must_be_supported(asked):
    asked.replace(
        "conf/tiny.toml",
        'environments = ["module-global", "dictionary"]',
        'environments = ["module-global"]\nclaims = ["no-warnings"]',
    )

    (only,) = advice(asked)

    assert [finding.claim for finding in only.options[0].findings] == ["no-warnings"]
    assert only.options[0].findings[0].verdict == "supported"


def test_without_a_record_nothing_is_recommended(tiny):
    toml = tiny.path("conf/tiny.toml")
    toml.write_text(toml.read_text() + SITUATION)

    assert all(one.fitting == () for one in advice(tiny))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"dictionary"]', '"dictionry"]', r"situation 'starting'.environments: .*'dictionary'"),
        ('"dictionary"]', '"dictionary"]\nclaims = ["wirs"]', r"situation 'starting'.claims: .*'w"),
    ],
)
def test_what_a_situation_names_must_be_declared(asked, old, new, message):
    asked.replace("conf/tiny.toml", f'["module-global", {old}', f'["module-global", {new}')

    with pytest.raises(PlanError, match=message):
        read_claims(asked.root, read_investigation(asked.root, "tiny"))


def test_prose_names_a_situation_by_its_id(asked, tmp_path):
    asked.write("docs/tiny/start.md", '# Start\n\n{{ advice("starting") }}\n')
    pages.render(asked.root, [read_report(asked.root, "tiny")], tmp_path)
    page = (tmp_path / "docs" / "tiny" / "start.md").read_text(encoding="utf-8")
    assert "<h3>Counting with a dictionary</h3>" in page
    assert "def counts_by_name" in page


def test_a_situation_that_is_not_declared_is_an_error_at_its_line(asked, tmp_path):
    asked.write("docs/tiny/start.md", '# Start\n\n{{ advice("startin") }}\n')
    with pytest.raises(
        PlanError, match=r"start.md: line 3: unknown situation 'startin'.*'starting'"
    ):
        pages.render(asked.root, [read_report(asked.root, "tiny")], tmp_path)
