"""Where a text comes from that is verified: a file, the web, or itself."""

import contextlib
import json
import threading
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from casebook.cite import source
from casebook.cite.source import GivenText, Unreadable, api_address, read_source
from casebook.cite.verify import verify
from tests.casebook.cite.builders import REPORT, SITE, composed, rendered, text_of


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com/o/r/issues/7#issuecomment-12", "o/r/issues/comments/12"),
        ("https://github.com/o/r/pull/7#issuecomment-12", "o/r/issues/comments/12"),
        ("https://github.com/o/r/pull/7/files#issuecomment-12", "o/r/issues/comments/12"),
        ("https://github.com/o/r/pull/7#discussion_r12", "o/r/pulls/comments/12"),
        ("https://github.com/o/r/pull/7/files#discussion_r12", "o/r/pulls/comments/12"),
        ("https://github.com/o/r/pull/7/files/0a1b#discussion_r12", "o/r/pulls/comments/12"),
        (
            "https://github.com/o/r/pull/7/commits/0a1b#pullrequestreview-12",
            "o/r/pulls/7/reviews/12",
        ),
        ("https://github.com/o/r/pull/7#pullrequestreview-12", "o/r/pulls/7/reviews/12"),
        ("https://github.com/o/r/issues/7", "o/r/issues/7"),
        ("https://github.com/o/r/issues/7#issue-99", "o/r/issues/7"),
    ],
)
def test_the_address_of_a_comment_becomes_that_of_its_markdown(url: str, api: str) -> None:
    assert api_address(url) == f"https://api.github.com/repos/{api}"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/o/r/issues/7#issuecomment-12",
        "https://api.github.com/repos/o/r/issues/comments/12",
        "https://github.com/o/r",
    ],
)
def test_any_other_address_stays(url: str) -> None:
    assert api_address(url) == url


def test_a_discussion_has_no_markdown_to_be_had() -> None:
    with pytest.raises(Unreadable, match="save it to a file"):
        api_address("https://github.com/o/r/discussions/7#discussioncomment-12")


class Dripping:
    """A body that is sent byte by byte and does not end by itself."""

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.1)
            yield b"x"


@pytest.fixture
def server() -> Iterator[Any]:
    """A server on this machine; `answers` maps a path to its status, headers and body."""

    class Handler(BaseHTTPRequestHandler):
        answers: dict[str, tuple[int, dict[str, str], Iterable[bytes]]] = {}  # noqa: RUF012

        def do_GET(self) -> None:
            status, headers, body = self.answers.get(self.path, (404, {}, []))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked may have given up
                for part in body:
                    self.wfile.write(part)

        def log_message(self, *arguments: object) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield type(
        "Server", (), {"answers": Handler.answers, "url": f"http://127.0.0.1:{made.server_port}"}
    )
    made.shutdown()
    thread.join()
    made.server_close()


def answered(server: Any, kind: str, body: str | bytes) -> GivenText:
    data = body if isinstance(body, bytes) else body.encode()
    server.answers["/it"] = (200, {"Content-Type": kind}, [data])
    return read_source(f"{server.url}/it")


def test_markdown_is_fetched(server: Any) -> None:
    assert answered(server, "text/plain; charset=utf-8", text_of()).text == text_of()


def test_the_answer_of_github_s_api_is_read_for_its_markdown(server: Any) -> None:
    answer = json.dumps({"id": 1, "body": text_of().replace("\n", "\r\n")})
    got = answered(server, "application/json; charset=utf-8", answer)
    assert verify(got, [REPORT], SITE, composed)[0].code == 0


def test_a_list_of_comments_is_read_for_all_of_theirs(server: Any) -> None:
    answer = json.dumps([{"body": text_of()}, {"body": None}, {"body": text_of(REPORT, "good")}])
    got = answered(server, "application/json", answer)
    assert len(verify(got, [REPORT], SITE, composed)) == 2


def test_a_page_is_known_by_its_kind_or_by_its_beginning(server: Any) -> None:
    assert answered(server, "text/html; charset=utf-8", rendered(text_of())).page
    assert answered(server, "application/octet-stream", rendered(text_of())).page
    assert not answered(server, "text/markdown", text_of()).page


@pytest.mark.parametrize("charset", ["utf-8", "idna", "undefined", "none-such"])
def test_the_encoding_that_a_server_names_may_be_wrong(server: Any, charset: str) -> None:
    body = "\ufeff".encode() + text_of().encode()
    assert answered(server, f"text/plain; charset={charset}", body).text == text_of()


def test_brackets_in_brackets_are_a_text(tmp_path: Path) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 200_000, encoding="utf-8")
    assert read_source(str(deep)).text == "[" * 200_000


def test_an_answer_that_leads_on_is_followed_on_the_web_alone(server: Any, tmp_path: Path) -> None:
    answered(server, "text/plain", text_of())
    server.answers["/web"] = (302, {"Location": f"{server.url}/it"}, [])
    assert read_source(f"{server.url}/web").text == text_of()
    (tmp_path / "secret").write_text("secret")
    server.answers["/file"] = (302, {"Location": (tmp_path / "secret").as_uri()}, [])
    with pytest.raises(Unreadable, match=r"cannot be read|answers 302"):
        read_source(f"{server.url}/file")


def test_an_error_of_the_server_is_told(server: Any) -> None:
    with pytest.raises(Unreadable, match=r"http://127\.0\.0\.1:\d+/none answers 404 Not Found"):
        read_source(f"{server.url}/none")


def test_too_much_is_not_read(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "SIZE", 1000)
    with pytest.raises(Unreadable, match="longer than 1,000 bytes"):
        answered(server, "text/plain", "x" * 1001)


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each byte comes within the limit of a socket, so that the limit must be that of the whole.
    monkeypatch.setattr(source, "SECONDS", 0.5)
    server.answers["/drip"] = (200, {"Content-Type": "text/plain"}, Dripping())
    with pytest.raises(Unreadable, match="no whole answer within"):
        read_source(f"{server.url}/drip")


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unreadable, match=r"http://127\.0\.0\.1:1/ cannot be read: .*refused"):
        read_source("http://127.0.0.1:1/")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://x/"])
def test_only_the_web_is_read(url: str) -> None:
    with pytest.raises(Unreadable, match="is not an http"):
        read_source(url)


def test_a_file_is_read_also_one_of_json(tmp_path: Path) -> None:
    file = tmp_path / "reply.md"
    file.write_text(text_of(), encoding="utf-8")
    assert read_source(str(file)).text == text_of()
    file.write_text(json.dumps({"body": text_of()}), encoding="utf-8")
    assert read_source(str(file)).text == text_of()
    file.write_text("[a link](x) is no JSON", encoding="utf-8")
    assert read_source(str(file)).text == "[a link](x) is no JSON"


@pytest.mark.parametrize("name", ["none.md", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        read_source(str(tmp_path / name) if name != "." else str(tmp_path))


def test_a_block_may_be_given_itself() -> None:
    assert read_source(text_of()).text == text_of()
