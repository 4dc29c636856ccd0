"""Pages, rendered from a small report made by hand: overlap, a session left open, hostile text."""

import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from casebook import pages
from casebook.book import source
from casebook.held import Contradiction
from casebook.observed import Evidence
from casebook.plan.investigation import Backend, Bar, Diagram, Environment, Investigation, Pattern
from casebook.record import SCHEMA, Cell, Claim, Event, History, Planned, Record, dump, supported
from casebook.report import ControlOutcome, Coverage, Finding, Grade, Report
from casebook.text import fence

PROJECT = Path(__file__).resolve().parents[2]

HOSTILE = (
    "<script>alert(1)</script> ``` | *b* [x](y) {x}`y` \x1b[31m \u202e # ; %%{init}%% " + "z" * 300
)

DIAGRAM = Diagram(
    experiments=("three-requests", "overlap"),
    lane="T",
    bars=(
        Bar("R", "request", "request-started", "request-ended"),
        Bar("A", "application context", "context-pushed", "context-popped"),
        Bar("S", "session", "session-created", "session-closed", ("session-used", "session-begun")),
        Bar("C", "connection", "connection-checked-out", "connection-checked-in"),
    ),
    markers=("warning-raised", "exception-raised"),
)

SOURCE = '''"""Patterns."""


def right(app, admin):
    db = SQLAlchemy(app)
    admin.add_view(View(User, db))
    return lambda: db.session


def kept(app, admin):
    session = sessionmaker(engine)()  # <b>kept</b>
    admin.add_view(View(User, session))
    return lambda: session


def control(app, admin):
    return None
'''


def request(number, thread, session, connection, status=200):
    """Return the events of one request that opens and closes all that it uses."""
    r, a, t, s, c = f"R{number}", f"A{number}", thread, session, connection
    return [
        Event("context-pushed", (a, t)),
        Event("request-started", (r, t), {"method": "GET", "path": "/admin/user/"}),
        Event("session-created", (s, t, r)),
        Event("session-used", (s, t, r), {"by": "flask_admin.contrib.sqla.view"}),
        Event("connection-checked-out", (c, t, r)),
        Event("session-begun", (s, c, t, r)),
        Event("connection-checked-in", (c, t, r)),
        Event("session-closed", (s, t, r)),
        Event("request-ended", (r, t), {"status": status}),
        Event("context-popped", (a, t)),
    ]


def kept_request(number, thread, status=200):
    """Return the events of a request that uses S1 and leaves it open."""
    kinds = ("session-closed", "connection-checked-in", "connection-checked-out", "session-created")
    return [
        event for event in request(number, thread, "S1", "C1", status) if event.kind not in kinds
    ]


CLOSED = History(
    "completed",
    "",
    tuple(event for n in (1, 2, 3) for event in request(n, "T1", f"S{n}", "C1")),
)
KEPT = History(
    "completed",
    "",
    (
        Event("session-created", ("S1", "T1")),
        Event("warning-raised", ("T1",), {"category": "DeprecationWarning", "text": HOSTILE}),
        Event("connection-checked-out", ("C1", "T1")),
        *kept_request(1, "T1"),
        *kept_request(2, "T1", status=500),
        *kept_request(3, "T1"),
    ),
)


def interleaved(first, second):
    """Return two requests' events, taken in turns."""
    return tuple(event for pair in zip(first, second, strict=True) for event in pair)


OVERLAP = History(
    "completed", "", interleaved(request(1, "T1", "S1", "C1"), request(2, "T2", "S2", "C2"))
)
SHARED = History(
    "completed",
    "",
    (
        Event("session-created", ("S1", "T1")),
        Event("connection-checked-out", ("C1", "T1")),
        *interleaved(kept_request(1, "T1"), kept_request(2, "T2")),
        Event("exception-raised", ("T2", "R2"), {"type": "E", "text": HOSTILE}),
    ),
)


def check(history):
    return supported("")


def claim(id, title, required=True):
    return Claim(
        id,
        title,
        "No `session` serves two requests.",
        ("three-requests",),
        ("control",),
        {"kept": "served"},
        required,
        False,
        None,
        check,
    )


CLAIMS = (
    claim("request-scoped", "No session serves two requests"),
    claim("closed-on-success", "Nothing is open after the response"),
    claim("no-deprecation-warnings", "Nothing warns while it is wired", required=False),
)

INVESTIGATION = Investigation(
    id="sample",
    title="A sample",
    question="Does `View(User, db)` hold one session?",
    experiments="tried",
    claims="tried.claims",
    databases=("sqlite",),
    time_limit=1.0,
    backends=(
        Backend("library", "Library", "tried.patterns", "https://library.example/"),
        Backend("plain", "Nothing else", "tried.patterns"),
    ),
    environments=(
        Environment(
            "library", "With Library", "library",
            ("app[x]", "library"), ("app",), "the `README`", "", "",
        ),
        Environment("plain", "With nothing", "plain", ("app",), ("app",), "the `README`", "", ""),
        Environment(
            "plain-beside-library", "With nothing, and Library beside it", "plain",
            ("app", "library"), ("app",), "the `README`, one more", "plain", "",
        ),
    ),
    patterns=(
        Pattern("right", "View(User, db)", "library", False, "right"),
        Pattern("kept", "View(User, sessionmaker(engine)())", "plain", False, "kept"),
        Pattern("control", "built to be `right`", "plain", True, "control"),
    ),
    diagram=DIAGRAM,
)  # fmt: skip


def record(environment, releases, cells, unavailable=None):
    return Record(
        schema=SCHEMA,
        investigation="sample",
        environment=environment,
        database="sqlite",
        python="3.11",
        platform="linux",
        releases=releases,
        digests={},
        unavailable=unavailable,
        planned=tuple(Planned(cell.pattern, cell.experiment) for cell in cells),
        cells=tuple(cells),
    )


def cells(pattern, *histories):
    return [
        Cell(pattern, experiment, 2, (history,))
        for experiment, history in zip(DIAGRAM.experiments, histories, strict=True)
    ]


def finding(claim, pattern, environment, verdict, reason="S1 served R1 only", **more):
    return Finding(
        id=f"{claim}.{pattern}.{environment}.sqlite",
        claim=claim,
        backend="library",
        pattern=pattern,
        environment=environment,
        database="sqlite",
        verdict=verdict,
        reason=reason,
        evidence=() if verdict == "not-tested" else (Evidence("three-requests", 0, (1, 3)),),
        **more,
    )


def sample() -> Report:
    """Return a report: a pattern that is right, one that is not, a place that does not import."""
    claims = [one.id for one in CLAIMS]
    return Report(
        homes={(one.id, "sqlite"): one.id for one in INVESTIGATION.environments},
        investigation=INVESTIGATION,
        claims=CLAIMS,
        records={
            ("library", "sqlite"): record(
                "library",
                {"app": "2.0", "library": "3.1", "other": "1"},
                cells("right", CLOSED, OVERLAP) + cells("control", CLOSED, OVERLAP),
            ),
            ("plain", "sqlite"): record(
                "plain", {"app": "2.0"}, [], f"ModuleNotFoundError: No module 'library' {HOSTILE}"
            ),
            ("plain-beside-library", "sqlite"): record(
                "plain-beside-library",
                {"app": "2.0", "library": "3.1"},
                cells("kept", KEPT, SHARED) + cells("control", CLOSED, OVERLAP),
            ),
        },
        findings=(
            *(finding(one, "right", "library", "supported") for one in claims),
            *(
                finding(one, "control", "library", "supported", expected="supported")
                for one in claims
            ),
            *(finding(one, "kept", "plain", "not-tested", "could not be wired") for one in claims),
            finding(claims[0], "kept", "plain-beside-library", "refuted", f"S1 served {HOSTILE}"),
            finding(claims[1], "kept", "plain-beside-library", "inconclusive", "no occasion"),
            finding(claims[2], "kept", "plain-beside-library", "refuted", note="not rerun: no net"),
            *(
                finding(one, "control", "plain-beside-library", "supported", expected="supported")
                for one in claims
            ),
        ),
        controls=tuple(
            ControlOutcome(
                one, "control", environment, "sqlite", "supported", "supported", "fine", True
            )
            for one in claims
            for environment in ("library", "plain-beside-library")
        ),
        grades=(
            Grade("right", "library", "sqlite", "write-this", (), ()),
            Grade("kept", "plain", "sqlite", "unknown", (), tuple(claims)),
            Grade("kept", "plain-beside-library", "sqlite", "dont", (claims[0],), (claims[1],)),
        ),
        problems=(),
        not_rerun={("plain-beside-library", "sqlite"): "no network"},
        coverage=Coverage(8, 6, 2),
        digest="0123456789ab",
    )


def another() -> Report:
    """Return the report of a second investigation."""
    investigation = replace(INVESTIGATION, id="other", title="Another", question="Which one?")
    return replace(sample(), investigation=investigation)


def project(root: Path) -> Path:
    """Write what pages are made of besides the report; return the project's folder."""
    (root / "tried").mkdir(parents=True)
    (root / "tried" / "patterns.py").write_text(SOURCE)
    (root / "docs").mkdir()
    (root / "conf").mkdir()
    (root / "conf" / "sample.toml").touch()
    return root


# --- The tree -------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    return project(tmp_path)


def written(root, *reports):
    """Render reports and return each file's text by its name."""
    pages.render(root, reports or [sample()], root / "build")
    folder = root / "build" / "docs"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


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
    with pytest.raises(UndefinedError, match="unknown"):
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


def test_a_record_lies_where_its_place_links_to(root):
    record = sample().records["library", "sqlite"]
    folder = root / "docs" / "results" / "sample"
    folder.mkdir(parents=True)
    (folder / "library.sqlite.json").write_text(dump(record))
    files = written(root)
    assert files["extra/sample/records/library.sqlite.json"] == dump(record)
    assert 'href="../../sample/records/library.sqlite.json"' in files["sample/patterns/right.md"]
    assert 'href="../../record.schema.json"' in files["sample/patterns/right.md"]
    assert '"title": "Record"' in files["extra/record.schema.json"]


# --- Sentences and what holds them ----------------------------------------------------------------


def answered(root, sentence, report=None):
    """Render a report whose answer is this sentence; return its front page."""
    folder = root / "docs" / "sample"
    folder.mkdir(exist_ok=True)
    (folder / "answer.md.j2").write_text(sentence)
    return written(root, report or sample())["index.md"]


def test_a_sentence_links_to_the_finding_that_holds_it(root):
    page = answered(root, 'It is{{ held("request-scoped", "right", "library", "supported") }}.')
    assert "It is<a " in page
    assert 'href="sample/patterns/right.html#request-scoped.right.library.sqlite"' in page
    assert "not observed now" not in page


def test_a_refutation_can_hold_a_sentence(root):
    call = 'held("request-scoped", "kept", "plain-beside-library", "refuted")'
    assert "#request-scoped.kept.plain-beside-library.sqlite" in answered(root, f"{{{{ {call} }}}}")


@pytest.mark.parametrize(
    ("call", "actual"),
    [
        ('held("request-scoped", "right", "library", "refuted")', "'supported'"),
        ('held("request-scoped", "kept", "plain-beside-library", "supported")', "'refuted'"),
        ('held("request-scoped", "right", "plain", "supported")', "'missing'"),
        ('graded("right", "library", "dont")', "'write-this'"),
        ('graded("kept", "plain-beside-library", "write-this")', "'dont'"),
        ('graded("right", "plain", "write-this")', "'missing'"),
    ],
)
def test_a_sentence_that_its_finding_contradicts_fails_and_says_where(root, call, actual):
    with pytest.raises(Contradiction) as caught:
        answered(root, f"{{{{ {call} }}}}")
    assert str(caught.value).startswith("sample/answer.md.j2: ")
    assert actual in str(caught.value)
    for name in re.findall('"([^"]*)"', call):
        assert repr(name) in str(caught.value)


@pytest.mark.parametrize(
    ("claim", "pattern", "environment", "words"),
    [
        ("request-scoped", "right", "library", "is so"),
        ("request-scoped", "kept", "plain-beside-library", "is not so"),
        ("closed-on-success", "kept", "plain-beside-library", "inconclusive)"),
        ("request-scoped", "kept", "plain", "not tested)"),
    ],
)
def test_a_sentence_whose_words_follow_its_finding(root, claim, pattern, environment, words):
    call = f"told({claim!r}, {pattern!r}, {environment!r}, supported='is so', refuted='is not so')"
    page = answered(root, f"It {{{{ {call} }}}}.")
    assert f"{words}<a " in page
    assert f"#{claim}.{pattern}.{environment}.sqlite" in page


def test_a_contradicted_sentence_is_marked_on_pages_that_are_all_written(root):
    with pytest.raises(Contradiction):
        answered(root, '{{ held("request-scoped", "right", "library", "refuted") }}')
    folder = root / "build" / "docs"
    assert "no longer so" in (folder / "index.md").read_text(encoding="utf-8")
    assert (folder / "sample" / "comparison.md").exists()


@pytest.mark.parametrize(
    "call",
    [
        'held("request-scoped", "kept", "plain", "supported")',
        'held("closed-on-success", "kept", "plain-beside-library", "supported")',
        'graded("kept", "plain", "write-this")',
    ],
)
def test_a_sentence_whose_finding_is_open_says_so_and_is_rendered(root, call):
    assert "not observed now" in answered(root, f"{{{{ {call} }}}}")


# --- What a page says -----------------------------------------------------------------------------


def test_the_source_is_the_function_exactly_as_written(root):
    assert source(root, INVESTIGATION, INVESTIGATION.pattern("kept")) == (
        "def kept(app, admin):\n"
        "    session = sessionmaker(engine)()  # <b>kept</b>\n"
        "    admin.add_view(View(User, session))\n"
        "    return lambda: session"
    )


def test_a_pattern_without_its_function_is_named(root):
    with pytest.raises(LookupError, match="gone"):
        source(root, INVESTIGATION, replace(INVESTIGATION.patterns[0], function="gone"))


def test_each_finding_has_an_element_whose_id_is_its_own(root):
    files = written(root)
    for finding in sample().findings:
        page = files[f"sample/patterns/{finding.pattern}.md"]
        assert page.count(f'id="{finding.id}"') == 1


def test_each_cell_of_the_comparison_links_to_its_finding(root):
    files = written(root)
    links = re.findall(
        r'class="cell [^"]*" href="\.\./([^"#]*)\.html#([^"]*)"', files["sample/comparison.md"]
    )
    assert sorted(id for _, id in links) == sorted(one.id for one in sample().findings)
    for page, id in links:
        assert f'id="{id}"' in files[f"{page}.md"]


def test_a_finding_that_is_missing_is_seen_in_the_comparison(root):
    report = sample()
    files = written(root, replace(report, findings=report.findings[1:]))
    assert "cell missing" in files["sample/comparison.md"]


def test_nothing_is_missing_where_a_claim_does_not_name_the_control(root):
    report = sample()
    unasked = replace(CLAIMS[0], supported_by=("kept",))
    findings = [
        one for one in report.findings if (one.claim, one.pattern) != (unasked.id, "control")
    ]
    report = replace(report, claims=(unasked, *CLAIMS[1:]), findings=tuple(findings))
    files = written(root, report)
    assert files["sample/comparison.md"].count("not asked here") == 2
    assert f"claims.html#{unasked.id}" not in files["sample/patterns/control.md"]
    for page in ("comparison", "patterns/control"):
        assert "cell missing" not in files[f"sample/{page}.md"]


def test_the_answer_names_the_releases_and_the_claim_that_was_refuted(root):
    box = written(root)["index.md"].partition('<section class="answer"')[2]
    assert "<span>app 2.0</span>, <span>library 3.1</span>" in box
    assert '#request-scoped.kept.plain-beside-library.sqlite">request-scoped</a>' in box


def test_where_a_pattern_could_not_be_set_up_one_history_is_drawn(root):
    report = sample()
    gate = replace(CLAIMS[0], gate=True)
    report = replace(report, claims=(gate, *CLAIMS[1:]))
    page = written(root, report)["sample/patterns/kept.md"]
    assert page.count("<svg") == 1
    assert "### Where it could not be set up" in page


def test_an_investigation_without_a_diagram_has_pages_without_drawings(root):
    report = sample()
    claims = (replace(CLAIMS[0], gate=True), *CLAIMS[1:])
    investigation = replace(INVESTIGATION, diagram=None)
    report = replace(report, investigation=investigation, claims=claims)
    assert '<svg class="lifecycle"' not in "".join(written(root, report).values())


def test_a_source_that_changed_is_read_again(root):
    source(root, INVESTIGATION, INVESTIGATION.pattern("control"))
    module = root / "tried" / "patterns.py"
    module.write_text(SOURCE.replace("return None", "return 'changed'"))
    assert "changed" in source(root, INVESTIGATION, INVESTIGATION.pattern("control"))


def test_the_first_page_says_which_package_made_the_difference(root):
    page = written(root)["index.md"]
    assert "only with <code>library</code> 3.1 beside it" in page
    assert "ModuleNotFoundError: No module &#39;library&#39;" in page


def test_what_is_incomplete_is_on_the_first_page(root):
    page = written(root)["index.md"]
    assert "2 of 8 planned cells have no observation" in page
    assert "<code>plain-beside-library</code>, sqlite, was not rerun: no network" in page


def test_a_complete_report_does_not_say_that_it_is_incomplete(root):
    report = replace(sample(), coverage=Coverage(8, 8, 0), not_rerun={})
    assert "incomplete" not in written(root, report)["index.md"]


def test_the_events_that_show_a_verdict_are_numbered_from_one_and_have_addresses(root):
    page = written(root)["sample/patterns/right.md"]
    finding = next(one for one in sample().findings if one.pattern == "right" and one.evidence)
    event = f"{finding.id}.{finding.evidence[0].experiment}.1.2"
    row = f'<tr id="{event}"><td><a href="#{event}">2</a></td><td>request-started</td>'
    assert f"{row}<td>R1 T1</td>" in page


def test_equal_histories_of_several_environments_are_drawn_once(root):
    page = written(root)["sample/patterns/control.md"]
    assert page.count("<svg") == len(DIAGRAM.experiments)
    assert "With Library; With nothing, and Library beside it" in page


def test_histories_that_differ_between_runs_are_all_drawn(root):
    report = sample()
    library = report.records["library", "sqlite"]
    cell = replace(library.cells[0], histories=(CLOSED, KEPT))
    records = {**report.records, ("library", "sqlite"): replace(library, cells=(cell,))}
    page = written(root, replace(report, records=records))["sample/patterns/right.md"]
    assert page.count("<svg") == 2
    assert "run 2 of 2: the runs differed" in page


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


def test_nothing_inside_a_fence_closes_it():
    text = fence("```\n````\n</div>", "{raw} html")
    assert text.startswith("`````{raw} html\n")
    assert text.endswith("\n`````\n")


# --- The site -------------------------------------------------------------------------------------


def built(root, *reports):
    """Render reports and build them without a warning; return the site's folder."""
    extra = {"verdicts.json": "{}\n", "verdicts.schema.json": "{}"}
    pages.render(root, reports, root / "build", extra)
    folders = [root / "build" / name for name in ("doctrees", "docs", "html")]
    options = ["-n", "-W", "--keep-going", "-q", "-c", PROJECT / "docs", "-d", *folders]
    command = [sys.executable, "-m", "sphinx", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folders[-1]


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_its_links_lead_somewhere(root):
    site = built(root, sample())
    assert (site / "verdicts.json").read_text() == "{}\n"
    texts = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    for page, text in texts.items():
        assert "<script>alert" not in text
        for link in re.findall(r' href="([^"]*)"', text):
            address, _, anchor = unescape(link).partition("#")
            if ":" in address:
                continue
            if page.name == "404.html":  # shown anywhere, so its links begin with a slash
                address = address.removeprefix("/latest/")
            target = (page.parent / address.partition("?")[0]).resolve() if address else page
            assert target.exists(), f"{page}: {link}"
            if anchor and target in texts:
                assert f'id="{anchor}"' in texts[target], f"{page}: {link}"
    finding = sample().findings[0]
    assert f'id="{finding.id}"' in texts[site / "sample" / "patterns" / f"{finding.pattern}.html"]


@pytest.mark.slow
def test_several_investigations_are_built_without_a_warning(root):
    site = built(root, sample(), another())
    assert 'href="other/comparison.html"' in (site / "index.html").read_text()


@pytest.mark.slow
def test_code_can_be_scrolled_by_keyboard_and_each_sidebar_has_a_name(root):
    page = (built(root, sample()) / "sample/patterns/right.html").read_text()
    assert '<pre tabindex="0"><span></span><span class="k">def</span>' in page
    assert "<pre>" not in page
    assert page.count("<aside ") == page.count("<aside aria-label=")


@pytest.mark.slow
def test_a_report_without_any_record_is_built_too(root):
    empty = replace(
        sample(), records={}, findings=(), controls=(), grades=(), coverage=Coverage(8, 0, 8)
    )
    assert "nothing was recorded" in (built(root, empty) / "index.html").read_text()
