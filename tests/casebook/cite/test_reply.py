"""The reply: what a maintainer pastes, and that no library can write a part of it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from casebook.cite import block
from casebook.cite.block import closing_marker
from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.claim import refuted, supported
from casebook.judge.newer import KnownPackage, KnownReleases
from casebook.judge.report import Report
from casebook.plan.investigation import Setting
from casebook.record import Event, History
from casebook.stored import digest_of
from tests.casebook.cite.builders import (
    DIGEST,
    HOSTILE,
    LATEST,
    LINK,
    REPORT,
    SITE,
    content,
    in_two_environments,
    on_two_databases,
    table,
)
from tests.casebook.draw.builders import DIAGRAM
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    NOTHING,
    WIRES,
    a_claim,
    judged,
)

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
        f"Shown by the experiment [`use`]({SITE}histories/{digest_of(GOOD)}.html#2):",
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
    assert f"[`use`]({SITE}histories/{digest_of(GOOD)}.html#2), run 1:" in text
    assert f"[`use`]({SITE}histories/{digest_of(BAD)}.html#2), run 2:" in text


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
    assert "<details><summary>The history</summary>\n\nDrawn from the history of `use`.\n" in text
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
    head = "<details><summary>A script that shows it: <code>uv run repro.py</code></summary>"
    assert f"{head}\n\n````python\nprint('```')\n````\n\n</details>\n" in text


def test_a_reproduction_that_holds_a_marker_is_not_there() -> None:
    script = f"# ...\n{closing_marker('')}"
    assert "uv run" not in content(judged(), "good", "used", script=lambda one: script)


# --- The limit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [50_000, 64_000, 65_000, 1_000_000])
def test_a_reply_is_never_longer_than_github_takes(length: int) -> None:
    script = "x = 'é\\n'\n" * (length // 10)
    text = cite(
        Citations(judged(digest=DIGEST), SITE, lambda one: script), "good", "used", full=True
    )
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
    text = cite(Citations(report, SITE), "good", full=True)
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


def test_a_table_counts_findings_and_not_the_rows_that_they_share() -> None:
    text = content(on_two_databases(GOOD, GOOD), "good")
    assert len(table(text)) == 1
    assert text.startswith("*The claim good*: of 2 findings, 2 ✓ supported.")


# --- What libraries say ---------------------------------------------------------------------------


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


def test_a_long_reason_is_cut() -> None:
    claim = a_claim(check=lambda h: refuted("bad " * 1000), supported_by=())
    text = content(judged(claims=[WIRES, claim]), "good", "used")
    assert len(text.splitlines()[0]) < 500


# --- When it was observed -------------------------------------------------------------------------


def dated(newest: str = "3.1.1") -> Report:
    known = KnownReleases(
        1, "2026-12-24", "https://pypi.org/simple", (KnownPackage("admin", newest, ""),)
    )
    return replace(REPORT, days={Setting("now", "sqlite"): "2026-11-27"}, known=known)


def test_a_citation_says_when_the_finding_was_observed_and_what_is_newer() -> None:
    assert "Observed on 2026-11-27. On 2026-12-24 the package index had newer releases" in content(
        dated(), "good", "used"
    )
    assert "not observed here: admin 3.1.1." in content(dated(), "good", "used")
    assert "\nObserved on 2026-11-27.\n" in content(dated("2.2.1"), "good", "used")
    assert "bserved on" not in content(REPORT, "good", "used")
