"""`casebook COMMAND`, or `python -m casebook COMMAND`, as `casebook.cli.main` reads it."""

import sys

from casebook.cli.main import main


def script() -> None:
    """Run one command, as the installed script does."""
    sys.exit(main())


if __name__ == "__main__":
    script()
