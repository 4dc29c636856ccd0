"""The statements: read strictly, and judged by findings and facts alone."""

import re
from dataclasses import replace

import pytest

from casebook import judge, pages
from casebook.plan.cells import cell_inputs, planned_cells
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import PlanError
from casebook.plan.statements import (
    Binding,
    Quotation,
    Source,
    Statement,
    Statements,
    read_statements,
)
from casebook.publish import verdicts
from casebook.record import Check, Event, History, refuted, supported
from tests.casebook.test_judge import (
    BAD,
    CLAIMS,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    a_claim,
    a_pattern,
    a_record,
    an_environment,
    judged,
)

FILE = "conf/tiny.statements.toml"

# --- Reading --------------------------------------------------------------------------------------


def read(tiny):
    investigation = read_investigation(tiny.root, "tiny")
    return read_statements(tiny.root, investigation, read_claims(tiny.root, investigation))


def error_of(tiny):
    with pytest.raises(PlanError) as caught:
        read(tiny)
    assert caught.value.file == FILE
    return caught.value


def test_what_is_said_is_read_with_its_quotations_and_bindings(tiny):
    first, second, third = read(tiny).statements
    assert [one.text for one in first.quotations] == [
        "A dictionary keeps its counts apart.",
        "Dictionary | apart: yes",
    ]
    assert first.bindings[0].claims == ("counts-apart",)
    assert (second.bindings[0].check, second.bindings[0].of) == ("begins-at", "0")
    assert (third.bindings, third.opinion) == ((), "A matter of taste.")


def test_an_investigation_without_the_file_has_no_statements(tiny):
    tiny.path(FILE).unlink()
    assert read(tiny) is None
    assert judge.report(tiny.root, "tiny").stated == ()


def test_required_stands_for_every_required_claim(tiny):
    tiny.replace(FILE, 'claims = ["counts-apart"]', 'claims = ["required"]')
    assert read(tiny).statements[0].bindings[0].claims == ("wires", "counts-apart")


BOUND = 'check = "begins-at", of'
"""Where a binding begins that tests break."""


@pytest.mark.parametrize(
    ("old", "new", "key", "mend"),
    [
        ('["counts-apart"]', '["count-apart"]', "finding[1].claims", "'counts-apart'"),
        ('check = "begins-at"', 'check = "begin-at"', "check[1].check", "'begins-at'"),
        (BOUND, f'databases = ["x"], {BOUND}', "databases", "'sqlite'"),
        (BOUND, f'environments = ["closure"], {BOUND}', "environments", "'dictionary'"),
        (BOUND, f'said = "x", {BOUND}', "check[1].said", "'says'"),
        (
            'says = "supported" }]\n\n[[statement]]\nid = "dictionaries-are',
            'says = "yes" }]\n\n[[statement]]\nid = "dictionaries-are',
            "says",
            "supported",
        ),
        (
            'source = "letter", section = "C',
            'source = "leter", section = "C',
            "n[1].source",
            "'letter'",
        ),
        ('opinion = "A matter of taste."\n', "", "statement 'dictionaries-are-best'", "opinion"),
        ('opinion = "A matter of taste."', "opinon = 1", "opinon", "'opinion'"),
        ('id = "dictionaries-are-best"', 'id = "dictionaries-count-from-zero"', "id", "another"),
        ('checks = "experiments.tiny.checks"', 'checks = "no.such"', "checks", "mend its name"),
        ('source = "notes"\nwhy', 'source = "note"\nwhy', "nothing[1].source", "'notes'"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(tiny, old, new, key, mend):
    tiny.replace(FILE, old, new)
    error = error_of(tiny)
    assert key in error.key
    assert mend in error.mend


def test_a_claim_is_bound_only_to_patterns_that_it_is_asked_of(tiny):
    tiny.replace(FILE, 'claims = ["counts-apart"], patterns = ["counts-by-name"]',
                 'claims = ["no-warnings"], patterns = ["mixed-up"]')  # fmt: skip
    error = error_of(tiny)
    assert "claim 'no-warnings' is not asked of 'mixed-up'" in str(error)


def test_a_check_is_bound_only_to_patterns_that_are_about_the_same(tiny):
    tiny.replace("experiments/tiny/checks.py", 'about=""', 'about="looking"')
    assert "check 'begins-at' is not asked of 'counts-by-name'" in str(error_of(tiny))


def test_a_checks_module_that_fails_is_named(tiny):
    tiny.write("experiments/tiny/checks.py", "import no_such_library\n")
    with pytest.raises(PlanError, match=r"checks.py: import: ModuleNotFoundError"):
        read(tiny)


# --- What became of it: the project ---------------------------------------------------------------


def test_statements_are_judged_from_what_was_recorded(observed):
    project, _ = observed
    report = judge.report(project.root, "tiny")
    assert [(one.statement.id, one.verdict, one.reason) for one in report.stated] == [
        (
            "dictionaries-keep-counts-apart",
            "upheld",
            "counts-apart is supported for counts-by-name in dictionary",
        ),
        ("dictionaries-count-from-zero", "overturned", "the first number was 1 (dictionary)"),
        ("dictionaries-are-best", "not-checkable", "A matter of taste."),
    ]


def test_the_experiments_of_checks_are_planned_for_patterns_about_the_same(tiny):
    tiny.replace("experiments/tiny/checks.py", 'about=""', 'about="looking"')
    tiny.replace(
        "conf/tiny.toml",
        'title = "Desk(Counts().next)"\n',
        'title = "Desk(Counts().next)"\nabout = "looking"\n',
    )
    cells = planned_cells(tiny.root, read_investigation(tiny.root, "tiny"))
    assert [one.experiment for one in cells if one.pattern == "counts-by-name"] == ["in-turn"]


def test_a_change_of_the_checks_outdates_no_record(tiny):
    investigation = read_investigation(tiny.root, "tiny")
    cells = planned_cells(tiny.root, investigation)
    inputs = cell_inputs(tiny.root, investigation, cells)
    assert not any("experiments/tiny/checks.py" in paths for paths in inputs.values())


def test_the_edition_follows_the_checks(tiny):
    before = judge.digest(tiny.root)
    tiny.replace("experiments/tiny/checks.py", "first number was", "first one was")
    assert judge.digest(tiny.root) != before


def test_statements_are_published_with_their_address(observed):
    project, _ = observed
    published = verdicts([judge.report(project.root, "tiny")], "https://casebook.example/")
    first = published.statements[0]
    assert first.url == (
        "https://casebook.example/tiny/statements.html#dictionaries-keep-counts-apart"
    )
    assert (first.source, first.quote) == (
        "NOTES.md, Findings; LETTER.md, Table",
        "A dictionary keeps its counts apart.",
    )


def test_the_page_holds_every_statement_and_links_to_its_findings(observed, tmp_path):
    project, _ = observed
    pages.render(project.root, [judge.report(project.root, "tiny")], tmp_path)
    page = (tmp_path / "docs" / "tiny" / "statements.md").read_text(encoding="utf-8")
    assert re.findall(r'<article class="statement ([\w-]+)" id="([\w-]+)"', page) == [
        ("upheld", "dictionaries-keep-counts-apart"),
        ("overturned", "dictionaries-count-from-zero"),
        ("not-checkable", "dictionaries-are-best"),
    ]
    link = "patterns/counts-by-name.html#counts-apart.counts-by-name.dictionary.sqlite"
    assert link in page
    assert "Decided by 1 fact" in page
    assert "counted" in page.partition("dictionaries-count-from-zero")[2]


def test_without_statements_the_page_says_so(tiny, tmp_path):
    tiny.path(FILE).unlink()
    pages.render(tiny.root, [judge.report(tiny.root, "tiny")], tmp_path)
    page = (tmp_path / "docs" / "tiny" / "statements.md").read_text(encoding="utf-8")
    assert "No earlier report is quoted" in page


# --- What became of it: each rule -----------------------------------------------------------------

OLD = an_environment("old")
TWO = replace(INVESTIGATION, environments=(*INVESTIGATION.environments, OLD), packages=("admin",))


def bound(says="supported", claims=("good",), patterns=("used",), **more):
    values = {"check": "", "of": "", "environments": (), "databases": (), "because": ""}
    return Binding(**{**values, "claims": claims, "patterns": patterns, "says": says, **more})


def said(*bindings, opinion=""):
    quotation = Quotation("notes", "Findings", "It is good.")
    statement = Statement("it-is-good", (quotation,), bindings, opinion, "")
    return Statements(FILE, (Source("notes", "NOTES.md", "Notes", "2026"),), (statement,), ())


def outcome(now, old=None, *bindings, claims=CLAIMS, **more):
    """Return what became of a statement, `used` having been seen so in one or two environments."""
    records = [a_record({**OBSERVED, ("used", "use"): now})]
    if old is not None:
        releases = {"admin": "2.0.2", "library": "3.1.1", "other": "2"}
        cells = {**OBSERVED, ("used", "use"): old}
        records.append(a_record(cells, "old", releases=releases))
    report = judged(
        investigation=INVESTIGATION if old is None else TWO,
        claims=claims,
        records=records,
        said=said(*bindings) if bindings else said(bound()),
        **more,
    )
    return report.stated[0]


def test_a_statement_that_its_finding_says_too_is_upheld():
    one = outcome(GOOD)
    assert (one.verdict, one.unobserved) == ("upheld", False)
    assert [ground.agrees for ground in one.grounds] == [True]


def test_a_statement_that_its_finding_contradicts_is_overturned_with_its_reason():
    one = outcome(BAD)
    assert (one.verdict, one.reason) == (
        "overturned",
        "good of used is refuted in now: S1 was bad",
    )


def test_a_statement_may_say_that_a_claim_is_refuted():
    assert outcome(BAD, None, bound("refuted")).verdict == "upheld"
    assert outcome(GOOD, None, bound("refuted")).verdict == "overturned"


def test_a_refutation_for_another_reason_is_not_what_was_said():
    assert outcome(BAD, None, bound("refuted", because="S1 was bad")).verdict == "upheld"
    one = outcome(BAD, None, bound("refuted", because="TypeError"))
    assert one.verdict == "overturned"
    assert "S1 was bad" in one.reason


def test_what_is_open_is_not_checkable_and_says_that_it_was_not_observed():
    one = outcome(NOTHING)
    assert (one.verdict, one.unobserved) == ("not-checkable", True)
    assert one.reason.startswith("not observed: good of used is inconclusive in now: no occasion")


def test_what_is_open_somewhere_is_not_upheld_by_the_rest():
    one = outcome(GOOD, NOTHING)
    assert (one.verdict, one.unobserved) == ("not-checkable", True)


def test_what_is_contradicted_somewhere_and_open_elsewhere_is_overturned():
    assert outcome(BAD, NOTHING).verdict == "overturned"


def test_the_condition_is_the_release_that_differs():
    one = outcome(BAD, GOOD)
    assert one.verdict == "holds-only-when"
    assert one.reason == (
        "holds only with admin 2.0.2; elsewhere: good of used is refuted in now: S1 was bad"
    )


def test_the_condition_follows_the_findings():
    assert outcome(GOOD, BAD).reason.startswith("holds only with admin 2.2.1; ")


def test_the_condition_may_be_a_pattern():
    investigation = replace(
        INVESTIGATION, patterns=(*INVESTIGATION.patterns, a_pattern("otherwise"))
    )
    cells = {("otherwise", "wire"): GOOD, ("otherwise", "use"): BAD}
    report = judged(
        cells, investigation=investigation, said=said(bound(patterns=("used", "otherwise")))
    )
    assert report.stated[0].reason.startswith("holds only for used; elsewhere: ")


def test_where_less_is_wrong_than_right_the_exception_is_told():
    more = tuple(a_pattern(name) for name in ("second", "third"))
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, *more))
    seen = {"second": GOOD, "third": BAD}
    cells = {(name, "use"): history for name, history in seen.items()}
    cells |= {(name, "wire"): GOOD for name in seen}
    patterns = ("used", "second", "third")
    report = judged(cells, investigation=investigation, said=said(bound(patterns=patterns)))
    assert report.stated[0].reason.startswith("holds except for third; there: ")


def test_the_environment_is_the_condition_where_no_release_that_is_asked_for_differs():
    releases = {"admin": "2.2.1", "library": "3.1.1", "other": "2"}
    records = [
        a_record({**OBSERVED, ("used", "use"): BAD}),
        a_record(OBSERVED, "old", releases=releases),
    ]
    report = judged(investigation=TWO, records=records, said=said(bound()))
    assert report.stated[0].reason.startswith("holds only in old; elsewhere: ")


HALF = History("completed", "", (*GOOD.events, Event("worse")))
"""A history that supports `good` and refutes `better`."""


def check_better(history: History):
    """Refute what is bad or worse."""
    found = next(history.of("bad", "worse"), None)
    return refuted("it was bad", found) if found else supported("it was better")


@pytest.mark.parametrize(
    ("seen", "all_supported", "one_refuted"),
    [
        (GOOD, "upheld", "overturned"),
        (HALF, "overturned", "upheld"),
        (BAD, "overturned", "upheld"),
    ],
)
def test_several_claims_are_supported_together_and_refuted_by_one(seen, all_supported, one_refuted):
    claims = (*CLAIMS, a_claim("better", check_better))
    both = ("good", "better")
    assert outcome(seen, None, bound(claims=both), claims=claims).verdict == all_supported
    assert outcome(seen, None, bound("refuted", claims=both), claims=claims).verdict == one_refuted


def test_every_binding_must_hold():
    assert outcome(GOOD, None, bound(), bound("refuted")).verdict == "overturned"


def test_environments_that_cannot_be_imported_are_meant_only_where_they_are_named():
    unavailable = a_record({}, "old", unavailable="ImportError: no")
    records = [a_record(OBSERVED), unavailable]
    planned = said(bound(claims=("wires",)))
    report = judged(investigation=TWO, records=records, said=planned)
    assert report.stated[0].verdict == "upheld"
    named = said(bound(claims=("wires",), environments=("now", "old")))
    report = judged(investigation=TWO, records=records, said=named)
    assert report.stated[0].verdict == "holds-only-when"


def test_a_check_is_asked_what_the_statement_asks():
    def check(history: History, of: str):
        return supported(of) if of == "this" else refuted(f"not {of}")

    asked = Check("is-it", "Is it?", ("use",), "", check)
    for of, verdict in (("this", "upheld"), ("that", "overturned")):
        binding = bound(claims=(), check="is-it", of=of)
        one = outcome(GOOD, None, binding, checks=(asked,))
        assert one.verdict == verdict
        assert of in one.reason


def test_a_check_that_fails_is_a_failure_of_the_harness():
    def check(history: History, of: str):
        raise KeyError(of)

    asked = Check("is-it", "Is it?", ("use",), "", check)
    report = judged(checks=(asked,), said=said(bound(claims=(), check="is-it", of="x")))
    assert report.stated[0].unobserved
    assert report.failed_checkers == ("is-it.x.used.now.sqlite",)


def test_events_of_a_fact_are_kept():
    asked = Check(
        "is-it", "Is it?", ("use",), "", lambda history, of: supported("yes", history.events[0])
    )
    report = judged(checks=(asked,), said=said(bound(claims=(), check="is-it")))
    assert report.facts[0].evidence[0].events == (0,)
    assert Event("start") == GOOD.events[0]
