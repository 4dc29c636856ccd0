"""A package index of our own, with releases of a small library, and checkouts of it."""

import hashlib
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.casebook.builders import append
from tests.casebook.releases.wheels import wheel
from tests.conftest import Project

LIBRARY = "def first():\n    return {first}\n"

BROKEN = "raise ImportError('no tally today')\n"

RELEASES = {
    "0.9": (LIBRARY.format(first=1), {"needs": "nothing-like-this"}),
    "1.0": (LIBRARY.format(first=1), {}),
    "1.1": (LIBRARY.format(first=1), {}),
    "1.2": (BROKEN, {"uploaded": "2026-01-10"}),
    "1.3": (LIBRARY.format(first=2), {"uploaded": "2026-01-20"}),
    "1.4": (LIBRARY.format(first=2), {"uploaded": "2026-01-20", "yanked": "counts wrongly"}),
    "1.5": (LIBRARY.format(first=2), {"uploaded": "2026-01-20"}),
    "1.6": (LIBRARY.format(first=2), {"python": ">=4"}),
    "2.0rc1": (LIBRARY.format(first=3), {}),
}
"""Releases of `tally`: from 1.3 on it counts from 2, 1.2 cannot be imported, 0.9 not resolved."""


FORMER = {"0.5": 2, "0.7": 1, "1.0": 1}
"""Releases of `counting`, as `tally` was called before, and from where each counts."""

FORMER_AXIS = """
[[axis]]
package = "tally"
from = "dictionary"
releases = ["0.7", "1.0", "1.5"]

[[axis.former]]
package = "counting"
releases = ["0.7"]
imports = ["counting"]

[[axis.with]]
releases = ["0.7"]
install = ["paper"]
why = "counting writes on paper"
"""
"""An axis over `tally`, whose oldest releases were published as `counting`."""


def add_former_axis(project: Project) -> None:
    """Declare the axis over both names, and let the pattern count with what is installed."""
    append(project, "conf/tiny.toml", FORMER_AXIS)
    for id in ("dictionary-at-counting-0.7", "dictionary-at-tally-1.0"):
        project.write(f"conf/requirements/tiny/{id}.unresolved", "never asked\n")
    project.replace(
        "experiments/tiny/backends/dictionary.py",
        "    from tally import first\n",
        "    try:\n        from tally import first\n"
        "    except ImportError:\n        from counting import first\n",
    )


def use_tally(project: Project) -> None:
    """Let a pattern of the miniature count from where `tally` says, and lock its release 1.5."""
    project.replace(
        "conf/tiny.toml",
        'backend = "dictionary"\ninstall = []\nimports = ["json"]',
        'backend = "dictionary"\ninstall = ["tally"]\nimports = ["tally"]',
    )
    project.write("conf/requirements/tiny/dictionary.txt", "tally==1.5\n")
    project.replace(
        "experiments/tiny/backends/dictionary.py",
        "def counts_by_name() -> Count:\n    return Counts().next\n",
        "def counts_by_name() -> Count:\n"
        "    from tally import first\n\n"
        "    counts = Counts()\n"
        "    return lambda conversation: counts.next(conversation) + first() - 1\n",
    )


BACKEND = """
import pathlib
from tests.casebook.releases.wheels import wheel


def build_wheel(folder, config_settings=None, metadata_directory=None):
    code = pathlib.Path("tally/__init__.py").read_text()
    if "does not build" in code:
        raise RuntimeError("this tree does not build")
    return wheel(pathlib.Path(folder), "tally", "1.5", code).name


def build_editable(folder, config_settings=None, metadata_directory=None):
    return build_wheel(folder)
"""
"""A build backend in the tree, which needs nothing from an index."""


def checkout(folder: Path, code: str) -> Path:
    """Write the sources of `tally` 1.5 with this code, in Git, and return their folder."""
    (folder / "tally").mkdir(parents=True)
    (folder / "tally" / "__init__.py").write_text(code)
    here = Path(__file__).resolve().parents[3]
    (folder / "backend.py").write_text(f"import sys\nsys.path.insert(0, {str(here)!r})\n{BACKEND}")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "tally"\nversion = "1.5"\n'
    )
    (folder / ".gitignore").write_text("__pycache__\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Count")
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True)


@contextmanager
def index(folder: Path) -> Iterator[str]:
    """Serve an index that holds the releases of `tally`, and yield its address."""
    for release, (code, about) in RELEASES.items():
        wheel(folder, "tally", release, code, needs=about.get("needs", ""))
    for release, first in FORMER.items():
        wheel(folder, "counting", release, LIBRARY.format(first=first))
    wheel(folder, "paper", "1.0", "")
    wheel(folder, "abacus", "1.0", "", needs="tally>=1.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            part = self.path.strip("/").split("/")
            if part[0] == "simple" and part[-1] in ("tally", "counting", "paper", "abacus"):
                listed = json.dumps(listing(part[-1])).encode()
                self.answer(listed, "application/vnd.pypi.simple.v1+json")
            elif part[0] == "files" and (folder / part[-1]).is_file():
                self.answer((folder / part[-1]).read_bytes(), "application/octet-stream")
            elif part == ["simple", "page"]:
                self.answer(b"<html></html>", "text/html")
            else:
                self.send_error(404)

        do_HEAD = do_GET

        def answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *told: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"

    def listing(package: str) -> dict[str, object]:
        files = []
        for file in sorted(folder.glob(f"{package}-*.whl")):
            release = file.name.split("-")[1]
            about = RELEASES[release][1] if package == "tally" else {}
            files.append(
                {
                    "filename": file.name,
                    "url": f"{address}/files/{file.name}",
                    "hashes": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
                    "requires-python": about.get("python"),
                    "yanked": about.get("yanked", False),
                    "upload-time": f"{about.get('uploaded', '2026-01-02')}T03:04:05.000000Z",
                }
            )
        return {"meta": {"api-version": "1.1"}, "name": package, "files": files}

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{address}/simple"
    finally:
        server.shutdown()
        server.server_close()
