"""The sources of a project: its modules, found and parsed where they cannot be imported."""

from __future__ import annotations

import ast
from pathlib import Path

from casebook.investigation import Investigation, PlanError


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
    try:
        tree = ast.parse(file.read_bytes(), filename=str(file))
    except SyntaxError as error:
        place = f"line {error.lineno}"
        raise PlanError(
            file.relative_to(root).as_posix(), place, f"no Python: {error.msg}", "mend it"
        ) from None
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def files(root: Path, investigation: Investigation) -> list[str]:
    """Return the investigation's Python files, and the `__init__.py` of each package around it."""
    folder = root.joinpath(*investigation.experiments.split("."))
    depth = investigation.experiments.count(".")
    around = (package / "__init__.py" for package in list(folder.parents)[:depth])
    files = [*filter(Path.is_file, around), *folder.rglob("*.py")]
    return sorted(file.relative_to(root).as_posix() for file in files)
