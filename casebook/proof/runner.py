"""Runs the reproductions as someone would who has only the script.

Each is run by `uv run`, with the releases that the script names, or by the interpreter of an
installed environment under test. If its database has a server, one is started for it.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import importlib
import os
import queue
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from casebook.exit_codes import HarnessError
from casebook.files import write_whole
from casebook.installed import interpreter, uv_beside
from casebook.judge.findings import Finding
from casebook.judge.report import Report
from casebook.plan.investigation import Database
from casebook.proof.scripts import Reproductions, metadata
from casebook.record import NoServer

TIME_LIMIT = 120
"""Seconds that one script may take once its requirements are installed."""

INSTALLING = 600
"""Seconds that the first script with given releases may take, since uv installs them."""

URL = "DATABASE_URL"
"""The environment variable in which a script looks for a database's server."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A script and the finding that it reproduces."""

    finding: Finding
    database: Database
    text: str


@dataclass(frozen=True, slots=True)
class Ran:
    """The result of running a script: its exit code and output."""

    finding: Finding
    code: int
    printed: str

    @property
    def agrees(self) -> bool:
        """Whether the script saw what the finding says."""
        return self.code == 0


def reproductions(
    root: Path, reports: Iterable[Report], wanted: Sequence[str] = ()
) -> tuple[Reproduction, ...]:
    """Return the scripts of all findings, or of those whose ids match one of these patterns."""
    own = ((report, Reproductions(root, report)) for report in reports)
    return tuple(
        Reproduction(finding, report.investigation.database(finding.database), text)
        for report, scripts in own
        for finding in report.findings
        if not wanted or any(fnmatch.fnmatchcase(finding.id, pattern) for pattern in wanted)
        if (text := scripts.script(finding))
    )


def run_all(
    root: Path, scripts: Sequence[Reproduction], jobs: int, *, installed: bool = False
) -> Iterator[Ran]:
    """Yield the result of each script as it ends, running `jobs` at a time.

    With `installed` the environments under test run the scripts, and nothing is installed. Raises
    HarnessError if uv, and EnvironmentMissing if an environment, is not installed.
    """
    groups: dict[str, list[Reproduction]] = {}
    for script in scripts:
        groups.setdefault(metadata(script.text), []).append(script)
    came: queue.SimpleQueue[Ran | BaseException] = queue.SimpleQueue()
    with (
        _servers(root, scripts) as urls,
        tempfile.TemporaryDirectory(prefix="casebook-repros-") as scratch,
        ThreadPoolExecutor(jobs) as pool,
    ):
        folder = Path(scratch) if installed else root / "build" / "repros"

        def run_group(group: list[Reproduction]) -> None:
            try:
                runner = _Runner(root, folder, urls, installed)
                for script in group:
                    came.put(runner.run(script))
            except BaseException as error:
                came.put(error)

        # The largest first, so that none is left to run alone at the end.
        tasks = [pool.submit(run_group, group) for group in sorted(groups.values(), key=len)[::-1]]
        try:
            for _ in scripts:
                found = came.get()
                if isinstance(found, BaseException):
                    raise found
                yield found
        finally:
            for task in tasks:
                task.cancel()


def summary_of(came: Sequence[Ran]) -> str:
    """Return a line that says how many scripts saw what their finding says."""
    agree = sum(ran.agrees for ran in came)
    return f"{agree} of {len(came)} reproductions saw what their finding says"


def readable(came: Ran) -> str:
    """Return the last output of a script that disagrees with its finding, below a heading."""
    lines = [f"    {line}" for line in came.printed.splitlines()[-25:]]
    return "\n".join([f"{came.finding.id}: {came.finding.verdict}, exit code {came.code}", *lines])


# --- Running --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Runner:
    """Runs scripts that need the same releases, one after the other, from the same path.

    uv 0.13.8 keeps one environment for each path of a script, so sharing the path shares it.
    """

    root: Path
    folder: Path
    urls: Mapping[str, str]
    installed: bool
    _begun: set[Path] = field(default_factory=set)

    def run(self, one: Reproduction) -> Ran:
        name = hashlib.sha256(metadata(one.text).encode()).hexdigest()[:12]
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
            printed += f"\nthe script did not end within {seconds} s"
        return Ran(one.finding, process.returncode, printed)

    def _command(self, one: Reproduction) -> list[str]:
        if self.installed:
            return [str(interpreter(self.root, one.finding.observed_in))]
        return [_uv(), "run", "--quiet", "--script"]


def _uv() -> str:
    found = os.environ.get("UV") or uv_beside()
    if not found:
        raise HarnessError(
            "uv is not installed; install it, or use the installed environments with --installed"
        )
    return found


@contextlib.contextmanager
def _servers(root: Path, scripts: Iterable[Reproduction]) -> Iterator[dict[str, str]]:
    """Start the servers of the scripts' databases; yield the URL of each by its database's id.

    A server that cannot be started is left out; the scripts then say what they need.
    """
    databases = {
        script.database.id: script.database for script in scripts if script.database.server
    }
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
