"""Pages, rendered from a small report made by hand."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from casebook.judge.newer import KnownPackage, KnownReleases
from casebook.judge.report import Coverage
from casebook.plan.investigation import Setting
from casebook.plan.mistakes import PlanError
from casebook.site import pages
from tests.casebook.site.builders import (
    CLAIMS,
    INVESTIGATION,
    about_another_thing,
    another,
    built,
    finding,
    on_two_databases,
    sample,
    with_links_that_lead_somewhere,
    written,
)

# --- The tree -------------------------------------------------------------------------------------


def test_each_pattern_has_a_page_outside_the_navigation(root):
    files = written(root)
    for pattern in INVESTIGATION.patterns:
        front = files[f"sample/patterns/{pattern.id}.md"].partition("\n---\n")[0]
        assert front.endswith("\norphan: true")
        assert f"patterns/{pattern.id}" not in files["index.md"].partition("{toctree}")[2]


def test_rendering_again_writes_nothing(root):
    assert pages.render(root, [sample()], root / "build") > 0
    assert pages.render(root, [sample()], root / "build") == 0


def test_a_change_of_one_finding_leaves_other_patterns_pages_alone(root):
    before = written(root)
    report = sample()
    changed = [
        replace(one, reason="another") if one.pattern == "kept" else one for one in report.findings
    ]
    after = written(root, replace(report, findings=tuple(changed)))
    assert before["sample/patterns/kept.md"] != after["sample/patterns/kept.md"]
    assert before["sample/patterns/right.md"] == after["sample/patterns/right.md"]


def test_the_page_of_a_removed_pattern_is_removed(root):
    written(root)
    report = sample()
    investigation = replace(INVESTIGATION, patterns=INVESTIGATION.patterns[1:])
    kept: dict[str, Any] = {
        name: tuple(one for one in getattr(report, name) if one.pattern != "right")
        for name in ("findings", "grades", "controls")
    }
    files = written(root, replace(report, investigation=investigation, **kept))
    assert "sample/patterns/right.md" not in files
    assert "sample/patterns/kept.md" in files


def test_a_page_of_prose_is_a_template_and_comes_before_the_one_that_all_have(root):
    (root / "docs" / "sample").mkdir()
    (root / "docs" / "sample" / "method.md").write_text(
        "# How {{ investigation.title }} was made\n"
    )
    text = written(root)["sample/method.md"]
    assert text.endswith("\n---\n\n# How A sample was made\n")


def test_prose_of_another_investigation_is_not_rendered(root):
    (root / "docs" / "other").mkdir()
    (root / "docs" / "other" / "index.md").write_text("{{ unknown }}\n")
    assert "other/index.md" not in written(root)


def test_prose_that_names_nothing_known_fails(root):
    (root / "docs" / "index.md").write_text("{{ unknown }}\n")
    with pytest.raises(PlanError, match=r"docs/index\.md: line 1: 'unknown' is undefined"):
        written(root)


def test_extra_files_lie_where_sphinx_publishes_them(root):
    pages.render(root, [sample()], root / "build", {"verdicts.json": "{}\n"})
    assert (root / "build/docs/extra/verdicts.json").read_text() == "{}\n"


def test_the_front_page_of_one_investigation_is_its_answer(root):
    page = written(root)["index.md"]
    assert page.partition("\n---\n")[2].startswith("\n# A sample\n")
    assert "Does `View(User, db)` hold one session?" in page
    assert "sample/comparison\n" in page.partition("{toctree}")[2]


def test_the_front_page_of_several_investigations_has_each_ones_answer(root):
    page = written(root, sample(), another())["index.md"]
    for id, title, question in (
        ("sample", "A sample", "Does `View(User, db)` hold one session?"),
        ("other", "Another", "Which one?"),
    ):
        assert f"## [{title}]({id}/index.md)\n\n{question}\n" in page
        assert f'href="{id}/patterns/right.html"' in page
        assert f"\n{id}/index\n" in page.partition("{toctree}")[2]


def test_each_investigation_has_its_pages_in_a_folder_of_its_own(root):
    alone = {name for name in written(root) if "sample/" in name}
    together = written(root, sample(), another())
    assert {f"sample/{name}.md" for name in ("index", "comparison", "claims", "method")} <= alone
    assert {name for name in together if "sample/" in name} == alone
    assert {name.replace("other/", "sample/") for name in together if "other/" in name} == alone


def test_rendering_one_investigation_keeps_another_ones_pages(root):
    (root / "conf" / "other.toml").touch()
    before = written(root, sample(), another())
    after = written(root, sample())
    assert {name for name in before if "other/" in name} <= after.keys()
    assert "\nother/index\n" in after["index.md"].partition("{toctree}")[2]


def test_the_pages_of_an_investigation_that_is_gone_are_removed(root):
    written(root, sample(), another())
    assert not [name for name in written(root, sample()) if "other/" in name]


# --- What a page says -----------------------------------------------------------------------------


def test_the_answer_names_the_releases_and_the_claim_that_was_refuted(root):
    box = written(root)["index.md"].partition('<section class="answer"')[2]
    assert "<span>app 2.0</span>, <span>library 3.1</span>" in box
    assert '#request-scoped.kept.plain-beside-library.sqlite">request-scoped</a>' in box


def test_the_code_that_is_to_be_written_is_shown_and_no_other(root):
    page = written(root)["index.md"].partition("</section>")[2]
    assert "def right(app, admin):" in page
    assert "def kept(app, admin):" not in page


def answer_in(root, report):
    """Return the text of the answer on the first page."""
    box = written(root, report)["index.md"].partition('<section class="answer"')[2]
    return " ".join(unescape(re.sub("<[^>]*>", "", box.partition("</section>")[0])).split())


def test_the_answer_names_three_patterns_to_avoid_and_counts_the_others(root):
    report, where = sample(), "plain-beside-library"
    many = [
        replace(INVESTIGATION.patterns[1], id=f"kept-{n}", title=f"Kept({n})") for n in range(5)
    ]
    own = [finding(CLAIMS[0].id, one.id, where, "refuted") for one in many]
    grades = [replace(report.grades[2], pattern=one.id, open=()) for one in many]
    investigation = replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, *many))
    rest = [one for one in report.findings if one.pattern != "kept"]
    text = answer_in(
        root,
        replace(
            report,
            investigation=investigation,
            findings=(*rest, *own),
            grades=(report.grades[0], *grades),
        ),
    )
    assert [f"Kept({n})" in text for n in range(5)] == [True, True, True, False, False]
    assert "✗ 2 other variants were tried and are not recommended" in text


def test_the_answer_names_one_claim_that_was_refuted_and_counts_the_others(root):
    report, all_three = sample(), tuple(one.id for one in CLAIMS)
    refuted = tuple(replace(one, verdict="refuted") for one in report.findings)
    avoid = replace(report.grades[2], refuted=all_three, open=())
    text = answer_in(root, replace(report, findings=refuted, grades=(*report.grades[:2], avoid)))
    assert "request-scoped refuted and 2 more" in text


def test_the_answer_says_why_a_pattern_is_unknown(root):
    report, why = sample(), "no occasion: nothing was used"
    findings = tuple(
        replace(one, verdict="inconclusive", reason=why) if one.pattern == "right" else one
        for one in report.findings
    )
    unknown = replace(report.grades[0], grade="unknown", open=(CLAIMS[1].id,))
    grades = (unknown, *report.grades[1:])
    text = answer_in(root, replace(report, findings=findings, grades=grades))
    assert f"closed-on-success inconclusive: {why}" in text


def test_the_answer_says_what_was_newer_when_it_was_built(root):
    known = KnownReleases(1, "2026-12-24", "", (KnownPackage("library", "3.2", "2026-12-01"),))
    assert "newer on" not in answer_in(root, sample())
    text = answer_in(root, replace(sample(), known=known))
    assert "newer on 2026-12-24, not observed here: library 3.2" in text


def with_a_twin_that_is_otherwise_on_a_database():
    """Return the sample with a twin of `library` that says the same on the first database alone."""
    report = on_two_databases("avoid")
    library = INVESTIGATION.environments[0]
    twin = replace(library, id="twin", title="With Library, again", differs_from="library")

    def doubled(found):
        own = [replace(one, environment="twin") for one in found if one.environment == "library"]
        return [replace(one, id=one.id.replace(".library.", ".twin.")) for one in own]

    grades = [one for one in report.grades if one.environment == "library"]
    grades = [replace(one, environment="twin") for one in grades]
    here = [
        replace(one, grade="recommended", refuted=()) if one.pattern == "right" else one
        for one in report.grades
    ]
    places = {Setting("twin", name): Setting("library", name) for name in ("sqlite", "second")}
    return replace(
        report,
        investigation=replace(
            report.investigation, environments=(*report.investigation.environments, twin)
        ),
        homes=report.homes | dict.fromkeys(places, "twin"),
        records=report.records | {one: report.records[of] for one, of in places.items()},
        findings=(*report.findings, *doubled(report.findings)),
        grades=(*here, *grades),
    )


def test_a_twin_that_is_otherwise_on_a_database_is_not_said_to_be_the_same(root):
    text = answer_in(root, with_a_twin_that_is_otherwise_on_a_database())
    assert "With Library, again: the same" not in text
    assert "On second: avoid: View(User, db)" in text.partition("With Library, again")[2]


def test_the_first_page_says_which_package_made_the_difference(root):
    page = written(root)["index.md"]
    assert "needs <code>library</code> 3.1 installed too" in page
    assert "ModuleNotFoundError: No module &#39;library&#39;" in page


def test_what_is_incomplete_is_on_the_first_page(root):
    page = written(root)["index.md"]
    assert "2 of 8 planned cells have no observation" in page
    assert "<code>plain-beside-library</code> was not rerun: no network" in page


def test_a_complete_report_does_not_say_that_it_is_incomplete(root):
    report = replace(sample(), coverage=Coverage(8, 8, 0), not_rerun={})
    assert "incomplete" not in written(root, report)["index.md"]


# --- Untrusted text -------------------------------------------------------------------------------


def test_what_libraries_printed_is_only_text(root):
    files = written(root)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in files["sample/patterns/kept.md"]
    assert "\\u001b[31m \\u202e" in files["sample/patterns/kept.md"]
    for name, text in files.items():
        if name.endswith(".json"):
            continue
        if not name.endswith(".js"):  # a script of its own, where a tag is no tag
            assert "<script>" not in text, name  # our own name their file
        assert "\x1b" not in text, name
        assert "\u202e" not in text, name


# --- The site -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_its_links_lead_somewhere(root):
    site = built(root, sample())
    assert (site / "verdicts.json").read_text() == "{}\n"
    texts = with_links_that_lead_somewhere(site)
    assert not any("<script>alert" in text for text in texts.values())
    finding = sample().findings[0]
    assert f'id="{finding.id}"' in texts[site / "sample" / "patterns" / f"{finding.pattern}.html"]


@pytest.mark.slow
def test_several_investigations_are_built_without_a_warning(root):
    site = built(root, sample(), another())
    assert 'href="other/comparison.html"' in (site / "index.html").read_text()


@pytest.mark.slow
def test_a_report_without_any_record_is_built_too(root):
    empty = replace(
        sample(), records={}, findings=(), controls=(), grades=(), coverage=Coverage(8, 0, 8)
    )
    assert "nothing was recorded" in (built(root, empty) / "index.html").read_text()


# --- Several databases ----------------------------------------------------------------------------


def test_an_answer_that_is_the_same_on_each_database_is_given_once(root):
    page = written(root, on_two_databases())["index.md"]
    box = page.partition('<section class="answer"')[2].partition("</section>")[0]
    assert box.count(">View(User, db)<") == 1
    assert "and the same on second" in box


def test_what_another_database_answers_otherwise_is_shown(root):
    page = written(root, on_two_databases("avoid"))["index.md"]
    box = page.partition('<section class="answer"')[2].partition("</section>")[0]
    library = box.partition('<div class="backend">')[2].partition('<div class="backend">')[0]
    assert "and the same on" not in library
    assert "On second: avoid" in library
    assert "Graded otherwise on second" in page


def with_a_usable_twin(grade):
    """Return the sample where both environments without a library can be used."""
    report = sample()
    plain, beside = Setting("plain", "sqlite"), Setting("plain-beside-library", "sqlite")
    twins = [one for one in report.findings if one.environment == beside.environment]
    grades = [one for one in report.grades if one.environment != "plain"]
    return replace(
        report,
        records=report.records | {plain: replace(report.records[beside], environment="plain")},
        findings=(
            *(one for one in report.findings if one.environment != "plain"),
            *(replace(one, id=f"{one.id}0", environment="plain") for one in twins),
        ),
        grades=(*grades, replace(grades[-1], environment="plain", grade=grade)),
    )


def test_what_is_the_same_in_an_environment_that_is_compared_is_told_once(root):
    same, other = (
        written(root, with_a_usable_twin(grade))["index.md"].partition('<section class="answer"')[2]
        for grade in ("avoid", "unknown")
    )
    told = ">View(User, sessionmaker(engine)())<"
    assert "With nothing, and Library beside it</a>: the same<" in same
    assert same.partition("</section>")[0].count(told) == 1
    assert "the same<" not in other
    assert other.partition("</section>")[0].count(told) == 2


# --- Claims about something else ------------------------------------------------------------------


def test_what_is_about_something_else_is_no_way_to_write(root):
    page = written(root, about_another_thing())["index.md"]
    assert "aside" not in page.partition('<section class="answer"')[2]


def test_it_is_on_the_page_of_its_backend(root):
    files = written(root, about_another_thing())
    assert "## Claims on the backend itself" in files["sample/backends/library.md"]
    assert "## Claims on the backend itself" not in files["sample/backends/plain.md"]


# --- A page for each backend ----------------------------------------------------------------------


def test_each_backend_has_a_page_outside_the_navigation(root):
    files = written(root)
    for backend in INVESTIGATION.backends:
        page = files[f"sample/backends/{backend.id}.md"]
        assert "orphan: true" in page.partition("\n---\n")[0].splitlines()
        assert f"# {backend.title}\n" in page
        assert f"sample/backends/{backend.id}.md" in files["index.md"]


def test_prose_of_a_backend_comes_first_on_its_page(root):
    folder = root / "docs" / "sample" / "backends"
    folder.mkdir(parents=True)
    (folder / "library.md.j2").write_text("Of {{ answer.backend.title }}.\n{{ code('right') }}")
    page = written(root)["sample/backends/library.md"]
    assert "Of Library.\n```python\ndef right" in page
