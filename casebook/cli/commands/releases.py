"""Other releases and other days, beside what is observed here."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from casebook.cli.asked import investigations_of
from casebook.cli.command import UsageError, argument, command
from casebook.cli.said import explained, write
from casebook.exit_codes import gravest


def _folder(name: str) -> Path:
    return Path(name).absolute()


CALLED_FROM = argument(
    "--called-from", type=_folder, default=".", metavar="FOLDER", help="what paths are relative to"
)


@command(
    argument("before", metavar="A", help="a folder, a commit, or an edition's folder or URL"),
    argument("after", metavar="B", nargs="?", default="", help="without it, the results here"),
    argument("--markdown", action="store_true", help="print it as Markdown for a reply"),
    argument("--full", action="store_true", help="every row, however many turned"),
    CALLED_FROM,
)
def diff(arguments: argparse.Namespace) -> int:
    """Say which findings turned between two result sets: folders, commits or editions."""
    from casebook.cli.compare import NotComparable, alike, compare_all

    try:
        text, problems = compare_all(
            arguments.root,
            arguments.before,
            arguments.after,
            markdown=arguments.markdown,
            full=arguments.full,
            called_from=arguments.called_from,
        )
    except NotComparable as error:
        raise UsageError(str(error)) from None
    write(text)
    for line in alike(problems):
        print(f"casebook: {line}", file=sys.stderr)
    return explained(4 if problems else 0)


@command()
def stale(arguments: argparse.Namespace) -> int:
    """Ask the package index for releases newer than the locked ones, and for yanked ones."""
    from casebook.cli.stale import ask

    codes = [0]
    for investigation in investigations_of(arguments):
        asked = ask(arguments.root, investigation, datetime.now(UTC).date())
        print("\n".join(asked.lines), flush=True)
        codes.append(0 if asked.answered else 3)
    return explained(gravest(*codes))


@command(argument("days", nargs="*", metavar="DATE", help="without it, those of all statements"))
def as_of(arguments: argparse.Namespace) -> int:
    """Observe the releases that the index held on a day, by which statements of it are judged."""
    from functools import partial

    from casebook.cli.as_of import WrongDay, observe_days

    today = datetime.now(UTC).date()
    try:
        reasons = observe_days(arguments.root, arguments.days, today, partial(print, flush=True))
    except WrongDay as error:
        raise UsageError(str(error)) from None
    for why in reasons:
        print(f"casebook: {why}", file=sys.stderr)
    return explained(3 if reasons else 0)


@command(
    argument("what", nargs="+", metavar="PACKAGE @ PATH-OR-URL-OR-VERSION", help="quoted or not"),
    argument(
        "--environment", action="append", help="without it, today's first that has the package"
    ),
    argument("--all", action="store_true", help="in every environment that has the package"),
    argument("--pattern", action="append", help="these alone; controls if they are named"),
    argument("--claim", action="append", help="these alone, in twins, too"),
    argument("--twins", action="store_true", help="what needs further packages, too"),
    argument("--editable", action="store_true", help="install a checkout as editable"),
    argument("--markdown", type=Path, metavar="FILE", help="write the reply there, too"),
    CALLED_FROM,
)
def candidate(arguments: argparse.Namespace) -> int:
    """Replace one package by a checkout, a wheel, a Git reference or a release: say what turns.

    Nothing that is committed changes.
    """
    from casebook.cli.candidate import try_candidate

    try_candidate(arguments)
    return 0


@command(
    argument("claim"),
    argument("pattern"),
    argument("package"),
    argument("--environment", help="without it, today's first that has the package"),
    argument("--database", help="without it, the first on which the claim is judged"),
    argument(
        "--between", nargs=2, metavar=("A", "B"), help="without it, all releases on the index"
    ),
    argument("--pre", action="store_true", help="pre-releases, too"),
    argument("--yanked", action="store_true", help="yanked releases, too"),
)
def bisect(arguments: argparse.Namespace) -> int:
    """Find the release of a package at which a claim's verdict on a pattern turned, and keep it."""
    from casebook.cli.bisecting import find_turn

    find_turn(arguments)
    return 0
