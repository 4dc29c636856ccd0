"""What one function of a project uses, all of it, out of whatever modules it is spread over.

Modules are parsed and never imported: what they import may not be installed here. Text is taken
verbatim; what comes out, in this order, is a module of its own.
"""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from casebook.plan.investigation import PlanError
from casebook.plan.sources import source

WIDTH = 100
"""How wide a line of imports may be."""

LAZY = "from __future__ import annotations"
"""What lets a function stand before what its annotations name."""


@dataclass(frozen=True, slots=True)
class Part:
    """A statement of a module that binds names: its text, and the names that its module gives it.

    `first` are those names that must be there when the statement is executed, annotations apart,
    which `is_annotated` says it has: a function needs the others when it is called.
    """

    file: str
    line: int
    text: str
    needs: frozenset[str]
    first: frozenset[str]
    is_annotated: bool

    @property
    def is_block(self) -> bool:
        """Whether it is a function or a class, around which two lines are empty."""
        return self.text.startswith(("def ", "async def ", "class ", "@"))


@dataclass(frozen=True, slots=True)
class Import:
    """What a name is imported as: a module, or where `name` is not empty something of a module."""

    module: str
    name: str
    bound: str

    @property
    def clause(self) -> str:
        """The name as an import statement has it."""
        name = self.name or self.module
        return name if self.bound in (name, name.partition(".")[0]) else f"{name} as {self.bound}"


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed module: its parts and imports by the names that they bind, in order."""

    file: str
    parts: dict[str, Part]
    imports: dict[str, Import]


class Modules:
    """The modules of a project by their dotted names, each parsed once, when it is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parsed: dict[str, Module | None] = {}

    def __getitem__(self, name: str) -> Module:
        """Return a module; raise PlanError where it is none, or no Python."""
        found = self.get(name)
        if found is None:
            raise PlanError(name.replace(".", "/") + ".py", "file", "there is none", "write it")
        return found

    def get(self, name: str) -> Module | None:
        """Return a module, or None where there is none. Raises PlanError where it is no Python."""
        if name not in self._parsed:
            path = source(self._root, name)
            file = path.relative_to(self._root).as_posix() if path else ""
            self._parsed[name] = _module(path, file, name) if path else None
        return self._parsed[name]


def _module(path: Path, file: str, name: str) -> Module:
    text = path.read_text(encoding="utf-8")
    try:
        body = ast.parse(text, filename=file).body
    except SyntaxError as error:
        problem = f"no Python: {error.msg}"
        raise PlanError(file, f"line {error.lineno}", problem, "mend it") from None
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    lines = text.splitlines()
    found = Module(file, {}, {})
    for position, node in enumerate(body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for one in _imports(node, package):
                found.imports[one.bound] = one
        elif names := _bound(node):
            end = node.end_lineno or node.lineno
            told = body[position + 1] if position + 1 < len(body) else None
            if isinstance(node, ast.Assign | ast.AnnAssign) and _is_text(told):
                end = told.end_lineno or end  # type: ignore[union-attr]
            decorators = getattr(node, "decorator_list", [])
            start = min([node.lineno, *(one.lineno for one in decorators)])
            verbatim = "\n".join(lines[start - 1 : end])
            found.parts.update(dict.fromkeys(names, _part(file, start, verbatim, names)))
    return found


def _part(file: str, line: int, text: str, names: list[str]) -> Part:
    now, *inner = _tables(text, file)
    later = {one.get_name() for table in inner for one in table.get_symbols() if one.is_global()}
    first = _referenced(_tables(f"{LAZY}\n{text}", file)[0])
    return Part(
        file,
        line,
        text,
        needs=frozenset((_referenced(now) | later) - {*names}),
        first=frozenset(first),
        is_annotated=_referenced(now) != first,
    )


def _imports(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for one in node.names:
            yield Import(one.name, "", one.asname or one.name.partition(".")[0])
        return
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    origin = ".".join([*above, *filter(None, [node.module])])
    if origin != "__future__":
        for one in node.names:
            yield Import(origin, one.name, one.asname or one.name)


def _bound(node: ast.stmt) -> list[str]:
    """Return the names that a statement binds at its module's top level."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [one.asname or one.name.partition(".")[0] for one in node.names]
    targets = [one for one in ast.walk(node) if isinstance(one, ast.Name | ast.stmt)]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return [one.id for one in targets if isinstance(one, ast.Name) and _is_stored(one)]
    if isinstance(node, ast.Try | ast.If):
        inner = [one for one in targets if one is not node and isinstance(one, ast.stmt)]
        return list(dict.fromkeys(name for one in inner for name in _bound(one)))
    return []


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _is_text(node: ast.stmt | None) -> bool:
    """Return whether a statement is the text that says what the one before it is."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _referenced(table: symtable.SymbolTable) -> set[str]:
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}


def _tables(text: str, file: str) -> list[symtable.SymbolTable]:
    """Return the table of a text's names and those of all functions and classes in it."""
    tables = [symtable.symtable(text, file, "exec")]
    for table in tables:
        tables += table.get_children()
    return tables


# --- Collecting -----------------------------------------------------------------------------------

Instead = Callable[[str, Import], "tuple[str, str] | None"]
"""Whether something that a module imports is taken from elsewhere: from a module, under a name."""


@dataclass(slots=True)
class Collected:
    """What was collected: the parts, each after those that it needs, and what they import.

    `package` is the project's own, whose modules are taken apart; others are imported. `instead`
    may say that something of it is taken from another module.
    """

    modules: Modules
    package: str
    instead: Instead
    parts: list[Part] = field(default_factory=list)
    imports: dict[str, Import] = field(default_factory=dict)
    _names: dict[str, Part | Import] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)

    def add(self, name: str, function: str) -> Part:
        """Add what a module calls so, with all that it needs, and return it.

        Raises PlanError where the module has none, and for two things of one name.
        """
        found = self._add(name, function)
        if not isinstance(found, Part):
            problem = "it is imported from another package"
            raise PlanError(self.modules[name].file, function, problem, "define it here")
        return found

    def _add(self, name: str, wanted: str) -> Part | Import:
        there = self.modules[name]
        if part := there.parts.get(wanted):
            self._take(there, wanted, part)
            if id(part) not in self._begun:
                self._begun.add(id(part))
                known = [one for one in (*there.imports, *there.parts) if one in part.needs]
                for need in known:
                    self._add(name, need)
                self.parts.append(part)
            return part
        if wanted not in there.imports:
            problem = "it is not defined here"
            raise PlanError(there.file, wanted, problem, "write it, or mend its name")
        imported = there.imports[wanted]
        if self._is_own(imported.module) and imported.name and imported.bound == imported.name:
            return self._add(*(self.instead(name, imported) or (imported.module, imported.name)))
        if self._is_own(imported.module):
            problem = "it is a module of the project, or called otherwise"
            raise PlanError(there.file, wanted, problem, f"write from {imported.module} import ...")
        self._take(there, wanted, imported)
        self.imports[wanted] = imported
        return imported

    def _is_own(self, module: str) -> bool:
        return module == self.package or module.startswith(f"{self.package}.")

    def _take(self, there: Module, name: str, found: Part | Import) -> None:
        if self._names.setdefault(name, found) != found:
            problem = "a script would hold two things of this name"
            raise PlanError(there.file, name, problem, "call one of them otherwise")

    def has(self, name: str, wanted: str) -> bool:
        """Return whether a module defines or imports a name."""
        there = self.modules[name]
        return wanted in there.parts or wanted in there.imports

    @property
    def is_annotated(self) -> bool:
        """Whether a part names in an annotation what may stand below it."""
        return any(part.is_annotated for part in self.parts)

    def is_free(self, part: Part) -> bool:
        """Return whether a part may stand above all others."""
        return not part.first & {name for name, one in self._names.items() if isinstance(one, Part)}

    def lines(self) -> list[str]:
        """Return the import statements, the standard library's first, sorted."""
        modules: dict[tuple[bool, str], list[str]] = {}
        for one in self.imports.values():
            installed = one.module.partition(".")[0] not in sys.stdlib_module_names
            statement = f"from {one.module} import " if one.name else f"import {one.clause}"
            clauses = modules.setdefault((installed, statement), [])
            clauses += [one.clause] if one.name else []
        lines: list[str] = []
        for installed in (False, True):
            own = [key for key in modules if key[0] == installed]
            own.sort(key=lambda key: (key[1].startswith("from "), key[1].lower()))
            lines += [""] if lines and own else []
            lines += (_wrapped(key[1], sorted(modules[key], key=_as_sorted)) for key in own)
        return lines


def _as_sorted(clause: str) -> tuple[bool, bool, str]:
    """Return by what imports are sorted: constants first, then classes, then the rest."""
    return not clause.isupper(), not clause[:1].isupper(), clause.lower()


def _wrapped(statement: str, clauses: list[str]) -> str:
    line = statement + ", ".join(clauses)
    if len(line) <= WIDTH:
        return line
    return f"{statement}(\n" + "".join(f"    {one},\n" for one in clauses) + ")"


def joined(parts: list[Part]) -> str:
    """Return parts as they stand one below the other in a module."""
    text = ""
    for number, part in enumerate(parts):
        blocks = part.is_block or (number > 0 and parts[number - 1].is_block)
        text += ("\n\n\n" if blocks else "\n") * (number > 0) + part.text
    return text
