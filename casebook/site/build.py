"""The site: the pages of all reports and what Sphinx makes of them, in `build/`."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from casebook.exit_codes import HarnessError
from casebook.files import write_whole
from casebook.judge.report import Report
from casebook.plan.mistakes import PlanError
from casebook.plan.site import read_site
from casebook.site import pages, prose, verdicts
from casebook.site.mistakes import in_sources
from casebook.site.verdicts import published_verdicts

BUILD = "build"
"""The folder of everything that is made and not committed, relative to the project."""

INDEX = f"{BUILD}/html/index.html"

ANEW = f"{BUILD}/edition"
"""The folder of a build with nothing remembered, which is published."""

MADE = f"{BUILD}/made.json"
"""What the site in `build/html` was made from, and of how many files it is."""

SPHINX_OWN = (
    ".buildinfo",
    "404.html",
    "genindex.html",
    "objects.inv",
    "search.html",
    "searchindex.js",
    "sitemap.xml",
)
"""What Sphinx makes at the site's root of no source, besides folders that begin with `_`."""

GIVEN = "CASEBOOK_SITE_URL"
"""The variable that gives the site another address than `conf/` does."""


class SiteError(HarnessError):
    """A sentence contradicts its finding, or Sphinx did not build the site without a warning."""


def site_url(root: Path) -> str:
    """Return what links in citations begin with: `CASEBOOK_SITE_URL`, else what `conf/` says.

    Raises PlanError where neither is a web address.
    """
    given = os.environ.get(GIVEN)
    if not given:
        return read_site(root).url
    if not given.startswith(("https://", "http://")):
        fix = "write the address at which the site is published"
        raise PlanError(GIVEN, "variable", "it is no web address", fix)
    return given


def site_title(root: Path) -> str:
    """Return what the site is called; raise PlanError where `conf/site.toml` is wrong."""
    return read_site(root).title


def write_pages(root: Path, reports: Sequence[Report], folder: str = BUILD) -> int:
    """Write the pages' sources and `verdicts.json` with its schema; return how many changed.

    Raises SiteError, when they are written, for sentences that their findings contradict.
    """
    address = site_url(root)
    published = published_verdicts(reports, address)
    extra = {
        "verdicts.json": verdicts.dump_published(published),
        "verdicts.schema.json": verdicts.schemas()["conf/schemas/verdicts.json"],
    }
    try:
        changed = pages.render(
            root,
            reports,
            root / folder,
            extra,
            address,
            title=site_title(root),
            published=folder == ANEW,
        )
    except prose.Contradiction as error:
        raise SiteError(str(error)) from error
    _remove_what_is_no_more(root / folder)
    return changed


def is_made(root: Path, reports: Sequence[Report]) -> bool:
    """Return whether the site is what these reports make, whole and made with the same tools.

    A report's digest is of all that its pages are made from, the tools' lock included.
    """
    try:
        made = json.loads((root / MADE).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(made == _made(root, reports)) and made["files"] > 0


def note_made(root: Path, reports: Sequence[Report]) -> None:
    """Note that the site is what these reports make."""
    write_whole(root / MADE, json.dumps(_made(root, reports)) + "\n")


def _made(root: Path, reports: Sequence[Report]) -> dict[str, object]:
    files = [path for path in (root / BUILD / "html").rglob("*") if path.is_file()]
    newest = max((path.stat().st_mtime_ns for path in files), default=0)
    return {
        "digests": [report.digest for report in reports],
        "python": sys.version,
        "files": len(files),
        "newest": newest,
    }


def build(root: Path, folder: str = BUILD) -> Path:
    """Build the site from the pages' sources, return its folder; raise SiteError on a warning.

    What Sphinx remembers is forgotten after a warning: it would not warn of the same file again.
    """
    command = _sphinx("sphinx", root, "-n", "-W", "--keep-going", "-q", folder=folder)
    process = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace")
    print(in_sources(root, process.stderr), end="", file=sys.stderr, flush=True)
    if process.returncode:
        shutil.rmtree(root / folder / "doctrees", ignore_errors=True)
        raise SiteError("Sphinx failed or warned: see above")
    return root / folder / "html"


def _remove_what_is_no_more(build: Path) -> None:
    """Remove what an earlier build made of sources that are gone: Sphinx leaves it there."""
    html = build / "html"
    for path in sorted(html.rglob("*"), reverse=True):
        name = path.relative_to(html)
        if name.parts[0].startswith("_") or name.as_posix() in SPHINX_OWN:
            continue
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not any(source.exists() for source in _sources(build / "docs", name)):
            path.unlink()


def _sources(docs: Path, name: Path) -> Iterator[Path]:
    """Yield the files of which one is what a file of the site is made from."""
    yield docs / pages.EXTRA / name
    if name.suffix == ".html":
        yield docs / name.with_suffix(".md")


def build_anew(root: Path, reports: Sequence[Report]) -> Path:
    """Build the site with nothing remembered, and return its folder.

    What Sphinx builds again may differ in bytes from what it builds first, such as the checksums
    with which pages name their styles. Raises SiteError as `write_pages` and `build` do.
    """
    shutil.rmtree(root / ANEW, ignore_errors=True)
    write_pages(root, reports, ANEW)
    folder = build(root, ANEW)
    (folder / ".buildinfo").unlink()  # it tells the next build where the engine is, and no reader
    return folder


def serve(root: Path, port: int) -> int:
    """Show the site on this machine alone, built again when a file changes, until stopped.

    Raises SiteError where nothing is installed that could watch the files.
    """
    if find_spec("sphinx_autobuild") is None:
        raise SiteError("sphinx-autobuild is not installed here: run `nox -s serve`, which has it")
    again = f"{shlex.quote(sys.executable)} -m casebook pages --calm"
    own = (root / name for name in ("conf", "docs", "casebook", "experiments"))
    watched = [folder for folder in own if folder.is_dir()]  # the engine may be installed instead
    command = _sphinx("sphinx_autobuild", root, "--host", "127.0.0.1", "--port", str(port))
    command += ["--pre-build", again, "--ignore", str(root / BUILD / "docs" / "**")]
    command += [part for folder in watched for part in ("--watch", str(folder))]
    return subprocess.run(command, cwd=root).returncode


def _sphinx(module: str, root: Path, *options: str, folder: str = BUILD) -> list[str]:
    build = root / folder
    folders = ["-c", root / "docs", "-d", build / "doctrees", build / "docs", build / "html"]
    return [sys.executable, "-m", module, *options, *map(str, folders)]
