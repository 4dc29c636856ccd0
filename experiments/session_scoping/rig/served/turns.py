"""A baton inside a server: requests in progress run one at a time, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from itertools import count
from typing import Any

_number: ContextVar[int | None] = ContextVar("number", default=None)
"""The number of the request that runs here; greenlets would share a thread-local."""


class Turns:
    """Lets this many requests run one at a time, switching at marked points.

    `semaphore` makes the server's own kind of semaphore: one that blocks the thread would stop all
    greenlets. `then` is called at the end of the last request.
    """

    def __init__(
        self,
        requests: int,
        semaphore: Callable[[int], Any],
        then: Callable[[], Any] = lambda: None,
    ) -> None:
        self._turns = [semaphore(1 if number == 0 else 0) for number in range(requests)]
        self._arrived = [semaphore(0) for _ in range(requests)]
        self._arrivals = count()
        self._finished: set[int] = set()
        self._ending: set[int] = set()
        self._then = then

    def around(self, application: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
        """Return the WSGI application with requests that wait for their turn and hand it over."""

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
        """Hand over to the next request, even before it arrives, and wait for the baton."""
        number = _number.get()
        if number is not None and self._hand_over(number):
            self._turns[number].acquire()

    def end_together(self) -> None:
        """Wait until every request has called this or is over, then go on without taking turns.

        The last request to arrive goes on at once, the others beside it. Greenlets go on when it
        waits for something or is over, which is the same each time; threads go on in no fixed
        order.
        """
        number = _number.get()
        if number is not None:
            self._ending.add(number)
            self.pass_on()

    def _finish(self, number: int) -> None:
        """Hand over, and keep this thread until the next request has another one.

        Whether a server reuses a thread that has just become free is not predictable.
        """
        self._finished.add(number)
        last = len(self._finished) == len(self._turns)
        _number.set(None)
        self._hand_over(number)
        if number + 1 < len(self._arrived):
            self._arrived[number + 1].acquire()
        if last:
            self._then()

    def _hand_over(self, number: int) -> bool:
        """Hand over the baton; return whether another request has it now.

        If no other request takes turns, those that wait to end go on beside this one.
        """
        others = [(number + step) % len(self._turns) for step in range(1, len(self._turns))]
        going_on = [other for other in others if other not in self._finished]
        taking_turns = [other for other in going_on if other not in self._ending]
        for other in taking_turns[:1] or going_on:
            self._turns[other].release()
        return bool(taking_turns)


class _Response:
    """A response that calls `then` after the server has closed it."""

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
