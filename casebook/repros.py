"""The runner of reproductions: each as somebody would run it who has but the script.

That is `uv run`, with the releases that the script names, or the interpreter of an installed
environment under test. A script on a database with a server finds one that is started for it.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import importlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from casebook import reproduction
from casebook.exit_codes import HarnessError
from casebook.installed import interpreter
from casebook.plan.investigation import Database
from casebook.record import NoServer, write_whole
from casebook.report import Finding, Report

TIME_LIMIT = 120
"""Seconds that one script may take, once what it needs is installed."""

INSTALLING = 600
"""Seconds that the first script of its releases may take."""

URL = "DATABASE_URL"
"""The environment variable in which a script looks for a database's server."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A script and the finding that it shows."""

    finding: Finding
    database: Database
    text: str


@dataclass(frozen=True, slots=True)
class Came:
    """What came of running a script: its exit code and what it printed."""

    finding: Finding
    code: int
    printed: str

    @property
    def agrees(self) -> bool:
        """Whether the script saw what its finding says."""
        return self.code == 0


def reproductions(
    root: Path, reports: Iterable[Report], wanted: Sequence[str] = ()
) -> tuple[Reproduction, ...]:
    """Return the scripts of all findings, or of those whose id one of these patterns matches."""
    own = ((report, reproduction.Reproductions(root, report)) for report in reports)
    return tuple(
        Reproduction(finding, report.investigation.database(finding.database), text)
        for report, scripts in own
        for finding in report.findings
        if not wanted or any(fnmatch.fnmatchcase(finding.id, one) for one in wanted)
        if (text := scripts.script(finding))
    )


def run_all(
    root: Path, scripts: Sequence[Reproduction], jobs: int, *, installed: bool = False
) -> Iterator[Came]:
    """Yield what came of each script as it ends, having run `jobs` at a time.

    With `installed` the environments under test run them, and nothing is installed. Raises
    HarnessError where uv, and EnvironmentMissing where an environment is not there.
    """
    groups: dict[str, list[Reproduction]] = {}
    for one in scripts:
        groups.setdefault(reproduction.metadata(one.text), []).append(one)
    came: queue.SimpleQueue[Came | BaseException] = queue.SimpleQueue()
    with (
        _servers(root, scripts) as urls,
        tempfile.TemporaryDirectory(prefix="casebook-repros-") as scratch,
        ThreadPoolExecutor(jobs) as pool,
    ):
        folder = Path(scratch) if installed else root / "build" / "repros"

        def run_group(group: list[Reproduction]) -> None:
            try:
                runner = _Runner(root, folder, urls, installed)
                for one in group:
                    came.put(runner.run(one))
            except BaseException as error:
                came.put(error)

        # The largest first, so that none is left to run alone at the end.
        tasks = [pool.submit(run_group, one) for one in sorted(groups.values(), key=len)[::-1]]
        try:
            for _ in scripts:
                found = came.get()
                if isinstance(found, BaseException):
                    raise found
                yield found
        finally:
            for task in tasks:
                task.cancel()


def summary(came: Sequence[Came]) -> str:
    """Return in a line how many scripts saw what their finding says."""
    agree = sum(one.agrees for one in came)
    return f"{agree} of {len(came)} reproductions saw what their finding says"


def readable(came: Came) -> str:
    """Return what a script printed that did not see what its finding says."""
    lines = [f"    {line}" for line in came.printed.splitlines()[-25:]]
    return "\n".join([f"{came.finding.id}: {came.finding.verdict}, exit code {came.code}", *lines])


# --- Running --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Runner:
    """Runs scripts that need the same releases, one after the other, from one place.

    uv 0.13.8 keeps an environment for each path of a script: so all of them lie at the same one.
    """

    root: Path
    folder: Path
    urls: Mapping[str, str]
    installed: bool
    _begun: set[Path] = field(default_factory=set)

    def run(self, one: Reproduction) -> Came:
        name = hashlib.sha256(reproduction.metadata(one.text).encode()).hexdigest()[:12]
        file = self.folder / name / "reproduction.py"
        write_whole(file, one.text)
        seconds = TIME_LIMIT if file in self._begun or self.installed else INSTALLING
        self._begun.add(file)
        kept = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
        kept |= {"UV_COMPILE_BYTECODE": "1"}
        kept.pop(URL, None)
        if one.database.id in self.urls:
            kept[URL] = self.urls[one.database.id]
        command = [*self._command(one), str(file)]
        process = subprocess.Popen(
            command,
            env=kept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            printed, _ = process.communicate()
            printed += f"\nit did not end in {seconds} s"
        return Came(one.finding, process.returncode, printed)

    def _command(self, one: Reproduction) -> list[str]:
        if self.installed:
            return [str(interpreter(self.root, one.finding.observed_in))]
        return [_uv(), "run", "--quiet", "--script"]


def _uv() -> str:
    own = shutil.which("uv", path=str(Path(sys.executable).parent))
    found = os.environ.get("UV") or own or shutil.which("uv")
    if not found:
        raise HarnessError(
            "uv is not installed: install it, or run with --installed what needs no installing"
        )
    return found


@contextlib.contextmanager
def _servers(root: Path, scripts: Iterable[Reproduction]) -> Iterator[dict[str, str]]:
    """Start the servers of the scripts' databases; yield the URL of each by its database's id.

    A server that cannot be had is left out: the scripts then say what they need.
    """
    databases = {one.database.id: one.database for one in scripts if one.database.server}
    with contextlib.ExitStack() as stack:
        urls = {}
        for database in databases.values():
            sys.path.insert(0, str(root))
            try:
                serve = importlib.import_module(database.server).serve
            finally:
                sys.path.remove(str(root))
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="casebook-"))
            try:
                address = stack.enter_context(serve(folder))
            except NoServer as error:
                print(f"{database.title}: {error}", file=sys.stderr)
            else:
                urls[database.id] = database.url.format(address=address)
        yield urls
