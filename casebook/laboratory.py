"""The laboratory: an environment that looks like another one but for one fault, and what it shows.

Nothing of the original is changed or copied but the file that is broken: the rest are links.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath

from casebook import judge, results
from casebook.exit_codes import HarnessError
from casebook.installed import EnvironmentMissing, interpreter
from casebook.outcomes import Came, Outcome, Turned, findings_where
from casebook.plan.cells import planned_cells, read_experiments
from casebook.plan.faults import Fault, cells_of_fault, kept
from casebook.plan.investigation import PlannedCell
from casebook.record import Record, clean
from casebook.report import Finding, Report, main_releases
from casebook.results import Key
from casebook.text import one_line

ENGINE = Path(__file__).resolve().parent.parent
"""The folder of the engine's package."""


class CannotBePutIn(Exception):
    """The fault's text does not stand once in its file; the message says so."""


class CannotBeObserved(Exception):
    """What an observation needs cannot be had here and now; the message says what."""


def try_all(
    root: Path, report: Report, chosen: Iterable[Fault], at_once: int
) -> Iterator[tuple[Fault, Outcome]]:
    """Yield each fault with what came of it, in order, having tried `at_once` of them at a time.

    `report` holds the findings as they are without a fault.
    """
    chosen = tuple(chosen)
    with ThreadPoolExecutor(at_once) as pool:
        yield from zip(
            chosen, pool.map(lambda one: try_one(root, report, one), chosen), strict=True
        )


def try_one(root: Path, report: Report, fault: Fault) -> Outcome:
    """Return what came of one fault: how the findings that it names came out before and after."""
    investigation, claims = report.investigation, report.claims
    before = report.record(fault.environment, fault.database)
    outcome = Outcome(fault.id, fault.digest, main_releases(investigation, before), "")
    cells = cells_of_fault(planned_cells(root, investigation), investigation, claims, fault)
    try:
        records = _observe(root.resolve(), report, fault, cells)
    except (CannotBePutIn, EnvironmentMissing) as error:
        return replace(outcome, problem=f"cannot be put in: {error}")
    except CannotBeObserved as error:
        return replace(outcome, problem=f"cannot be observed: {error}")
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return replace(outcome, problem=f"cannot be observed: {one_line(clean(last), 300)}")
    narrowed = replace(
        investigation,
        environments=(investigation.environment(fault.environment),),
        databases=(fault.database,),
    )
    experiments = read_experiments(root, investigation)
    broken = judge.judge(narrowed, claims, cells, records, experiments=experiments)
    was, now = findings_where(report, fault), findings_where(broken, fault)

    def turned(claim: str, pattern: str, phrase: str | None) -> Turned:
        first, then = was[claim, pattern], now[claim, pattern]
        if phrase is None:
            held = first.verdict == then.verdict
        else:
            held = first.verdict == "supported" and then.verdict == "refuted"
            held = held and phrase in then.reason
        return Turned(claim, pattern, _came(first), _came(then), held)

    return replace(
        outcome,
        turns=tuple(turned(one.claim, one.pattern, one.phrase) for one in fault.turns),
        keeps=tuple(
            turned(one.claim, one.pattern, None) for one in kept(fault, investigation, claims)
        ),
    )


def _came(finding: Finding) -> Came:
    return Came(finding.verdict, finding.reason)


# --- Breaking and observing -----------------------------------------------------------------------


def _observe(
    root: Path, report: Report, fault: Fault, cells: Iterable[PlannedCell]
) -> dict[Key, Record]:
    """Return the records of these cells in a project and an environment with the fault.

    Raises CannotBePutIn, EnvironmentMissing, CannotBeObserved, and where the harness failed
    CalledProcessError or HarnessError.
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
            _put_in(fault, _like(root / package, project / package, inside))
        else:
            (project / package).symlink_to(root / package)
        environments = sorted({cell.environment for cell in cells})
        for number, environment in enumerate(environments):
            python = interpreter(root, environment).absolute()
            if not in_project:
                original, copy = python.parent.parent, folder / f"environment-{number}"
                _put_in(fault, _like(original, copy, _installed(original, path)))
                python = copy / "bin" / python.name
            named = [
                f"{cell.pattern}/{cell.experiment}"
                for cell in cells
                if cell.environment == environment
            ]
            _run(project, python, investigation.id, environment, fault.database, named)
        for run in results.read_runs(project, investigation).values():
            if run.status == "not-rerun":
                raise CannotBeObserved(run.reason)
        records, problems = results.read_results(project, investigation)
        if problems:
            raise HarnessError(f"{fault.id}: {problems[0].file}: {problems[0].rule}")
        return records


def _installed(environment: Path, file: PurePosixPath) -> PurePosixPath:
    """Return where a file of the installed packages is, relative to the environment."""
    for packages in environment.glob("lib/python3*/site-packages"):
        if (packages / file).is_file():
            return PurePosixPath((packages / file).relative_to(environment).as_posix())
    raise CannotBePutIn(f"there is no {file} in the installed packages")


def _like(original: Path, copy: Path, changed: PurePosixPath) -> Path:
    """Make a folder like the original and return its own copy of the file `changed`.

    Only the folders on the way to it are its own, with links to all else: what is written beside
    the file stays out of the original, and what was compiled of it is left behind.
    """
    copy.mkdir()
    first, *rest = changed.parts
    for entry in original.iterdir():
        if entry.name == first and rest:
            _like(entry, copy / first, PurePosixPath(*rest))
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
        raise CannotBePutIn(f"there is no {changed}")
    return copy.joinpath(*changed.parts)


def _put_in(fault: Fault, path: Path) -> None:
    """Replace the fault's text in a file; raise CannotBePutIn where it does not stand once."""
    text = path.read_text(encoding="utf-8")
    times = text.count(fault.old)
    if times != 1:
        first = one_line(fault.old, 60)
        raise CannotBePutIn(f"{first!r} stands {times} times in {fault.file}, not once")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")


def _run(
    project: Path,
    python: Path,
    investigation: str,
    environment: str,
    database: str,
    cells: list[str],
) -> None:
    """Run and record these cells; raise CalledProcessError where the harness failed."""
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    place = [investigation, environment, "--database", database, "--root", str(project)]
    subprocess.run(
        [str(python), "-m", "casebook.run", *place, "--cells", *cells],
        cwd=project,
        env={**variables, "PYTHONPATH": str(ENGINE)},
        check=True,
        capture_output=True,
        text=True,
    )
