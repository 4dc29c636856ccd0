"""The command line: its words, and how a command ends."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from pathlib import Path

from casebook.cli import commands
from casebook.cli.command import UsageError
from casebook.exit_codes import ENDINGS, HarnessError, Unanswered
from casebook.installed import EnvironmentMissing
from casebook.plan.mistakes import PlanError
from casebook.record import NoServer


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; an error is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may not have every character
            stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(1_000_000, 50, 50)  # what a command reads lives as long as it: nothing to find
    arguments = parser().parse_args(argv)
    arguments.root = arguments.root.resolve()
    try:
        code = int(arguments.command(arguments))
        sys.stdout.flush()
        return code
    except (PlanError, UsageError, EnvironmentMissing) as error:
        return _ended(2, str(error))
    except HarnessError as error:
        return _ended(1, str(error))
    except Unanswered as error:
        if error.said:
            print(error.said, file=sys.stderr)
        return _ended(3, f"{error}\ncasebook: exit code 3: {ENDINGS[3]}")
    except NoServer as error:
        return _ended(3, str(error))
    except KeyboardInterrupt:
        return _ended(130, "interrupted: nothing is half-written")
    except BrokenPipeError:
        # Whoever read our output stopped; Python must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _ended(code: int, why: str) -> int:
    print(f"casebook: {why}", file=sys.stderr)
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="casebook", description=commands.__doc__)
    parser.add_argument("--root", type=Path, default=Path(), help="the project's folder, else this")
    known = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands.COMMANDS:
        one = known.add_parser(command.name, help=command.text, description=command.text)
        one.set_defaults(command=command, investigation=None)
        if not command.anywhere:
            one.add_argument("--investigation", metavar="ID", help="this one alone, not all")
        for argument in command.arguments:
            one.add_argument(*argument.names, **argument.options)
    return parser
