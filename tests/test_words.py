"""The engine speaks of no library that an investigation is about."""

import re

import pytest

from casebook.plan.conf import read_all_unlocked
from tests.conftest import CASEBOOK

KINDS = {".py", ".j2", ".js", ".css", ".html", ".md", ".svg", ".new"}
"""The files of the engine that hold words; what its locks pin is its own."""


def foreign():
    """Return what the checkout's investigations are about: packages, servers of databases, ids."""
    for one in read_all_unlocked(CASEBOOK):
        yield from one.packages
        yield from (database.id for database in one.described if database.server)
        yield from (name for name in [one.id] if "_" in name)


@pytest.mark.parametrize("name", dict.fromkeys(foreign()))
def test_no_file_of_the_engine_names_what_an_investigation_is_about(name):
    written = re.compile(name.replace("-", "[-_ ]"), re.IGNORECASE)
    engine = (path for path in (CASEBOOK / "casebook").rglob("*") if path.suffix in KINDS)
    places = [
        f"{path.relative_to(CASEBOOK)}:{number}: {line.strip()}"
        for path in sorted(engine)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if written.search(line)
    ]
    assert not places, "\n".join(places)
