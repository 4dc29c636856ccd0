"""The modules of a project, found and parsed without importing them."""

from __future__ import annotations

import ast
import functools
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from casebook.plan.investigation import Experiment, Investigation
from casebook.plan.mistakes import PlanError, one_of


def source(root: Path, module: str) -> Path | None:
    """Return the file of a module of the project, or None if it does not exist."""
    path = root.joinpath(*module.split("."))
    for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def python_text(file: Path) -> str:
    """Return the text of a Python file, in the encoding that Python reads it in."""
    with tokenize.open(file) as opened:
        return opened.read()


def sources(root: Path, module: str) -> list[Path]:
    """Return the file of a module, or all files of a package, sorted; none if it does not exist."""
    file = source(root, module) if module else None
    if file is None:
        return []
    return sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]


def functions(root: Path, file: Path) -> list[str]:
    """Return the names of a module's functions in order; one defined twice comes twice."""
    return [node.name for node in _tree(root, file).body if isinstance(node, ast.FunctionDef)]


def experiment(root: Path, investigation: Investigation, id: str) -> Experiment:
    """Return an experiment with its module's `NEEDS` and `DATABASES`, without importing it.

    Raises PlanError if either is not a tuple of strings, or for a database that is not declared.
    """
    file = source(root, investigation.experiment_module(id))
    if file is None:
        return Experiment(id)
    status = file.stat()
    said = _said(root, file, status.st_mtime_ns, status.st_size)
    for name in said.get("DATABASES", ()):
        if name not in investigation.databases:
            fix = one_of(name, investigation.databases)
            raise PlanError(_name(root, file), "DATABASES", f"unknown database {name!r}", fix)
    return Experiment(id, said.get("NEEDS", ()), said.get("DATABASES", ()))


@functools.lru_cache(maxsize=256)
def _said(root: Path, file: Path, modified: int, size: int) -> dict[str, tuple[str, ...]]:
    """Return a module's `NEEDS` and `DATABASES`, cached by the file's time and size."""
    said = {}
    for node in _tree(root, file).body:
        name = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""
        if isinstance(node, ast.Assign) and name in ("NEEDS", "DATABASES"):
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                value = None
            if not isinstance(value, tuple) or not all(isinstance(text, str) for text in value):
                problem = f"{ast.unparse(node.value)} is not a tuple of strings"
                fix = f'write a literal such as `{name} = ("one",)`: the module is not imported'
                raise PlanError(_name(root, file), name, problem, fix)
            said[name] = value
    return said


def used_by(file: Path, function: str) -> bytes | None:
    """Return what could change what one function of a module does: the text of all that it uses.

    That is the module without the functions that neither this one nor anything else at the
    module's level names, directly or through another. Of a module that cannot be parsed, or that
    looks names up by itself, it is the whole text; None if there is no such function.
    """
    status = file.stat()
    return _used_by(file, function, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=1024)
def _used_by(file: Path, function: str, modified: int, size: int) -> bytes | None:
    text = file.read_bytes()
    try:
        body = _body(file, modified, size)
    except (SyntaxError, ValueError):
        return text
    functions = {
        node.name: number
        for number, (node, _) in enumerate(body)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list
    }
    if _LOOKUPS & set().union(*(names for _, names in body)):
        return text
    if function not in {node.name for node, _ in body if isinstance(node, ast.FunctionDef)}:
        return None
    used: set[int] = set()
    more = {number for number in range(len(body)) if number not in functions.values()}
    more |= {functions[function]} if function in functions else set()
    while more:
        used |= more
        names = set().union(*(body[number][1] for number in more))
        more = {functions[name] for name in names & functions.keys()} - used
    lines = text.splitlines(keepends=True)
    parts = (lines[first_line(body[number][0]) - 1 : body[number][0].end_lineno] for number in used)
    return b"".join(line for _, part in sorted(zip(used, parts, strict=True)) for line in part)


_LOOKUPS = {"globals", "locals", "vars", "eval", "exec", "__getattr__", "modules"}
"""Names with which a module may find a function that it does not name."""


@functools.lru_cache(maxsize=1024)
def _body(file: Path, modified: int, size: int) -> list[tuple[ast.stmt, frozenset[str]]]:
    """Return the statements of a module, each with all names in it; cached by time and size."""
    return [(node, frozenset(_names(node))) for node in _statements(file, modified, size)]


@functools.lru_cache(maxsize=1024)
def _statements(file: Path, modified: int, size: int) -> list[ast.stmt]:
    """Return the statements of a module, cached by the file's time and size."""
    return ast.parse(file.read_bytes(), filename=str(file)).body


def _names(node: ast.stmt) -> Iterator[str]:
    """Yield the names in a statement that may lead to a function of the same module."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in _LOOKUPS:
        yield node.name
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            yield one.id
        elif isinstance(one, ast.Attribute) and one.attr in _LOOKUPS:
            yield one.attr


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, which decorators precede, counted from 1."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def imports(root: Path, investigation: Investigation) -> dict[str, frozenset[str]]:
    """Return each module of an investigation, and that it shares, with those of them it may import.

    What it shares are modules of the same folder of experiments, outside its own package. A module
    imports the packages around it, too, and any module that a text in it names. One that makes such
    a name of its own (`f"{__name__}.more"`) may import all of its package. Raises PlanError for an
    import of anything else of the project: a change there would go unnoticed.
    """
    own = [name for name in files(root, investigation) if name.endswith(".py")]
    more = {module_name(file): root / file for file in own}
    beside = frozenset(more)
    graph: dict[str, frozenset[str]] = {}
    while more:
        for module, file in more.items():
            found = _imports(file, module)
            _refuse_undigested(root, investigation, module, found.names)
            package = module if file.name == "__init__.py" else module.rpartition(".")[0]
            all_of = {one for one in beside if found.finds and one.startswith(f"{package}.")}
            named = {module, *found.names, *found.texts, *all_of}
            graph[module] = frozenset(part for name in named for part in _around(name))
        left = set().union(*graph.values()) - graph.keys()
        shared = ((name, _shared(root, investigation, name)) for name in sorted(left))
        more = {name: file for name, file in shared if file}
    return {module: found & graph.keys() - {module} for module, found in graph.items()}


def texts(root: Path, investigation: Investigation) -> set[str]:
    """Return the texts in the modules that may record, which those of claims and scripts do not."""
    others = (investigation.claims, investigation.reproductions)
    judging = {file for module in others for file in sources(root, module)}
    found: set[str] = set()
    for module in imports(root, investigation):
        file = source(root, module)
        if file and file not in judging:
            found |= _imports(file, module).texts
    return found


def _around(module: str) -> Iterator[str]:
    """Yield a module's name and those of the packages around it, which are imported with it."""
    while module:
        yield module
        module = module.rpartition(".")[0]


def _shared(root: Path, investigation: Investigation, module: str) -> Path | None:
    """Return the file of a module that several investigations may share, else None."""
    folder = investigation.experiments.partition(".")[0]
    parts = module.split(".")
    return (
        source(root, module) if parts[0] == folder and all(map(str.isidentifier, parts)) else None
    )


def _refuse_undigested(
    root: Path, investigation: Investigation, module: str, names: Iterable[str]
) -> None:
    """Raise PlanError where a module imports another of the project that no digest covers."""
    folder = investigation.experiments.partition(".")[0]
    for name in sorted(names):
        top = name.partition(".")[0]
        if top not in (folder, "casebook") and source(root, top):
            file = source(root, module)
            place = _name(root, file) if file else module
            problem = f"imports {name!r}, and a change there would outdate no record"
            fix = f"move it into {folder}/, whose modules are digested"
            raise PlanError(place, "import", problem, fix)


def reached(graph: Mapping[str, Collection[str]], start: Iterable[str]) -> frozenset[str]:
    """Return these modules and all that they import, directly or through others."""
    found: set[str] = set()
    more = set(start)
    while more:
        found |= more
        more = {name for module in more for name in graph.get(module, ())} - found
    return frozenset(found)


def module_name(file: str) -> str:
    """Return the dotted name of the module in a file, which is given relative to the project."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


_OWN_PLACE = {"__name__", "__package__"}
"""Names in a text from which a module makes the name of another one of its package."""

EVIDENCE = "APPLICATION"
"""The name that an investigation's package gives to the modules that it says are under test.

They are named there, and not imported.
"""


class _Named(NamedTuple):
    """The absolute names that a module imports, the texts in it, and whether it may find others.

    A name may be that of a module or of something in it.
    """

    names: frozenset[str]
    texts: frozenset[str]
    finds: bool


def _imports(file: Path, module: str) -> _Named:
    """Return what a module imports or writes."""
    status = file.stat()
    return _named(file, module, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=1024)
def _named(file: Path, module: str, modified: int, size: int) -> _Named:
    """Return what a module imports or writes, cached by the file's time and size."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    names: set[str] = set()
    texts: set[str] = set()
    finds = False
    for top in _parsed(file, modified, size):
        if isinstance(top, ast.Assign) and ast.unparse(top.targets[0]) == EVIDENCE:
            continue
        for node in ast.walk(top):
            if isinstance(node, ast.Import):
                names |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                start = ".".join([*(above if node.level else ()), *filter(None, [node.module])])
                names |= {start, *(f"{start}.{one.name}" for one in node.names)}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
                finds = finds or node.value.id in _OWN_PLACE
    return _Named(frozenset(names), frozenset(texts), finds)


def _parsed(file: Path, modified: int, size: int) -> list[ast.stmt]:
    """Return the statements of a module; none if it is no Python."""
    try:
        return _statements(file, modified, size)
    except (SyntaxError, ValueError):
        return []


_CACHE = "__pycache__"


def files(root: Path, investigation: Investigation) -> list[str]:
    """Return the files of the investigation's package and each enclosing one's `__init__.py`."""
    folder = root.joinpath(*investigation.experiments.split("."))
    depth = investigation.experiments.count(".")
    around = (package / "__init__.py" for package in list(folder.parents)[:depth])
    own = (path for path in folder.rglob("*") if path.is_file())
    files = [*filter(Path.is_file, around), *(one for one in own if one.parent.name != _CACHE)]
    return sorted(file.relative_to(root).as_posix() for file in files)


def _tree(root: Path, file: Path) -> ast.Module:
    """Return a parsed module; raise PlanError if it is not valid Python."""
    try:
        return ast.parse(file.read_bytes(), filename=str(file))
    except SyntaxError as error:
        place = f"line {error.lineno}"
        problem = f"not valid Python: {error.msg}"
        raise PlanError(_name(root, file), place, problem, "fix the syntax") from None


def _name(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()
