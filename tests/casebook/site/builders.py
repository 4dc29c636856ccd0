"""A small report made by hand: overlap, a session left open, hostile text."""

import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

from casebook.claim import Claim, VerdictWord, supported
from casebook.judge.findings import ControlOutcome, Finding, Grade
from casebook.judge.grades import GradeWord
from casebook.judge.observed import Evidence
from casebook.judge.report import Coverage, Report
from casebook.plan.investigation import (
    Backend,
    Bar,
    Diagram,
    Environment,
    Investigation,
    Pattern,
    Setting,
)
from casebook.record import Event, History
from casebook.site import pages
from casebook.stored import SCHEMA, Cell, Record, as_planned
from tests.casebook.judge.builders import HISTORIES, named
from tests.conftest import CASEBOOK

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
        planned=as_planned((cell.pattern, cell.experiment) for cell in cells),
        cells=tuple(cells),
    )


def cells(pattern, *histories):
    return [
        Cell(pattern, experiment, 2, named(history))
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
        homes={Setting(one.id, "sqlite"): one.id for one in INVESTIGATION.environments},
        investigation=INVESTIGATION,
        claims=CLAIMS,
        records={
            Setting("library", "sqlite"): record(
                "library",
                {"app": "2.0", "library": "3.1", "other": "1"},
                cells("right", CLOSED, OVERLAP) + cells("control", CLOSED, OVERLAP),
            ),
            Setting("plain", "sqlite"): record(
                "plain", {"app": "2.0"}, [], f"ModuleNotFoundError: No module 'library' {HOSTILE}"
            ),
            Setting("plain-beside-library", "sqlite"): record(
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
            *(finding(one, "kept", "plain", "not-tested", "could not be set up") for one in claims),
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
            Grade("right", "library", "sqlite", "recommended", (), ()),
            Grade("kept", "plain", "sqlite", "unknown", (), tuple(claims)),
            Grade("kept", "plain-beside-library", "sqlite", "avoid", (claims[0],), (claims[1],)),
        ),
        problems=(),
        not_rerun={Setting("plain-beside-library", "sqlite"): "no network"},
        coverage=Coverage(8, 6, 2),
        digest="0123456789ab",
        histories=HISTORIES,
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


def written(root, *reports):
    """Render reports and return each file's text by its name."""
    pages.render(root, reports or [sample()], root / "build")
    folder = root / "build" / "docs"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def built(root, *reports):
    """Render reports and build them without a warning; return the site's folder."""
    extra = {"verdicts.json": "{}\n", "verdicts.schema.json": "{}"}
    pages.render(root, reports, root / "build", extra)
    folders = [root / "build" / name for name in ("doctrees", "docs", "html")]
    options = ["-n", "-W", "--keep-going", "-q", "-c", CASEBOOK / "docs", "-d", *folders]
    command = [sys.executable, "-m", "sphinx", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folders[-1]


def with_links_that_lead_somewhere(site):
    """Return the text of each page of a site, once each of its links was found to lead on."""
    texts = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    for page, text in texts.items():
        for link in re.findall(r' href="([^"]*)"', text):
            address, _, anchor = unescape(link).partition("#")
            if ":" in address:
                continue
            if page.name == "404.html":  # shown anywhere, so its links begin with a slash
                address = address.removeprefix("/latest/")
            target = (page.parent / address.partition("?")[0]).resolve() if address else page
            assert target.exists(), f"{page}: {link}"
            if anchor and target in texts:
                named = rf' id="?{re.escape(anchor)}[" >]'
                assert re.search(named, texts[target]), f"{page}: {link}"
    return texts


def on_two_databases(grade: GradeWord = "recommended") -> Report:
    """Return the sample on two databases; the pattern `right` has this grade on the second."""
    report = sample()
    other = [replace(one, id=f"{one.id}2", database="second") for one in report.findings]
    verdict: VerdictWord = "supported" if grade == "recommended" else "refuted"
    other = [
        replace(one, verdict=verdict, reason="S9")
        if (one.claim, one.pattern) == ("request-scoped", "right")
        else one
        for one in other
    ]
    grades = [replace(one, database="second") for one in report.grades]
    refuted = () if grade == "recommended" else ("request-scoped",)
    grades = [
        replace(one, grade=grade, refuted=refuted) if one.pattern == "right" else one
        for one in grades
    ]
    return replace(
        report,
        investigation=replace(INVESTIGATION, databases=("sqlite", "second")),
        homes=report.homes
        | {Setting(key[0], "second"): home for key, home in report.homes.items()},
        records=report.records
        | {Setting(key[0], "second"): one for key, one in report.records.items()},
        findings=(*report.findings, *other),
        grades=(*report.grades, *grades),
    )


def about_another_thing():
    """Return the sample with a pattern and a claim that are not about the question."""
    report = sample()
    pattern = Pattern("aside", "Aside", "library", False, "right", about="another-thing")
    claim = replace(CLAIMS[0], id="aside-closed", title="Aside", about="another-thing")
    grade = replace(report.grades[0], pattern="aside")
    return replace(
        report,
        investigation=replace(INVESTIGATION, patterns=(*INVESTIGATION.patterns, pattern)),
        claims=(*CLAIMS, claim),
        findings=(*report.findings, finding("aside-closed", "aside", "library", "refuted")),
        grades=(*report.grades, grade),
    )
