"""The statements of the earlier reports: nothing is left out, and the checks can say both."""

import copy
import importlib.util
import json
from textwrap import dedent

import pytest

from casebook.claim import Check
from casebook.plan.quoted import Text, mistake, mistaken_text
from casebook.record import Event, History
from experiments.session_scoping import checks
from tests.experiments.session_scoping.units import (
    LIST,
    NOTHING,
    REPORTS,
    ROOT,
    accounted,
    listing,
    quoted,
    said,
)

FILES = json.loads(LIST.read_text(encoding="utf-8"))

have_reports = pytest.mark.skipif(
    not REPORTS.is_dir(), reason="the reports themselves are not here; the list of units is"
)

# --- Nothing is left out --------------------------------------------------------------------------


def unaccounted(found):
    """Return the listed units that are in no quotation of the statement that the list names."""
    by = accounted(found)
    return [
        (file, digest, id)
        for file, listed in FILES.items()
        for digest, id in listed
        if digest not in by.get(file, {}).get(id, ())
    ]


def test_every_unit_is_in_a_statement_or_states_nothing():
    assert unaccounted(said()) == []


def test_a_statement_that_is_deleted_leaves_its_units_unaccounted_for():
    for id in {id for listed in FILES.values() for _, id in listed} - {NOTHING}:
        found = said()
        found["statement"] = [one for one in found["statement"] if one["id"] != id]
        assert {left for _, _, left in unaccounted(found)} == {id}


def test_a_quotation_that_is_changed_or_moved_leaves_its_units_unaccounted_for():
    for key in ("quote", "section"):
        found = copy.deepcopy(said())
        found["statement"][0]["quotation"][0][key] = "Something else."
        assert unaccounted(found)


def test_a_text_that_states_nothing_is_listed_one_by_one():
    found = copy.deepcopy(said())
    found["nothing"][0]["texts"].pop()
    assert {left for _, _, left in unaccounted(found)} == {NOTHING}


def test_every_quotation_is_of_units_that_are_listed():
    found = said()
    files = {source["id"]: source["file"] for source in found["source"]}
    known = {file: {digest for digest, _ in listed} for file, listed in FILES.items()}
    quotations = [one for statement in found["statement"] for one in statement["quotation"]]
    assert [
        one["quote"]
        for one in quotations
        if not known[files[one["source"]]]
        & quoted(one["section"], one["quote"], tuple(one.get("cell", ())))
    ] == []


@have_reports
@pytest.mark.parametrize("file", FILES)
def test_the_list_holds_the_units_of_the_report_itself_in_order(file):
    text = (REPORTS / file).read_text(encoding="utf-8")
    assert listing(file, text, accounted(said())[file]) == FILES[file], (
        "run `python -m tests.experiments.session_scoping.units`: it names what nothing tells"
    )


@have_reports
@pytest.mark.parametrize("file", FILES)
def test_a_sentence_that_nobody_knows_would_be_seen(file):
    text = (REPORTS / file).read_text(encoding="utf-8") + "\n\nSomething new is said.\n"
    assert listing(file, text, accounted(said())[file])[-1][1] == ""


@have_reports
def test_every_quotation_occurs_in_its_report_exactly():
    found = said()
    files = {source["id"]: source["file"] for source in found["source"]}
    texts = {id: (REPORTS / file).read_text(encoding="utf-8") for id, file in files.items()}
    assert [
        one["quote"]
        for statement in found["statement"]
        for one in statement["quotation"]
        if one["quote"].strip("\n") not in texts[one["source"]]
    ] == []


@have_reports
def test_every_quotation_stands_under_its_heading_and_in_its_cell():
    found = said()
    texts = {source["id"]: Text.of(REPORTS / source["file"]) for source in found["source"]}
    mistakes = [
        mistake(texts[one["source"]], one["section"], one["quote"], one.get("cell", ()))
        for statement in found["statement"]
        for one in statement["quotation"]
    ] + [
        mistaken_text(texts[one["source"]], one.get("section", ""), text)
        for one in found["nothing"]
        for text in one["texts"]
    ]
    assert [one for one in mistakes if one != ("", "", "")] == []


# --- Examples are run as they were printed --------------------------------------------------------


def printed_module():
    """Return the module of what was printed, whose package needs the libraries under test."""
    file = ROOT / "experiments" / "session_scoping" / "examples" / "printed.py"
    spec = importlib.util.spec_from_file_location("printed", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PRINTED = printed_module()
EXAMPLES = {one.name: one.text for some in PRINTED.EXAMPLES.values() for one in some}
COMMANDS = [one for some in PRINTED.COMMANDS.values() for one in some]
TOGETHER = "full-example"
"""The example that is other examples, one after the other."""


def quotations():
    """Return all that is quoted, code without the words that lead to it."""
    quotes = [one["quote"] for statement in said()["statement"] for one in statement["quotation"]]
    return [dedent(quote.partition("::\n")[2] or quote).strip() for quote in quotes]


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != TOGETHER])
def test_an_example_is_what_a_statement_quotes(name):
    assert dedent(EXAMPLES[name]).strip() in quotations()


def test_the_full_example_is_its_blocks_in_order():
    names = ("declare-models", "engine-and-session", "instantiate")
    assert EXAMPLES[TOGETHER] == "".join(EXAMPLES[name] for name in names)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_what_a_statement_quotes(command):
    assert any(command in quote.splitlines() for quote in quotations())


# --- Checks, on histories written by hand ---------------------------------------------------------


def event(kind, labels="", **details):
    return Event(kind, tuple(labels.split()), details)


def answer(check, of, *events):
    return check.check(History("completed", "", events), of).verdict


def installed(name="lib", release="0.2.1", urls=""):
    return event("distribution-found", name=name, release=release, urls=urls)


def extension(attributes="session engine", async_attributes="", imports_asyncio=False):
    return event(
        "extension-found",
        type="lib.SQLAlchemy",
        attributes=attributes,
        async_attributes=async_attributes,
        imports_asyncio=imports_asyncio,
    )


def asked(where, error=None, kinds="Session object"):
    kind = kinds.split()[0]
    return event("session-asked-for", where=where, error=error, type=kind, kinds=kinds)


INSIDE = asked("inside a context")
INSIDE_SCOPED = asked("inside a context", kinds="own scoped_session")
OUTSIDE = "outside any context"


def source(returns):
    return event("source-found", name="session", returns=returns)


def served(step, labels, in_g=""):
    return event("session-served", labels, step=step, in_g=in_g)


def scopes(inner, other):
    return (
        served("outer", "S1 A1 T1"),
        served("inner", f"{inner} A2 T1"),
        served("own thread", "S3 A3 T1"),
        served("other thread", f"{other} A3 T2"),
    )


def registry(*sizes):
    steps = ("before asking, first", "after asking, first", "after the first context")
    return tuple(
        event("registry-looked-at", when=when, sessions=size)
        for when, size in zip(steps, sizes, strict=True)
    )


def ran(how="as printed", error=None, line=None):
    return event("example-run", name="it", how=how, error=error, line=line)


def answered(status, error=None, how="as printed"):
    return event("example-asked", name="it", how=how, path="/", status=status, error=error)


def command(ended_well, file_installed=False):
    name = "python it.py"
    return event(
        "command-run",
        command=name,
        ended_well=ended_well,
        file="it.py",
        file_installed=file_installed,
    )


SOURCE = "Source=https://a.example/lib/ Issue Tracker=https://b.example"
DOCUMENTED = "Documentation=https://docs.example"
GIVEN = "given what it takes for granted"
IN_CONTEXT = "the same, in a context"


@pytest.mark.parametrize(
    ("check", "of", "yes", "no", "neither"),
    [
        (checks.is_installed, "lib", [installed()], [installed("other")], None),
        (checks.is_latest_release, "lib 0.2.1", [installed()], [installed(release="0.10")], []),
        (
            checks.is_latest_release,
            "lib 0.3",
            [installed(release="0.3")],
            [installed(release="1")],
            [installed()],
        ),
        (
            checks.repository_is,
            "lib https://a.example/lib",
            [installed(urls=SOURCE)],
            [installed(urls="Source=https://c.example")],
            [installed(urls=DOCUMENTED)],
        ),
        (
            checks.documentation_is,
            "lib https://docs.example/",
            [installed(urls=DOCUMENTED)],
            None,
            [installed(urls="Documentation=https://other.example")],
        ),
        (
            checks.can_be_imported,
            "lib",
            [event("module-looked-up", name="lib", error=None)],
            [event("module-looked-up", name="lib", error="ModuleNotFoundError: no")],
            [],
        ),
        (checks.has_attribute, "engine", [extension()], [extension("session")], []),
        (
            checks.has_async_sessions,
            "",
            [extension(async_attributes="async_session")],
            [extension()],
            [extension(imports_asyncio=True)],
        ),
        (checks.session_returns, "x()", [source("return x()")], [source("return y()")], None),
        (
            checks.session_is,
            "scoped_session",
            [INSIDE_SCOPED],
            [INSIDE],
            [asked("inside a context", error="RuntimeError: no")],
        ),
        (
            checks.needs_context,
            "outside",
            [asked(OUTSIDE, "RuntimeError: outside"), INSIDE],
            [asked(OUTSIDE), INSIDE],
            [asked(OUTSIDE, "RuntimeError: outside")],
        ),
        (
            checks.needs_context,
            "outside",
            [asked(OUTSIDE, "RuntimeError: outside"), INSIDE],
            [asked(OUTSIDE, "TypeError: else"), INSIDE],
            [],
        ),
        (
            checks.same_object_everywhere,
            "",
            [event("sessions-compared", same_object=True)],
            [event("sessions-compared", same_object=False)],
            [],
        ),
        (
            checks.sessions_differ,
            "",
            [served("request", "S1 A1 R1"), served("request", "S2 A2 R2")],
            [served("request", "S1 A1 R1"), served("request", "S1 A2 R2")],
            [served("request", "S1 A1 R1")],
        ),
        (
            checks.contexts_differ,
            "",
            [served("request", "S1 A1 R1"), served("request", "S2 A2 R2")],
            [served("request", "S1 A1 R1"), served("request", "S1 A1 R2")],
            [served("request", "S1 A1 R1")],
        ),
        (
            checks.scope_is,
            "application context",
            scopes("S2", "S3"),
            scopes("S1", "S4"),
            scopes("S1", "S3"),
        ),
        (checks.scope_is, "thread", scopes("S1", "S4"), scopes("S2", "S3"), scopes("S1", "S4")[1:]),
        (checks.scope_is, "request context", None, scopes("S2", "S3"), []),
        (checks.kept_in_g, "_s", [served("first", "S1", "_s")], [served("first", "S1")], []),
        (checks.kept_in_registry, "", registry(0, 1, 0), registry(0, 1, 1), None),
        (checks.runs_as_printed, "it", [ran()], [ran(error="NameError: db", line=3)], []),
        (
            checks.runs_as_printed,
            "it",
            [ran(), answered(200)],
            [ran(), answered(500, "E: no")],
            [ran(GIVEN)],
        ),
        (checks.runs_when_given, "it", [ran(error="E: no"), ran(GIVEN)], [ran(GIVEN, "E: no")], []),
        (checks.runs_in_context, "it", [ran(IN_CONTEXT)], [ran(IN_CONTEXT, "E: no")], [ran()]),
        (checks.command_works, "python it.py", [command(True)], [command(False)], []),
    ],
)
def test_a_check_says_yes_and_no_and_neither_without_an_occasion(check, of, yes, no, neither):
    for events, verdict in ((yes, "supported"), (no, "refuted"), (neither, "inconclusive")):
        if events is not None:
            assert answer(check, of, *events) == verdict


def test_every_check_is_tested_above():
    marks = test_a_check_says_yes_and_no_and_neither_without_an_occasion.pytestmark
    tested = {row[0].id for row in marks[0].args[1]}
    assert tested == {one.id for one in vars(checks).values() if isinstance(one, Check)}


def test_a_refutation_says_what_happened():
    history = History("completed", "", (ran(error="NameError: name 'db' is not defined", line=3),))
    assert checks.runs_as_printed.check(history, "it").reason == (
        "run as printed, it raised NameError: name 'db' is not defined in line 3"
    )
    history = History("completed", "", (command(False),))
    assert "there is no it.py there" in checks.command_works.check(history, "python it.py").reason
