"""The project's modules of claims and checks, imported: a mistake has its line and its fix."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from casebook.claim import check, claim
from casebook.plan.mistakes import PlanError, one_of


def imported(root: Path, module: str, file: str) -> ModuleType:
    """Return a module of claims or checks, which stands in this file, relative to the project.

    Raises PlanError with the line that failed, and the claim that it belongs to.
    """
    with importing_from(root, module.partition(".")[0]):
        try:
            return importlib.import_module(module)
        except Exception as error:
            raise _mistake(root, file, error) from error


@contextmanager
def importing_from(root: Path, package: str) -> Iterator[None]:
    """Let `package` be imported from this root, even if another of that name is; undo it after."""

    def is_inside(name: str) -> bool:
        return name == package or name.startswith(f"{package}.")

    kept = {name: module for name, module in sys.modules.items() if is_inside(name)}
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if is_inside(name)]:
            del sys.modules[name]
        sys.modules.update(kept)


def _mistake(root: Path, file: str, error: Exception) -> PlanError:
    """Return the error for what a module raised as it was imported: where, what, and the fix."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename), frame.lineno or 0) for frame in frames]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((Path(error.filename), error.lineno or 0))
    package = root / Path(file).parts[0]
    own = [(path, line) for path, line in places if path.is_relative_to(package)]
    path, line = own[-1] if own else (root / file, 0)
    defined = _defined_at(path, line)
    key = f"line {line}" + (f" ({defined})" if defined else "") if line else "import"
    problem = error.msg if isinstance(error, SyntaxError) else str(error)
    name = path.relative_to(root).as_posix()
    return PlanError(name, key, f"{type(error).__name__}: {problem}", _fix(error))


def _defined_at(path: Path, line: int) -> str:
    """Return the name of the function that a line declares, or "" where it declares none."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError):
        return ""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first <= line <= (node.end_lineno or node.lineno):
                return node.name.replace("_", "-")
    return ""


_ARGUMENT = re.compile(r"(claim|check)\(\) (?:got an unexpected|missing \d+ required) .*?'(\w+)'")


def _fix(error: Exception) -> str:
    """Return what to do about an error that a module of claims or checks raised."""
    if isinstance(error, ImportError):
        return (
            "claims and checks, and the packages that they are in, may import only the standard "
            "library, casebook.claim and casebook.record"
        )
    if found := _ARGUMENT.match(str(error)):
        decorator: Callable[..., object] = claim if found[1] == "claim" else check
        taken = list(inspect.signature(decorator).parameters)
        if found[2] in taken:
            return f"write `{found[2]}=...` in the decorator"
        return one_of(found[2], taken)
    if isinstance(error, TypeError) and "has no docstring" in str(error):
        return "the docstring's first line becomes the title on the pages"
    return "correct that line"
