"""The tracer: notes which lines of some files each cell runs.

It is started by the interpreter of a warm parent, before anything is imported, and ends with it.
The histories recorded meanwhile are thrown away. It runs inside an environment under test, so it
uses the standard library alone.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

EVERYWHERE = "everywhere"
"""The name of the file of the lines that run before any cell, as libraries are imported."""

HARNESS = os.path.join("casebook", "observe", "cell.py")

_Trace = Callable[[FrameType, str, Any], Any]


def file_of(pattern: str, experiment: str) -> str:
    """Return the name of the file that holds the lines of a cell."""
    return f"{pattern}!{experiment}"


class Tracer:
    """Writes a line `number file` into `folder` when a line of one of the files first runs."""

    def __init__(self, files: tuple[str, ...], folder: str) -> None:
        self.ends = {os.sep + file: file for file in files}
        self.folder = Path(folder)
        self.traced: dict[str, str] = {}
        self.seen: set[tuple[str, int]] | None = set()
        self.where = EVERYWHERE

    def start(self) -> None:
        """Trace this thread and every thread to come."""
        threading.settrace(self.call)
        sys.settrace(self.call)

    def call(self, frame: FrameType, event: str, argument: Any) -> _Trace | None:
        """Decide whether the lines of a called function are traced."""
        file = frame.f_code.co_filename
        name = self.traced.get(file)
        if name is None:
            name = self.traced[file] = self.kind(file)
        if not name:
            return None
        return self.harness(frame) if name == HARNESS else self.line

    def kind(self, file: str) -> str:
        """Return the name of a file that is traced, HARNESS for the warm parent's, else ""."""
        if file.endswith(HARNESS):
            return HARNESS
        return next((name for end, name in self.ends.items() if file.endswith(end)), "")

    def harness(self, frame: FrameType) -> _Trace | None:
        """Follow what the warm parent does: a cell, or what cells need not do again."""
        if frame.f_code.co_name == "attempt":
            cell = frame.f_locals["cell"]
            self.where = file_of(cell["pattern"], cell["experiment"])
            self.seen = set()
        if frame.f_code.co_name == "warm":
            self.seen = None
            return self.warmed
        return None

    def warmed(self, frame: FrameType, event: str, argument: Any) -> _Trace:
        """Go on when the warm parent is warm."""
        if event == "return":
            self.seen = set()
        return self.warmed

    def line(self, frame: FrameType, event: str, argument: Any) -> _Trace:
        """Note a line that runs for the first time."""
        key = frame.f_code.co_filename, frame.f_lineno
        if event == "line" and self.seen is not None and key not in self.seen:
            self.seen.add(key)
            with (self.folder / self.where).open("a", encoding="utf-8") as file:
                file.write(f"{key[1]} {self.traced[key[0]]}\n")
        return self.line
