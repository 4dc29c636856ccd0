"""Collects everything that one function of a project uses, from all of the project's modules.

Modules are parsed and never imported, because the packages that they import may not be installed
here. The parts are taken verbatim; in the order collected they form a module of their own.
"""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from casebook.plan.mistakes import PlanError
from casebook.plan.sources import python_text, source

WIDTH = 100
"""The most characters in a line of imports."""

LAZY = "from __future__ import annotations"
"""The import that lets a function stand before the names in its annotations."""


@dataclass(frozen=True, slots=True)
class CodePart:
    """A statement of a module that binds names: its text, and the names that it needs.

    `first` are the names that must exist when the statement is executed, apart from those in
    annotations; a function needs the others only when it is called. `is_annotated` says whether
    annotations name anything else.
    """

    file: str
    line: int
    text: str
    needs: frozenset[str]
    first: frozenset[str]
    is_annotated: bool

    @property
    def is_block(self) -> bool:
        """Whether it is a function or a class, which two empty lines set apart."""
        return self.text.startswith(("def ", "async def ", "class ", "@"))


@dataclass(frozen=True, slots=True)
class Import:
    """An import that binds the name `bound`: a module, or its `name` if that is not empty."""

    module: str
    name: str
    bound: str

    @property
    def clause(self) -> str:
        """The name as it stands in an import statement."""
        name = self.name or self.module
        return name if self.bound in (name, name.partition(".")[0]) else f"{name} as {self.bound}"


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed module: its parts and imports by the names that they bind, in order."""

    file: str
    parts: dict[str, CodePart]
    imports: dict[str, Import]


class Modules:
    """The modules of a project by their dotted names, each parsed once, on first use."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parsed: dict[str, Module | None] = {}

    def __getitem__(self, name: str) -> Module:
        """Return a module; raise PlanError if it does not exist or is not valid Python."""
        found = self.get(name)
        if found is None:
            file = name.replace(".", "/") + ".py"
            raise PlanError(file, "file", "does not exist", "create it")
        return found

    def get(self, name: str) -> Module | None:
        """Return a module, or None if it does not exist. Raises PlanError if not valid Python."""
        if name not in self._parsed:
            path = source(self._root, name)
            file = path.relative_to(self._root).as_posix() if path else ""
            self._parsed[name] = _module(path, file, name) if path else None
        return self._parsed[name]


def _module(path: Path, file: str, name: str) -> Module:
    text = python_text(path)
    try:
        body = ast.parse(text, filename=file).body
    except SyntaxError as error:
        problem = f"not valid Python: {error.msg}"
        raise PlanError(file, f"line {error.lineno}", problem, "fix the syntax") from None
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    lines = text.splitlines()
    found = Module(file, {}, {})
    for position, node in enumerate(body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for imported in _imports(node, package):
                found.imports[imported.bound] = imported
        elif names := _bound(node):
            end = node.end_lineno or node.lineno
            told = body[position + 1] if position + 1 < len(body) else None
            if isinstance(node, ast.Assign | ast.AnnAssign) and _is_text(told):
                end = told.end_lineno or end  # type: ignore[union-attr]
            decorators = getattr(node, "decorator_list", [])
            start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
            verbatim = "\n".join(lines[start - 1 : end])
            found.parts.update(dict.fromkeys(names, _part(file, start, verbatim, names)))
    return found


def _part(file: str, line: int, text: str, names: list[str]) -> CodePart:
    now, *inner = _tables(text, file)
    later = {
        symbol.get_name() for table in inner for symbol in table.get_symbols() if symbol.is_global()
    }
    first = _referenced(_tables(f"{LAZY}\n{text}", file)[0])
    return CodePart(
        file,
        line,
        text,
        needs=frozenset((_referenced(now) | later) - {*names}),
        first=frozenset(first),
        is_annotated=_referenced(now) != first,
    )


def _imports(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, "", alias.asname or alias.name.partition(".")[0])
        return
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    origin = ".".join([*above, *filter(None, [node.module])])
    if origin != "__future__":
        for alias in node.names:
            yield Import(origin, alias.name, alias.asname or alias.name)


def _bound(node: ast.stmt) -> list[str]:
    """Return the names that a statement binds at its module's top level."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    targets = [child for child in ast.walk(node) if isinstance(child, ast.Name | ast.stmt)]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return [
            target.id for target in targets if isinstance(target, ast.Name) and _is_stored(target)
        ]
    if isinstance(node, ast.Try | ast.If):
        inner = [child for child in targets if child is not node and isinstance(child, ast.stmt)]
        return list(dict.fromkeys(name for child in inner for name in _bound(child)))
    return []


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _is_text(node: ast.stmt | None) -> bool:
    """Return whether a statement is a string, such as documents the assignment before it."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _referenced(table: symtable.SymbolTable) -> set[str]:
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}


def _tables(text: str, file: str) -> list[symtable.SymbolTable]:
    """Return the symbol table of a text and those of all functions and classes in it."""
    tables = [symtable.symtable(text, file, "exec")]
    for table in tables:
        tables += table.get_children()
    return tables


# --- Collecting -----------------------------------------------------------------------------------

Instead = Callable[[str, Import], "tuple[str, str] | None"]
"""Maps a module and its import to the module and name to take instead, or to None."""


@dataclass(slots=True)
class Collected:
    """The parts collected so far, each after the parts that it needs, and their imports.

    `package` is the project's own package, whose modules are taken apart; other packages stay
    imports. `instead` may replace an import from `package` with one from another module.
    """

    modules: Modules
    package: str
    instead: Instead
    parts: list[CodePart] = field(default_factory=list)
    imports: dict[str, Import] = field(default_factory=dict)
    _names: dict[str, CodePart | Import] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)

    def add(self, name: str, function: str) -> CodePart:
        """Add a function of a module, with everything that it needs, and return it.

        Raises PlanError if the module does not define it, or if two parts would share a name.
        """
        found = self._add(name, function)
        if not isinstance(found, CodePart):
            problem = "the function is imported from another package"
            raise PlanError(self.modules[name].file, function, problem, "define it here")
        return found

    def _add(self, name: str, wanted: str) -> CodePart | Import:
        there = self.modules[name]
        if part := there.parts.get(wanted):
            self._take(there, wanted, part)
            if id(part) not in self._begun:
                self._begun.add(id(part))
                known = [need for need in (*there.imports, *there.parts) if need in part.needs]
                for need in known:
                    self._add(name, need)
                self.parts.append(part)
            return part
        if wanted not in there.imports:
            problem = "the name is not defined here"
            raise PlanError(there.file, wanted, problem, "define it, or fix the name")
        imported = there.imports[wanted]
        if self._is_own(imported.module) and imported.name and imported.bound == imported.name:
            return self._add(*(self.instead(name, imported) or (imported.module, imported.name)))
        if self._is_own(imported.module):
            problem = "the name is a module of the project, or is imported under another name"
            fix = f"write `from {imported.module} import ...`"
            raise PlanError(there.file, wanted, problem, fix)
        self._take(there, wanted, imported)
        self.imports[wanted] = imported
        return imported

    def _is_own(self, module: str) -> bool:
        return module == self.package or module.startswith(f"{self.package}.")

    def _take(self, there: Module, name: str, found: CodePart | Import) -> None:
        if self._names.setdefault(name, found) != found:
            problem = "a script would hold two parts of this name"
            raise PlanError(there.file, name, problem, "rename one of them")

    def has(self, name: str, wanted: str) -> bool:
        """Return whether a module defines or imports a name."""
        there = self.modules[name]
        return wanted in there.parts or wanted in there.imports

    @property
    def is_annotated(self) -> bool:
        """Whether an annotation of a part may name something that stands below it."""
        return any(part.is_annotated for part in self.parts)

    def is_free(self, part: CodePart) -> bool:
        """Return whether a part may stand above all others."""
        return not part.first & {
            name for name, found in self._names.items() if isinstance(found, CodePart)
        }

    def lines(self) -> list[str]:
        """Return the import statements, sorted, with the standard library's first."""
        modules: dict[tuple[bool, str], list[str]] = {}
        for imported in self.imports.values():
            installed = imported.module.partition(".")[0] not in sys.stdlib_module_names
            statement = (
                f"from {imported.module} import " if imported.name else f"import {imported.clause}"
            )
            clauses = modules.setdefault((installed, statement), [])
            clauses += [imported.clause] if imported.name else []
        lines: list[str] = []
        for installed in (False, True):
            own = [key for key in modules if key[0] == installed]
            own.sort(key=lambda key: (key[1].startswith("from "), key[1].lower()))
            lines += [""] if lines and own else []
            lines += (_wrapped(key[1], sorted(modules[key], key=_as_sorted)) for key in own)
        return lines


def _as_sorted(clause: str) -> tuple[bool, bool, str]:
    """Return the sort key of an import: constants first, then classes, then the rest."""
    return not clause.isupper(), not clause[:1].isupper(), clause.lower()


def _wrapped(statement: str, clauses: list[str]) -> str:
    line = statement + ", ".join(clauses)
    if len(line) <= WIDTH:
        return line
    return f"{statement}(\n" + "".join(f"    {clause},\n" for clause in clauses) + ")"


def joined(parts: list[CodePart]) -> str:
    """Return the text of parts, laid out one below the other as in a module."""
    text = ""
    for number, part in enumerate(parts):
        blocks = part.is_block or (number > 0 and parts[number - 1].is_block)
        text += ("\n\n\n" if blocks else "\n") * (number > 0) + part.text
    return text
