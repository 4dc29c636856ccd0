"""`python -m bench [WHAT ...]`: measures, prints each figure, and keeps them in `docs/`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import figures, findings, phone, report, site, suite
from bench.clock import Failed

ROOT = Path(__file__).resolve().parent.parent

Measure = Callable[[Path, Path], Iterator[figures.Figure]]

QUICK: dict[str, Measure] = {
    "findings": findings.measure,
    "phone": phone.measure,  # before `site`, which changes the project that both look at
    "site": site.measure,
}

LONG: dict[str, Measure] = {"report": report.measure, "tests": suite.measure}


def main(names: list[str]) -> int:
    """Measure what is named, or all that is quick; return 2 for an unknown name, 1 on failure."""
    known = QUICK | LONG
    if unknown := [name for name in names if name not in known]:
        print(f"bench: unknown {unknown[0]!r}: known are {', '.join(known)}", file=sys.stderr)
        return 2
    folder = ROOT / "build" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    code = 0
    for name in names or QUICK:
        try:
            for figure in known[name](ROOT, folder):
                word = {True: "reached", False: "not reached", None: ""}[figure.reached]
                print(f"{figure.what}: {figure.figure} ({figure.goal}): {word}", flush=True)
                figures.keep(ROOT, [figure])
        except (Failed, LookupError) as error:
            print(f"bench: {name}: {error}", file=sys.stderr)
            code = 1
    shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
