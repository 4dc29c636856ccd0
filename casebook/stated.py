"""What became of the statements: a verdict for each, computed from findings and facts.

A statement holds where all that its bindings ask comes out as it says. One binding that never does
overturns it; one that does in some places and not in others gives the condition, which is what the
places where it holds have in common and the others have not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from casebook.plan.statements import Binding, Statement, environments
from casebook.report import Fact, Finding, Ground, Report, Stated
from casebook.text import one_line


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
    says: str
    grounds: tuple[Ground, ...]

    @property
    def holds(self) -> bool | None:
        """Whether what the binding says is so here; None where that is open.

        Several claims are supported where each is, and refuted where one is.
        """
        agree = {ground.agrees for ground in self.grounds}
        decisive = self.says == "refuted"
        if decisive in agree:
            return decisive
        return None if None in agree else not decisive


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
                        yield _Place(*place, binding.says, grounds)

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
    words = _Words(evidence.report)
    parts = [tuple(evidence.places(binding)) for binding in statement.bindings]
    grounds = tuple(ground for places in parts for place in places for ground in place.grounds)
    holding = [{place.holds for place in places} for places in parts]
    for places, found in zip(parts, holding, strict=True):
        if False in found and True not in found:
            return Stated(statement, "overturned", words.contradicted(places), grounds)
    if any(False in found for found in holding):
        split = [places for places, found in zip(parts, holding, strict=True) if False in found]
        return Stated(
            statement, "holds-only-when", "; and ".join(map(words.divided, split)), grounds
        )
    if any(None in found or not found for found in holding):
        reason = f"not observed: {words.open(grounds)}"
        return Stated(statement, "not-checkable", reason, grounds, unobserved=True)
    return Stated(statement, "upheld", "; ".join(map(words.agreeing, parts)), grounds)


# --- In words -------------------------------------------------------------------------------------


class _Words:
    """Says what the findings and facts of a report come to."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.databases = report.investigation.databases
        self.several = len(self.databases) > 1
        self.required = {claim.id for claim in report.claims if claim.required and not claim.about}

    def agreeing(self, places: Sequence[_Place]) -> str:
        return self.told([one for place in places for one in place.grounds if one.agrees], True)

    def contradicted(self, places: Sequence[_Place]) -> str:
        against = [place for place in places if place.holds is False]
        grounds = [one for place in against for one in place.grounds if one.agrees is False]
        return self.told(
            grounds, every={one.decided_by.verdict for one in grounds} == {"supported"}
        )

    def divided(self, places: Sequence[_Place]) -> str:
        condition, where = _condition(self.report, places)
        return f"holds {condition}; {where}: {self.contradicted(places)}"

    def open(self, grounds: Sequence[Ground]) -> str:
        return self.told([one for one in grounds if one.agrees is None], False) or "no such finding"

    def told(self, grounds: Sequence[Ground], every: bool) -> str:
        """Return what these grounds say: their reasons, each once, and where.

        Of findings alike `every` claim is named; else the first speaks for the rest.
        """
        found = [ground.decided_by for ground in grounds]
        if facts := [one for one in found if isinstance(one, Fact)]:
            return self.told_of_facts(facts)
        findings = [one for one in found if isinstance(one, Finding)]
        if every or not findings:
            return self.told_of_findings(findings)
        first = findings[0]
        rest = f"; and likewise {len(findings) - 1} more" if findings[1:] else ""
        what = f"{first.claim} of {first.pattern} is {first.verdict.replace('-', ' ')}"
        return f"{what} in {self.place(first)}: {one_line(first.reason, 300)}{rest}"

    def told_of_facts(self, facts: Iterable[Fact]) -> str:
        reasons: dict[str, list[str]] = {}
        for fact in facts:
            reasons.setdefault(fact.reason, []).append(self.place(fact))
        texts = [f"{one_line(why, 300)} ({_listed(names)})" for why, names in reasons.items()]
        more = [f"and {len(texts) - 3} more"] if texts[3:] else []
        return "; ".join([*texts[:3], *more])

    def told_of_findings(self, findings: Iterable[Finding]) -> str:
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in findings:
            groups.setdefault((finding.pattern, finding.verdict), []).append(finding)
        return "; ".join(
            f"{self.claims([one.claim for one in alike])} {verdict} for {pattern}"
            f" in {_listed(self.places(alike))}"
            for (pattern, verdict), alike in groups.items()
        )

    def claims(self, names: Iterable[str]) -> str:
        names = list(dict.fromkeys(names))
        if self.required and set(names) == self.required:
            return "every required claim is"
        return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"

    def places(self, found: Iterable[Finding]) -> list[str]:
        """Return where these are, the database only where they are not on all that were tried."""
        databases: dict[str, dict[str, None]] = {}
        for one in found:
            databases.setdefault(one.environment, {})[one.database] = None
        tried = set(self.report.homes)
        return [
            environment
            if all((environment, one) not in tried or one in some for one in self.databases)
            else f"{environment} on {_listed(list(some))}"
            for environment, some in databases.items()
        ]

    def place(self, found: Finding | Fact) -> str:
        return f"{found.environment} on {found.database}" if self.several else found.environment


def _listed(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


# --- The condition --------------------------------------------------------------------------------

_Axis = tuple[str, str]
"""In what two places may differ: `("release", package)`, or another word and ""."""

_Axes = tuple[_Axis, ...]


def _condition(report: Report, places: Sequence[_Place]) -> tuple[str, str]:
    """Return what the places have where it holds and the others have not, and what the others are.

    It is told by as few axes as tell them apart, releases that readers ask for rather than
    environments; by all of them where one would do and findings do not say which. Where fewer
    words say where it does not hold, they do.
    """
    features = {id(place): _features(place, report) for place in places}
    holds = [features[id(place)] for place in places if place.holds]
    fails = [features[id(place)] for place in places if place.holds is False]
    telling = [axes for axes in _choices(report, holds + fails) if _apart(axes, holds, fails)]
    axes = telling[0]
    if len(axes) == 1:
        alike = [one for one in telling if _cost(report, one) == _cost(report, axes)]
        axes = tuple(axis for one in alike for axis in one)
    inside, outside = (
        dict.fromkeys(tuple(one.get(axis) for axis in axes) for one in some)
        for some in (holds, fails)
    )
    if len(outside) < len(inside):
        return f"except {_told(axes, outside)}", "there"
    return f"only {_told(axes, inside)}", "elsewhere"


def _choices(report: Report, features: Sequence[Mapping[_Axis, str]]) -> list[_Axes]:
    """Return the axes on which places differ, alone and together, those that say most first."""
    asked = [("release", package) for package in report.investigation.packages]
    others = sorted({axis for one in features for axis in one if axis[0] == "release"})
    known = dict.fromkeys([*asked, ("database", ""), ("pattern", ""), ("environment", ""), *others])
    axes = [axis for axis in known if len({one.get(axis) for one in features}) > 1]
    together = [some for size in (1, 2, 3) for some in combinations(axes, size)]
    return sorted(together, key=lambda some: _cost(report, some))


def _cost(report: Report, axes: _Axes) -> float:
    """Return how little a reader learns from these axes."""
    asked = report.investigation.packages
    dear = {"environment": 1.5, "release": 2.0}
    return len(axes) + sum(0 if axis[1] in asked else dear.get(axis[0], 0) for axis in axes)


def _apart(
    axes: _Axes, holds: Iterable[Mapping[_Axis, str]], fails: Iterable[Mapping[_Axis, str]]
) -> bool:
    inside = {tuple(one.get(axis) for axis in axes) for one in holds}
    return not any(tuple(one.get(axis) for axis in axes) in inside for one in fails)


def _features(place: _Place, report: Report) -> dict[_Axis, str]:
    record = report.record(place.environment, place.database)
    releases = record.releases if record else {}
    return {
        ("database", ""): place.database,
        ("pattern", ""): place.pattern,
        ("environment", ""): place.environment,
        **{("release", package): release for package, release in releases.items()},
    }


def _told(axes: _Axes, values: Iterable[Sequence[str | None]]) -> str:
    return " or ".join(
        _listed([_feature(axis, value) for axis, value in zip(axes, one, strict=True)])
        for one in values
    )


def _feature(axis: _Axis, value: str | None) -> str:
    word, package = axis
    if word == "release":
        return f"with {package} {value}" if value else f"without {package}"
    return {"database": "on", "pattern": "for", "environment": "in"}[word] + f" {value}"
