import os
import subprocess

import pytest

from tests.browser import chromium


@pytest.fixture
def none(monkeypatch):
    """A machine without Chromium, from which playwright's own cannot be fetched either."""
    asked: list[list[str]] = []
    monkeypatch.delenv("CASEBOOK_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nothing")
    monkeypatch.setattr(chromium, "_of_playwright", lambda: None)
    monkeypatch.setattr(subprocess, "run", asked.append)
    return asked


def test_one_that_is_named_is_taken(monkeypatch):
    monkeypatch.setenv("CASEBOOK_CHROMIUM", "/bin/sh")
    assert chromium.find() == "/bin/sh"


def test_one_that_is_named_and_is_no_program_ends_with_1(monkeypatch, none, capsys):
    monkeypatch.setenv("CASEBOOK_CHROMIUM", "/nothing/here")
    assert chromium.main() == 1
    assert "CASEBOOK_CHROMIUM names /nothing/here" in capsys.readouterr().out
    assert not none


@pytest.mark.parametrize("name", chromium.NAMES)
def test_one_in_the_path_is_taken(monkeypatch, none, tmp_path, name):
    (tmp_path / name).write_text("#!/bin/sh")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find() == str(tmp_path / name)


def test_where_none_can_be_had_it_says_what_to_install_and_ends_with_1(none, capsys):
    assert chromium.main() == 1
    assert none[0][-2:] == ["install", "chromium"]
    said = capsys.readouterr()
    assert "apt-get install chromium" in said.out
    assert "apt-get install chromium" in said.err


def test_only_root_goes_without_the_sandbox(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert chromium.options() == []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert chromium.options() == ["--no-sandbox"]
