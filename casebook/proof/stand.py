"""The stand: runs cells in a changed copy of an environment, and hands over history by history.

Unlike the laboratory it can stop at any cell, and it writes no record.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from casebook.installed import engine_alone, interpreter
from casebook.observe.orders import Order, history
from casebook.observe.run import order_of
from casebook.observe.scratch import scratch_folder
from casebook.observe.setting import SettingRun
from casebook.plan.faults import Fault
from casebook.plan.investigation import Investigation, PlannedCell, Setting
from casebook.proof.laboratory import installed_file, like, put_in
from casebook.record import History


class Unimportable(Exception):
    """The environment's libraries cannot be imported; the text is the exact error."""


Observed = tuple[PlannedCell, History | None]
"""A cell and its history, or None where the harness failed in it."""


def observed(
    root: Path,
    investigation: Investigation,
    setting: Setting,
    cells: Sequence[PlannedCell],
    *,
    change: Fault | None = None,
    started: str = "",
    run: int = 1,
) -> Generator[Observed]:
    """Yield the cells in this order as soon as they ran, in a project like that at `root`.

    `change` is put into a copy of the environment; `started` is Python that each process runs
    first; `run` is the number of the run, which is the hash seed. Closing the generator ends what
    runs. Raises Unimportable where the libraries cannot be imported, CalledProcessError if the
    harness failed as a whole.
    """
    package = investigation.experiments.partition(".")[0]
    python = interpreter(root, setting.environment).absolute()
    with tempfile.TemporaryDirectory(prefix="casebook-stand-") as name, scratch_folder() as scratch:
        folder = Path(name).resolve()
        project = folder / "project"
        project.mkdir()
        for linked in ("conf", package):
            (project / linked).symlink_to(root.resolve() / linked)
        if started:
            (project / "sitecustomize.py").write_text(started, encoding="utf-8")
        if change:
            original, copy = python.parent.parent, folder / "environment"
            put_in(change, like(original, copy, installed_file(original, change.file)))
            python = copy / "bin" / python.name
        environment = investigation.environment(setting.environment)
        where = SettingRun(project, investigation, environment, setting.database)
        order = order_of(where, cells, scratch, "", warm=True)
        try:
            yield from _ran(cells, _answers(project, python, folder, order, run))
        except _Cold:
            colder = replace(order, warm=False)
            yield from _ran(cells, _answers(project, python, folder, colder, run))


class _Cold(subprocess.CalledProcessError):
    """A warm parent ended before any cell ran: start again without warming."""


def _ran(cells: Sequence[PlannedCell], answers: Generator[dict[str, Any]]) -> Iterator[Observed]:
    """Yield each cell that answers; raise CalledProcessError if one does not."""
    left = {(cell.pattern, cell.experiment): cell for cell in cells}
    with contextlib.closing(answers):
        for answer in answers:
            cell = left.pop((answer["pattern"], answer["experiment"]))
            yield cell, None if "fault" in answer else history(answer)
    if left:
        said = "the warm parent ended before its last cell"
        raise subprocess.CalledProcessError(1, "casebook.proof.streamed", stderr=said)


def _answers(
    project: Path, python: Path, folder: Path, order: Order, run: int
) -> Generator[dict[str, Any]]:
    """Yield each answer of a cell."""
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    file, said = folder / "order.json", folder / "said.txt"
    file.write_text(json.dumps(asdict(order)), encoding="utf-8")
    command = [str(python), "-m", "casebook.proof.streamed", str(file), str(run)]
    with said.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=project,
            env={**variables, "PYTHONPATH": str(engine_alone(project))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            if "unavailable" in told:
                raise Unimportable(told["unavailable"])
            if "cold" in told:
                raise _Cold(1, command, stderr=told["cold"])
            if "pattern" not in told:
                raise subprocess.CalledProcessError(1, command, stderr=told["fault"])
            yield told
        if process.wait():
            text = said.read_text(encoding="utf-8", errors="replace")
            raise subprocess.CalledProcessError(process.returncode, command, stderr=text)
    finally:
        process.terminate()
        if process.stdout:
            process.stdout.close()  # before waiting: it may be writing, and nobody reads
        process.wait()
