"""The baton inside a server: requests in progress run one at a time, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from itertools import count
from typing import Any

_number: ContextVar[int | None] = ContextVar("number", default=None)
"""Which request runs here; a thread-local would be shared by greenlets."""


class Turns:
    """Lets this many requests run one at a time, handing over at marked points.

    `semaphore` makes the server's own kind of semaphore: a thread that waits for another would stop
    all greenlets with it.
    """

    def __init__(self, requests: int, semaphore: Callable[[int], Any]) -> None:
        self._turns = [semaphore(1 if number == 0 else 0) for number in range(requests)]
        self._arrived = [semaphore(0) for _ in range(requests)]
        self._arrivals = count()
        self._finished: set[int] = set()

    def around(self, application: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
        """Return the WSGI application whose requests wait for their turn and hand it over."""

        def take_turn(environ: Any, start_response: Any) -> Iterable[bytes]:
            number = next(self._arrivals)
            _number.set(number)
            self._arrived[number].release()
            self._turns[number].acquire()
            try:
                response = application(environ, start_response)
            except BaseException:
                self._finish(number)
                raise
            return _Response(response, lambda: self._finish(number))

        return take_turn

    def pass_on(self) -> None:
        """Hand over to the next request, which may yet have to arrive, and wait for the baton."""
        number = _number.get()
        if number is not None and self._hand_over(number):
            self._turns[number].acquire()

    def _finish(self, number: int) -> None:
        """Hand over, and stay until the next request has a thread, which cannot then be this one.

        Whether a server takes a thread that has just become free is luck.
        """
        self._finished.add(number)
        _number.set(None)
        self._hand_over(number)
        if number + 1 < len(self._arrived):
            self._arrived[number + 1].acquire()

    def _hand_over(self, number: int) -> bool:
        for step in range(1, len(self._turns)):
            following = (number + step) % len(self._turns)
            if following not in self._finished:
                self._turns[following].release()
                return True
        return False


class _Response:
    """A response that calls `then` when the server has closed it."""

    def __init__(self, response: Iterable[bytes], then: Callable[[], None]) -> None:
        self._response = response
        self._then = then

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._response)

    def close(self) -> None:
        try:
            getattr(self._response, "close", lambda: None)()
        finally:
            self._then()
