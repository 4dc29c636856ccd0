"""Runs the cells of an order, and passes on each answer as soon as it is there.

    python -m casebook.proof.streamed ORDER RUN

It runs inside an environment under test, so it uses the standard library alone. Told to end, it
ends with all that it started.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

from casebook.observe.orders import Cold, Order, Unavailable, answers, warm_parents
from casebook.observe.orphans import ending_orphans


def main(file: str, run: str) -> int:
    """Print a line for each answer: what came of a cell, or why nothing can."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    told = Order(**json.loads(Path(file).read_text(encoding="utf-8")))
    try:
        with ending_orphans(), warm_parents(told, [int(run)]) as parents:
            for _, answer in answers(parents):
                _say(answer)
    except Unavailable as error:
        _say({"unavailable": str(error)})
    except Cold as error:
        _say({"cold": str(error)})
    except KeyboardInterrupt:
        return 0
    return 0


def _say(line: Any) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
