"""The pages of the smallest investigation with an axis, and what they show."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

from casebook.judge.report import Report
from casebook.stored import Record
from tests.casebook.draw.builders import DIAGRAM
from tests.casebook.judge.builders import BAD, INVESTIGATION
from tests.casebook.judge.over_releases import at, over
from tests.casebook.site.builders import written

WAS_BAD = {("used", "use"): BAD}

SINCE_2_1 = at("1.0", WAS_BAD), at("2.0", WAS_BAD), at("2.1")
"""What the releases did: `used` is bad up to 2.0, and good since 2.1."""

UNAVAILABLE = at("1.0", unavailable="ImportError: no <module>"), at("2.0"), at("2.1")
"""What they did: with 1.0 nothing can be imported."""


def small_project(folder: Path) -> Path:
    """Write what the pages of the smallest investigation are made of; return the folder."""
    file = folder / "experiments" / "tiny" / "library.py"
    file.parent.mkdir(parents=True)
    functions = [pattern.function for pattern in INVESTIGATION.patterns]
    file.write_text("".join(f"def {one}():\n    pass\n\n\n" for one in functions))
    (folder / "docs").mkdir()
    (folder / "conf").mkdir()
    (folder / "conf" / "tiny.toml").touch()
    return folder


def drawn(report: Report) -> Report:
    """Return the report of an investigation that says how its histories are drawn."""
    return replace(report, investigation=replace(report.investigation, diagram=DIAGRAM))


def page(root: Path, *records: Record, name: str = "releases.md", **more: Any) -> str:
    """Return the text of a page on what these records say of other releases."""
    return written(root, drawn(over(*records, **more)))[f"tiny/{name}"]


def shown(text: str) -> str:
    """Return the text that some HTML shows."""
    return " ".join(unescape(re.sub("<[^>]*>", "", text)).split())
