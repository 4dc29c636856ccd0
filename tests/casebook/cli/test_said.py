"""What a command says at its end, and where."""

import io
import sys

import pytest

from casebook.cli.said import explained, write
from casebook.exit_codes import ENDINGS


def test_a_command_that_ended_well_says_nothing(capsys):
    assert explained(0) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("code", [1, 2, 3, 4])
def test_another_code_is_said_on_standard_error_with_its_meaning(capsys, code):
    assert explained(code) == code
    assert capsys.readouterr() == ("", f"casebook: exit code {code}: {ENDINGS[code]}\n")


def test_a_document_is_written_in_utf_8_whatever_the_terminal_has(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    print("before")
    write("✓ so\n")
    assert written.getvalue() == "before\n✓ so\n".encode()
