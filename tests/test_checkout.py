"""The same verdicts and the same bytes, however the project was checked out and is looked at."""

import json
import os
import subprocess
import sys

import pytest

from casebook.text import decoded
from tests.conftest import CASEBOOK

pytestmark = pytest.mark.slow

ENDINGS = (".py", ".toml", ".json", ".txt", ".md", ".j2")


def with_carriage_returns(folder):
    """Give every text file the line ends that git makes with `core.autocrlf=true`."""
    for file in folder.rglob("*"):
        if file.suffix in ENDINGS and file.is_file():
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def verdicts(project):
    published = json.loads(project.casebook("verdicts").stdout)
    return [(one["url"], one["verdict"], one["reason"]) for one in published["findings"]]


def test_a_checkout_with_other_line_ends_gives_the_same_verdicts(tiny):
    assert tiny.run("dictionary").returncode == 0
    before = verdicts(tiny)
    with_carriage_returns(tiny.root)
    assert verdicts(tiny) == before
    assert {verdict for _, verdict, _ in before} >= {"supported", "refuted"}


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_citation_has_the_same_bytes_on_every_terminal(tiny, encoding):
    name = "D\u00e9sk(counts) \u2192 \u4e00"
    tiny.replace("conf/tiny.toml", 'title = "Desk(Counts().next)"', f'title = "{name}"')
    assert tiny.run("dictionary").returncode == 0

    def cited(terminal):
        env = {**os.environ, "PYTHONIOENCODING": terminal, "PYTHONPATH": str(CASEBOOK)}
        command = [sys.executable, "-m", "casebook", "--root", str(tiny.root)]
        command += ["cite", "counts-apart", "counts-by-name"]
        return subprocess.run(command, cwd=CASEBOOK, env=env, capture_output=True)

    there = cited(encoding)
    assert there.returncode == 0, there.stderr
    assert name.encode("utf-8") in there.stdout
    assert there.stdout == cited("utf-8").stdout


@pytest.mark.parametrize("command", ["summary", "site"])
def test_a_terminal_without_a_character_shows_its_number(tiny, command):
    tiny.replace("conf/tiny.toml", 'title = "Dictionary"', 'title = "Dictionary \u2192 \u4e00"')
    env = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(CASEBOOK)}
    command = [sys.executable, "-m", "casebook", "--root", str(tiny.root), command]
    ended = subprocess.run(command, cwd=CASEBOOK, env=env, capture_output=True)
    assert ended.returncode == 3, ended.stderr
    assert b"UnicodeEncodeError" not in ended.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_reply_is_verified_in_the_encoding_that_an_editor_saved(tiny, tmp_path, encoding):
    assert tiny.run("dictionary").returncode == 0
    cited = tiny.casebook("cite", "counts-apart", "counts-by-name")
    assert cited.returncode == 0, cited.stderr
    reply = tmp_path / "reply.md"
    text = "Caf\u00e9\n\n" + cited.stdout
    reply.write_bytes(text.encode(encoding))
    ended = tiny.casebook("verify", str(reply))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_file_without_a_mark_that_is_no_utf_8_is_read_as_windows_saves_it():
    assert decoded("Caf\u00e9 \u2026".encode("cp1252")) == "Caf\u00e9 \u2026"


def test_a_plan_is_read_with_the_mark_that_an_editor_puts_first(tiny):
    for file in (tiny.path("conf/tiny.toml"), tiny.path("experiments/tiny/claims.py")):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert tiny.run("dictionary").returncode == 0
