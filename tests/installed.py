"""The engine as somebody has it who installed it: a wheel, and an empty folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import CASEBOOK

UV = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv") or "uv"


class Installed:
    """An empty folder, and an environment that holds the engine's wheel and what that needs."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "an empty folder"
        self.folder.mkdir()
        self.bin = place / "venv" / "bin"
        self.call(UV, "build", "--wheel", "--out-dir", str(place), str(CASEBOOK))
        (wheel,) = place.glob("*.whl")
        self.call(UV, "venv", "--python", sys.executable, str(place / "venv"))
        locked = CASEBOOK / "conf" / "requirements" / "tests.txt"
        into = ("--python", str(self.bin / "python"), "--constraint", str(locked))
        self.call(UV, "pip", "install", *into, str(wheel))

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("CASEBOOK")}
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**kept, "PATH": path, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done
