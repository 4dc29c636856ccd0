"""What the tests of the plan are built of: its files, and faults that are declared in it."""

import pytest

from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.mistakes import PlanError
from casebook.plan.said import read_statements

TOML = "conf/tiny.toml"
FAULTS = "conf/tiny.faults.toml"

CLAIMS = "experiments/tiny/claims.py"


def error_of(action, *arguments):
    with pytest.raises(PlanError) as caught:
        action(*arguments)
    return caught.value


def claims_of(project):
    return read_claims(project.root, read_investigation(project.root, "tiny"))


def said(project):
    """Return the statements of a project's investigation."""
    investigation = read_investigation(project.root, "tiny")
    return read_statements(project.root, investigation, read_claims(project.root, investigation))


def error_in_said(project):
    """Return the error that reading them raises, which is of their file."""
    error = error_of(said, project)
    assert error.file == STATEMENTS
    return error


ONE_COUNT = """
[[fault]]
id = "one-count"
title = "The dictionary keeps one count for all."
environment = "dictionary"
file = "experiments/tiny/backends/dictionary.py"
old = "        return self.counts[conversation]"
new = "        return self.counts.total()"
turns = [{ claim = "counts-apart", pattern = "counts-by-name", phrase = "saw what another" }]
keeps = [{ claim = "wires", pattern = "counts-by-name" }]
"""

HARMLESS = """
[[fault]]
id = "plain-dictionary"
title = "Harmless: the counts are looked up otherwise."
environment = "dictionary"
file = "experiments/tiny/backends/dictionary.py"
old = "        return self.counts[conversation]"
new = "        return self.counts.get(conversation)"
keeps = [{ pattern = "counts-by-name" }]
"""

INSTALLED = """
[[fault]]
id = "tally-starts-late"
title = "The installed library counts from 2."
environment = "dictionary"
file = "tally/core.py"
old = "FIRST = 1"
new = "FIRST = 2"
turns = [{ claim = "counts-apart", pattern = "counts-by-name", phrase = "saw what another" }]
"""


def put(project, *texts):
    """Declare these faults in a project that was observed without them."""
    project.write(FAULTS, "".join(texts))


UNTURNED = '\n[[unturned]]\nclaim = "{}"\nwhy = "no library warns"\n'


STATEMENTS = "conf/tiny.statements.toml"


MUTANTS = "conf/tiny.mutants.toml"

OPERATORS = """
[[operator]]
id = "one-key"
kind = "answer"
by = "0"
title = "{function} answers 0, not {code}"

[[operator]]
id = "left-out"
kind = "drop"
names = ["reset", "note"]
title = "{function} leaves out {code}"

[[operator]]
id = "negate"
kind = "negate"
title = "{function} turns around: if {code}"
"""

TARGET = """
[[target]]
environment = "dictionary"
file = "tally/count.py"
functions = ["Tally.*", "step"]
operators = ["one-key", "left-out", "negate"]
"""

HARMLESS_MUTANTS = """
[[harmless]]
mutants = ["tally/count.py:Tally.next:left-out:2", "tally/count.py:Tally.unused:left-out:1"]
why = "Nobody reads the notes."
"""


def put_mutants(project, *texts):
    """Declare operators, targets and reasons in a project."""
    project.write(MUTANTS, "".join(texts))
