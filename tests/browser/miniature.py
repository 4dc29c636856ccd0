"""A site of the miniature that has every kind of page, and every control of a page.

Its library is made by hand and really installed, so that there are releases to find things by, one
of which turned a verdict. There are two investigations, and tables longer and wider than a window.
"""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tests.casebook.builders import add_twin, append
from tests.casebook.plan.test_symptoms import SYMPTOMS
from tests.casebook.releases.builders import RELEASES
from tests.casebook.releases.wheels import wheel
from tests.conftest import CASEBOOK, Project, copy_of_tiny

DECLARED = ("1.5", "1.3", "1.1", "1.0")
"""The releases of the library `tally` in declared environments, today's first."""

ON_AXIS = ("1.0", "1.1", "1.2", "1.3", "1.4")
"""Those of the axis, which adds what is not declared: 1.2 cannot be imported, 1.3 counts from 2."""

NUMBERS = range(2, 26)
"""Each is a claim: a row of a table."""

FORGETFUL = range(2, 25, 2)
"""Each is a pattern: a column of a table."""

PLAN = """
[[database]]
id = "ledger"
title = "A ledger"

[[axis]]
package = "tally"
from = "dictionary"
releases = {on_axis}
patterns = ["counts-with-tally"]

[[situation]]
id = "with-a-dictionary"
title = "I count with a dictionary"
text = "Nothing else is needed."
environments = ["dictionary"]
claims = ["counts-to-2"]

[[pattern]]
id = "counts-with-tally"
title = "Desk(counts_with_tally())"
backend = "dictionary"

[[pattern]]
id = "gives-up"
title = "Desk(gives_up())"
backend = "dictionary"
"""

ENVIRONMENT = """
[[environment]]
id = "dictionary-{release}"
title = "Counting with a dictionary, tally {release}"
backend = "dictionary"
install = ["tally=={release}"]
imports = ["tally"]
source = "the environment `dictionary` with an earlier release"
differs_from = "dictionary"
"""

PATTERN = """
[[pattern]]
id = "forgets-after-{number}"
title = "Desk(forgets_after({number}))"
backend = "dictionary"
"""

FUNCTIONS = """

def counts_with_tally() -> Count:
    from tally import first

    counts = Counts()
    return lambda conversation: counts.next(conversation) + first() - 1


def gives_up() -> Count:
    counts = Counts()

    def count(conversation: str) -> int:
        if counts.counts[conversation]:
            raise LookupError("Counting outside of a conversation")
        return counts.next(conversation)

    return count


def forgets_after(number: int) -> Count:
    counts = Counts()
    return lambda conversation: (counts.next(conversation) - 1) % number + 1
"""

FORGETS = """

def forgets_after_{number}() -> Count:
    return forgets_after({number})
"""

CLAIMS = '''

def nth(history: History, number: int) -> Verdict:
    """Return whether the counts of each conversation had this number at its place."""
    counted = [
        [event for event in history.of("counted") if event.label("V") == conversation]
        for conversation in ("V1", "V2")
    ]
    if min(map(len, counted)) < number:
        return inconclusive("no occasion: nobody counted so far")
    found = [one[number - 1] for one in counted]
    for event in found:
        if event["number"] != number:
            return refuted(f"the count was {event['number']}, not {number}", event)
    return supported(f"both conversations counted {number}", *found)
'''

CLAIM = '''

@claim(
    experiments=("long",),
    supported_by=("kept-apart",),
    refuted_by={{"mixed-up": "not {number}"}},
    required=False,
    otherwise="forgets",
)
def counts_to_{number}(history: History) -> Verdict:
    """A conversation can count to {number}.

    Whoever else is counting.
    """
    return nth(history, {number})
'''

LONG = f'''"""Two conversations that count for long."""

from casebook.record import Trial
from experiments.tiny.driver import Driver


def run(trial: Trial) -> None:
    """Open both, ask in turn, close both."""
    driver = Driver(trial)
    both = driver.open(), driver.open()
    for _ in range({NUMBERS.stop - 1}):
        for conversation in both:
            driver.ask(conversation)
    for conversation in both:
        driver.close(conversation)
'''

REPRODUCTIONS = '''

def counted_to(pattern, number):
    """Count in two conversations in turn, so far."""
    desk = Desk(pattern())
    both = [[desk.answer(one) for one in ("V1", "V2")] for _ in range(number)]
    print(f"the counts were {both[-1]}")
    return "supported" if both[-1] == [number, number] else "refuted"
'''

REPRODUCTION = '''

def counts_to_{number}(pattern):
    """Count so far."""
    return counted_to(pattern, {number})
'''

STATEMENTS = """
[[statement]]
id = "tally-counts-from-one"
quotation = [{ source = "letter", section = "Table", quote = "With a tally one counts from 1." }]
finding = [{ claims = ["counts-apart"], patterns = ["counts-with-tally"], says = "supported" }]

[[statement]]
id = "counting-never-ends"
quotation = [{ source = "notes", section = "Findings", quote = "Nobody ever gives up." }]
finding = [{ claims = ["counts-to-9"], patterns = ["gives-up"], says = "supported" }]

[[statement]]
id = "globals-are-enough"
quotation = [
  { source = "notes", section = "Findings", quote = "Everybody may use `Desk(count)`." },
]
finding = [{ claims = ["counts-apart"], patterns = ["one-global"], says = "supported" }]
"""

SYMPTOM = """
[[symptom]]
id = "outside"
title = "LookupError: Counting outside of a conversation"
match = ["Counting outside of a conversation"]
meaning = "Somebody gave up."

[[symptom]]
id = "never-seen"
title = "ImportError: cannot import name 'T_ABACUS'"
match = ["T_ABACUS"]
meaning = "Nothing that was looked at needs one."
"""

REFERENCES = """
[[reference]]
id = "counting"
kind = "documentation"
title = "How to count"
url = "https://elsewhere.example/counting"
says = "Of counts."
claims = ["counts-apart"]
patterns = ["counts-by-name"]
backends = ["dictionary"]
symptoms = ["outside"]
"""

PROSE = """# How it works

{% set one = recorded("counts-by-name", "in-turn", "dictionary") %}
A dictionary {{ told("counts-apart", "counts-by-name", "dictionary",
    supported="keeps counts apart", refuted="mixes counts up") }}. There were
{{ one.of("counted")|length }} answers{{ evidence(one) }}.

{{ drawn("counts-by-name", "overlap", "dictionary", marks=["counted"]) }}

{{ code("counts-by-name") }}
"""

CHAPTERS = (
    "recommendations",
    "how-it-works",
    "comparison",
    "controls",
    "claims",
    "statements",
    "symptoms",
    "references",
    "method",
    "releases",
)


def build(folder: Path) -> None:
    """Build the site in `project` in a folder, which is made."""
    folder.mkdir()
    project = copy_of_tiny(folder)
    add_twin(project.root)
    project.replace("conf/twin.toml", 'title = "Counting in conv', 'title = "The same in conv')
    plan(project)
    tell(project)
    observe(project)
    built = project.casebook("site")
    # Closures were not observed on purpose: their findings are not tested, and 3 says so.
    assert built.returncode == 3, built.stdout + built.stderr


def plan(project: Project) -> None:
    """Ask more than the miniature does: of more releases, patterns, claims and databases."""
    conf, package = "conf/tiny.toml", "experiments/tiny"
    project.replace(conf, '["sqlite"]', f'["sqlite", "ledger"]\nchapters = {json.dumps(CHAPTERS)}')
    project.replace(
        conf,
        'backend = "dictionary"\ninstall = []\nimports = ["json"]',
        'backend = "dictionary"\ninstall = ["tally"]\nimports = ["tally"]',
    )
    append(project, conf, PLAN.format(on_axis=json.dumps(ON_AXIS)))
    append(project, conf, each(ENVIRONMENT, release=DECLARED[1:]))
    append(project, conf, each(PATTERN, number=FORGETFUL))
    append(
        project, f"{package}/backends/dictionary.py", FUNCTIONS + each(FORGETS, number=FORGETFUL)
    )
    append(project, f"{package}/claims.py", CLAIMS + each(CLAIM, number=NUMBERS))
    append(
        project, f"{package}/reproductions.py", REPRODUCTIONS + each(REPRODUCTION, number=NUMBERS)
    )
    project.write(f"{package}/long.py", LONG)
    for environment, release in installed().items():
        project.write(f"conf/requirements/tiny/{environment}.txt", f"tally=={release}\n")


def tell(project: Project) -> None:
    """Say more than the miniature does: statements, symptoms, references, prose."""
    append(project, "conf/tiny.statements.toml", STATEMENTS)
    project.write("conf/tiny.symptoms.toml", SYMPTOMS + SYMPTOM)
    project.write("conf/tiny.references.toml", REFERENCES)
    project.write("docs/tiny/how-it-works.md", PROSE)


def observe(project: Project) -> None:
    """Run environments, each with its release of the library; `closure` is left out."""
    for release in {*DECLARED, *ON_AXIS}:
        install(project.path(f"environments/{release}"), release)
    for environment, release in installed().items():
        run(project, environment, project.path(f"environments/{release}/bin/python"))
    for environment in ("module-global", "closure-not-importable", "dictionary-2"):
        run(project, environment, Path(sys.executable))


def installed() -> dict[str, str]:
    """Return the release of the library in each environment that has it."""
    found = {f"dictionary-{release}": release for release in DECLARED[1:]}
    found |= {
        f"dictionary-at-tally-{release}": release for release in ON_AXIS if release not in DECLARED
    }
    return {"dictionary": DECLARED[0], **found}


def install(folder: Path, release: str) -> None:
    """Make an environment with one release of the library."""
    venv.create(folder)
    file = wheel(folder, "tally", release, RELEASES[release][0])
    where = sysconfig.get_path("purelib", "venv", {"base": str(folder)})
    zipfile.ZipFile(file).extractall(where)


def run(project: Project, environment: str, python: Path) -> None:
    """Run an environment's cells with an interpreter."""
    path = os.pathsep.join([str(project.root), str(CASEBOOK)])
    command = [str(python), "-m", "casebook", "--root", str(project.root), "run", environment]
    ended = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def each(text: str, **values: Iterable[object]) -> str:
    """Return the text once for each value of the one name that stands in it."""
    ((name, found),) = values.items()
    return "".join(text.format(**{name: one}) for one in found)
