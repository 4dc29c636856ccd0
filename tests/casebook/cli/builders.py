"""A record on disk, as a run leaves it."""

from pathlib import Path
from typing import Any

from casebook.record import dump
from tests.casebook.judge.builders import OBSERVED, a_record


def write_record(root: Path, cells: Any, name: str = "now.sqlite.json") -> None:
    file = root / "docs" / "results" / "tiny" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dump(a_record({**OBSERVED, **cells})))
