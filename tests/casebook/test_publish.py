"""What is published keeps its form: other programs read it."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from casebook.publish import Published, dump_published, schemas, verdicts, write_schemas
from tests.casebook.test_judge import INVESTIGATION, judged

PROJECT = Path(__file__).parents[2]

# --- Schemas --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", schemas())
def test_the_schemas_in_the_project_are_up_to_date(path: str) -> None:
    written = (PROJECT / path).read_text(encoding="utf-8")
    assert written == schemas()[path], "run `python -m casebook schemas`"


def test_schemas_that_are_up_to_date_are_not_written_again(tmp_path: Path) -> None:
    assert write_schemas(tmp_path) == tuple(schemas())
    assert write_schemas(tmp_path) == ()


# --- verdicts.json --------------------------------------------------------------------------------


def test_several_investigations_are_published_together() -> None:
    other = judged(investigation=replace(INVESTIGATION, id="other"), digest="same")
    published = verdicts([judged(digest="same"), other], "https://casebook.example/")
    assert {one.investigation for one in published.findings} == {"tiny", "other"}
    assert published.edition == "same"
    assert published.plan.cells == 12


def test_published_verdicts_have_the_form_that_is_published() -> None:
    published = verdicts([judged()], "https://casebook.example/")
    text = dump_published(published)
    assert msgspec.json.decode(text, type=Published) == published
    assert list(json.loads(text)) == [
        "schema",
        "edition",
        "findings",
        "statements",
        "controls",
        "plan",
    ]
    assert list(json.loads(text)["findings"][0]) == [
        "investigation",
        "claim",
        "backend",
        "pattern",
        "environment",
        "database",
        "releases",
        "verdict",
        "reason",
        "url",
    ]
