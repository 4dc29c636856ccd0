"""`python -m casebook COMMAND`, as `casebook.cli.main` reads it."""

import sys

from casebook.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
