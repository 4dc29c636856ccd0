"""What is published keeps its form: other programs read it."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from casebook.judge.project import read_report
from casebook.site.verdicts import (
    Published,
    dump_published,
    print_published,
    published_verdicts,
    schemas,
    write_schemas,
)
from tests.casebook.judge.builders import INVESTIGATION, OBSERVED, a_record, judged
from tests.conftest import CASEBOOK

# --- Schemas --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", schemas())
def test_the_schemas_in_the_project_are_up_to_date(path: str) -> None:
    written = (CASEBOOK / path).read_text(encoding="utf-8")
    assert written == schemas()[path], "run `python -m casebook schemas`"


def test_schemas_that_are_up_to_date_are_not_written_again(tmp_path: Path) -> None:
    assert write_schemas(tmp_path) == tuple(schemas())
    assert write_schemas(tmp_path) == ()


# --- verdicts.json --------------------------------------------------------------------------------


def test_several_investigations_are_published_together() -> None:
    other = judged(investigation=replace(INVESTIGATION, id="other"), digest="same")
    published = published_verdicts([judged(digest="same"), other], "https://casebook.example/")
    assert [one.investigation for one in published.settings] == ["tiny", "other"]
    half = len(published.findings) // 2
    assert [one.setting for one in published.findings] == [0] * half + [1] * half
    assert published.edition == "same"
    assert published.plan.cells == 12


def test_published_verdicts_have_the_form_that_is_published() -> None:
    published = published_verdicts([judged()], "https://casebook.example/")
    text = dump_published(published)
    assert msgspec.json.decode(text, type=Published) == published
    assert json.loads(print_published(published)) == json.loads(text)
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) + "\n"
    assert list(json.loads(text)) == [
        "schema",
        "edition",
        "settings",
        "findings",
        "statements",
        "controls",
        "plan",
        "over",
    ]
    assert list(json.loads(text)["settings"][0]) == [
        "investigation",
        "environment",
        "database",
        "releases",
    ]
    assert list(json.loads(text)["findings"][0]) == [
        "claim",
        "backend",
        "pattern",
        "setting",
        "verdict",
        "reason",
        "url",
    ]


def test_statements_are_published_with_their_address(observed):
    project, _ = observed
    published = published_verdicts([read_report(project.root, "tiny")], "https://casebook.example/")
    first = published.statements[0]
    assert first.url == (
        "https://casebook.example/tiny/statements.html#dictionaries-keep-counts-apart"
    )
    assert (first.source, first.quote) == (
        "reports/NOTES.md, Findings; reports/LETTER.md, Table",
        "A dictionary keeps its counts apart.",
    )


def test_published_verdicts_hold_releases_and_the_address_that_stays() -> None:
    published = published_verdicts([judged(digest="0123456789abcdef")], "https://casebook.example")
    one = published.findings[1]
    setting = published.settings[one.setting]
    assert (setting.environment, setting.database) == ("now", "sqlite")
    assert setting.releases == {"admin": "2.2.1", "library": "3.1.1", "other": "1"}
    assert one.url == "https://casebook.example/tiny/patterns/used.html#good.used.now.sqlite"
    assert (published.schema, published.edition) == (2, "0123456789ab")
    assert (published.plan.cells, published.plan.completed) == (6, 6)
    assert [control.held for control in published.controls] == [True] * 4


def test_the_same_records_give_the_same_bytes() -> None:
    record = a_record(OBSERVED)
    mixed = replace(
        record,
        cells=record.cells[::-1],
        planned=dict(reversed(record.planned.items())),
        releases=dict(reversed(record.releases.items())),
    )
    one, other = (
        dump_published(published_verdicts([judged(records=[each])], "https://x/"))
        for each in (record, mixed)
    )
    assert one == other
