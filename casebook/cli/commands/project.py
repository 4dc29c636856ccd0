"""The project's own files: begun, described, locked."""

from __future__ import annotations

import argparse
import sys

from casebook import ENGINE
from casebook.cli.command import UsageError, argument, command
from casebook.cli.said import write
from casebook.exit_codes import meaning
from casebook.plan.mistakes import one_of


@command(argument("id", metavar="ID", help="the new investigation's id: `greeting`"), anywhere=True)
def new(arguments: argparse.Namespace) -> int:
    """Write a small investigation that can be run at once, and the project around it."""
    from casebook.cli.new import Taken, write_new

    try:
        written = write_new(arguments.root, arguments.id)
    except Taken as error:
        raise UsageError(str(error)) from None
    for path in written:
        print(f"wrote {path.relative_to(arguments.root)}")
    print("\nNext:")
    print("  make report    run the experiments, build the site: build/html/index.html")
    print("  make test      run the tests")
    print("  make serve     show the site, built again as you change it")
    print("`casebook tutorial` leads from here to a finding of your own that you can cite.")
    return 0


@command(anywhere=True)
def tutorial(arguments: argparse.Namespace) -> int:
    """Print the tutorial, from a new investigation to a finding that is cited, as Markdown."""
    write((ENGINE / "tutorial.md").read_text(encoding="utf-8"))
    return 0


@command(anywhere=True)
def reference(arguments: argparse.Namespace) -> int:
    """Print the reference of all that one may write, as Markdown."""
    from casebook.cli.main import parser
    from casebook.cli.reference import reference

    write(reference(parser()))
    return 0


@command(anywhere=True)
def schemas(arguments: argparse.Namespace) -> int:
    """Write the JSON schemas that are out of date."""
    from casebook.site.verdicts import write_schemas

    for path in write_schemas(arguments.root):
        print(path)
    return 0


@command(
    argument("names", nargs="*", metavar="NAME"),
    argument(
        "--unresolved",
        action="store_true",
        help="where nothing fits together any more, keep the reason in place of the lock",
    ),
    anywhere=True,
)
def lock(arguments: argparse.Namespace) -> int:
    """Resolve the locks again, all or those named."""
    from casebook.cli.locks import LockError, all_locks, locks, make_lock, strays

    known = {one.name: one for one in locks(arguments.root)}
    for name in arguments.names:
        if name not in known:
            raise UsageError(f"unknown lock {name!r}: {one_of(name, known)}")
    failed = False
    named = (known[name] for name in arguments.names)
    for one in named if arguments.names else all_locks(arguments.root):
        try:
            print(make_lock(arguments.root, one, unresolved=arguments.unresolved), flush=True)
        except LockError as error:
            print(f"casebook: {error}", file=sys.stderr)
            failed = True
    for path in strays(arguments.root):
        print(f"{path}: no environment has this lock: delete it")
    return int(failed)


@command(argument("code", type=int), anywhere=True)
def explain(arguments: argparse.Namespace) -> int:
    """Say what an exit code means."""
    print(f"casebook: exit code {arguments.code}: {meaning(arguments.code)}")
    return 0
