"""Raises an exception of the server's process again in the cell's process."""

from __future__ import annotations

import sysconfig
import traceback
from typing import Any, NoReturn

_STANDARD = sysconfig.get_path("stdlib")


class InServer(Exception):
    """An exception in the server's process; the text is its traceback there."""


def told(error: BaseException) -> dict[str, Any]:
    """Return the JSON values that `raise_again` needs."""
    return {
        "module": type(error).__module__,
        "name": type(error).__qualname__,
        "text": str(error),
        "notes": getattr(error, "__notes__", []),
        "file": _raised_in(error),
        "traceback": "".join(traceback.format_exception(error)),
    }


def raise_again(error: dict[str, Any]) -> NoReturn:
    """Raise an exception with the same name and text, from the same file.

    The file decides whether the exception is a harness fault or evidence.
    """
    stand_in = type(
        error["name"].rpartition(".")[2],
        (Exception,),
        {
            "__module__": error["module"],
            "__qualname__": error["name"],
            "__str__": lambda self: error["text"],
        },
    )()
    for note in error["notes"]:
        stand_in.add_note(note)
    code = compile("raise error from cause", error["file"], "exec")
    exec(code, {"error": stand_in, "cause": InServer(error["traceback"])})
    raise AssertionError("not reached")


def _raised_in(error: BaseException) -> str:
    """Return the file of the innermost code outside Python's standard library."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [file for file in files if not _is_standard(file)]
    return (own or files)[-1]


def _is_standard(file: str) -> bool:
    installed = "site-packages" in file or "dist-packages" in file
    return file.startswith("<") or (file.startswith(_STANDARD) and not installed)
