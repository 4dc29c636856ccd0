"""The sources of a project: its modules, found and parsed where they cannot be imported."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from casebook.plan.investigation import Experiment, Investigation, PlanError, one_of


def source(root: Path, module: str) -> Path | None:
    """Return the file of a module of the project, without importing it, or None without one."""
    path = root.joinpath(*module.split("."))
    for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def sources(root: Path, module: str) -> list[Path]:
    """Return the file of a module, or those of a package and all below it, sorted."""
    file = source(root, module) if module else None
    if file is None:
        return []
    return sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]


def functions(root: Path, file: Path) -> list[str]:
    """Return the names of a module's functions, in order, doubled where they are defined twice."""
    return [node.name for node in _tree(root, file).body if isinstance(node, ast.FunctionDef)]


def experiment(root: Path, investigation: Investigation, id: str) -> Experiment:
    """Return what an experiment's module says in `NEEDS` and `DATABASES`, without importing it.

    Raises PlanError where one of them is no tuple of texts, or names no database of the plan.
    """
    file = source(root, investigation.experiment_module(id))
    if file is None:
        return Experiment(id)
    status = file.stat()
    said = _said(root, file, status.st_mtime_ns, status.st_size)
    for name in said.get("DATABASES", ()):
        if name not in investigation.databases:
            mend = one_of(name, investigation.databases)
            raise PlanError(_name(root, file), "DATABASES", f"{name!r} is not declared", mend)
    return Experiment(id, said.get("NEEDS", ()), said.get("DATABASES", ()))


@functools.lru_cache(maxsize=256)
def _said(root: Path, file: Path, modified: int, size: int) -> dict[str, tuple[str, ...]]:
    """Return the tuples of texts that a module gives these names, as of a file's state."""
    said = {}
    for node in _tree(root, file).body:
        name = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""
        if isinstance(node, ast.Assign) and name in ("NEEDS", "DATABASES"):
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                value = None
            if not isinstance(value, tuple) or not all(isinstance(one, str) for one in value):
                problem = f"{ast.unparse(node.value)} is no tuple of texts"
                mend = f'write `{name} = ("one",)`: it is read without importing'
                raise PlanError(_name(root, file), name, problem, mend)
            said[name] = value
    return said


def files(root: Path, investigation: Investigation) -> list[str]:
    """Return the investigation's Python files, and the `__init__.py` of each package around it."""
    folder = root.joinpath(*investigation.experiments.split("."))
    depth = investigation.experiments.count(".")
    around = (package / "__init__.py" for package in list(folder.parents)[:depth])
    files = [*filter(Path.is_file, around), *folder.rglob("*.py")]
    return sorted(file.relative_to(root).as_posix() for file in files)


def _tree(root: Path, file: Path) -> ast.Module:
    """Return a module parsed; raise PlanError where it is no Python."""
    try:
        return ast.parse(file.read_bytes(), filename=str(file))
    except SyntaxError as error:
        place = f"line {error.lineno}"
        raise PlanError(_name(root, file), place, f"no Python: {error.msg}", "mend it") from None


def _name(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()
