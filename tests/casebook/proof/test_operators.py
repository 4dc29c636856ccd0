"""What each kind of operator changes in a text, and what it leaves alone."""

import ast
from types import SimpleNamespace
from typing import Any

import pytest

from casebook.plan.mutants import Operator
from casebook.proof.operators import changes, functions, matching

TEXT = '''\
"""Naïve: the é before a change takes two bytes."""


class Keeper:
    def save(self, row):
        session = self.session()
        with session.no_autoflush:
            session.add(row)
        if row.new and not self.quiet:
            session.commit()
        else:
            session.rollback(
                to=None,
            )
            return False
        kept = 1
        return session.get(row)

    @property
    def session(self):
        return self.key()

    def wire(self, app):
        app.teardown(self.close)

        @app.teardown
        def close(error):
            self.session().close()

    async def wait(self):
        await self.session().commit()
        answer = await self.session()
        return answer
'''

KINDS = {
    "drop": (
        "save",
        {"names": ("commit", "rollback")},
        [("session.commit()", "pass"), ("session.rollback( to=None, )", "pass")],
    ),
    "drop, awaited": ("wait", {"names": ("commit",)}, [("await self.session().commit()", "pass")]),
    "drop, but not what another function does": ("wire", {"names": ("close",)}, []),
    "repeat": (
        "wire",
        {"names": ("teardown",)},
        [
            (
                "app.teardown(self.close)",
                "app.teardown(self.close)\n        app.teardown(self.close)",
            )
        ],
    ),
    "instead": (
        "save",
        {"names": ("commit",), "by": "flush"},
        [("session.commit", "session.flush")],
    ),
    "without": (
        "save",
        {"names": ("no_autoflush",)},
        [("session.no_autoflush", "__import__('contextlib').nullcontext()")],
    ),
    "undecorate": (
        "wire.close",
        {"names": ("teardown",)},
        [("app.teardown", "(lambda function: function)")],
    ),
    "negate": (
        "save",
        {},
        [("row.new and not self.quiet", "not (row.new and not self.quiet)")],
    ),
    "flip": ("save", {}, [("return False", "return True")]),
    "keep": (
        "session",
        {},
        [
            (
                "self.key()",
                "(self.__dict__['kept'] if 'kept' in self.__dict__"
                " else self.__dict__.setdefault('kept', (self.key())))",
            )
        ],
    ),
    "keep, of what is named": (
        "save",
        {"names": ("get",)},
        [
            (
                "session.get(row)",
                "(self.__dict__['kept'] if 'kept' in self.__dict__"
                " else self.__dict__.setdefault('kept', (session.get(row))))",
            )
        ],
    ),
    "keep, but nothing that is awaited": ("wait", {}, []),
    "keep-in-module": (
        "session",
        {},
        [
            (
                "self.key()",
                "(globals()[('kept', __import__('os').getpid())]"
                " if ('kept', __import__('os').getpid()) in globals() else"
                " globals().setdefault(('kept', __import__('os').getpid()), (self.key())))",
            )
        ],
    ),
    "answer": ("session", {"by": "0"}, [("self.key()", "0")]),
    "replace": ("save", {"names": ("row.new",), "by": "True"}, [("row.new", "True")]),
}


@pytest.mark.parametrize(("function", "told", "expected"), KINDS.values(), ids=KINDS)
def test_a_kind_of_operator_changes_the_places_that_it_fits(function, told, expected, request):
    kind = request.node.callspec.id.partition(",")[0]
    operator = Operator("it", kind, "{code}", **told)
    found = list(changes(TEXT, f"Keeper.{function}", operator))
    assert [(change.code, change.new) for change in found] == expected
    for change in found:
        ast.parse(change.put_in(TEXT))


def test_a_change_replaces_its_own_text_alone():
    operator = Operator("it", "drop", "{code}", ("rollback",))
    (change,) = changes(TEXT, "Keeper.save", operator)
    old = "session.rollback(\n                to=None,\n            )"
    assert change.put_in(TEXT) == TEXT.replace(old, "pass")
    assert (change.line, change.last) == (12, 14)


def test_values_without_parentheses_are_kept_together():
    text = "def both(self):\n    return self.one(), 2\n"
    (change,) = changes(text, "both", Operator("it", "keep", "{code}"))
    known: dict[str, Any] = {}
    exec(change.put_in(text), known)
    keeper = SimpleNamespace(one=lambda: 1)
    assert known["both"](keeper) == known["both"](keeper) == (1, 2)


def test_what_is_kept_is_what_the_first_call_computed():
    (change,) = changes(TEXT, "Keeper.session", Operator("it", "keep", "{code}"))
    space: dict[str, Any] = {}
    exec(change.put_in(TEXT), space)
    numbers = iter([1, 2, 3])
    one, other = space["Keeper"](), space["Keeper"]()
    space["Keeper"].key = lambda self: next(numbers)
    assert [one.session, one.session, other.session] == [1, 1, 2]


def test_what_is_kept_for_all_is_the_same_for_every_object_and_none_of_before_a_fork(monkeypatch):
    (change,) = changes(TEXT, "Keeper.session", Operator("it", "keep-in-module", "{code}"))
    space: dict[str, Any] = {}
    exec(change.put_in(TEXT), space)
    numbers = iter([1, 2, 3])
    space["Keeper"].key = lambda self: next(numbers)
    assert [space["Keeper"]().session, space["Keeper"]().session] == [1, 1]
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert space["Keeper"]().session == 2


def test_functions_are_found_by_their_qualified_names():
    assert list(functions(TEXT)) == [
        "Keeper.save",
        "Keeper.session",
        "Keeper.wire",
        "Keeper.wire.close",
        "Keeper.wait",
    ]
    assert matching(TEXT, "*.w*e") == ["Keeper.wire", "Keeper.wire.close"]
    assert matching(TEXT, "save") == []
