"""Verifying: a block that holds matches, and whatever was changed in it is told."""

from dataclasses import replace
from typing import Any

import pytest

from casebook.cite import block
from casebook.cite.cite import cite
from casebook.cite.reply import Citations
from casebook.cite.source import GivenText
from casebook.cite.verify import Verification, updated, verify
from casebook.claim import refuted
from casebook.plan.investigation import Setting
from casebook.record import Event, History
from tests.casebook.cite.builders import (
    DIGEST,
    HOSTILE,
    LINK,
    REPORT,
    SITE,
    composed,
    in_two_environments,
    on_two_databases,
    rendered,
    text_of,
)
from tests.casebook.draw.builders import DIAGRAM
from tests.casebook.judge.builders import BAD, GOOD, INVESTIGATION, WIRES, a_claim, judged

LATER = "0123456789ab" + "f" * 52

HOLDS = "good of used in now, sqlite: supported"


def verified(text: str, report: Any = REPORT, site_url: str = SITE) -> tuple[Verification, ...]:
    return verify(GivenText("the block", text), [report], site_url, composed)


def told(text: str, report: Any = REPORT) -> list[str]:
    """Return what differs in the one block of a text; fail where it matches."""
    (one,) = verified(text, report)
    assert one.code == 3, one.lines
    assert one.lines[0].startswith("differs: ")
    return [line.strip() for line in one.lines[1:]]


# --- When it was observed -------------------------------------------------------------------------


def test_that_it_was_observed_again_is_no_difference() -> None:
    days = ({Setting("now", "sqlite"): day} for day in ("2026-11-27", "2026-12-24"))
    before, after = (replace(REPORT, days=one) for one in days)
    for cited, now in ((before, after), (REPORT, after), (before, REPORT)):
        (one,) = verified(text_of(cited), now)
        assert one.code == 0, one.lines


def test_a_day_in_the_place_of_what_the_results_say_is_a_difference() -> None:
    text = text_of()
    row = next(line for line in text.splitlines() if line.startswith("| **Admin"))
    (first, *rest) = told(text.replace(row, "Observed on 2026-11-27."))
    assert first.startswith("edited by hand")
    assert any(one.startswith("the table of releases, ") for one in rest)


# --- What holds -----------------------------------------------------------------------------------


def test_a_block_that_holds_matches_in_one_line() -> None:
    (one,) = verified(text_of())
    assert one == Verification(
        (f"matches: {HOLDS} (edition b3055f7accbb, same as the results here)",), 0
    )


@pytest.mark.parametrize(
    "asked",
    [("good",), ("good", None, "now"), ("good", "used", "now", "postgresql"), ("wires", "unwired")],
)
def test_whatever_is_cited_matches(asked: tuple[str | None, ...]) -> None:
    (one,) = verified(text_of(REPORT, *asked))
    assert one.code == 0, one.lines


def test_every_finding_matches_whatever_a_library_said() -> None:
    events = (Event("created", ("S1", "T1"), {"text": HOSTILE}), Event(HOSTILE, ()))
    claim = a_claim(check=lambda h: refuted(f"bad {h.reason}", *h.events), supported_by=())
    report = judged(
        {("used", "use"): History("raised", HOSTILE, events)},
        claims=[WIRES, claim],
        investigation=replace(INVESTIGATION, diagram=DIAGRAM),
        digest=DIGEST,
    )
    thread = "\n".join(composed(report, SITE).finding(one).text for one in report.findings)
    outcomes = verified(thread, report)
    assert len(outcomes) == len(report.findings)
    assert {one.code for one in outcomes} == {0}


def test_an_older_edition_whose_content_is_the_same_matches() -> None:
    (one,) = verified(text_of(), replace(REPORT, digest=LATER))
    words = "edition b3055f7accbb, not looked up; the results here are 0123456789ab"
    assert one == Verification((f"matches: {HOLDS} ({words})",), 0)


def test_a_whole_thread_is_read_and_each_block_has_its_line() -> None:
    thread = f"Hello\n\n{text_of()}\n> quoted\n\n{text_of(REPORT, 'good')}\nBye\n"
    first, second = verified(thread)
    assert first.lines[0].startswith(f"matches: {HOLDS}")
    assert second.lines[0].startswith("matches: good of all patterns (edition")


def test_a_block_that_went_through_a_browser_or_a_quotation_matches() -> None:
    (one,) = verified(text_of().replace("\n", "\r\n"))
    assert one.code == 0
    (one,) = verified("".join(f"> {line}\n" for line in text_of().splitlines()))
    assert one.code == 0


def test_a_block_from_which_parts_were_left_out_matches() -> None:
    def long(report: Any, site_url: str) -> Citations:
        return Citations(report, site_url, lambda finding: "x = 1\n" * 20_000)

    text = cite(long(REPORT, SITE), "good", "used", full=True)
    assert "Left out" in text
    (one,) = verify(GivenText("the block", text), [REPORT], SITE, long)
    assert one.code == 0, one.lines


# --- What was changed by hand ---------------------------------------------------------------------

EDITED = "edited by hand after it was made: the text is not the one that the end marker seals"


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        (
            "**Supported**",
            "**Refuted**",
            "verdict: the block says refuted, the results say supported",
        ),
        (
            "S1 was good",
            "S1 was bad",
            "reason: the block says 'S1 was bad', the results say 'S1 was good'",
        ),
        (
            "*The claim good*",
            "*The claim better*",
            "the sentence, line 2: the block says '*The claim better*', "
            "the results say '*The claim good*'",
        ),
        (
            "admin 2.2.1, library",
            "admin 2.2.0, library",
            "the table of releases, line 6: the block says '| admin 2.2.0,', "
            "the results say '| admin 2.2.1,'",
        ),
        (
            "✗ refuted:",
            "✓ supported:",
            "the table of releases, line 7: the block says '3.1.1 | ✓ supported:', "
            "the results say '3.1.1 | ✗ refuted:'",
        ),
        (
            "2 good S1",
            "2 good S2",
            "the events, line 12: the block says '2 good S2', the results say '2 good S1'",
        ),
        (
            "admin==2.2.1",
            "admin==2.2.0",
            "the exact releases, line 30: the block says 'admin==2.2.0', "
            "the results say 'admin==2.2.1'",
        ),
        (
            "print('it held')",
            "print('it failed')",
            "the reproduction, line 20: the block says \"print('it failed')\", "
            "the results say \"print('it held')\"",
        ),
    ],
)
def test_what_was_changed_is_told_in_words(old: str, new: str, differs: str) -> None:
    text = text_of()
    assert old in text
    assert told(text.replace(old, new, 1)) == [EDITED, differs]


def test_a_line_that_was_added_or_taken_is_told() -> None:
    text = text_of()
    assert told(text.replace("2 good S1\n", "")) == [
        EDITED,
        "the events, line 12: the block lacks '2 good S1'",
    ]
    assert told(text.replace("2 good S1\n", "2 good S1\n3 bad S2\n")) == [
        EDITED,
        "the events, line 13: the results do not say '3 bad S2'",
    ]


def test_a_digest_that_is_another_than_the_marker_s_is_told() -> None:
    edited, link = told(text_of().replace(f"sha256 `{DIGEST}`", f"sha256 `{LATER}`"))
    assert edited == EDITED
    assert link.startswith("the link, line 15: the block says ")
    assert LATER in link


def test_a_row_of_another_finding_s_link_is_told() -> None:
    text = text_of()
    (said,) = told(text.replace(f"({LINK})", "(https://evil.example/)", 1))[1:]
    assert "https://evil.example/" in said


def test_a_new_seal_does_not_help() -> None:
    (one,) = block.found(text_of())
    content = one.content.replace("**Supported**", "**Refuted**")
    text = text_of().replace(one.content, content)
    sealed = text.replace(f"sha256:{one.seal}", f"sha256:{block.seal(content)}")
    assert told(sealed) == ["verdict: the block says refuted, the results say supported"]


def test_a_block_that_asks_for_another_finding_is_compared_with_that() -> None:
    text = text_of().replace('"database":"sqlite"', '"database":"postgresql"', 1)
    assert "verdict: the block says supported, the results say refuted" in told(text)


def test_a_seal_that_is_another_is_told_though_the_text_is_the_same() -> None:
    (one,) = block.found(text_of())
    assert told(text_of().replace(str(one.seal), "0" * 64)) == [EDITED]


def test_a_block_without_an_end_is_told() -> None:
    (said,) = told(text_of().rpartition("<!--")[0])
    assert said == "the end marker: the block has none, so a part of it may be missing"


def test_a_digest_that_only_begins_like_this_edition_s_is_told() -> None:
    other = DIGEST[:12] + "e" * 52
    text = text_of(replace(REPORT, digest=other))
    assert told(text) == [f"digest: the block says {other}, the results here are {DIGEST}"]


@pytest.mark.parametrize(
    "site",
    ["https://evil.example/book/", "https://casebook.example/fork/", "https://casebook.example.x/"],
)
def test_links_to_another_site_are_told_with_what_to_do(site: str) -> None:
    text = cite(composed(REPORT, site), "good", "used")
    assert told(text) == [
        f"links: the block's lead to {site}, this site is at "
        "https://casebook.example/: if it is at both, set CASEBOOK_SITE_URL"
    ]


def test_much_that_differs_is_cut_and_counted() -> None:
    lines = [line if line.startswith("<!--") else f"{line} x" for line in text_of().splitlines()]
    said = told("\n".join(lines) + "\n")
    assert len(said) == 21
    assert said[-1].startswith("and ")


@pytest.mark.parametrize(
    ("added", "differs"),
    [
        ("\n" * 20_000, "the block has 200"),
        ("x" * 140_000, "the block is longer than any that GitHub takes, 65,536 characters"),
    ],
)
def test_a_block_that_is_far_too_long_is_told_at_once(added: str, differs: str) -> None:
    edited, said = told(text_of().replace("2 good S1\n", f"2 good S1\n{added}\n"))
    assert edited == EDITED
    assert said.startswith(differs)


def test_what_a_block_says_cannot_write_to_the_terminal() -> None:
    (one,) = verified(text_of().replace("2 good S1", "2 good \x1b[31m\u202e"))
    assert all(line.isprintable() for line in one.lines)


# --- What the results say otherwise now -----------------------------------------------------------


def test_results_that_changed_are_told_and_nobody_is_said_to_have_edited_it() -> None:
    said = told(text_of(), replace(on_two_databases(BAD, BAD), digest=LATER))
    assert said[0] == "verdict: the block says supported, the results say refuted"
    assert EDITED not in said
    assert any(line.startswith("the events, ") for line in said)


def test_an_environment_that_was_added_is_told() -> None:
    text = cite(composed(in_two_environments(GOOD, BAD), SITE), "good", "used")
    (said,) = told(text, judged(digest=DIGEST))
    assert said.startswith("the table of releases, line 7: the results do not say '| Admin with")


# --- What cannot be verified ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"claim":"good"', '"claim":"goood"', "unknown claim 'goood': did you mean 'good'?"),
        ('"pattern":"used"', '"pattern":"usd"', "unknown pattern 'usd': did you mean 'used'?"),
        ('"environment":"now"', '"environment":"no"', "did you mean 'now'?"),
        ('"database":"sqlite"', '"database":"sqlit"', "did you mean 'sqlite'?"),
        ('"investigation":"tiny"', '"investigation":"tin"', "did you mean 'tiny'?"),
        ('"form":1', '"form":9', "its marker is of form 9, and this Casebook writes 1"),
        ('"form":1', '"fo', "its marker cannot be read: "),
    ],
)
def test_a_block_that_names_what_is_unknown_names_the_nearest(old: str, new: str, why: str) -> None:
    (one,) = verified(text_of().replace(old, new, 1))
    assert one.code == 2
    assert one.lines[0].startswith("line 1: the block cannot be verified: ")
    assert why in one.lines[0]


def test_a_text_without_a_block_says_what_one_is() -> None:
    with pytest.raises(block.Uncitable, match="a block begins with the line `<!-- casebook:begin"):
        verified("# Nothing\n")


# --- Updating -------------------------------------------------------------------------------------


def test_a_block_is_updated_in_its_place_and_all_else_stays() -> None:
    later = replace(on_two_databases(BAD, BAD), digest=LATER)
    thread = f"Hello\r\n\n{text_of()}and\n\n{text_of(REPORT, 'good')}Bye"
    made = updated(GivenText("thread", thread), [later], SITE, composed)
    assert made == f"Hello\r\n\n{text_of(later)}and\n\n{text_of(later, 'good')}Bye"
    assert {one.code for one in verified(made, later)} == {0}


def test_nothing_is_updated_where_there_is_no_block() -> None:
    with pytest.raises(block.Uncitable, match="holds no block"):
        updated(GivenText("thread", "Hello"), [REPORT], SITE)


# --- Pages ----------------------------------------------------------------------------------------


def seen(html: str, report: Any = REPORT) -> Verification:
    (one,) = verify(GivenText("a page", html, page=True), [report], SITE, composed)
    return one


def test_of_a_page_the_sentence_is_compared_and_it_is_said_that_no_more_is() -> None:
    one = seen(rendered(text_of()))
    assert one.code == 0
    assert one.lines[0].startswith(f"matches, as far as a page shows it: {HOLDS} (edition b3055f")
    assert "api.github.com/repos/OWNER/NAME/issues/comments/NUMBER" in one.lines[1]


def test_a_sentence_that_a_page_does_not_say_is_told() -> None:
    one = seen(rendered(text_of().replace("**Supported**", "**Refuted**")))
    assert one.code == 3
    assert one.lines[0].startswith(f"differs: {HOLDS}")
    assert "the page does not say 'Supported: The claim good holds for" in one.lines[1]


@pytest.mark.parametrize("element", ["script", "style", "template", "head"])
def test_what_a_page_does_not_show_is_not_said(element: str) -> None:
    html = rendered(text_of())
    hidden = f"<{element}>{html}</{element}>"
    one = seen(hidden + rendered(text_of().replace("**Supported**", "**Refuted**")))
    assert one.code == 3


@pytest.mark.parametrize("element", ["script", "style", "template", "head"])
def test_words_that_a_page_does_not_show_are_not_said(element: str) -> None:
    sentence = "Supported: The claim good holds for View(model, used): S1 was good"
    shown = rendered(text_of().replace("**Supported**", "**Refuted**"))
    assert seen(shown + sentence).code == 0
    assert seen(f"{shown}<{element}>{sentence}</{element}>").code == 3


def test_a_page_that_leads_to_no_finding_cannot_be_verified() -> None:
    assert seen(rendered(text_of()).replace(SITE, "")).code == 2
    assert seen(rendered(text_of().replace("#good.used", "#godd.used"))).code == 2
    assert seen(rendered(text_of()).replace(SITE, "https://evil.example/")).code == 2


def test_a_page_without_a_citation_says_where_the_markdown_is() -> None:
    with pytest.raises(block.Uncitable, match=r"a page hides the markers.*api\.github\.com"):
        seen("<!DOCTYPE html><p>Nothing</p>")
