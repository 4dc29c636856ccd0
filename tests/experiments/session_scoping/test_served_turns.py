"""The baton inside a server, on threads of the test's own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from experiments.session_scoping.rig.served.turns import Turns

PATIENCE = 10
"""Seconds after which something that waits is taken to wait for ever."""


class Server:
    """Serves requests that come to two marks each, and writes down the order of it all."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.turns = Turns(2, threading.Semaphore, then=lambda: self.order.append("over"))
        self.marked = threading.Event()
        self.pool = ThreadPoolExecutor(2)

    def ask(self, name, application=None):
        application = self.turns.around(application or self.application(name))
        return self.pool.submit(self.serve, application, name)

    def serve(self, application, name):
        response = application({}, None)
        for _ in response:
            pass
        response.close()
        return threading.get_ident()

    def application(self, name):
        def application(environ, start_response):
            for mark in (1, 2):
                self.order.append(f"{name}{mark}")
                self.marked.set()
                self.turns.pass_on()
            return Body(lambda: self.order.append(f"{name} closed"))

        return application


class Body:
    def __init__(self, close):
        self.close = close

    def __iter__(self):
        return iter([b""])


def test_requests_take_turns_at_their_marks():
    server = Server()
    first = server.ask("a")
    assert server.marked.wait(PATIENCE)
    second = server.ask("b")
    assert first.result(PATIENCE) != second.result(PATIENCE)
    assert server.order == ["a1", "b1", "a2", "b2", "a closed", "b closed", "over"]


def test_a_request_that_comes_too_early_waits_for_the_first_to_reach_a_mark():
    server = Server()
    begin = threading.Event()

    def slow(environ, start_response):
        server.marked.set()
        begin.wait(PATIENCE)
        return server.application("a")(environ, start_response)

    first = server.ask("a", slow)
    assert server.marked.wait(PATIENCE)
    second = server.ask("b")
    begin.set()
    first.result(PATIENCE)
    second.result(PATIENCE)
    assert server.order[0] == "a1"


def test_a_request_that_raises_hands_over():
    server = Server()

    def broken(environ, start_response):
        server.marked.set()
        raise RuntimeError("no")

    first = server.ask("a", broken)
    assert server.marked.wait(PATIENCE)
    second = server.ask("b")
    assert isinstance(first.exception(PATIENCE), RuntimeError)
    second.result(PATIENCE)
    assert server.order == ["b1", "b2", "b closed", "over"]


def test_a_request_that_is_over_keeps_its_thread_until_the_other_has_one():
    server = Server()

    def short(environ, start_response):
        return Body(server.marked.set)

    first = server.ask("a", short)
    assert server.marked.wait(PATIENCE)
    assert not first.done()
    assert server.ask("b").result(PATIENCE) != first.result(PATIENCE)


def test_a_response_that_cannot_be_closed_hands_over():
    server = Server()

    def close():
        server.marked.set()
        raise RuntimeError("no")

    first = server.ask("a", lambda environ, start_response: Body(close))
    assert server.marked.wait(PATIENCE)
    second = server.ask("b")
    assert isinstance(first.exception(PATIENCE), RuntimeError)
    second.result(PATIENCE)
    assert server.order == ["b1", "b2", "b closed", "over"]


def test_a_request_that_is_about_to_end_waits_until_the_other_is_then_both_go_on():
    server = Server()
    ending = {"a": threading.Event(), "b": threading.Event()}
    going_on = threading.Barrier(2, timeout=PATIENCE)

    def end(name):
        ending[name].set()
        server.turns.end_together()
        assert all(one.is_set() for one in ending.values())
        going_on.wait()

    def application(name):
        def application(environ, start_response):
            response = server.application(name)(environ, start_response)
            end(name)
            return response

        return application

    first = server.ask("a", application("a"))
    assert server.marked.wait(PATIENCE)
    second = server.ask("b", application("b"))
    first.result(PATIENCE)
    second.result(PATIENCE)
    assert server.order[:4] == ["a1", "b1", "a2", "b2"]
    assert server.order[-1] == "over"


def test_a_request_that_is_about_to_end_goes_on_where_the_other_is_over():
    server = Server()

    def ends(environ, start_response):
        response = server.application("a")(environ, start_response)
        server.turns.end_together()
        return response

    def broken(environ, start_response):
        raise RuntimeError("no")

    first = server.ask("a", ends)
    assert server.marked.wait(PATIENCE)
    second = server.ask("b", broken)
    assert isinstance(second.exception(PATIENCE), RuntimeError)
    first.result(PATIENCE)
    assert server.order == ["a1", "a2", "a closed", "over"]
