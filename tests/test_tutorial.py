"""The tutorial, followed: each file written, each command run, and all that it shows compared."""

import doctest
import html
import re
from pathlib import Path

import pytest

from tests.conftest import CASEBOOK
from tests.installed import Installed

TUTORIAL = (CASEBOOK / "casebook" / "tutorial.md").read_text(encoding="utf-8")

STEP = re.compile(
    r"^```(?:python|toml|markdown)\n# (?P<file>[^\s,]+)(?P<more>, continued)?\n(?P<text>.*?)^```$"
    r"|^```console\n(?P<commands>.*?)^```$"
    r"|`(?P<page>build/html/[^`]+)`[^`\n]*\n(?:[^`\n]+\n)*\n(?P<quoted>(?:^> [^\n]*\n)+)",
    re.DOTALL | re.MULTILINE,
)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
NOT_SHOWN = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)


def follow(step: re.Match[str], installed: Installed) -> None:
    """Do what one step says, and compare what it shows."""
    if step["file"]:
        path = installed.folder / step["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if step["more"] else ""
        path.write_text(before + step["text"], encoding="utf-8")
    for command, shown in COMMAND.findall(step["commands"] or ""):
        printed = installed.call("sh", "-c", command).stdout
        agrees = doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS)
        assert agrees, f"{place(step)}: {command}\nshown:\n{shown}\nprinted:\n{printed}"
    for line in (step["quoted"] or "").splitlines():
        page = html.unescape(NOT_SHOWN.sub("", (installed.folder / step["page"]).read_text()))
        told = line.removeprefix("> ")
        assert closed_up(told) in closed_up(page), f"{place(step)}: {step['page']}: {told}"


def place(step: re.Match[str]) -> str:
    return f"tutorial.md:{TUTORIAL[: step.start()].count(chr(10)) + 1}"


def closed_up(text: str) -> str:
    return "".join(text.split())


def test_no_block_and_no_quotation_is_left_out():
    steps = list(STEP.finditer(TUTORIAL))
    assert 2 * sum(not step["page"] for step in steps) == len(re.findall("^```", TUTORIAL, re.M))
    quoted = sum(len(step["quoted"].splitlines()) for step in steps if step["page"])
    assert quoted == len(re.findall("^>", TUTORIAL, re.M)) > 0
    commands = sum(len(COMMAND.findall(step["commands"] or "")) for step in steps)
    assert commands == len(re.findall(r"^\$ ", TUTORIAL, re.M)) > 0


@pytest.mark.slow
def test_who_follows_it_sees_what_it_shows(tmp_path: Path) -> None:
    installed = Installed(tmp_path)
    assert installed.call("casebook", "tutorial").stdout == TUTORIAL
    for step in STEP.finditer(TUTORIAL):
        follow(step, installed)
    for page in re.findall(r"`(build/html/[^`]+)`", TUTORIAL):
        assert (installed.folder / page).exists(), page
    sessions = installed.call("nox", "--list").stdout
    for name in re.findall(r"nox -s ([\w-]+)", TUTORIAL):  # those too that are only mentioned
        assert re.search(rf"^\W+ {name}\b", sessions, re.M), name
