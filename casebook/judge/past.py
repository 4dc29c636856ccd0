"""Statements judged as of the day on which they were written, beside what became of them.

`nox -s as-of` keeps the records with that day's releases. They are judged by the claims of today,
as the others are: what changed is the libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from casebook.judge.courses import Turn
from casebook.judge.findings import NOT_OBSERVED, Finding, Stated, ThenStated
from casebook.judge.releases import Releases
from casebook.judge.report import Report
from casebook.judge.results import Problem, Results, gather
from casebook.plan.investigation import Investigation, package_name
from casebook.record import History
from casebook.stored import AS_OF, folder


def days_of(root: Path, investigation: Investigation) -> tuple[str, ...]:
    """Return the days whose releases were observed, the earliest first."""
    found = (root / folder(investigation.id) / AS_OF).glob("*/*.json")
    return tuple(sorted({file.parent.name for file in found}))


def read_as_of(
    root: Path, investigation: Investigation, day: str, histories: Mapping[str, History]
) -> Results:
    """Return the results with the releases of a day; their histories are among those given."""
    own = root / folder(investigation.id) / AS_OF / day
    found = gather(investigation, ((file.name, file) for file in sorted(own.glob("*.json"))))
    named = {n for one in found.records.values() for cell in one.cells for n in cell.histories}
    missing = sorted(named - histories.keys())
    problems = [one for one in found.problems if "histories/" not in one.file]
    file = f"{folder(investigation.id) / AS_OF / day}"
    problems = [Problem(f"{file}/{Path(one.file).name}", one.place, one.rule) for one in problems]
    problems += [Problem(file, "", f"its history {name[:12]} is missing") for name in missing[:1]]
    own_histories = {name: histories[name] for name in named if name in histories}
    return Results(found.records, own_histories, tuple(problems))


# --- Then and now ---------------------------------------------------------------------------------


def then_stated(now: Report, past: Mapping[str, Report]) -> dict[str, tuple[ThenStated, ...]]:
    """Return by its id what each statement was as of each day on which it was written."""
    if now.said is None:
        return {}
    by_day = {day: {one.statement.id: one for one in of.stated} for day, of in past.items()}
    found: dict[str, list[ThenStated]] = {}
    for stated in now.stated:
        quoted = stated.statement.quotations
        days = sorted({now.said.source(one.source).day for one in quoted} & by_day.keys())
        for day in days:
            if (then := by_day[day].get(stated.statement.id)) and stated.statement.bindings:
                since = ", ".join(turned_at(now, past[day], then, stated))
                words = over_time(then.outcome, stated.outcome)
                found.setdefault(stated.statement.id, []).append(
                    ThenStated(day, then, words, since)
                )
    return {id: tuple(of) for id, of in found.items()}


def over_time(then: str, now: str) -> str:
    """Return in words what became of a statement's verdict."""
    if then == now:
        return f"{_WORDS[then]} when written, and today"
    if then in OPEN or now in OPEN:
        return f"{_WORDS[then]} when written, {_WORDS[now]} today"
    return f"{_WORDS[then]} when written, {_SINCE[now]}"


OPEN = frozenset({"not-checkable", NOT_OBSERVED})
"""The outcomes that say nothing of a statement: from or to them nothing turned."""

_WORDS = {
    "upheld": "true",
    "overturned": "false",
    "holds-only-when": "true only under a condition",
    "not-checkable": "not checkable",
    NOT_OBSERVED: "not observed",
}

_SINCE = {
    "upheld": "true since",
    "overturned": "overturned since",
    "holds-only-when": "true only under a condition since",
}


def turned_at(now: Report, past: Report, then: Stated, stated: Stated) -> Iterator[str]:
    """Yield the releases at which the findings turned that decide a statement otherwise today.

    Where no axis tells them, which packages have other releases than then.
    """
    if then.outcome == stated.outcome or {then.outcome, stated.outcome} & OPEN:
        return
    findings = [
        finding
        for ground in stated.grounds
        if isinstance(finding := ground.decided_by, Finding)
        and (before := past.finding(finding.claim, finding.pattern, finding.setting))
        and before.verdict != finding.verdict
    ]
    releases = Releases(now)
    since = dict.fromkeys(filter(None, (_turn(releases, finding) for finding in findings)))
    moved = (_moved(now, past, finding) for finding in findings)
    yield from since or dict.fromkeys(filter(None, moved))


def _turn(now: Releases, finding: Finding) -> str:
    """Return the release of an axis since which a finding says what it says today, or "".

    Where it is not known to be the first, it is said between which two it turned.
    """
    for course in now.courses:
        if course.start.id == finding.environment:
            track = now.track(course, finding.claim, finding.pattern, finding.database)
            if track.turns and track.turns[-1].after.verdict == finding.verdict:
                return _turned(track.turns[-1])
    return ""


def _turned(turn: Turn) -> str:
    last, first = turn.ends
    named = turn.bisection.named(first) if turn.bisection else f"{turn.now.package} {first}"
    return (
        f"since {named}" if turn.exact else f"since a release after {last}, at the latest {named}"
    )


def _moved(now: Report, past: Report, finding: Finding) -> str:
    """Return which of the packages that readers ask for have other releases than then."""
    before, after = (of.record(finding.setting) for of in (past, now))
    old, new = (record.releases if record else {} for record in (before, after))
    return ", ".join(_others(old, new, now.investigation.packages))


def _others(
    old: Mapping[str, str], new: Mapping[str, str], packages: Iterable[str]
) -> Iterator[str]:
    for package in map(package_name, packages):
        if package in old and package in new and old[package] != new[package]:
            yield f"then {package} {old[package]}, today {new[package]}"
