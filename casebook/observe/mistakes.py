"""What the author of an investigation got wrong, told apart from what a library does.

    python -m casebook.observe.mistakes ROOT MODULE

imports a module inside the environment under test, and answers with the place at which that fails
if it is the project's own. Uses the standard library alone.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from casebook import ENGINE
from casebook.observe.cell import is_installed, is_standard
from casebook.observe.observed import Observed
from casebook.observe.orders import HarnessFault
from casebook.observe.setting import SettingRun, releases
from casebook.plan.investigation import PlannedCell
from casebook.plan.mistakes import one_of
from casebook.record import clean
from casebook.text import counted


def is_told_apart(setting: SettingRun) -> bool:
    """Return whether what cannot be imported in a setting is a mistake, and not what is asked.

    Other releases may lack what is imported: those of an axis, of an environment that differs from
    another, and of a candidate, of which only some cells run.
    """
    environment = setting.environment
    return setting.only is None and not environment.axis and not environment.differs_from


def check_imports(setting: SettingRun, reason: str) -> None:
    """Raise HarnessFault where the environment holds no module of a name that its row imports."""
    if not is_told_apart(setting):
        return
    for module in setting.environment.imports:
        if reason == f"ModuleNotFoundError: No module named '{module.partition('.')[0]}'":
            raise HarnessFault(
                f"{setting.investigation.file}: environment '{setting.environment.id}'.imports: "
                f"its lock installs no module {module!r}; fix the name, or `install` "
                f"({one_of(module, releases())})"
            )


def check_backends(setting: SettingRun, planned: Iterable[PlannedCell], observed: Observed) -> None:
    """Raise HarnessFault where a backend's module itself ends the import of it.

    Each of its patterns would be said to raise, and so it would be said of the library.
    """
    if not is_told_apart(setting):
        return
    investigation = setting.investigation
    raised = {cell.pattern for cell in planned if _raised_at_once(cell, observed)}
    backends = {investigation.pattern(pattern).backend for pattern in raised}
    for backend in (one for one in investigation.backends if one.id in backends):
        if said := _imported_apart(setting.root, backend.patterns):
            own = backend.id == setting.environment.backend
            fix = (
                "mend it or, to observe that this fails, import inside the patterns' functions"
                if own
                else "controls run in every environment: keep those that import no library in the "
                "module of a [[backend]] of their own, which needs no environment"
            )
            raise HarnessFault(f"{said}; {fix}")


_IN_THREAD = re.compile(
    r"^Exception in thread [^\n]*\n(Traceback[^\n]*\n(?: [^\n]*\n)+[^\n]+)", re.MULTILINE
)


def ended_threads(setting: SettingRun, log: Path) -> list[str]:
    """Return in a line each what an experiment's own code raised in a thread, by a run's log.

    Such an exception ends the thread and not the cell, so the history does not tell of it.
    """
    modules = [backend.patterns.replace(".", os.sep) for backend in setting.investigation.backends]
    evidence = tuple(str(setting.root / module) for module in modules)
    said: Counter[str] = Counter()
    for fault in _IN_THREAD.findall(log.read_text(encoding="utf-8", errors="replace")):
        places = re.findall(r'File "([^"]+)", line', fault)
        innermost = next((file for file in reversed(places) if not is_standard(file)), "")
        if _is_own(innermost, setting.root) and not innermost.startswith(evidence):
            said[briefly(setting.root, fault)] += 1
    return [
        f"{setting.environment.id}: {one}, {counted(times, 'time')} in a thread, so that its cell "
        "counts as completed: raise again in `run` what threads raised"
        for one, times in said.items()
    ]


def briefly(root: Path, fault: str) -> str:
    """Return the project's own file and line of a traceback and what was raised, in one line."""
    last = (fault.strip().splitlines() or ["it said nothing"])[-1]
    places = re.findall(r'File "([^"]+)", line (\d+)', fault)
    own = [(file, line) for file, line in places if _is_own(file, root)]
    place = f"{Path(own[-1][0]).relative_to(root)} line {own[-1][1]}: " if own else ""
    return clean(f"{place}{last}")


def _raised_at_once(cell: PlannedCell, observed: Observed) -> bool:
    """Return whether a cell that ran now raised before it recorded anything."""
    found = observed.cells.get((cell.pattern, cell.experiment))
    histories = [observed.histories[name] for name in found.histories] if found else []
    return any(one.outcome == "raised" and not one.events for one in histories)


def _imported_apart(root: Path, module: str) -> str:
    """Return where and how the project's own code fails as a module is imported, or ""."""
    path = os.pathsep.join([str(root), str(ENGINE.parent)])
    command = [sys.executable, "-m", "casebook.observe.mistakes", str(root), module]
    answer = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    lines = answer.stdout.splitlines()
    return str(json.loads(lines[-1])) if answer.returncode == 0 and lines else ""


def _is_own(file: str, root: Path) -> bool:
    """Return whether a file is the project's, and neither the engine's nor a library's."""
    inside = Path(file).is_relative_to(root) and not Path(file).is_relative_to(ENGINE)
    return inside and not is_installed(file)


def main(root: str, module: str) -> int:
    """Say in a line of JSON where the project's own code fails as a module is imported, or ""."""
    said = ""
    try:
        importlib.import_module(module)
    except Exception as error:
        files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
        innermost = next((file for file in reversed(files) if not is_standard(file)), "")
        if _is_own(innermost, Path(root)):
            said = briefly(Path(root), "".join(traceback.format_exception(error)))
    print(f"\n{json.dumps(said)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
