"""The citation: what a maintainer pastes, and that no library can write a part of it."""

import json
import os
import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from casebook import block, citations, judge, site
from casebook.cite import cite, cited
from casebook.markdown import code, escape, listing, plain
from casebook.plan.investigation import Database
from casebook.record import Event, History, refuted, supported
from casebook.reply import Citations
from casebook.report import Report
from tests.casebook.test_diagram import DIAGRAM
from tests.casebook.test_judge import (
    BAD,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    WIRES,
    a_claim,
    a_record,
    an_environment,
    judged,
)
from tests.conftest import Project

SITE = "https://casebook.example/"
DIGEST = "b3055f7accbb" + "0" * 52
PAGE = "https://casebook.example/b3055f7accbb/tiny/patterns/used.html"
LINK = f"{PAGE}#good.used.now.sqlite"
LATEST = LINK.replace("b3055f7accbb", "latest")

TWO_ENVIRONMENTS = replace(
    INVESTIGATION, environments=(an_environment(), an_environment("earlier"))
)


def in_two_environments(now: History | None, earlier: History | None) -> Report:
    records = [
        a_record({**OBSERVED, ("used", "use"): now}),
        a_record({**OBSERVED, ("used", "use"): earlier}, "earlier"),
    ]
    return judged(investigation=TWO_ENVIRONMENTS, records=records, digest=DIGEST)


def on_two_databases(first: History, second: History) -> Report:
    described = (Database("sqlite", "SQLite"), Database("postgresql", "PostgreSQL"))
    investigation = replace(
        INVESTIGATION, databases=("sqlite", "postgresql"), described=described, diagram=DIAGRAM
    )
    records = [
        a_record({**OBSERVED, ("used", "use"): first}),
        a_record({**OBSERVED, ("used", "use"): second}, database="postgresql"),
    ]
    return judged(investigation=investigation, records=records, digest=DIGEST)


def content(report: Report, *asked: Any, script: Any = lambda finding: None) -> str:
    """Return what a reply says between its markers."""
    (one,) = block.found(cite(Citations(report, SITE, script), *asked))
    assert one.whole
    return one.content


def table(text: str) -> list[str]:
    """Return the rows of a reply's table, without its head."""
    first = text[text.index("\n|") + 1 :].partition("\n\n")[0]
    return [line for line in first.splitlines() if line.startswith("|")][2:]


# --- One finding ----------------------------------------------------------------------------------


def test_the_first_line_is_the_verdict_in_one_sentence() -> None:
    text = content(judged({("used", "use"): BAD}), "good", "used")
    assert text.splitlines()[0] == (
        "**Refuted**: *The claim good* does not hold for `View(model, used)`: S1 was bad"
    )


@pytest.mark.parametrize(
    ("cells", "begins"),
    [
        ({}, "**Supported**: *The claim good* holds for `View(model, used)`: S1 was good"),
        ({("used", "use"): [BAD, BAD]}, "**Refuted**"),
        ({("used", "use"): None}, "**Not tested**: whether *The claim good* holds for"),
        ({("wrong", "use"): None}, "**Inconclusive**: whether *The claim good* holds for"),
    ],
)
def test_each_verdict_has_its_sentence(cells: Any, begins: str) -> None:
    assert content(judged(cells), "good", "used").startswith(begins)


def test_a_finding_is_cited_with_its_releases_events_and_links() -> None:
    assert content(judged(digest=DIGEST), "good", "used").splitlines()[1:] == [
        "",
        "| Environment | Releases | Verdict |",
        "| --- | --- | --- |",
        f"| **Admin with the library, now** | admin 2.2.1, library 3.1.1 | [✓ supported]({LINK}) |",
        "",
        f"Shown by the experiment [`use`]({LINK}.use.1.2):",
        "",
        "```text",
        "2 good S1",
        "```",
        "",
        f"[The finding and how to check it]({LINK}), edition `b3055f7accbb`, "
        f"sha256 `{DIGEST}`; [as it is now]({LATEST}).",
        "",
        "<details><summary>The exact releases</summary>",
        "",
        r"Python 3.11, linux-x86\_64:",
        "",
        "```text",
        "admin==2.2.1",
        "library==3.1.1",
        "other==1",
        "```",
        "",
        "</details>",
    ]


def test_the_first_environment_that_tested_the_claim_is_cited_and_the_others_follow() -> None:
    text = content(in_two_environments(None, BAD), "good", "used")
    assert text.startswith("**Refuted**")
    first, second = table(text)
    assert first.startswith("| **Admin with the library, earlier** |")
    assert "[✗ refuted](" in first
    assert "used.html#good.used.earlier.sqlite)" in first
    assert second == (
        f"| Admin with the library, now | admin 2.2.1, library 3.1.1 | [– not tested]({LINK}) |"  # noqa: RUF001
    )


def test_an_older_environment_never_answers_for_a_newer_that_stays_open() -> None:
    text = content(in_two_environments(NOTHING, BAD), "good", "used")
    assert text.startswith("**Inconclusive**")


def test_an_environment_that_is_named_is_cited_first_as_if_nothing_were_named() -> None:
    report = in_two_environments(BAD, BAD)
    text = content(report, "good", "used", "earlier")
    assert table(text)[0].startswith("| **Admin with the library, earlier** |")
    assert len(table(text)) == 2
    assert content(report, "good", "used", "now") == content(report, "good", "used")


def test_databases_that_agree_share_a_row_and_the_cited_one_is_its_first() -> None:
    report = on_two_databases(GOOD, GOOD)
    (row,) = table(content(report, "good", "used"))
    other = LINK.replace("sqlite", "postgresql")
    assert row.endswith(f"| ✓ supported: [SQLite]({LINK}), [PostgreSQL]({other}) |")
    (row,) = table(content(report, "good", "used", None, "postgresql"))
    assert row.endswith(f"| ✓ supported: [PostgreSQL]({other}), [SQLite]({LINK}) |")


def test_databases_that_differ_have_rows_of_their_own() -> None:
    rows = table(content(on_two_databases(GOOD, BAD), "good", "used", None, "postgresql"))
    assert [row.split(" | ")[2].partition("[")[0] for row in rows] == [
        "✗ refuted: ",
        "✓ supported: ",
    ]


def test_a_finding_that_was_not_rerun_says_so() -> None:
    report = judged(not_rerun={("now", "sqlite"): "no network"})
    assert "*not rerun: no network*" in content(report, "good", "used")


def test_a_finding_without_a_record_has_no_releases() -> None:
    text = content(judged(records=[]), "good", "used")
    assert table(text)[0].startswith("| **Admin with the library, now** | no record |")
    assert "exact releases" not in text


def test_both_runs_that_differ_are_shown() -> None:
    text = content(judged({("used", "use"): [GOOD, BAD]}), "good", "used")
    assert ".use.1.2), run 1:" in text
    assert ".use.2.2), run 2:" in text


def test_many_events_are_cut_and_counted() -> None:
    history = History("completed", "", tuple(Event("more") for _ in range(31)))
    claim = a_claim(check=lambda h: supported("all", *h.events))
    text = content(judged({("used", "use"): history}, claims=[WIRES, claim]), "good", "used")
    assert "and 19 more" in text


# --- What is folded -------------------------------------------------------------------------------

SESSIONS = History(
    "completed",
    "",
    tuple(
        event
        for number in range(1, 31)
        for event in (
            Event("started", (f"R{number}", "T1")),
            Event("created", (f"S{number}", f"R{number}", "T1")),
            Event("closed", (f"S{number}", "T1")),
            Event("ended", (f"R{number}", "T1")),
        )
    ),
)


def drawn(history: History, *shown: int) -> str:
    claim = a_claim(check=lambda h: supported("so", *(h.events[at] for at in shown)))
    report = judged(
        {("used", "use"): history},
        claims=[WIRES, replace(claim, refuted_by={})],
        investigation=replace(INVESTIGATION, diagram=DIAGRAM),
    )
    return content(report, "good", "used")


def test_the_history_that_decided_is_drawn() -> None:
    text = drawn(replace(SESSIONS, events=SESSIONS.events[:4]), 1)
    assert "<details><summary>The lifecycle</summary>\n\nDrawn from the history of `use`.\n" in text
    assert "```mermaid\nsequenceDiagram\n    participant T1\n" in text
    assert "    T1->>S1: created\n    activate S1\n" in text


def test_of_a_long_history_what_shows_the_verdict_is_drawn() -> None:
    text = drawn(SESSIONS, 61)
    assert "an excerpt: 24 of 120 steps." in text
    assert "T1->>S16: created" in text
    assert "T1->>S1: created" not in text


def test_what_decided_nothing_is_not_drawn() -> None:
    assert "mermaid" not in drawn(SESSIONS)


def test_the_reproduction_is_there_with_the_command_that_runs_it() -> None:
    text = content(judged(digest=DIGEST), "good", "used", script=lambda one: "print('```')\n")
    script = "https://casebook.example/b3055f7accbb/tiny/repros/good.used.now.sqlite.py"
    assert f"```sh\nuv run {script}\n```\n" in text
    assert "````python\nprint('```')\n````\n" in text


def test_a_reproduction_that_holds_a_marker_is_not_there() -> None:
    script = f"# ...\n{block.end('')}"
    assert "uv run" not in content(judged(), "good", "used", script=lambda one: script)


# --- The limit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [50_000, 64_000, 65_000, 1_000_000])
def test_a_reply_is_never_longer_than_github_takes(length: int) -> None:
    script = "x = 'é\\n'\n" * (length // 10)
    text = cite(Citations(judged(digest=DIGEST), SITE, lambda one: script), "good", "used")
    assert len(text.encode()) < 65_536
    assert len(text.replace("\n", "\r\n")) < 65_536
    (one,) = block.found(text)
    assert one.whole


def test_what_is_left_out_is_the_last_and_is_named_with_where_it_is() -> None:
    text = content(judged(digest=DIGEST), "good", "used", script=lambda one: "x = 1\n" * 20_000)
    assert "exact releases</summary>" not in text
    assert text.splitlines()[-1] == (
        "Left out, because GitHub takes 65,536 characters: the reproduction; the exact releases. "
        f"[All of it]({LINK})."
    )


def test_a_table_of_many_rows_is_cut_and_says_so() -> None:
    many = tuple(
        replace(INVESTIGATION.patterns[0], id=f"used-{number}", title="View(model, `x|`)" * 9)
        for number in range(200)
    )
    claim = a_claim(check=lambda h: refuted(h.reason * 9), supported_by=(), refuted_by={})
    report = judged(
        {
            **{(one.id, "use"): History("raised", HOSTILE, ()) for one in many},
            **{(one.id, "wire"): GOOD for one in many},
        },
        claims=[WIRES, claim],
        investigation=replace(INVESTIGATION, patterns=(*many, *INVESTIGATION.controls)),
        digest=DIGEST,
    )
    text = cite(Citations(report, SITE), "good")
    assert block.size(text) < 65_536
    assert 50 < len(table(text)) < 200
    left_out = (
        "Left out, because GitHub takes 65,536 characters: the rest of the table; the releases."
    )
    assert left_out in text


# --- A table --------------------------------------------------------------------------------------


def test_without_a_pattern_every_pattern_that_is_no_control_has_a_row() -> None:
    rows = table(content(in_two_environments(None, BAD), "good"))
    assert rows[1] == (
        "| The Library | `View(model, used)` | Admin with the library, earlier "
        f"| [✗ refuted]({LINK.replace('now', 'earlier')}) | S1 was bad |"
    )
    assert len(rows) == 2


def test_a_table_counts_its_verdicts_and_names_the_releases() -> None:
    text = content(in_two_environments(GOOD, BAD), "good")
    first = text.splitlines()[0]
    assert first == "*The claim good*: of 2 findings, 1 ✓ supported, 1 ✗ refuted."
    assert "| Admin with the library, now | admin 2.2.1, library 3.1.1 |\n" in text


def test_a_table_ends_with_the_permalink_of_the_claim() -> None:
    claim = "https://casebook.example/b3055f7accbb/tiny/claims.html#good"
    assert content(judged(digest=DIGEST), "good").splitlines()[-1] == (
        f"[The claim and how it is judged]({claim}), edition `b3055f7accbb`, "
        f"sha256 `{DIGEST}`; [as it is now]({claim.replace('b3055f7accbb', 'latest')})."
    )


def test_a_table_is_of_the_environment_and_the_database_that_are_named() -> None:
    assert len(table(content(in_two_environments(BAD, BAD), "good", None, "earlier"))) == 1
    text = content(on_two_databases(GOOD, BAD), "good", None, None, "postgresql")
    assert [row.split(" | ")[3].partition("[")[0] for row in table(text)] == ["✗ refuted: "]


# --- What nobody knows ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("goood",), "unknown claim 'goood': did you mean 'good'"),
        (("zzz",), "unknown claim 'zzz': known are wires, good"),
        (("good", "usd"), "unknown pattern 'usd': did you mean 'used'"),
        (("good", "used", "noww"), "unknown environment 'noww': did you mean 'now'"),
        (("good", "used", "now", "sqlit"), "unknown database 'sqlit': did you mean 'sqlite'"),
    ],
)
def test_an_unknown_name_gets_the_nearest(asked: tuple[str, ...], message: str) -> None:
    with pytest.raises(block.Uncitable, match=message):
        cite(Citations(judged(), SITE), *asked)


def test_a_pattern_that_an_environment_does_not_have_is_named() -> None:
    other = an_environment("other", backend="another")
    report = judged(investigation=replace(INVESTIGATION, environments=(an_environment(), other)))
    message = "not judged of pattern 'used' in environment 'other'"
    with pytest.raises(block.Uncitable, match=message):
        cite(Citations(report, SITE), "good", "used", "other")


# --- Several investigations -----------------------------------------------------------------------


def of_another(*claims: Any, pattern: str = "used") -> Report:
    patterns = tuple(
        replace(one, id=pattern) if one.id == "used" else one for one in INVESTIGATION.patterns
    )
    investigation = replace(INVESTIGATION, id="another", patterns=patterns)
    return judged(investigation=investigation, claims=[WIRES, *claims], records=[])


def test_a_claim_is_found_in_whichever_investigation_has_it() -> None:
    reports = [judged(), of_another(a_claim("fast"))]
    assert [cited(reports, one) for one in ("good", "fast")] == reports


def test_a_claim_of_several_investigations_is_told_apart_by_the_pattern() -> None:
    reports = [judged(), of_another(pattern="sold")]
    assert [cited(reports, "wires", one) for one in ("used", "sold")] == reports


def test_a_claim_of_several_investigations_is_asked_for() -> None:
    with pytest.raises(block.Uncitable, match="add --investigation tiny or another"):
        cited([judged(), of_another()], "wires", "used")


# --- What libraries say ---------------------------------------------------------------------------

HOSTILE = (
    "`x` | <script>alert(1)</script> @octocat #12 [a](http://e.example)\n\n# big *bold* \x1b[2J"
)


def hostile(*asked: str) -> str:
    events = (
        Event("created", ("S1", "T1"), {"text": HOSTILE}),
        Event("```\n@octocat", (), {"text": HOSTILE}),
    )
    claim = a_claim(check=lambda h: refuted(f"bad {h.reason}", *h.events))
    report = judged(
        {("used", "use"): History("raised", HOSTILE, events)},
        claims=[WIRES, replace(claim, supported_by=())],
        investigation=replace(INVESTIGATION, diagram=DIAGRAM),
        not_rerun={("now", "sqlite"): HOSTILE},
        digest=DIGEST,
    )
    return content(report, "good", *asked)


@pytest.mark.parametrize("asked", [(), ("used",)])
def test_what_a_library_said_is_text_and_nothing_else(asked: tuple[str, ...]) -> None:
    lines = hostile(*asked).splitlines()
    fenced = [at for at, line in enumerate(lines) if line.startswith("```")]
    outside = "\n".join(line for at, line in enumerate(lines) if not _inside(at, fenced))
    assert "\\<script\\>" in outside
    assert "<script>" not in outside
    assert "@octocat" not in outside
    assert "#12" not in outside
    assert "://e." not in outside
    assert "\\[a\\](" in outside
    assert "\x1b" not in "".join(lines)
    assert not any(line.startswith("# ") for line in lines)


def _inside(at: int, fenced: list[int]) -> bool:
    return sum(fence <= at for fence in fenced) % 2 == 1


@pytest.mark.parametrize("asked", [(), ("used",)])
def test_rendered_a_reply_has_its_own_elements_and_no_others(asked: tuple[str, ...]) -> None:
    html = MarkdownIt("commonmark").enable("table").render(hostile(*asked))
    names = set(re.findall(r"<([a-z][\w-]*)", html))
    own = {"a", "code", "em", "p", "table", "tbody", "td", "th", "thead", "tr"}
    assert names == own | ({"details", "pre", "strong", "summary"} if asked else set())
    links = re.findall(r'href="([^"]*)"', html)
    assert len(links) == (4 if asked else 3)
    assert all(link.startswith("https://casebook.example/") for link in links)
    assert html.count("<details>") == html.count("</details>") == (2 if asked else 0)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    row, *of_releases = re.findall(r"<tr>\s*(<td.*?)</tr>", html, re.DOTALL)
    assert [one.count("<td") for one in of_releases] == ([] if asked else [2])
    assert row.count("<td") == (3 if asked else 5)


def test_a_row_keeps_its_columns_whatever_a_library_said() -> None:
    (row,) = table(hostile())
    assert row.replace("\\|", "").count("|") == 6


def test_a_fence_is_longer_than_any_that_it_holds() -> None:
    assert listing(["````", "x"]).splitlines() == ["`````text", "````", "x", "`````"]


def test_a_code_span_holds_backticks_and_in_a_table_bars() -> None:
    assert code("a `b` | c", in_table=True) == "``a `b` \\| c``"
    assert code("`b`") == "`` `b` ``"


def test_escaped_text_reads_as_written() -> None:
    assert escape("S1 served R1, R2 and R3") == "S1 served R1, R2 and R3"
    assert escape("a_b*c") == "a\\_b\\*c"


@pytest.mark.parametrize("text", ["a b", r"\ \* x :tada: www.x.y GH-1 a@b & <b> ~s~ $x$ 1: 2"])
def test_what_is_escaped_can_be_read_again(text: str) -> None:
    assert plain(escape(text)) == text


def test_no_name_becomes_a_picture() -> None:
    assert ":tada:" not in escape("done :tada: and :+1:")
    assert ":+1:" not in escape("done :tada: and :+1:")


def test_a_long_reason_is_cut() -> None:
    claim = a_claim(check=lambda h: refuted("bad " * 1000), supported_by=())
    text = content(judged(claims=[WIRES, claim]), "good", "used")
    assert len(text.splitlines()[0]) < 500


# --- The button -----------------------------------------------------------------------------------


def held(text: str) -> Any:
    """Return what the file of a pattern holds for its page's script."""
    assert text.startswith("window.casebookCitations = ")
    return json.loads(text.removeprefix("window.casebookCitations = ").removesuffix(";\n"))


def test_the_file_of_a_pattern_holds_exactly_what_is_cited_each_piece_once() -> None:
    report = on_two_databases(GOOD, BAD)
    composed = Citations(report, SITE, lambda one: f"import this\n\n\n\nprint({one.id!r})\n")
    files = dict(citations.files(composed))
    names = ("right", "unwired", "used", "wrong")
    assert sorted(files) == [f"tiny/citations/{one}.js" for one in names]
    every = [held(text) for text in files.values()]
    assert sum(len(one["findings"]) for one in every) == len(report.findings)
    assert all(len(one["pieces"]) == len(set(one["pieces"])) for one in every)
    used = held(files["tiny/citations/used.js"])
    assert sum("import this" in piece for piece in used["pieces"]) == 1
    pieces = used["findings"]["good.used.now.postgresql"]
    asked = ("good", "used", "now", "postgresql")
    assert "".join(used["pieces"][number] for number in pieces) == cite(composed, *asked)


def test_every_finding_of_a_page_has_a_button_whose_citation_is_in_the_page_s_file(
    observed: tuple[Project, str],
) -> None:
    root = observed[0].root
    site.write_pages(root, judge.reports(root))
    folder = root / "build" / "docs"
    pages = list((folder / "tiny" / "patterns").glob("*.md"))
    assert pages
    for page in pages:
        html = page.read_text(encoding="utf-8")
        (address,) = re.findall(r'<script src="[^"]*/cite.js" data-citations="([^"]*)"', html)
        file = folder / os.path.normpath(f"extra/tiny/patterns/{address}")
        asked = re.findall(r'<button type="button" class="cite" data-finding="([^"]*)"', html)
        assert asked == re.findall(r'<article class="finding [^"]*" id="([^"]*)"', html)
        assert sorted(asked) == sorted(held(file.read_text(encoding="utf-8"))["findings"])
