"""Synthetic findings: an investigation of any size, as many histories to its cells as today.

Today's 5,164 cells hold 684 different histories, those of 31 experiments, of 149 events in the
mean; of all cells 89. So most cells have short histories that many of them share, and some have
long ones. What is added when there are more findings is releases, as in a sweep.
"""

from __future__ import annotations

import functools
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from bench.clock import Command
from bench.records import Observation, write_records
from casebook.record import Event, History, Scalar

ID = "synthetic"
CLAIMS = 25
EXPERIMENTS = 26
BACKENDS = 4
PATTERNS = 8
DATABASES = ("one", "two")
CONTROLS = {"right": "supported", "wrong": "refuted", "broken": "raised"}

SETTING = CLAIMS * PATTERNS + 2 * CLAIMS
"""The findings of a setting: those of a backend's patterns, and two controls for each claim."""


class Kind(NamedTuple):
    """What the histories of an experiment are like: their length, and how many differ."""

    events: int
    different: float


SHORT = Kind(events=40, different=0.077)
LONG = Kind(events=290, different=0.26)


@dataclass(frozen=True, slots=True)
class Size:
    """How large an investigation is, by its findings: a multiple of 2,000."""

    findings: int

    @property
    def environments(self) -> int:
        """How many releases there are, of all backends together."""
        return self.findings // SETTING // len(DATABASES)

    def environment(self, number: int) -> tuple[str, str]:
        """Return the id of an environment and of its backend; a backend's come together."""
        each = self.environments // BACKENDS
        return f"library-{number // each}-release-{number % each}", f"library-{number // each}"


def project(root: Path, size: Size) -> int:
    """Make a project with this many findings, and return how many different histories it holds."""
    shutil.rmtree(root, ignore_errors=True)
    for name, text in chain(_plan(size), _experiments()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    observed = list(observations(size))
    environments = {one.environment for one in observed}
    write_records(root, ID, observed, {one: _releases(one) for one in environments})
    return len({id(one.history) for one in observed})


def writing(root: Path) -> Command:
    """Return the command that judges the project and writes its pages' sources and files."""

    def forget() -> None:
        shutil.rmtree(root / "build", ignore_errors=True)

    words = [sys.executable, "-m", "casebook", "--root", root, "pages"]
    return Command(words, Path.cwd(), forget)


# --- What is observed -----------------------------------------------------------------------------


def observations(size: Size) -> Iterator[Observation]:
    """Yield what is observed in each setting: the cells of its backend's patterns and controls."""
    settings = [
        (*size.environment(number), database)
        for number in range(size.environments)
        for database in DATABASES
    ]
    each = len(settings) // BACKENDS
    for number, (environment, backend, database) in enumerate(settings):
        for experiment in range(EXPERIMENTS):
            for pattern in _patterns(backend):
                release = int(number % each * _kind(experiment).different)
                answer = _answer(f"{pattern}-{release}", experiment)
                history = _history(pattern, experiment, release, answer)
                yield Observation(environment, database, pattern, _run(experiment), history)
            for control, answer in CONTROLS.items():
                if control == "right" or (control == "broken") == (experiment == 0):
                    release = int(number * _kind(experiment).different)
                    history = _history(control, experiment, release, answer)
                    yield Observation(environment, database, control, _run(experiment), history)


def _answer(name: str, experiment: int) -> str:
    """Return what the claims shall say of a history: the first experiment is the gate's."""
    chance = sum(name.encode()) * 7 % 10
    if experiment == 0:
        return "raised" if chance < 3 else "supported"
    return "supported" if chance < 6 else "refuted" if chance < 9 else "inconclusive"


def _kind(experiment: int) -> Kind:
    return LONG if experiment % 4 == 3 else SHORT


@functools.cache
def _history(pattern: str, experiment: int, release: int, answer: str) -> History:
    """Return a history of conversations that count, each from 1 unless they share a counter."""
    events = [Event("wiring-started", ("D1",))]
    if answer == "raised":
        return History("raised", f"RuntimeError: the counter of {pattern} broke", (*events,))
    conversations = 1 if answer == "inconclusive" else 4
    shared = answer == "refuted"
    for number in range(_kind(experiment).events - 2):
        label = f"V{number % conversations + 1}"
        counted = number + 1 if shared else number // conversations + 1
        details: dict[str, Scalar] = {
            "number": counted,
            "by": f"{pattern} in release {release}",
            "run": experiment,
        }
        events.append(Event("counted", ("D1", label), details))
    events.append(Event("wiring-ended", ("D1",)))
    return History("completed", "", tuple(events))


# --- What is asked --------------------------------------------------------------------------------


def _patterns(backend: str) -> list[str]:
    return [f"{backend}-pattern-{number}" for number in range(PATTERNS)]


def _run(experiment: int) -> str:
    return f"run-{experiment}"


def _releases(environment: str) -> dict[str, str]:
    backend, _, release = environment.partition("-release-")
    return {backend: f"1.{release}"}


def _plan(size: Size) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file of `conf/`."""
    yield "conf/site.toml", 'title = "Synthetic"\nsite_url = "https://synthetic.example/"\n'
    backends = [f"library-{number}" for number in range(BACKENDS)]
    lines = [
        'title = "Synthetic"',
        'question = "Does a counter keep its count to one conversation?"',
        'experiments = "experiments.synthetic"',
        'claims = "experiments.synthetic.claims"',
        f"databases = {list(DATABASES)}",
        f"packages = {backends}",
        "time_limit = 10",
    ]
    for backend in backends:
        module = f"experiments.synthetic.{backend.replace('-', '_')}"
        lines += _table("backend", id=backend, title=backend.title(), patterns=module)
    for number in range(size.environments):
        environment, backend = size.environment(number)
        ((package, release),) = _releases(environment).items()
        pin = f"{package}=={release}"
        yield f"conf/requirements/synthetic/{environment}.txt", f"{pin}\n"
        titled = {"title": f"{backend.title()} {release}", "source": "made for measuring"}
        lists = {"install": [pin], "imports": [package.replace("-", "_")]}
        lines += _table("environment", id=environment, backend=backend, **titled, **lists)
    for backend in backends:
        for pattern in _patterns(backend):
            lines += _table("pattern", id=pattern, title=f"Desk({pattern})", backend=backend)
    for control in CONTROLS:
        titled = {"title": f"built to be {control}", "backend": backends[0]}
        lines += [*_table("pattern", id=control, **titled), "control = true"]
    lines += ["", "[diagram]", f"experiments = {[_run(1), _run(2), _run(3)]}", 'lane = "D"']
    lines += _table(
        "diagram.bar", label="V", title="conversation", opens="counted", closes="wiring-ended"
    )
    yield "conf/synthetic.toml", "\n".join(lines) + "\n"


def _table(kind: str, **values: object) -> list[str]:
    return ["", f"[[{kind}]]", *(f"{name} = {value!r}" for name, value in values.items())]


CHECKERS = '''"""What is claimed of counters, again and again."""

from collections import Counter

from casebook.claim import Verdict, claim, inconclusive, refuted, supported
from casebook.record import History


def counted_apart(history: History) -> Verdict:
    asked: Counter[str] = Counter()
    for event in history.of("counted"):
        conversation = event.label("V") or ""
        asked[conversation] += 1
        if event["number"] != asked[conversation]:
            return refuted(
                f"{conversation} saw what another conversation counted: it was answered with "
                f"{event['number']} and should have been with {asked[conversation]}, "
                f"by {event['by']}",
                event,
            )
    if len(asked) < 2:
        return inconclusive("no occasion: fewer than two conversations counted, so none could see")
    shown = list(history.of("counted"))[:4]
    return supported(f"each of {len(asked)} conversations counted from 1 on, whoever else", *shown)


@claim(
    experiments=("run-0",),
    supported_by=("right",),
    refuted_by={"broken": "broke"},
    gate=True,
)
def claim_0(history: History) -> Verdict:
    """The pattern can be set up as written.

    A desk takes the counter, and nothing raises.
    """
    ended = history.first("wiring-ended")
    if ended is None:
        return refuted(f"wiring ended with {history.reason}", *history.of("wiring-started"))
    return supported("the desk took the counter", ended)
'''

CHECKER = '''

@claim(
    experiments={experiments},
    supported_by=("right",),
    refuted_by={{"wrong": "saw what"}},
    required={required},
    baseline={baseline},
)
def claim_{number}(history: History, baseline: History | None = None) -> Verdict:
    """No conversation sees what another counted, way {number}.

    The numbers of each conversation are 1, 2, 3 and so on, whoever else was counting.
    """
    return counted_apart(history)
'''


def _experiments() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file of `experiments/`."""
    yield "experiments/__init__.py", ""
    folder = "experiments/synthetic"
    yield f"{folder}/__init__.py", '"""Counting in conversations."""\n'
    for number in range(EXPERIMENTS):
        text = f'"""Conversations count, way {number}."""\n\n\ndef run(trial): ...\n'
        yield f"{folder}/run_{number}.py", text
    for number in range(BACKENDS):
        names = _patterns(f"library-{number}") + (list(CONTROLS) if number == 0 else [])
        functions = (f"def {name.replace('-', '_')}():\n    return count\n" for name in names)
        text = '"""Patterns."""\n\ncount = print\n\n\n' + "\n\n".join(functions)
        yield f"{folder}/library_{number}.py", text
    claims = [
        CHECKER.format(
            number=number,
            experiments=_asked(number),
            required=number % 10 != 9,
            baseline='"right"' if number == CLAIMS - 2 else None,
        )
        for number in range(1, CLAIMS)
    ]
    yield f"{folder}/claims.py", CHECKERS + "".join(claims)


def _asked(claim: int) -> tuple[str, ...]:
    """Return the experiments of a claim: 1.6 in the mean."""
    more = claim % 5 in (1, 2, 4)
    return (_run(claim), _run(claim + 1)) if more else (_run(claim),)
