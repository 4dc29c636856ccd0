"""Shows one cell: its history, and what each claim that reads it says of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from casebook.claim import Claim
from casebook.installed import engine_alone, interpreter
from casebook.observe.run import readable
from casebook.plan.claims import concerns, read_claims
from casebook.plan.investigation import Investigation
from casebook.record import History
from casebook.stored import StoredHistory


class NotRun(Exception):
    """The cell did not run; what ran it has said why, and ended with this `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


def shown(
    root: Path, investigation: Investigation, where: tuple[str, str], pattern: str, experiment: str
) -> Iterator[str]:
    """Yield the lines of a cell's history, then a line for each claim that is judged by it.

    `where` is an environment and a database. Of a claim with a baseline, that cell runs, too.
    Raises NotRun where a cell could not be run.
    """
    history = observed(root, where, pattern, experiment)
    yield from readable(history)
    asked = investigation.pattern(pattern)
    claims = [
        claim
        for claim in read_claims(root, investigation)
        if experiment in claim.experiments and concerns(claim, asked)
    ]
    baselines: dict[str, History] = {}
    for claim in claims:
        if claim.baseline and claim.baseline not in baselines:
            baselines[claim.baseline] = observed(root, where, claim.baseline, experiment)
    width = max((len(claim.id) for claim in claims), default=0)
    yield ""
    for claim in claims:
        baseline = (baselines[claim.baseline],) if claim.baseline else ()
        yield f"{claim.id:<{width}}  {_said(claim, history, *baseline)}"
    if not claims:
        yield "no claim judges this cell by itself"


def _said(claim: Claim, *histories: History) -> str:
    """Return what a report says: a cell that ended early supports nothing, and is no baseline."""
    verdict = claim.check(*histories)
    for history in histories[0 if verdict.verdict == "supported" else 1 :]:
        if history.outcome != "completed":
            return f"inconclusive: the experiment did not run to its end: {history.outcome}"
    return f"{verdict.verdict}: {verdict.reason}"


def observed(root: Path, where: tuple[str, str], pattern: str, experiment: str) -> History:
    """Return the history of a cell, run once in its environment; what else it said is printed."""
    environment, database = where
    python = str(interpreter(root, environment))
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "history.json"
        command = [python, "-m", "casebook", "--root", str(root), "run", environment]
        command += ["--database", database, "--once", pattern, experiment, "--kept", str(kept)]
        alone = os.environ | {"PYTHONPATH": str(engine_alone(root))}
        code = subprocess.run(command, cwd=root, env=alone).returncode
        if code:
            raise NotRun(code)
        return msgspec.json.decode(kept.read_bytes(), type=StoredHistory).history
