"""Lines for a terminal: wrapped, cut and coloured."""

import sys

import pytest

from casebook.cli.lines import LONGEST, WIDTH, some, styled, wrapped


def test_a_long_text_is_wrapped_cut_and_hung_under_its_head():
    lines = wrapped("word " * 200, "recommended")
    assert lines[0].startswith("    recommended  word")
    assert {line[: 4 + len("recommended  ")].strip() for line in lines[1:]} == {""}
    assert all(len(line) <= WIDTH for line in lines)
    assert len(" ".join(lines).split()) < LONGEST / len("word ") + 3
    assert wrapped("") == []


def test_of_many_names_the_first_are_said():
    assert some(["a", "b"], 2) == "a, b"
    assert some(["a", "b", "c"], 2) == "a, b and 1 more"


@pytest.mark.parametrize(
    ("terminal", "shown"), [(True, "\x1b[31mrefuted\x1b[0m"), (False, "refuted")]
)
def test_colours_are_for_terminals(monkeypatch, terminal, shown):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert styled("refuted") == shown
    monkeypatch.setenv("NO_COLOR", "1")
    assert styled("refuted") == "refuted"
