"""The command line: its words, and how a command ends."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from casebook.cli import commands
from casebook.cli.commands import UsageError
from casebook.exit_codes import MEANINGS, HarnessError, Unanswered
from casebook.installed import EnvironmentMissing
from casebook.plan.investigation import PlanError
from casebook.record import NoServer

Command = Callable[[argparse.Namespace], int]

PORT = 8000

ANYWHERE = (
    *(commands.new, commands.tutorial, commands.reference, commands.run, commands.show),
    *(commands.watch, commands.not_rerun, commands.keep, commands.schemas, commands.lock),
    commands.explain,
)
"""The commands that ask for no investigation: what they name is of one, or of none."""


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
        return _ended(3, f"{error}\ncasebook: exit code 3: {MEANINGS[3]}")
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


def _add_called_from(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--called-from",
        type=Path,
        default=Path.cwd(),
        metavar="FOLDER",
        help="what paths are relative to",
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="casebook", description=commands.__doc__)
    parser.add_argument("--root", type=Path, default=Path(), help="the project's folder, else this")
    known = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(command: Command) -> argparse.ArgumentParser:
        text = (command.__doc__ or "").strip()
        name = command.__name__.replace("_", "-")
        one = known.add_parser(name, help=text, description=text)
        one.set_defaults(command=command, investigation=None)
        if command not in ANYWHERE:
            one.add_argument("--investigation", metavar="ID", help="this one alone, not all")
        return one

    one = add(commands.new)
    one.add_argument("id", metavar="ID", help="the new investigation's id: `greeting`")

    add(commands.tutorial)
    add(commands.reference)

    one = add(commands.run)
    one.add_argument("environment")
    one.add_argument("--database", help="this one alone; without it, each that has cells")
    one.add_argument(
        "--fresh", action="store_true", help="run all cells, those too that did not change"
    )
    one.add_argument(
        "--cells",
        nargs="+",
        default=[],
        metavar="PATTERN/EXPERIMENT",
        help="run these cells alone, and write a record that holds no others",
    )
    one.add_argument(
        "--once",
        nargs=2,
        metavar=("PATTERN", "EXPERIMENT"),
        help="run this cell once, write no file, and print its history",
    )
    one.add_argument("--kept", type=Path, metavar="FILE", help="keep that history here instead")

    one = add(commands.needs)
    one.add_argument("what", choices=["experiments", "faults", "mutants", "sweep"])
    one.add_argument("names", nargs="*", metavar="FAULT-OR-PACKAGE")
    one.add_argument("--fresh", action="store_true", help="as if nothing had run here before")

    one = add(commands.not_rerun)
    one.add_argument("environment")
    one.add_argument("said", type=Path, metavar="FILE", help="what the installer said")

    one = add(commands.show)
    one.add_argument("environment")
    one.add_argument("pattern")
    one.add_argument("experiment")
    one.add_argument("--database")

    one = add(commands.watch)
    one.add_argument("nox", nargs="+", metavar="COMMAND", help="after --, what starts nox")

    one = add(commands.unite)
    one.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")

    add(commands.keep)
    one = add(commands.report)
    one.add_argument("--experiments-took", type=float, default=0, metavar="SECONDS")
    one.add_argument("--experiments-ended", type=int, default=0, metavar="CODE")
    one = add(commands.swept)
    one.add_argument("packages", nargs="*", metavar="PACKAGE")
    one.add_argument("--experiments-took", type=float, default=0, metavar="SECONDS")
    one.add_argument("--experiments-ended", type=int, default=0, metavar="CODE")

    add(commands.site)
    one = add(commands.pages)
    one.add_argument(
        "--calm", action="store_true", help="end with 0 where the report is incomplete"
    )
    one = add(commands.publish)
    one.add_argument("folder", nargs="?", default="public", help="relative to the project's")
    one = add(commands.serve)
    one.add_argument("--port", type=int, default=PORT)
    add(commands.summary)
    add(commands.verdicts)

    one = add(commands.cite)
    one.add_argument("claim")
    one.add_argument("pattern", nargs="?")
    one.add_argument("--environment")
    one.add_argument("--database")
    one.add_argument(
        "--full", action="store_true", help="with every row, event, the lifecycle and the script"
    )

    one = add(commands.verify)
    one.add_argument("what", metavar="FILE-OR-URL-OR-BLOCK", help="- reads standard input")
    one.add_argument(
        "--update", action="store_true", help="print the text with each block as of today instead"
    )

    one = add(commands.diff)
    one.add_argument(
        "before", metavar="A", help="a folder, a commit, or an edition's folder or URL"
    )
    one.add_argument(
        "after", metavar="B", nargs="?", default="", help="without it, the results here"
    )
    one.add_argument("--markdown", action="store_true", help="print it as Markdown for a reply")
    one.add_argument("--full", action="store_true", help="every row, however many turned")
    _add_called_from(one)

    add(commands.stale)
    one = add(commands.as_of)
    one.add_argument("days", nargs="*", metavar="DATE", help="without it, those of all statements")

    one = add(commands.candidate)
    one.add_argument(
        "what", nargs="+", metavar="PACKAGE @ PATH-OR-URL-OR-VERSION", help="quoted or not"
    )
    one.add_argument(
        "--environment", action="append", help="without it, today's first that has the package"
    )
    one.add_argument("--all", action="store_true", help="in every environment that has the package")
    one.add_argument("--pattern", action="append", help="these alone; controls if they are named")
    one.add_argument("--claim", action="append", help="these alone, in twins, too")
    one.add_argument("--twins", action="store_true", help="what needs further packages, too")
    one.add_argument("--editable", action="store_true", help="install a checkout as editable")
    one.add_argument("--markdown", type=Path, metavar="FILE", help="write the reply there, too")
    _add_called_from(one)

    one = add(commands.bisect)
    one.add_argument("claim")
    one.add_argument("pattern")
    one.add_argument("package")
    one.add_argument("--environment", help="without it, today's first that has the package")
    one.add_argument("--database", help="without it, the first on which the claim is judged")
    one.add_argument(
        "--between", nargs=2, metavar=("A", "B"), help="without it, all releases on the index"
    )
    one.add_argument("--pre", action="store_true", help="pre-releases, too")
    one.add_argument("--yanked", action="store_true", help="yanked releases, too")

    one = add(commands.faults)
    one.add_argument("faults", nargs="*", metavar="FAULT")
    one.add_argument("--jobs", type=int, default=2, help="how many are tried at a time")

    one = add(commands.mutants)
    one.add_argument("mutants", nargs="*", metavar="MUTANT", help="an id, which may hold * and ?")
    one.add_argument("--jobs", type=int, default=2, help="how many are tried at a time")
    one.add_argument("--list", action="store_true", help="print the mutants and try none")

    one = add(commands.repros)
    one.add_argument("findings", nargs="*", metavar="FINDING", help="an id, which may hold * and ?")
    one.add_argument("--jobs", type=int, default=2, help="how many run at a time")
    one.add_argument(
        "--installed", action="store_true", help="in the installed environments, without uv"
    )

    add(commands.schemas)
    one = add(commands.lock)
    one.add_argument("names", nargs="*", metavar="NAME")
    one = add(commands.explain)
    one.add_argument("code", type=int)
    return parser
