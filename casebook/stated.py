"""What became of the statements: a verdict for each, computed from findings and facts.

A statement holds where all that its bindings ask comes out as it says. One binding that never does
overturns it; one that does in some places and not in others gives the condition, which is what the
places where it holds have in common and the others have not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from casebook.record import Record
from casebook.report import Fact, Finding, Ground, Report, Stated
from casebook.results import Key, one_line
from casebook.statements import Binding, Statement, environments


def stated(report: Report) -> tuple[Stated, ...]:
    """Return what became of each statement of the report; reads nothing and changes nothing."""
    if report.said is None:
        return ()
    evidence = _Evidence(report)
    return tuple(_stated(evidence, statement) for statement in report.said.statements)


@dataclass(frozen=True, slots=True)
class _Place:
    """A pattern in an environment with a database, and what a binding finds there."""

    pattern: str
    environment: str
    database: str
    grounds: tuple[Ground, ...]

    @property
    def holds(self) -> bool | None:
        """Whether all grounds agree; None where none contradicts and some are open."""
        agree = {ground.agrees for ground in self.grounds}
        return False if False in agree else None if None in agree else True


class _Evidence:
    """The findings and facts of a report, found by what a binding names."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.found: dict[tuple[str, str, str, str, str], Finding | Fact] = {}
        for finding in report.findings:
            place = finding.pattern, finding.environment, finding.database
            self.found[finding.claim, "", *place] = finding
        for fact in report.facts:
            self.found[fact.check, fact.of, fact.pattern, fact.environment, fact.database] = fact

    def places(self, binding: Binding) -> Iterator[_Place]:
        """Yield where the binding is asked, with its grounds."""
        names = binding.claims or (binding.check,)
        for pattern in binding.patterns:
            for environment in binding.environments or self.environments(pattern):
                for database in binding.databases or self.report.investigation.databases:
                    place = pattern, environment, database
                    found = [self.found.get((name, binding.of, *place)) for name in names]
                    grounds = tuple(_ground(binding, one) for one in found if one)
                    if grounds:
                        yield _Place(*place, grounds)

    def environments(self, pattern: str) -> tuple[str, ...]:
        """Return the environments that a binding means which names none.

        Those are where the pattern runs and which can be imported; where none can be, all.
        """
        investigation = self.report.investigation
        running = environments(investigation, investigation.pattern(pattern))
        names = tuple(environment.id for environment in running)
        unavailable = {
            environment
            for (environment, _), record in self.report.records.items()
            if record.unavailable is not None
        }
        return tuple(name for name in names if name not in unavailable) or names


def _ground(binding: Binding, found: Finding | Fact) -> Ground:
    if found.verdict not in ("supported", "refuted"):
        return Ground(found, None)
    return Ground(found, found.verdict == binding.says and binding.because in found.reason)


# --- A statement ----------------------------------------------------------------------------------


def _stated(evidence: _Evidence, statement: Statement) -> Stated:
    if statement.opinion:
        return Stated(statement, "not-checkable", statement.opinion, ())
    parts = [tuple(evidence.places(binding)) for binding in statement.bindings]
    grounds = tuple(ground for places in parts for place in places for ground in place.grounds)
    holding = [{place.holds for place in places} for places in parts]
    for places, found in zip(parts, holding, strict=True):
        if False in found and True not in found:
            return Stated(statement, "overturned", _contradicted(places), grounds)
    if any(False in found for found in holding):
        split = [places for places, found in zip(parts, holding, strict=True) if False in found]
        reason = "; and ".join(
            f"holds only {_condition(evidence.report, places)}; elsewhere: {_contradicted(places)}"
            for places in split
        )
        return Stated(statement, "holds-only-when", reason, grounds)
    if any(None in found or not found for found in holding):
        reason = f"not observed: {_open(grounds)}"
        return Stated(statement, "not-checkable", reason, grounds, unobserved=True)
    return Stated(statement, "upheld", "; ".join(map(_agreeing, parts)), grounds)


# --- In words -------------------------------------------------------------------------------------


def _agreeing(places: Sequence[_Place]) -> str:
    grounds = [ground for place in places for ground in place.grounds]
    return _told(grounds, every=True)


def _contradicted(places: Sequence[_Place]) -> str:
    against = [one for place in places for one in place.grounds if one.agrees is False]
    return _told(against, every=False)


def _open(grounds: Sequence[Ground]) -> str:
    return _told([one for one in grounds if one.agrees is None], every=False) or "no such finding"


def _told(grounds: Sequence[Ground], every: bool) -> str:
    """Return in words what these grounds say: their reasons, each once, and where.

    Of findings alike `every` claim is named; else the first speaks for the rest.
    """
    facts = [ground.decided_by for ground in grounds if isinstance(ground.decided_by, Fact)]
    if facts:
        reasons: dict[str, list[str]] = {}
        for fact in facts:
            reasons.setdefault(fact.reason, []).append(_place(fact))
        texts = [f"{one_line(why, 300)} ({_listed(names)})" for why, names in reasons.items()]
        return "; ".join(_some(texts, 3))
    findings = [ground.decided_by for ground in grounds if isinstance(ground.decided_by, Finding)]
    if not every and findings:
        first = findings[0]
        rest = f"; and likewise {len(findings) - 1} more" if findings[1:] else ""
        what = f"{first.claim} of {first.pattern} is {first.verdict.replace('-', ' ')}"
        return f"{what} in {_place(first)}: {one_line(first.reason, 300)}{rest}"
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for finding in findings:
        groups.setdefault((finding.pattern, finding.verdict), {})[finding.claim] = None
    where: dict[str, dict[str, None]] = {}
    for finding in findings:
        where.setdefault(finding.pattern, {})[_place(finding)] = None
    return "; ".join(
        f"{_listed(list(claims))} {'is' if len(claims) == 1 else 'are'} {verdict} for {pattern}"
        f" in {_listed(list(where[pattern]))}"
        for (pattern, verdict), claims in groups.items()
    )


def _place(found: Finding | Fact) -> str:
    return f"{found.environment} on {found.database}"


def _listed(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _some(texts: Sequence[str], limit: int) -> list[str]:
    more = [f"and {len(texts) - limit} more"] if len(texts) > limit else []
    return [*texts[:limit], *more]


# --- The condition --------------------------------------------------------------------------------

_Axis = tuple[str, str]
"""In what two places may differ: `("release", package)`, or another word and ""."""


def _condition(report: Report, places: Sequence[_Place]) -> str:
    """Return in words what the places have where it holds and the others have not.

    It is told by as few axes as tell them apart; of those, releases that readers ask for first.
    """
    features = {id(place): _features(place, report.records) for place in places}
    holds = [features[id(place)] for place in places if place.holds]
    fails = [features[id(place)] for place in places if place.holds is False]
    axes = [
        axis
        for axis in _axes(report, features.values())
        if len({one.get(axis) for one in (*holds, *fails)}) > 1
    ]
    for size in range(1, len(axes) + 1):
        for chosen in combinations(axes, size):
            inside = dict.fromkeys(tuple(one.get(axis) for axis in chosen) for one in holds)
            if not any(tuple(one.get(axis) for axis in chosen) in inside for one in fails):
                return " or ".join(
                    " and ".join(
                        _feature(axis, value) for axis, value in zip(chosen, values, strict=True)
                    )
                    for values in inside
                )
    raise AssertionError("two findings of one place")  # a place is one value of each axis


def _axes(report: Report, features: Iterable[Mapping[_Axis, str]]) -> list[_Axis]:
    asked = [("release", package) for package in report.investigation.packages]
    others = sorted({axis for one in features for axis in one if axis[0] == "release"})
    named = [("database", ""), ("pattern", ""), ("environment", "")]
    return list(dict.fromkeys([*asked, *named, *others]))


def _features(place: _Place, records: Mapping[Key, Record]) -> dict[_Axis, str]:
    record = records.get((place.environment, place.database))
    releases = record.releases if record else {}
    return {
        ("database", ""): place.database,
        ("pattern", ""): place.pattern,
        ("environment", ""): place.environment,
        **{("release", package): release for package, release in releases.items()},
    }


def _feature(axis: _Axis, value: str | None) -> str:
    word, package = axis
    if word == "release":
        return f"with {package} {value}" if value else f"without {package}"
    return {"database": "on", "pattern": "for", "environment": "in"}[word] + f" {value}"
