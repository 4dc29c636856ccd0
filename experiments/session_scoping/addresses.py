"""Addresses of contexts, which some backends and workarounds take as the scope of a session.

Which address a new context gets is the allocator's luck, and would differ between runs. It is
decided here.
"""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import flask
from flask.ctx import AppContext, RequestContext

MOST = 50_000
"""How many empty objects may be made in search of an address."""


class Addresses:
    """Makes contexts at addresses of their own or, where that is asked for, of dead ones."""

    def __init__(self) -> None:
        self._given: set[int] = set()
        self._fillers: list[Any] = []
        self._kept: list[Any] | None = None
        self._labels: dict[int, str] = {}

    @property
    def are_reused(self) -> bool:
        """Whether application contexts get the addresses of earlier ones."""
        return self._kept is not None

    def install(self) -> None:
        """Decide from now on where contexts are made."""
        for cls in {AppContext, RequestContext, flask.Flask.app_ctx_globals_class}:
            cls.__new__ = staticmethod(self._make)

    def reuse(self) -> None:
        """Make application contexts at the addresses of those that are made from now on and die."""
        self._kept = []

    def at(self, context: AppContext, label: str) -> str | None:
        """Note a context's label; return that of an earlier one that had its address, or None."""
        earlier = self._labels.get(id(context))
        self._labels[id(context)] = label
        return earlier

    def _make(self, cls: type, *_: Any, **__: Any) -> Any:
        if self._kept is None or not issubclass(cls, AppContext):
            return self._made_apart(cls)
        context = self._made_again(cls, self._kept)
        if context is None:
            context = self._made_apart(cls)
            self._kept.append(context)
        return context

    def _made_apart(self, cls: type) -> Any:
        """Return an object at a new address, after empty ones that took those of dead contexts."""
        context: Any = object.__new__(cls)
        while id(context) in self._given:
            self._fillers.append(context)
            context = object.__new__(cls)
        self._given.add(id(context))
        return context

    def _made_again(self, cls: type, kept: list[Any]) -> Any:
        """Return a context at the address of one that nobody but us holds any more, or None.

        One to which somebody holds a weak reference dies first, so that he is told of it.
        """
        gc.collect()
        for number in range(len(kept)):
            context = kept[number]
            # Held by the list, by the name and by the call.
            if sys.getrefcount(context) == 3:
                if not weakref.getweakrefcount(context):
                    vars(context).clear()
                    return context
                address = id(context)
                del kept[number], context
                return self._made_at(address, cls, kept)
        return None

    def _made_at(self, address: int, cls: type, kept: list[Any]) -> Any:
        """Return a context at an address that is free just now, None where it is not found."""
        for _ in range(MOST):
            context: Any = object.__new__(cls)
            if id(context) == address:
                kept.append(context)
                return context
            self._fillers.append(context)
        return None
