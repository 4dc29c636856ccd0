"""A line on the terminal that the next one takes the place of; elsewhere nothing is shown."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType


class Passing:
    """Shows one line at a time, each after `before`, and removes the last at the end."""

    def __init__(self, before: str = "") -> None:
        self._before = before
        self._shown = sys.stdout.isatty()

    def __enter__(self) -> Passing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._write("")

    def show(self, line: str) -> None:
        """Show a line in the place of the one before."""
        width = shutil.get_terminal_size().columns - 1
        self._write(f"{self._before}{line}"[:width])

    def _write(self, line: str) -> None:
        if self._shown:
            sys.stdout.write(f"\r\x1b[K{line}")
            sys.stdout.flush()
