"""uv, which resolves, builds and installs releases; and the reason where it cannot."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from casebook.exit_codes import HarnessError
from casebook.installed import reason, uv_beside

PYPI = "https://pypi.org/simple"

KEPT = (
    "UV_CACHE_DIR",
    "UV_DEFAULT_INDEX",
    "UV_HTTP_TIMEOUT",
    "UV_OFFLINE",
    "UV_SYSTEM_CERTS",
)
"""What uv may learn from its environment variables; the others could change what is resolved."""

OUT_OF_REACH = (
    "network was disabled",
    "dns error",
    "Failed to fetch",
    "Could not connect",
    "Request failed after",
)
"""What uv says where the index cannot be reached (uv 0.13)."""


class UvFailed(Exception):
    """uv could not do what it was told; `said` is all that it printed, the text its reason."""

    def __init__(self, said: str) -> None:
        super().__init__(reason(said))
        self.said = said.strip()

    @property
    def out_of_reach(self) -> bool:
        """Whether the index could not be reached, so that trying again later may help."""
        return any(text in self.said for text in OUT_OF_REACH)


def run(*arguments: str, given: str = "", folder: Path | None = None, **told: str) -> str:
    """Run uv and return what it printed; `given` is its standard input.

    `told` are environment variables besides those of `variables`.

    Raises UvFailed where it failed, and HarnessError where there is no uv.
    """
    ended = subprocess.run(
        [_uv(), *arguments, "--no-config", "--color", "never"],
        input=given,
        cwd=folder,
        env=variables() | told,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if ended.returncode:
        raise UvFailed(ended.stderr + ended.stdout)
    return ended.stdout


def index_url() -> str:
    """Return the address of the package index: PyPI, or the mirror that uv or pip is told of."""
    told = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or PYPI
    return told.rstrip("/")


def _uv() -> str:
    found = os.environ.get("UV") or uv_beside()
    if not found:
        raise HarnessError("uv is not installed: install it, or name it by the variable UV")
    return found


def variables() -> dict[str, str]:
    """Return the environment variables that uv runs with: of its own, those in `KEPT` alone."""
    own = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or not name.startswith(("UV_", "PIP_", "PYTHON", "VIRTUAL_ENV"))
    }
    return {**own, "UV_DEFAULT_INDEX": index_url()}
