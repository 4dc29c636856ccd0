"""The laboratory: tries a fault in a copy of an environment, and judges the histories.

Only the broken file is copied; the rest of the copy are links, and the original never changes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath

from casebook.exit_codes import HarnessError
from casebook.installed import EnvironmentMissing, engine_alone, interpreter
from casebook.judge import judge, results
from casebook.judge.findings import Finding
from casebook.judge.report import Report, main_releases
from casebook.plan.cells import planned_cells, read_experiments
from casebook.plan.faults import Fault, cells_of_fault, kept
from casebook.plan.investigation import PlannedCell, Setting
from casebook.proof.outcomes import FaultOutcome, FindingState, VerdictChange, findings_where
from casebook.record import clean
from casebook.text import one_line


class CannotBePutIn(Exception):
    """The fault's file does not exist, or does not hold the fault's text exactly once."""


class CannotBeObserved(Exception):
    """Something that the observation needs is not available now; the message says what."""


def try_all(
    root: Path, report: Report, chosen: Iterable[Fault], at_once: int
) -> Iterator[tuple[Fault, FaultOutcome]]:
    """Yield each fault with its outcome, in order, trying `at_once` of them at a time.

    `report` holds the findings without a fault.
    """
    chosen = tuple(chosen)
    with ThreadPoolExecutor(at_once) as pool:
        yield from zip(
            chosen, pool.map(lambda fault: try_one(root, report, fault), chosen), strict=True
        )


def try_one(root: Path, report: Report, fault: Fault) -> FaultOutcome:
    """Return the outcome of one fault: the findings that it names, before and after."""
    investigation, claims = report.investigation, report.claims
    before = report.record(Setting(fault.environment, fault.database))
    installed = before.releases if before else {}
    outcome = FaultOutcome(fault.id, fault.digest, main_releases(investigation, installed), "")
    cells = cells_of_fault(planned_cells(root, investigation), investigation, claims, fault)
    try:
        seen = _observe(root.resolve(), report, fault, cells)
    except (CannotBePutIn, EnvironmentMissing) as error:
        return replace(outcome, problem=f"cannot be put in: {error}")
    except CannotBeObserved as error:
        return replace(outcome, problem=f"cannot be observed: {error}")
    except subprocess.CalledProcessError as error:
        return replace(outcome, problem=f"cannot be observed: {last_words(error)}")
    narrowed = replace(
        investigation,
        environments=(investigation.environment(fault.environment),),
        databases=(fault.database,),
    )
    experiments = read_experiments(root, investigation)
    broken = judge.judge(narrowed, claims, cells, seen, experiments=experiments)
    was, now = findings_where(report, fault), findings_where(broken, fault)

    def turned(claim: str, pattern: str, phrase: str | None) -> VerdictChange:
        first, then = was[claim, pattern], now[claim, pattern]
        if phrase is None:
            held = first.verdict == then.verdict
        else:
            held = first.verdict == "supported" and then.verdict == "refuted"
            held = held and phrase in then.reason
        return VerdictChange(claim, pattern, _came(first), _came(then), held)

    return replace(
        outcome,
        turns=tuple(turned(turn.claim, turn.pattern, turn.phrase) for turn in fault.turns),
        keeps=tuple(
            turned(keep.claim, keep.pattern, None) for keep in kept(fault, investigation, claims)
        ),
    )


def last_words(error: subprocess.CalledProcessError) -> str:
    """Return the last line that a failed run printed, without what is the machine's."""
    last = (error.stderr.strip().splitlines() or ["it said nothing"])[-1]
    return one_line(clean(last), 300)


def _came(finding: Finding) -> FindingState:
    return FindingState(finding.verdict, finding.reason)


# --- Breaking and observing -----------------------------------------------------------------------


def _observe(
    root: Path, report: Report, fault: Fault, cells: Iterable[PlannedCell]
) -> results.Results:
    """Return the results of these cells, run in a copy of the project that holds the fault.

    Raises CannotBePutIn, EnvironmentMissing, CannotBeObserved, and CalledProcessError or
    HarnessError if the harness failed.
    """
    investigation = report.investigation
    package = investigation.experiments.partition(".")[0]
    path = PurePosixPath(fault.file)
    in_project = path.parts[0] == package
    with tempfile.TemporaryDirectory(prefix="casebook-fault-") as name:
        folder = Path(name).resolve()
        project = folder / "project"
        project.mkdir()
        (project / "conf").symlink_to(root / "conf")
        if in_project:
            inside = PurePosixPath(*path.parts[1:])
            put_in(fault, like(root / package, project / package, inside))
        else:
            (project / package).symlink_to(root / package)
        environments = sorted({cell.environment for cell in cells})
        for number, environment in enumerate(environments):
            python = interpreter(root, environment).absolute()
            if not in_project:
                original, copy = python.parent.parent, folder / f"environment-{number}"
                put_in(fault, like(original, copy, installed_file(original, fault.file)))
                python = copy / "bin" / python.name
            named = [
                f"{cell.pattern}/{cell.experiment}"
                for cell in cells
                if cell.environment == environment
            ]
            _run(project, python, environment, fault.database, named)
        for run in results.read_runs(project, investigation).values():
            if run.status == "not-rerun":
                raise CannotBeObserved(run.reason)
        found = results.read_results(project, investigation)
        for problem in found.problems:
            raise HarnessError(f"{fault.id}: {problem.file}: {problem.rule}")
        return found


def installed_file(environment: Path, file: str) -> PurePosixPath:
    """Return the path of a file of the installed packages, relative to the environment.

    Raises CannotBePutIn where there is none.
    """
    for packages in environment.glob("lib/python3*/site-packages"):
        if (packages / file).is_file():
            return PurePosixPath((packages / file).relative_to(environment).as_posix())
    raise CannotBePutIn(f"{file} does not exist in the installed packages")


def like(original: Path, copy: Path, changed: PurePosixPath) -> Path:
    """Make a folder like the original and return its own copy of the file `changed`.

    Only that file and the folders above it are new; everything else is a link. So files written
    beside it stay out of the original, and its compiled versions are left out of the copy.
    """
    copy.mkdir()
    first, *rest = changed.parts
    for entry in original.iterdir():
        if entry.name == first and rest:
            like(entry, copy / first, PurePosixPath(*rest))
        elif entry.name == first:
            (copy / first).write_bytes(entry.read_bytes())
        elif entry.name == "__pycache__" and not rest:
            (copy / entry.name).mkdir()
            for compiled in entry.iterdir():
                if compiled.name.partition(".")[0] != changed.stem:
                    (copy / entry.name / compiled.name).symlink_to(compiled)
        else:
            (copy / entry.name).symlink_to(entry)
    if not (copy / first).exists():
        raise CannotBePutIn(f"{changed} does not exist")
    return copy.joinpath(*changed.parts)


def put_in(fault: Fault, path: Path) -> None:
    """Replace the fault's text in a file; raise CannotBePutIn unless it occurs exactly once."""
    text = path.read_text(encoding="utf-8")
    times = text.count(fault.old)
    if times != 1:
        first = one_line(fault.old, 60)
        raise CannotBePutIn(f"{first!r} occurs {times} times in {fault.file}, not once")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")


def _run(
    project: Path,
    python: Path,
    environment: str,
    database: str,
    cells: list[str],
) -> None:
    """Run and record these cells; raise CalledProcessError if the harness failed."""
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    where = [environment, "--database", database]
    subprocess.run(
        [str(python), "-m", "casebook", "--root", str(project), "run", *where, "--cells", *cells],
        cwd=project,
        env={**variables, "PYTHONPATH": str(engine_alone(project))},
        check=True,
        capture_output=True,
        text=True,
    )
