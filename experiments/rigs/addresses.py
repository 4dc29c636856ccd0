"""Addresses of contexts, which some backends and workarounds use as a session's scope.

The allocator's choice of address would differ between runs, so this module makes the choice.
"""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import flask
from flask.ctx import AppContext, RequestContext

MOST = 50_000
"""The most empty objects that a search for an address may make."""


class Addresses:
    """Makes contexts at addresses of their own or, on request, at those of dead contexts."""

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
        """Control the addresses of contexts from now on."""
        for cls in {AppContext, RequestContext, flask.Flask.app_ctx_globals_class}:
            cls.__new__ = staticmethod(self._make)

    def reuse(self) -> None:
        """Make application contexts at the addresses of dead ones made after this call."""
        self._kept = []

    def at(self, context: AppContext, label: str) -> str | None:
        """Record a context's label; return the label of an earlier one at its address, or None."""
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
        """Return an object at a new address; empty objects occupy those of dead contexts."""
        context: Any = object.__new__(cls)
        while id(context) in self._given:
            self._fillers.append(context)
            context = object.__new__(cls)
        self._given.add(id(context))
        return context

    def _made_again(self, cls: type, kept: list[Any]) -> Any:
        """Return a context at the address of one that only `kept` still holds, or None.

        A context with weak references dies first, so that their holders are notified.
        """
        gc.collect()
        for number in range(len(kept)):
            context = kept[number]
            # Three references: the list's, the name's and the call's.
            if sys.getrefcount(context) == 3:
                if not weakref.getweakrefcount(context):
                    vars(context).clear()
                    return context
                address = id(context)
                del kept[number], context
                return self._made_at(address, cls, kept)
        return None

    def _made_at(self, address: int, cls: type, kept: list[Any]) -> Any:
        """Return a context at this free address, or None if the search does not find it."""
        for _ in range(MOST):
            context: Any = object.__new__(cls)
            if id(context) == address:
                kept.append(context)
                return context
            self._fillers.append(context)
        return None
