"""What the tests of several rooms build with: a twin that has what is lacking, a second report."""

import shutil
from pathlib import Path

from casebook.judge.project import read_report

NEEDY = '''"""Two conversations, counted with what the environment lacks."""

from casebook.record import Trial
from experiments.tiny.in_turn import run as in_turn

NEEDS = ("abacus",)


def run(trial: Trial) -> None:
    """Count as in turn."""
    in_turn(trial)
'''

SERVED = '''"""Two conversations, counted in a database."""

from casebook.record import Trial
from experiments.tiny.in_turn import run as in_turn

DATABASES = ("ledger",)


def run(trial: Trial) -> None:
    """Count as in turn, and say what was had."""
    trial.record("connected", server=trial.server, database=trial.database)
    in_turn(trial)
'''

CLAIM = '''

@claim(
    experiments=("{experiment}",),
    supported_by=("kept-apart",),
    refuted_by={{"mixed-up": "saw what"}},
)
def counts_{experiment}(history: History) -> Verdict:
    """Also there."""
    return counts_apart.check(history)
'''

CHECK = '''

@check(experiments=("in-turn",), about="{about}")
def is_a_number(history: History, of: str) -> Verdict:
    """Is it a number?"""
    return inconclusive("nobody counted")
'''

ADDITION = """
[[addition]]
id = "abacus"
title = "an abacus"
install = ["abacus"]
to = ["dictionary"]
"""

SERVER = '''"""A server that is a text in a file."""

from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serve(folder):
    """Yield where it is, and leave a note when it is over."""
    yield "somewhere"
    Path("served.txt").write_text("stopped")
'''

TWIN = "dictionary-with-abacus"

AXIS = """
[[axis]]
package = "tally"
from = "dictionary"
releases = ["1.0", "1.1", "2.0"]
"""

OLDER = "dictionary-at-tally-1.0"
"""The environment that the axis generates for its first release."""

SWEPT = (OLDER, "dictionary-at-tally-1.1", "dictionary-at-tally-2.0")
"""The environments that the axis generates."""


def add_axis(project):
    """Add an axis of three releases, all of them with nothing to install."""
    append(project, "conf/tiny.toml", AXIS)
    for id in SWEPT:
        project.write(f"conf/requirements/tiny/{id}.txt", "")


def append(project, name, text):
    project.write(name, project.path(name).read_text(encoding="utf-8") + text)


def found(project, claim, environment="dictionary", pattern="counts-by-name", database="sqlite"):
    """Return the one finding of these ids."""
    (finding,) = (
        one
        for one in read_report(project.root, "tiny").findings
        if (one.claim, one.environment, one.pattern, one.database)
        == (claim, environment, pattern, database)
    )
    return finding


def add_twin(root: Path) -> None:
    """Add a second investigation to the miniature, which differs in its names alone."""
    text = (root / "conf" / "tiny.toml").read_text()
    for name in ("dictionary", "closure", "module-global", "closure-not-importable"):
        text = text.replace(f'id = "{name}"\ntitle = "Counting', f'id = "{name}-2"\ntitle = "Twin')
    text = text.replace('id = "closure-not-resolvable"', 'id = "closure-not-resolvable-2"')
    text = text.replace('differs_from = "closure"', 'differs_from = "closure-2"')
    (root / "conf" / "twin.toml").write_text(text)
    (root / "conf" / "requirements" / "twin").mkdir()
    for lock in (root / "conf" / "requirements" / "tiny").iterdir():
        name = f"{lock.stem}-2{lock.suffix}"
        shutil.copy(lock, root / "conf" / "requirements" / "twin" / name)
