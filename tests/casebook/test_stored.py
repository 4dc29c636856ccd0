"""What is stored: the same bytes for the same behaviour, and each history once."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from casebook.files import write_whole
from casebook.record import Event, History
from casebook.stored import (
    HISTORIES,
    SCHEMA,
    Cell,
    Record,
    StoredHistory,
    digest_of,
    dump,
    dump_history,
    folder,
    store,
    store_as_of,
)

HARD_TEXT = 'control \x1b[31m\x00 <script>"\\ é 漢 \u2028 end'

FIRST = History("completed", "", (Event("a", ("S1", "T1")), Event("b", (), {"x": None})))

SECOND = History("raised", HARD_TEXT, (Event("a", ("S1",), {"text": HARD_TEXT}),))

RECORD = Record(
    schema=SCHEMA,
    investigation="tiny",
    environment="dictionary",
    database="sqlite",
    python="3.11",
    platform="linux-x86_64",
    releases={"one": "1.0"},
    digests={"conf/x.txt": "f" * 64},
    unavailable=None,
    planned={"first": ("wire",), "second": ("wire",)},
    cells=(
        Cell("first", "wire", 2, (digest_of(FIRST), digest_of(SECOND))),
        Cell("second", "wire", 2, (digest_of(FIRST),)),
    ),
)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(asdict(value)))


def stored(root: Path) -> dict[str, bytes]:
    own = root / folder("tiny")
    return {
        file.relative_to(own).as_posix(): file.read_bytes()
        for file in sorted(own.rglob("*"))
        if file.is_file()
    }


# --- The form -------------------------------------------------------------------------------------


def test_a_dumped_record_is_json_that_says_the_same() -> None:
    assert json.loads(dump(RECORD)) == as_json(RECORD)


def test_a_record_without_cells_is_json_too() -> None:
    empty = replace(RECORD, planned={}, cells=())
    assert json.loads(dump(empty)) == as_json(empty)


def test_each_cell_and_each_event_has_a_line_of_its_own() -> None:
    # So that `git diff` of a result reads as behaviour that changed.
    cells = [line for line in dump(RECORD).splitlines() if '"histories": [' in line]
    assert len(cells) == 2
    assert len(dump_history(FIRST).splitlines()) == len(FIRST.events) + 2


@pytest.mark.parametrize("history", [FIRST, SECOND, History("crashed", "killed", ())])
def test_a_dumped_history_is_read_as_it_was(history: History) -> None:
    said = json.loads(dump_history(history))
    events = tuple((kind, tuple(labels), details) for kind, labels, details in said["events"])
    assert StoredHistory(said["outcome"], said["reason"], events).history == history


def test_a_text_that_holds_control_characters_stays_in_its_line() -> None:
    assert not any(character in dump_history(SECOND) for character in "\x1b\x00")


def test_anybody_can_compute_the_name_of_a_history(tmp_path: Path) -> None:
    store(tmp_path, RECORD, (FIRST, SECOND))
    histories = [name for name in stored(tmp_path) if name.startswith(HISTORIES)]
    assert len(histories) == 2
    for name in histories:
        content = (tmp_path / folder("tiny") / name).read_bytes()
        assert name == f"{HISTORIES}/{hashlib.sha256(content).hexdigest()}.json"


# --- Writing --------------------------------------------------------------------------------------


def test_equal_histories_are_one_file(tmp_path: Path) -> None:
    again = History(FIRST.outcome, FIRST.reason, FIRST.events)
    store(tmp_path, RECORD, (FIRST, SECOND, again))
    assert len(stored(tmp_path)) == 3


def test_what_no_record_names_any_more_is_removed(tmp_path: Path) -> None:
    store(tmp_path, RECORD, (FIRST, SECOND))
    other = replace(RECORD, environment="other", cells=(RECORD.cells[1],))
    store(tmp_path, other, (FIRST,))
    store(tmp_path, replace(RECORD, cells=()), ())
    names = {name for name in stored(tmp_path) if name.startswith(HISTORIES)}
    assert names == {f"{HISTORIES}/{digest_of(FIRST)}.json"}


def test_what_a_damaged_record_names_stays(tmp_path: Path) -> None:
    store(tmp_path, RECORD, (FIRST, SECOND))
    file = tmp_path / folder("tiny") / "dictionary.sqlite.json"
    file.write_text("<<<<<<< HEAD\n" + file.read_text())
    store(tmp_path, replace(RECORD, environment="other", cells=()), ())
    assert len([name for name in stored(tmp_path) if name.startswith(HISTORIES)]) == 2


def store_today(root: Path) -> None:
    store(root, RECORD, (FIRST, SECOND))


def store_past(root: Path) -> None:
    store_as_of(root, "tiny", "2026-01-05", (RECORD,), (FIRST, SECOND))


@pytest.mark.parametrize("writes", [store_today, store_past])
@pytest.mark.parametrize("files", range(4))
def test_whenever_it_is_interrupted_every_history_that_a_record_names_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: Callable[[Path], None], files: int
) -> None:
    store(tmp_path, replace(RECORD, cells=()), ())
    written: list[str] = []

    def write(path: Path, text: str) -> bool:
        if len(written) == files:
            raise KeyboardInterrupt
        written.append(path.name)
        return write_whole(path, text)

    monkeypatch.setattr("casebook.stored.write_whole", write)
    with contextlib.suppress(KeyboardInterrupt):
        writes(tmp_path)
    assert len(written) == min(files, 3)
    held = stored(tmp_path)
    records = [json.loads(held[name]) for name in held if not name.startswith(HISTORIES)]
    named = {one for record in records for cell in record["cells"] for one in cell["histories"]}
    assert named <= {Path(name).stem for name in held if name.startswith(HISTORIES)}


@pytest.mark.parametrize("writes", [store_today, store_past])
def test_who_writes_waits_for_whoever_writes_there(
    tmp_path: Path, writes: Callable[[Path], None]
) -> None:
    histories = tmp_path / folder("tiny") / HISTORIES
    histories.mkdir(parents=True)
    lock = os.open(histories, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    other = threading.Thread(target=writes, args=(tmp_path,))
    other.start()
    other.join(0.2)
    assert stored(tmp_path) == {}
    os.close(lock)
    other.join()
    assert len(stored(tmp_path)) == 3


def test_the_records_of_a_day_take_the_place_of_those_that_it_had(tmp_path: Path) -> None:
    day, other = "2026-01-05", replace(RECORD, environment="other", cells=(RECORD.cells[1],))
    store_as_of(tmp_path, "tiny", "2026-02-01", (other,), (FIRST,))
    store_as_of(tmp_path, "tiny", day, (RECORD, other), (FIRST, SECOND))
    store_as_of(tmp_path, "tiny", day, (other,), (FIRST,))
    assert {*stored(tmp_path)} == {
        f"{HISTORIES}/{digest_of(FIRST)}.json",
        f"as-of/{day}/other.sqlite.json",
        "as-of/2026-02-01/other.sqlite.json",
    }


def test_two_folders_of_results_unite_by_copying(tmp_path: Path) -> None:
    other = replace(RECORD, environment="other", cells=(RECORD.cells[1],))
    for name, records in {"one": [RECORD], "two": [other], "both": [RECORD, other]}.items():
        for record in records:
            names = {name for cell in record.cells for name in cell.histories}
            seen = (one for one in (FIRST, SECOND) if digest_of(one) in names)
            store(tmp_path / name, record, seen)
    shutil.copytree(tmp_path / "two", tmp_path / "one", dirs_exist_ok=True)
    assert stored(tmp_path / "one") == stored(tmp_path / "both")
