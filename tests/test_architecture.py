"""ARCHITECTURE.md: the rooms that it lists are those of the code, and every name in it exists."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")

NAMES = sorted(set(re.findall(r"`(casebook(?:\.\w+)+)`", TEXT)))

FILES = sorted(set(re.findall(r"`((?:casebook|conf|experiments|tests)/[\w./]+)`", TEXT)))

ROW = re.compile(r"^\| (\d+) \| ([^|]+) \|", re.MULTILINE)


def floors() -> list[set[str]]:
    """The rooms of each floor in the table, from the top down."""
    found: dict[int, set[str]] = {}
    for floor, rooms in ROW.findall(TEXT):
        found.setdefault(int(floor), set()).update(re.findall(r"`(\w+)`", rooms))
    return [found[floor] for floor in sorted(found, reverse=True)]


def found(name: str) -> object:
    """What a dotted name stands for: a module, or something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            value = getattr(value, attribute)
        return value
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_the_text_exists(name):
    assert found(name) is not None


@pytest.mark.parametrize("file", FILES)
def test_a_file_in_the_text_exists(file):
    assert (ROOT / file).exists()


def test_the_text_follows_a_finding_through_every_room():
    named = {name.split(".")[1] for name in NAMES}
    assert {"plan", "observe", "judge", "site", "draw", "editions", "cite"} <= named


def test_the_table_names_every_room_of_the_engine():
    folders = {path.parent.name for path in (ROOT / "casebook").glob("*/__init__.py")}
    modules = {path.stem for path in (ROOT / "casebook").glob("*.py")} - {"__init__"}
    assert set().union(*floors()) == folders | modules


def test_the_table_has_the_floors_that_lint_holds():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one["type"] == "layers")
    assert floors() == [set(re.findall(r"\w+", layer)) for layer in layers]
