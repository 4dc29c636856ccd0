"""The commands: what nox calls, and what a person may call by hand.

Each command imports what it needs: those that run inside an environment under test, or where
nothing is installed, have the standard library alone, and `--help` does not wait for Sphinx.
"""

from casebook.cli.command import Command
from casebook.cli.commands import citing, observing, project, proving, releases, reporting

COMMANDS = tuple(
    one
    for group in (project, observing, reporting, citing, releases, proving)
    for one in vars(group).values()
    if isinstance(one, Command)
)
"""Every command, group by group, in the order in which each module has them."""
