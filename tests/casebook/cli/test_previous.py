"""The records of before a run are kept, and those of before another are not."""

from pathlib import Path

import pytest

from casebook.cli.previous import keep_records
from casebook.cli.summary import Previous, previous
from tests.casebook.cli.builders import write_record
from tests.casebook.judge.builders import INVESTIGATION


def test_without_git_and_without_files_before_the_run_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    write_record(tmp_path, {})
    assert previous(tmp_path, INVESTIGATION) == Previous("the last run", None)


def test_what_was_kept_before_an_earlier_run_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    write_record(tmp_path, {})
    keep_records(tmp_path)
    (tmp_path / "docs" / "results" / "tiny" / "now.sqlite.json").unlink()
    keep_records(tmp_path)
    assert previous(tmp_path, INVESTIGATION).verdicts is None
