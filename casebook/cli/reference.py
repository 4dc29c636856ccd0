"""The reference, as Markdown: all that one may write, made from what reads it."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from casebook.claim import VERDICTS, claim, inconclusive, refuted, supported
from casebook.exit_codes import MEANINGS
from casebook.judge.grades import GRADES
from casebook.plan import bibliography, faults, mutants, said, site, symptoms, tables
from casebook.plan.toml_reader import Key
from casebook.record import Event, History, Trial

FILES: dict[str, Mapping[str, Mapping[str, Key]]] = {
    "conf/site.toml": site.KEYS,
    "conf/ID.toml": tables.KEYS,
    "conf/ID.statements.toml": said.KEYS,
    "conf/ID.faults.toml": faults.KEYS,
    "conf/ID.mutants.toml": mutants.KEYS,
    "conf/ID.references.toml": bibliography.KEYS,
    "conf/ID.symptoms.toml": symptoms.KEYS,
}
"""The files in `conf/`, each with the keys of its tables."""

ARGUMENTS = {
    "experiments": "the experiments whose histories the checker gets, one at a time",
    "supported_by": "the controls that must support it",
    "refuted_by": "each control that must refute it, with a phrase that the reason must contain",
    "required": "whether a pattern for which it is refuted is to be avoided, or *works, but ...*",
    "gate": "whether the other claims are not tested where it is not supported",
    "baseline": "a pattern, whose history of the same experiment is the checker's second argument",
    "about": "what it is about, as a pattern says; without it the investigation's question",
    "weighs": "whether it changes grades; one that does not is shown beside them",
    "otherwise": "what is so where it is refuted, in a few words: *works, but deprecated*",
    "unless": "claims that are conditions of it, which findings that support it name",
}
"""The arguments of `@claim`."""

HOOKS = {
    "run(trial)": "in an experiment's module: drives the application, records what happens",
    "NEEDS": "in an experiment's module: the requirements that an addition must install",
    "DATABASES": "in an experiment's module: the databases that it can run on",
    "APPLICATION": "in the package's `__init__`: modules in which an error is evidence",
    "warm()": "in the package's `__init__`: does once what each cell would do again",
    "prepare(database, server)": "in the package's `__init__`, and in an experiment's module for "
    "its own cells: prepares once what cells then inherit",
    "serve(folder)": "in a database's `server` module: a context that yields the server's address",
}
"""The names by which the engine finds what an investigation's modules offer."""

TRIAL = {
    "pattern": "the pattern's function; what it takes and returns is the investigation's own",
    "database": "the id of the database",
    "folder": "a folder of this run alone, removed after it",
    "write": "what `record` calls with each event",
    "server": "the address of the database's server, or empty",
}
"""The fields of a Trial."""

THREADS = (
    "An experiment may record from several threads: each event is one write. An exception ends the "
    "thread in which it is raised, and not the cell: `run` must join its threads and raise what "
    "they raised, as `future.result()` of a `ThreadPoolExecutor` does, or the cell counts as "
    "completed."
)
"""What is to be known of an experiment that starts threads."""

RECORDED = (
    Event.label,
    Event.get,
    History.of,
    History.first,
    History.between,
)
"""What a checker may ask of a history and of its events."""

ANSWERS = (supported, refuted, inconclusive)
"""The functions of `casebook.claim` that make a verdict."""

OPERATORS = {
    "drop": "leaves out a statement that calls one of `names`",
    "repeat": "does a statement twice that calls one of `names`",
    "instead": "calls `by` where one of `names` is called",
    "without": "runs the body of a `with` outside the context of one of `names`",
    "undecorate": "leaves out a decorator that is one of `names`",
    "negate": "turns the condition of an `if` around",
    "flip": "returns `False` for `True`, and `True` for `False`",
    "keep": "keeps on the object what the first call computed; of `names` alone if there are any",
    "keep-in-module": "the same, for the process",
    "answer": "returns `by`, whatever was returned",
    "replace": "writes `by` for an expression that is one of `names`, letter by letter",
}
"""The kinds of operator in `conf/ID.mutants.toml`."""

PAGES = {
    "comparison": "claims by patterns",
    "recommendations": "what to write in each situation, where `[[situation]]` declares some",
    "claims": "each claim, with its text and its findings",
    "releases": "*Over the releases*, where `[[axis]]` declares some",
    "statements": "what became of earlier statements, where there is `conf/ID.statements.toml`",
    "symptoms": "what readers see, where there is `conf/ID.symptoms.toml`",
    "references": "where more is said, where there is `conf/ID.references.toml`",
    "controls": "each control; in the navigation only if it is named",
    "method": "how a verdict comes about, and what it rests on",
}
"""What `chapters` may name, beside pages of prose."""

WORDS = {
    "told(claim, pattern, environment, supported=..., refuted=...)": "the words for the verdict",
    "held(claim, pattern, environment, verdict)": "marks a sentence that says this verdict alone",
    "graded(pattern, environment, grade)": "marks a sentence that says this grade alone",
    "recorded(pattern, experiment, environment)": "a cell; `.first(kind)`, `.of(kind)` find events",
    "since(claim, pattern, environment, package)": "its releases: 'since admin 2.1', or 'by' it",
    "evidence(cell)": "the mark that leads to a recorded cell",
    "drawn(pattern, experiment, environment, since, until, before, marks)": "a history's diagram",
    "code(pattern)": "the source of a pattern, by its id",
    "advice(situation)": "what to write in each environment of a situation, named by its id",
    "option(pattern, environment)": "a pattern with its grade in an environment",
    "unjudged(backend)": "the cells of a backend that no claim judges",
    "findable(settings, claims)": "the filters of a table",
}
"""What prose and templates may call, beside `investigation`, `report`, `book` and `html`."""


def reference(parser: argparse.ArgumentParser) -> str:
    """Return the reference as Markdown; `parser` is the command line's."""
    parts = [
        "# Reference",
        "Made by `casebook reference` from what reads it; do not edit.",
        *_files(),
        *_experiments(),
        *_claims(),
        "## Pages",
        "`chapters` in `conf/ID.toml` may name the prose `docs/ID/NAME.md` by its NAME, and:",
        _table(("name", "the page"), PAGES.items()),
        "A page of prose in `docs/ID/` is a Jinja template. It may call:",
        _table(("call", "gives"), WORDS.items()),
        *_commands(parser),
    ]
    return "\n\n".join(parts) + "\n"


def _files() -> Iterator[str]:
    yield "## Files in `conf/`"
    yield "ID is the investigation's id. A key without a default is required."
    for file, own in FILES.items():
        yield f"### `{file}`"
        for name, keys in own.items():
            if name:
                yield f"#### `{name}`"
            rows = ((one, key.kind.name, _default(key), key.says) for one, key in keys.items())
            yield _table(("key", "value", "default", "what it is"), rows)
        if file == "conf/ID.mutants.toml":
            yield "The kinds of operator:"
            yield _table(("kind", "what it does"), OPERATORS.items())


def _default(key: Key) -> str:
    if key.required:
        return ""
    return {None: "none", "": "empty", False: "`false`"}.get(
        _plain(key.default), f"`{key.default}`"
    )


def _plain(value: Any) -> Any:
    return "" if value == [] else value


def _experiments() -> Iterator[str]:
    yield "## Experiments"
    yield "What the engine looks for:"
    yield _table(("name", "what it is"), HOOKS.items())
    yield "A `Trial`, which an experiment gets, has:"
    yield _table(("field", "what it is"), TRIAL.items())
    for one in (Trial.record, Event, History):
        yield f"`{one.__qualname__}`: {_text(one)}"
    yield THREADS
    names = ", ".join(f"`{field.name}`" for form in (Event, History) for field in fields(form))
    for asked in RECORDED:
        yield f"`{asked.__qualname__}{_arguments(asked)}`: {_text(asked)}"
    yield "`event[name]` is the detail of this name, and an error where the event has none."
    yield f"Fields of an event and of a history: {names}."
    yield "`casebook schemas` writes the JSON schemas of records, histories and `verdicts.json`."


def _claims() -> Iterator[str]:
    yield "## Claims"
    yield "A claim is a function of a history with `@claim`, whose arguments are:"
    given = inspect.signature(claim).parameters
    rows = (
        (name, "" if one.default is one.empty else f"`{one.default!r}`", ARGUMENTS[name])
        for name, one in given.items()
    )
    yield _table(("argument", "default", "what it is"), rows)
    yield f"Its verdict is one of {', '.join(f'`{word}`' for word in VERDICTS)}. It is made by:"
    for one in ANSWERS:
        yield f"`{one.__name__}{_arguments(one)}`: {_text(one)}"
    yield (
        "A test asks a claim with `CLAIM.check(history)`, of a History made by hand, and a second "
        "one where the claim has a `baseline`; the answer has `verdict`, `reason` and `events`."
    )
    yield "What the findings of a pattern add up to, its grade:"
    grades = ((f"`{word}`", f"{label.sign} {label.name}") for word, label in GRADES.items())
    yield _table(("grade", "shown as"), grades)


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield "## Commands"
    (known,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    rows = (
        (f"`casebook {_usage(one)}`", " ".join((one.description or "").split()))
        for one in known.choices.values()
    )
    yield _table(("command", "what it does"), rows)
    yield "## Exit codes"
    codes = sorted(MEANINGS.items())
    yield _table(("code", "meaning"), ((str(code), meaning) for code, meaning in codes))


def _usage(command: argparse.ArgumentParser) -> str:
    words = command.format_usage().split()[2:]
    return " ".join(word for word in words if word != "[-h]")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *((_cell(first), *rest) for first, *rest in rows)]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def _cell(text: str) -> str:
    return text if text.startswith("`") or text.isdecimal() else f"`{text}`"


def _arguments(one: Callable[..., Any]) -> str:
    """Return what a function or a method is called with, as Python writes it, without types."""
    given = [
        each.replace(annotation=each.empty)
        for name, each in inspect.signature(one).parameters.items()
        if name != "self"
    ]
    return str(inspect.Signature(given))


def _text(one: Any) -> str:
    return " ".join((inspect.getdoc(one) or "").split())
