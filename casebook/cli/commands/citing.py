"""What is cited of the results, and whether it still holds."""

from __future__ import annotations

import argparse

from casebook.cli.asked import reports_of
from casebook.cli.command import UsageError, argument, command
from casebook.cli.said import explained, write
from casebook.exit_codes import gravest


@command(
    argument("claim"),
    argument("pattern", nargs="?"),
    argument("--environment"),
    argument("--database"),
    argument(
        "--full", action="store_true", help="with every row, event, the lifecycle and the script"
    ),
)
def cite(arguments: argparse.Namespace) -> int:
    """Print a Markdown reply that cites a claim's findings."""
    from casebook.cite.block import Uncitable
    from casebook.cite.cite import citations, cite, cited
    from casebook.site.build import site_url

    reports = reports_of(arguments)
    wanted = (arguments.claim, arguments.pattern, arguments.environment)
    try:
        found = citations(arguments.root, cited(reports, *wanted), site_url(arguments.root))
        write(cite(found, *wanted, arguments.database, full=arguments.full))
    except Uncitable as error:
        raise UsageError(str(error)) from None
    return 0


@command(
    argument("what", metavar="FILE-OR-URL-OR-BLOCK", help="- reads standard input"),
    argument(
        "--update", action="store_true", help="print the text with each block as of today instead"
    ),
)
def verify(arguments: argparse.Namespace) -> int:
    """Say whether cited blocks say what the results say: those of a file, an address or a text."""
    from functools import partial

    from casebook.cite.block import Uncitable
    from casebook.cite.cite import citations
    from casebook.cite.source import Unreadable, read_source
    from casebook.cite.verify import updated, verify
    from casebook.site.build import site_url

    compose = partial(citations, arguments.root)
    try:
        source = read_source(arguments.what)
        results = reports_of(arguments), site_url(arguments.root), compose
        if arguments.update:
            write(updated(source, *results))
            return 0
        outcomes = verify(source, *results)
    except (Unreadable, Uncitable) as error:
        raise UsageError(str(error)) from None
    for outcome in outcomes:
        print("\n".join(outcome.lines))
    return explained(gravest(*(outcome.code for outcome in outcomes)))
