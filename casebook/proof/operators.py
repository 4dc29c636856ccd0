"""The operators: each kind finds places in a function, and says what stands there instead.

Pure functions of a file's text. A change replaces a stretch of the text, so all other lines stay as
they are. The names of methods, and what replaces what, come from the plan.
"""

from __future__ import annotations

import ast
import fnmatch
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from casebook.plan.mutants import Operator

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of a file's text and what replaces it.

    `start` and `end` are positions in the text as UTF-8; `line` and `last` are the lines, from 1,
    one of which runs whenever the changed code does.
    """

    function: str
    code: str
    start: int
    end: int
    new: str
    line: int
    last: int

    def put_in(self, text: str) -> str:
        """Return the text with the change."""
        data = text.encode()
        return (data[: self.start] + self.new.encode() + data[self.end :]).decode()


def functions(text: str) -> dict[str, list[Function]]:
    """Return the functions of a file by qualified name; overloads and setters share a name."""
    found: dict[str, list[Function]] = {}

    def visit(node: ast.AST, outer: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inner = outer
            if isinstance(child, ast.ClassDef | Function):
                inner = (*outer, child.name)
            if isinstance(child, Function):
                found.setdefault(".".join(inner), []).append(child)
            visit(child, inner)

    visit(ast.parse(text), ())
    return found


def matching(text: str, wanted: str) -> list[str]:
    """Return the qualified names of the file's functions that match, in the order of the file."""
    return [name for name in functions(text) if fnmatch.fnmatchcase(name, wanted)]


def changes(text: str, function: str, operator: Operator) -> Iterator[Change]:
    """Yield what the operator changes in the functions of this name, in the order of the file."""
    source = _Source(text)
    for node in functions(text).get(function, ()):
        for old, new, statement in FINDERS[operator.kind](source, node, operator):
            start, end = source.span(old)
            yield Change(
                function,
                " ".join(source.code(old).split()),
                start,
                end,
                new,
                statement.lineno,
                statement.end_lineno or statement.lineno,
            )


class _Source:
    """A file's text, in which nodes are found by their positions."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        lengths = (len(line) for line in self.data.splitlines(keepends=True))
        self.starts = [0, *itertools.accumulate(lengths)]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends in the text as UTF-8."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def code(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()


# --- The kinds ------------------------------------------------------------------------------------

_Found = Iterator[tuple[ast.expr | ast.stmt, str, ast.expr | ast.stmt]]
"""A node, the text that replaces it, and the node whose lines run when it does."""

_Kind = Callable[[_Source, Function, Operator], _Found]


def _drop(source: _Source, function: Function, operator: Operator) -> _Found:
    """Leave out a statement that calls one of the names."""
    for node in _called_alone(function, operator):
        yield node, "pass", node


def _repeat(source: _Source, function: Function, operator: Operator) -> _Found:
    """Do twice a statement that calls one of the names."""
    for node in _called_alone(function, operator):
        code = source.code(node)
        yield node, f"{code}\n{' ' * node.col_offset}{code}", node


def _instead(source: _Source, function: Function, operator: Operator) -> _Found:
    """Call `by` where one of the names is called."""
    for node in _inside(function):
        if isinstance(node, ast.Call) and _name(node.func) in operator.names:
            code = source.code(node.func)
            yield node.func, code.removesuffix(_name(node.func)) + operator.by, node


def _without(source: _Source, function: Function, operator: Operator) -> _Found:
    """Run the body of a `with` outside the context of one of the names."""
    for node in _inside(function):
        if isinstance(node, ast.With):
            for item in node.items:
                if _name(item.context_expr) in operator.names:
                    yield (
                        item.context_expr,
                        "__import__('contextlib').nullcontext()",
                        item.context_expr,
                    )


def _undecorate(source: _Source, function: Function, operator: Operator) -> _Found:
    """Leave out a decorator of one of the names."""
    for node in function.decorator_list:
        if _name(node) in operator.names:
            yield node, "(lambda function: function)", node


def _negate(source: _Source, function: Function, operator: Operator) -> _Found:
    """Turn the condition of an `if` around."""
    for node in _inside(function):
        if isinstance(node, ast.If):
            yield node.test, f"not ({source.code(node.test)})", node.test


def _flip(source: _Source, function: Function, operator: Operator) -> _Found:
    """Return False for True, and True for False."""
    for node in _inside(function):
        match node:
            case ast.Return(value=ast.Constant(value=bool(answer))):
                yield node, f"return {not answer}", node


def _keep(source: _Source, function: Function, operator: Operator) -> _Found:
    """Keep on the object a value that is computed anew in each call."""
    arguments = (*function.args.posonlyargs, *function.args.args)
    if arguments:
        kept = f"{arguments[0].arg}.__dict__"
        for value, statement in _computed(function, operator):
            yield value, _first(kept, "'kept'", source.code(value)), statement


def _keep_in_module(source: _Source, function: Function, operator: Operator) -> _Found:
    """Keep in the module, for the process, a value that is computed anew in each call."""
    # A fork starts anew: what its parent did to warm up was with another application.
    for value, statement in _computed(function, operator):
        key = "('kept', __import__('os').getpid())"
        yield value, _first("globals()", key, source.code(value)), statement


def _answer(source: _Source, function: Function, operator: Operator) -> _Found:
    """Return `by`, whatever was returned."""
    for node in _inside(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value, operator.by, node


def _replace(source: _Source, function: Function, operator: Operator) -> _Found:
    """Write `by` for an expression that is one of the names, letter by letter."""
    for node in _inside(function):
        if isinstance(node, ast.expr) and ast.unparse(node) in operator.names:
            yield node, operator.by, node


FINDERS: dict[str, _Kind] = {
    "drop": _drop,
    "repeat": _repeat,
    "instead": _instead,
    "without": _without,
    "undecorate": _undecorate,
    "negate": _negate,
    "flip": _flip,
    "keep": _keep,
    "keep-in-module": _keep_in_module,
    "answer": _answer,
    "replace": _replace,
}
"""What finds the places of each kind of operator."""


# --- What they look for ---------------------------------------------------------------------------


def _inside(function: Function) -> Iterator[ast.AST]:
    """Yield what a function's body holds, in the order of the text, without functions inside it."""
    left: list[ast.AST] = list(reversed(function.body))
    while left:
        node = left.pop()
        yield node
        if not isinstance(node, ast.ClassDef | Function):
            left += reversed(list(ast.iter_child_nodes(node)))


def _name(node: ast.expr) -> str:
    """Return the last part of a dotted name, of a call the name of what is called, else ""."""
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _called_alone(function: Function, operator: Operator) -> Iterator[ast.Expr]:
    """Yield the statements that are a call of one of the operator's names, awaited or not."""
    for node in _inside(function):
        if isinstance(node, ast.Expr):
            value = node.value.value if isinstance(node.value, ast.Await) else node.value
            if isinstance(value, ast.Call) and _name(value.func) in operator.names:
                yield node


def _computed(function: Function, operator: Operator) -> Iterator[tuple[ast.expr, ast.stmt]]:
    """Yield the values, with their statements, that a function computes, and names or returns.

    If the operator has names, only what comes of calling them.
    """
    for node in _inside(function):
        value = _value(node)
        if value is None or not isinstance(node, ast.stmt):
            continue
        parts = list(ast.walk(value))
        called = {_name(part) for part in parts if isinstance(part, ast.Call)}
        if operator.names and called.isdisjoint(operator.names):
            continue
        paused = any(isinstance(part, ast.Await | ast.Yield | ast.YieldFrom) for part in parts)
        if not paused and any(isinstance(part, ast.Call | ast.Attribute) for part in parts):
            yield value, node


def _value(node: ast.AST) -> ast.expr | None:
    """Return the value that a statement returns or gives to a name, else None."""
    match node:
        case ast.Return(value=value) | ast.Assign(targets=[ast.Name() | ast.Tuple()], value=value):
            return value
        case ast.AnnAssign(target=ast.Name(), value=value):
            return value
    return None


def _first(kept: str, key: str, code: str) -> str:
    """Return an expression whose value is that of the code when it first ran."""
    return f"({kept}[{key}] if {key} in {kept} else {kept}.setdefault({key}, ({code})))"
