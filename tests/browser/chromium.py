"""Where Chromium is; run as a program, it fetches playwright's own where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")

WANTED = (
    "no Chromium: install one (apt-get install chromium), or name it in CASEBOOK_CHROMIUM;"
    " `nox -s browser` tries playwright's own"
)


def find() -> str | None:
    """Return the program: what CASEBOOK_CHROMIUM names, else in the path, else playwright's own."""
    if named := os.environ.get("CASEBOOK_CHROMIUM"):
        return shutil.which(named)
    found = filter(None, map(shutil.which, NAMES))
    return next(found, None) or _of_playwright()


def options() -> list[str]:
    """Return how it is started: Chromium's sandbox refuses to work for root."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def main() -> int:
    """Find it or fetch playwright's own, say which it is, return 1 where neither can be."""
    if named := os.environ.get("CASEBOOK_CHROMIUM"):
        print(f"Chromium: {find() or f'CASEBOOK_CHROMIUM names {named}, which is no program'}")
        return 0 if find() else 1
    if not find():
        print("No Chromium: `apt-get install chromium` installs one. Trying playwright's own ...")
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
    if found := find():
        print(f"Chromium: {found}")
        return 0
    print(f"{WANTED}, and could not fetch it", file=sys.stderr)
    return 1


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = playwright.chromium.executable_path
    return program if Path(program).exists() else None


if __name__ == "__main__":
    sys.exit(main())
