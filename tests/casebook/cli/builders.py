"""A record on disk, as a run leaves it."""

from pathlib import Path
from typing import Any

from casebook.stored import store
from tests.casebook.judge.builders import HISTORIES, OBSERVED, a_record


def write_record(root: Path, cells: Any, environment: str = "now") -> None:
    record = a_record({**OBSERVED, **cells}, environment)
    names = {name for cell in record.cells for name in cell.histories}
    store(root, record, (HISTORIES[name] for name in sorted(names)))
