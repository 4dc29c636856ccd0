"""How commands are timed: each alone, in turns, the best run counting."""

import sys

import pytest

from bench.clock import Command, Failed, best, run

BUSY = "sum(i * i for i in range(3_000_000))"


def python(text, folder, **more):
    return Command([sys.executable, "-c", text], folder, **more)


def test_what_a_command_took_is_its_own_and_its_children_s(tmp_path):
    alone = run(python("pass", tmp_path)).processor
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{BUSY}'])"
    assert run(python(child, tmp_path)).processor > alone


def test_a_command_that_fails_is_told_with_what_it_printed(tmp_path):
    with pytest.raises(Failed, match="ended with 1:\nno luck"):
        run(python("raise SystemExit('no luck')", tmp_path))


def test_a_code_that_is_expected_is_no_failure(tmp_path):
    assert run(python("raise SystemExit(3)", tmp_path, codes=(0, 3))).code == 3


def test_commands_take_turns(tmp_path):
    turns = []
    commands = {
        name: python("pass", tmp_path, before=lambda name=name: turns.append(name))
        for name in ("ours", "theirs")
    }
    took = best(commands, times=2)
    assert turns == ["ours", "theirs", "ours", "theirs"]
    assert took.keys() == commands.keys()
