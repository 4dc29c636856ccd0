"""The pages about the releases, what other pages say of them, and what is published of them."""

import re
from dataclasses import replace
from html import unescape

import pytest

from casebook.judge.bisected import Bisection, Step
from casebook.judge.courses import Turn
from casebook.plan.axes import Axis
from casebook.plan.symptoms import DeclaredSymptoms, Symptom
from casebook.record import History
from casebook.site.book import Book
from casebook.site.releases import ReleasesPage
from casebook.stored import digest_of
from tests.casebook.judge.builders import (
    BAD,
    GOOD,
    INVESTIGATION,
    NOTHING,
    OBSERVED,
    RAISED,
    a_record,
    judged,
)
from tests.casebook.judge.over_releases import at, bisected, over
from tests.casebook.site.builders import built, with_links_that_lead_somewhere, written
from tests.casebook.site.over_releases import (
    SINCE_2_1,
    UNAVAILABLE,
    WAS_BAD,
    drawn,
    page,
    shown,
    small_project,
)


@pytest.fixture
def root(tmp_path):
    """Return a folder with what the pages of the smallest investigation are made of."""
    return small_project(tmp_path)


def steps(text):
    """Return the words of each step of the first strip."""
    row = re.search(r"<tbody>\n<tr>(.*?)</tr>", text, re.DOTALL)
    assert row
    found = re.findall(r'class="step ([\w-]+)".*?<span class="hidden">(.*?)</span>', row[1])
    return [f"{kind}: {unescape(words)}" for kind, words in found]


def test_a_symptom_of_other_releases_alone_is_said_to_be_seen_there(root):
    report = drawn(over(*UNAVAILABLE, now={("used", "use"): RAISED}))
    chapters = replace(report.investigation, chapters=("symptoms",))
    symptoms = tuple(
        Symptom(id, id, "It is so.", match=(text,))
        for id, text in (
            ("today", RAISED.reason),
            ("older", "no <module>"),
            ("never", "nothing says this"),
        )
    )
    declared = DeclaredSymptoms(("error",), symptoms)
    text = written(root, replace(report, investigation=chapters, symptoms=declared))[
        "tiny/symptoms.md"
    ]
    assert text.count("Seen on other releases") == 1
    older, never = text.partition("## older")[2].split("## never")
    assert "Seen on other releases alone:" in older
    assert "releases/now-at-admin-1.0.html" in older
    assert "Not seen in any cell here." not in older
    assert "Not seen in any cell here." in never


# --- The releases page ----------------------------------------------------------------------------


def test_the_picture_has_a_strip_for_each_pattern_with_a_step_for_each_release(root):
    text = page(root, *SINCE_2_1)
    assert [step.partition(":")[0] for step in steps(text)] == [
        "avoid",
        "avoid",
        "recommended",
        "recommended",
    ]


def test_a_step_that_changes_what_is_so_is_marked_and_only_that(root):
    text = page(root, *SINCE_2_1).partition("## What turned")[0]
    row = text[text.index("<tbody>") :]
    marks = [mark == ' class="turned"' for mark in re.findall(r"<td([^>]*)>", row)]
    assert marks == [False, False, True, False]


@pytest.mark.parametrize("before", [{}, WAS_BAD])
def test_a_step_of_which_nothing_is_known_changes_nothing(root, before):
    records = at("1.0", before), at("2.0", {("used", "use"): NOTHING}), at("2.1")
    text = page(root, *records).partition("## What turned")[0]
    marks = re.findall(r"<td([^>]*)>", text[text.index("<tbody>") :])
    assert [bool(mark) for mark in marks] == [False, False, bool(before), False]


def test_a_release_that_cannot_be_used_and_one_that_was_not_observed_are_steps(root):
    first, second, third, _ = steps(page(root, UNAVAILABLE[0], at("2.1")))
    assert first == "unavailable: cannot be imported: ImportError: no <module>"
    assert second.startswith("missing: not observed")
    assert third == "recommended: recommended"


def test_a_turn_is_linked_to_both_findings_and_to_where_the_histories_part(root):
    text = page(root, *SINCE_2_1)
    turn = text.partition('id="now-admin.2.1.good.supported"')[2].partition("</article>")[0]
    assert 'href="releases/now-at-admin-2.0.html#good.used.now-at-admin-2.0.sqlite"' in turn
    assert 'href="releases/now-at-admin-2.1.html#good.used.now-at-admin-2.1.sqlite"' in turn
    assert "S1 was bad" in turn
    assert "S1 was good" in turn
    assert f'href="../histories/{digest_of(BAD)}.html"' in turn
    assert f'href="../histories/{digest_of(GOOD)}.html"' in turn
    assert "before, bad" in turn


def test_a_turn_tells_what_was_so_before_and_what_is_so_after(root):
    text = page(root, *SINCE_2_1)
    turn = text.partition('id="now-admin.2.1.good.supported"')[2].partition("</article>")[0]
    head, _, before, after, *_ = (shown(one) for one in re.findall("<p.*?</p>", turn))
    assert head == "admin 2.1: The claim good ✗ refuted → ✓ supported"
    assert (before, after) == ("2.0 ✗ refuted: S1 was bad", "2.1 ✓ supported: S1 was good")


def test_claims_by_releases_show_each_verdict_at_its_release(root):
    text = page(root, at("1.0", WAS_BAD), at("2.1")).partition("## Claims by releases")[2]
    row = text.partition("<tbody>")[2].partition("</tr>")[0]
    (_, claim), *cells = re.findall("<t[hd]([^>]*)>(.*?)</t[hd]>", row)
    assert shown(claim) == "goodturned between 1.0 and 2.1"
    assert [
        (mark, shown(cell), "".join(re.findall('href="(.*?)"', cell))) for mark, cell in cells
    ] == [
        ("", "✗refuted", "releases/now-at-admin-1.0.html#good.used.now-at-admin-1.0.sqlite"),
        ("", "·not observed", ""),
        (
            ' class="turned"',
            "✓supported",
            "releases/now-at-admin-2.1.html#good.used.now-at-admin-2.1.sqlite",
        ),
        ("", "✓supported", "patterns/used.html#good.used.now.sqlite"),
    ]


HOSTILE = "<script>alert(1)</script>"


def test_what_was_recorded_with_other_releases_is_only_text(root):
    raised = {
        ("used", "wire"): History("raised", f"ValueError: {HOSTILE}", ()),
        ("used", "use"): None,
    }
    unset = {("right", "wire"): History("raised", f"KeyError: {HOSTILE}", ())}
    made = replace(
        bisected("2.0.4", "2.0.5", skipped=("2.0.4a1",)),
        parting=HOSTILE,
        steps=(
            Step("2.0.4", "refuted", HOSTILE),
            Step("2.0.4a1", None, HOSTILE),
            Step("2.0.5", "supported", HOSTILE),
        ),
    )
    records = at("1.0", unavailable=HOSTILE), at("2.0", raised), at("2.1", {**raised, **unset})
    files = written(root, drawn(over(*records, bisections=(made,))))
    told = {name for name, text in files.items() if "&lt;script&gt;alert" in text}
    assert {"tiny/releases.md", "tiny/releases/now-at-admin-1.0.md"} < told
    assert not [name for name, text in files.items() if HOSTILE in text and ".js" not in name]


def test_what_never_turned_is_counted(root):
    assert "1 change of verdict; 1 of 2 claims on patterns never turned." in page(root, *SINCE_2_1)
    assert "Nothing: 2 claims on patterns have the same verdict" in page(root, at("2.0"))


def test_what_moved_along_is_named_at_the_turn(root):
    releases = {"admin": "2.0", "library": "3.0", "other": "1"}
    text = page(root, at("2.0", WAS_BAD, releases=releases), at("2.1"))
    assert "Moved along: <code>library</code> 3.0 → 3.1.1." in text


def test_what_is_open_on_a_release_is_said_with_its_reason(root):
    text = page(root, at("2.0", {("used", "use"): NOTHING}), at("2.1"))
    told = text.partition("## Open")[2].partition("## ")[0]
    assert "admin 2.0" in told
    assert "no occasion: nothing was used" in told


def test_what_is_open_everywhere_is_not_open_on_a_release(root):
    nothing = {("used", "use"): NOTHING}
    assert "## Open" not in page(root, at("2.0", nothing), at("2.1", nothing), now=nothing)


def test_each_release_that_was_observed_is_told_with_what_moved_along(root):
    releases = {"admin": "2.0", "library": "3.0", "other": "1"}
    text = page(root, at("2.0", releases=releases), at("2.1")).partition("## What was observed")[2]
    assert [shown(one) for one in re.findall("<li>.*?</li>", text)[:4]] == [
        "admin 1.0: not observed: run nox -s sweep",
        "admin 2.0: its findings, with library 3.1.1 → 3.0",
        "admin 2.1: its findings",
        "admin 2.2.1: Admin with the library, now",
    ]


def test_releases_on_which_the_same_is_open_are_said_together(root):
    nothing = {("used", "use"): NOTHING}
    text = page(root, at("1.0", nothing), at("2.0", nothing), at("2.1"))
    told = text.partition("## Open")[2].partition("## ")[0]
    assert told.count("<li>") == 1
    assert "admin 1.0 and 2.0 (" in told
    assert "2 findings</a> of good" in told


def controls_of(root, report):
    text = written(root, drawn(report))["tiny/releases.md"]
    return text.partition("## Controls")[2].partition("## ")[0]


def test_controls_that_came_out_as_declared_on_other_releases_are_counted(root):
    told = controls_of(root, over(*SINCE_2_1))
    assert "12 of 12 controls came out as declared on the releases that only an axis has." in told
    assert "did not" not in told


def test_a_control_that_failed_on_a_release_leads_to_its_finding_there(root):
    told = controls_of(root, over(at("2.0", {("right", "use"): BAD}), at("2.1")))
    assert "7 of 12 controls came out as declared" in told
    assert "only an axis has; 4 were not observed." in told
    assert "<code>good</code> of <code>right</code>: declared supported, " in told
    assert 'href="releases/now-at-admin-2.0.html#good.right.now-at-admin-2.0.sqlite"' in told
    assert "S1 was bad" in told


def test_a_right_control_with_which_the_subject_fails_is_told_apart(root):
    report = over(at("2.0", {("right", "use"): BAD}), at("2.1", {("right", "use"): BAD}))
    swept = report.swept
    assert swept
    failed = swept.failed_controls
    controls = tuple(replace(one, of_subject=one in failed) for one in swept.controls)
    told = controls_of(root, replace(report, swept=replace(swept, controls=controls)))
    assert "itself fails with these, which are right" in told
    assert "6 of 12 controls came out as declared" in told  # not those that say nothing against it
    assert told.count("<code>good</code>") == 1  # one line for both releases
    assert told.count("#good.right.now-at-admin-2.") == 2


def test_where_nothing_can_be_imported_no_control_is_expected_to_hold(root):
    told = controls_of(root, over(*UNAVAILABLE))
    assert "8 of 8 controls came out as declared" in told
    named = '<a href="releases/now-at-admin-1.0.html">now-at-admin-1.0</a>'
    assert f"<li>4 in {named}: " in told
    assert "ImportError: no &lt;module&gt;" in told


def test_a_bisection_is_told_with_each_of_its_steps(root):
    made = Bisection(
        *("good", "used", "library", "now", "sqlite", "3.11"),
        turned=True,
        before="2.0",
        first="2.0.1",
        skipped=("2.0.1a1",),
        moved={"other": ("1", "2")},
        experiment="use",
        parting="after event 1 (start): before, bad; after, good",
        steps=(
            Step("2.0", "refuted", "S1 was bad"),
            Step("2.0.1a1", None, "cannot be imported"),
            Step("2.0.1", "supported", "S1 was good"),
        ),
        inputs="",
        former={"2.0": "old-library"},
    )
    text = page(root, *SINCE_2_1, bisections=(made,))
    told = text.partition("## Bisections")[2]
    assert "refuted on old-library 2.0, supported by <strong>2.0.1</strong>" in told
    assert "other from 1 to 2; stepped over: 2.0.1a1." in told
    assert "<td>2.0.1a1</td><td>stepped over</td>" in told


def test_a_bisection_that_earlier_scripts_made_is_marked(root):
    made = (bisected("2.0.4", "2.0.5"),)
    report = over(*SINCE_2_1, bisections=made)
    for outdated, marked in (((), False), (made, True)):
        files = written(root, drawn(replace(report, outdated=outdated)))
        told = files["tiny/releases.md"].partition("## Bisections")[2]
        assert "supported since <strong>2.0.5</strong>" in told
        assert ("(made with earlier scripts)" in told) is marked


def test_a_turn_with_releases_between_is_told_between_two(root):
    text = page(root, *SINCE_2_1, listed=())
    assert "admin, between 2.0 and 2.1: <a" in text
    assert ">between 2.0 and 2.1</a>" in text.partition("## Claims by releases")[2]
    assert (
        "It turned at 2.1, or at a release after 2.0 that was not tried, if there is one." in text
    )
    answer = page(root, *SINCE_2_1, listed=(), name="index.md")
    assert ">by admin 2.1</a>" in answer
    assert "admin 1.0 to 2.2.1 (4 tried)</a>" in answer


def test_a_turn_that_was_bisected_is_told_apart_from_one_that_was_not(root):
    report = over(at("2.0", WAS_BAD), at("2.1"), listed=(), bisections=(bisected("2.0", "2.0.5"),))
    found = ReleasesPage(Book(root, drawn(report)))
    (turn,) = found.releases.turns
    found.releases.__dict__["turns"] = (turn, replace(turn, bisected=None))
    groups = found.groups["now-admin"]
    assert [group.first.when for group in groups] == ["2.0.5", "between 2.0 and 2.1"]
    assert [group.id.partition(".good")[0] for group in groups] == [
        "now-admin.2.0.5",
        "now-admin.2.0-2.1",
    ]


def test_what_a_grade_was_on_other_releases_is_told_in_a_sentence(root):
    text = page(root, *SINCE_2_1, name="patterns/used.md")
    assert re.search(r"Since admin 2\.1</a>; on 1\.0 and 2\.0: [^;]+\.</span>", text)


def test_an_axis_of_which_nothing_was_observed_says_what_to_run(root):
    text = page(root)
    assert "**Not observed.**" in text
    assert "`nox -s sweep`" in text
    assert "No claim was decided on more than one release." in text


def test_without_an_axis_there_is_no_such_page_unless_it_is_a_chapter(root):
    assert "tiny/releases.md" not in written(root, judged())
    investigation = replace(INVESTIGATION, chapters=(*INVESTIGATION.chapters, "releases"))
    text = written(root, judged(investigation=investigation))["tiny/releases.md"]
    assert "declares no `[[axis]]`" in text


def test_what_turned_and_what_did_not_add_up():
    shown = ReleasesPage(Book(root=None, report=over(*SINCE_2_1)))  # type: ignore[arg-type]
    assert shown.compared == shown.never + len({turn.track.claim for turn in all_turns(shown)})


def all_turns(shown: ReleasesPage) -> list[Turn]:
    return [turn for own in shown.groups.values() for group in own for turn in group.turns]


# --- What other pages say -------------------------------------------------------------------------


def test_each_finding_says_on_which_releases_it_is_the_same(root):
    text = page(root, *SINCE_2_1, name="patterns/used.md")
    item = text.partition('<li id="good.used.now.sqlite"')[2].partition("</li>")[0]
    assert "The same on admin 2.1 and 2.2.1." in item
    assert "Otherwise with admin:" in item
    assert 'releases/now-at-admin-1.0.html#good.used.now-at-admin-1.0.sqlite">refuted</a>' in item
    assert "on 1.0 and 2.0." in item


def test_the_answer_says_since_which_release_it_is_so(root):
    text = page(root, *SINCE_2_1, name="index.md")
    answer = text.partition('<section class="answer"')[2].partition("</section>")[0]
    assert re.search(r'releases.html#now-admin">since admin 2\.1</a>', answer)
    assert "the same on" in answer
    assert "admin 1.0 to 2.2.1</a>" in answer


def test_a_grade_says_on_which_releases_nothing_is_known(root):
    records = at("1.0", WAS_BAD), at("2.0", {("used", "use"): NOTHING}), at("2.1")
    text = page(root, *records, name="patterns/used.md")
    assert "By admin 2.1; on 1.0: good refuted; not known on 2.0." in shown(text)


def test_the_answer_counts_the_axes_that_it_does_not_name(root):
    axes = (
        Axis("admin", "now", ("2.1", "2.2.1")),
        Axis("library", "now", ("3.0", "3.1.1")),
        Axis("other", "now", ("0.8", "1")),
        Axis("python", "now", ("3.11", "3.12")),
    )
    ids = ("now-at-library-3.0", "now-at-other-0.8", "now-at-python-3.12")
    records = (at("2.1"), *(a_record(OBSERVED, id) for id in ids))
    answer = shown(page(root, *records, axes=axes, name="index.md"))
    said = "the same on admin 2.1 and 2.2.1, library 3.0 and 3.1.1 and on others of 2 more, unless"
    assert said in answer


def test_the_answer_names_no_release_where_all_are_the_same(root):
    text = page(root, at("1.0"), at("2.0"), at("2.1"), name="index.md")
    answer = text.partition('<section class="answer"')[2].partition("</section>")[0]
    assert "since admin" not in answer
    assert "admin 1.0 to 2.2.1</a>" in answer


def test_the_answer_says_once_which_release_cannot_be_used(root):
    text = page(root, *UNAVAILABLE, name="index.md")
    answer = text.partition('<section class="answer"')[2].partition("</section>")[0]
    assert "since admin" not in answer
    assert re.search(
        r"admin 2\.0 to 2\.2\.1</a>, unless said</span>; <a [^>]*>admin 1\.0</a> cannot be imp",
        answer,
    )


def test_nothing_is_said_of_releases_where_none_was_tried(root):
    files = written(root, drawn(judged()))
    for name in ("index.md", "tiny/patterns/used.md"):
        assert 'class="over"' not in files[name]
        assert 'class="since"' not in files[name]


@pytest.mark.parametrize(
    ("records", "now", "words"),
    [
        (SINCE_2_1, {}, "since admin 2.1"),
        ((), {}, "on admin 2.2.1"),
        (SINCE_2_1, {("used", "use"): NOTHING}, "(on which releases of admin is not known)"),
    ],
)
def test_a_sentence_of_a_page_always_says_on_which_releases(root, records, now, words):
    (root / "docs" / "tiny").mkdir()
    text = '# A page\n\nSo {{ since("good", "used", "now", "admin") }}.\n'
    (root / "docs" / "tiny" / "page.md").write_text(text)
    line = page(root, *records, now=now, name="page.md").splitlines()[2]
    assert re.sub("<[^>]*>", "", line) == f"So {words}."


# --- The site -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_site_is_built_and_its_links_lead_somewhere(root):
    records = UNAVAILABLE[0], at("2.0", {("used", "use"): NOTHING}), at("2.1", WAS_BAD)
    texts = with_links_that_lead_somewhere(built(root, drawn(over(*records))))
    assert any("releases/now-at-admin-2.1.html" in page.as_posix() for page in texts)
