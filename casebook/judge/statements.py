"""Judges the statements: a verdict for each, computed from findings and facts.

A statement is upheld if all its bindings come out as it says. A binding that never does overturns
it. A binding that does so only for some patterns and settings gives the condition under which the
statement holds: the features that set them apart from the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from casebook.judge.findings import Fact, Finding, Ground, Stated
from casebook.judge.report import Report
from casebook.plan.bindings import environments
from casebook.plan.investigation import Setting
from casebook.plan.statements import Binding, Statement
from casebook.text import one_line


def judge_statements(report: Report) -> tuple[Stated, ...]:
    """Return the verdict of each statement of the report; a pure function."""
    if report.said is None:
        return ()
    evidence = _Evidence(report)
    return tuple(_stated(evidence, statement) for statement in report.said.statements)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A binding applied to one pattern in one setting, and its grounds there."""

    pattern: str
    setting: Setting
    says: str
    grounds: tuple[Ground, ...]

    @property
    def holds(self) -> bool | None:
        """Whether the binding comes out here as it says, or None if that is open.

        Several claims are supported if each is, and refuted if one is.
        """
        agree = {ground.agrees for ground in self.grounds}
        decisive = self.says == "refuted"
        if decisive in agree:
            return decisive
        return None if None in agree else not decisive


class _Evidence:
    """Looks up the findings and facts that decide a binding."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.facts = {
            (fact.check, fact.of, fact.pattern, Setting(fact.environment, fact.database)): fact
            for fact in report.facts
        }

    def found(self, binding: Binding, pattern: str, setting: Setting) -> Iterator[Finding | Fact]:
        """Yield the findings or the fact that decide a binding for a pattern in a setting."""
        for claim in binding.claims:
            if finding := self.report.finding(claim, pattern, setting):
                yield finding
        if fact := self.facts.get((binding.check, binding.of, pattern, setting)):
            yield fact

    def bound(self, binding: Binding) -> Iterator[_Bound]:
        """Yield the binding for each pattern and setting in which it has grounds."""
        for pattern in binding.patterns:
            for environment in binding.environments or self.environments(pattern):
                for database in binding.databases or self.report.investigation.databases:
                    setting = Setting(environment, database)
                    found = self.found(binding, pattern, setting)
                    grounds = tuple(_ground(binding, one) for one in found)
                    if grounds:
                        yield _Bound(pattern, setting, binding.says, grounds)

    def environments(self, pattern: str) -> tuple[str, ...]:
        """Return the environments of a binding that names none.

        These are the ones that run the pattern and can be imported, or all that run it if none can.
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
    parts = [tuple(evidence.bound(binding)) for binding in statement.bindings]
    grounds = tuple(ground for bound in parts for one in bound for ground in one.grounds)
    holding = [{one.holds for one in bound} for bound in parts]
    for bound, found in zip(parts, holding, strict=True):
        if False in found and True not in found:
            return Stated(statement, "overturned", words.contradicted(bound), grounds)
    if any(False in found for found in holding):
        split = [bound for bound, found in zip(parts, holding, strict=True) if False in found]
        return Stated(
            statement, "holds-only-when", "; and ".join(map(words.divided, split)), grounds
        )
    if any(None in found or not found for found in holding):
        reason = f"not observed: {words.open(grounds)}"
        return Stated(statement, "not-checkable", reason, grounds, unobserved=True)
    return Stated(statement, "upheld", "; ".join(map(words.agreeing, parts)), grounds)


# --- In words -------------------------------------------------------------------------------------


class _Words:
    """Puts the reason of a statement's verdict into words."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.databases = report.investigation.databases
        self.several = len(self.databases) > 1
        self.required = {claim.id for claim in report.claims if claim.required and not claim.about}

    def agreeing(self, bound: Sequence[_Bound]) -> str:
        return self.told([ground for one in bound for ground in one.grounds if ground.agrees], True)

    def contradicted(self, bound: Sequence[_Bound]) -> str:
        against = [one for one in bound if one.holds is False]
        grounds = [ground for one in against for ground in one.grounds if ground.agrees is False]
        return self.told(
            grounds, every={ground.decided_by.verdict for ground in grounds} == {"supported"}
        )

    def divided(self, bound: Sequence[_Bound]) -> str:
        condition, where = _condition(self.report, bound)
        return f"holds {condition}; {where}: {self.contradicted(bound)}"

    def open(self, grounds: Sequence[Ground]) -> str:
        return (
            self.told([ground for ground in grounds if ground.agrees is None], False)
            or "no such finding"
        )

    def told(self, grounds: Sequence[Ground], every: bool) -> str:
        """Return the reasons of these grounds, each once, with their settings.

        If `every` is true each claim is named; else the first finding speaks for the rest.
        """
        found = [ground.decided_by for ground in grounds]
        if facts := [fact for fact in found if isinstance(fact, Fact)]:
            return self.told_of_facts(facts)
        findings = [finding for finding in found if isinstance(finding, Finding)]
        if every or not findings:
            return self.told_of_findings(findings)
        first = findings[0]
        rest = f"; and likewise {len(findings) - 1} more" if findings[1:] else ""
        what = f"{first.claim} of {first.pattern} is {first.verdict.replace('-', ' ')}"
        return f"{what} in {self.setting(first)}: {one_line(first.reason, 300)}{rest}"

    def told_of_facts(self, facts: Iterable[Fact]) -> str:
        reasons: dict[str, list[str]] = {}
        for fact in facts:
            reasons.setdefault(fact.reason, []).append(self.setting(fact))
        texts = [f"{one_line(why, 300)} ({_listed(names)})" for why, names in reasons.items()]
        more = [f"and {len(texts) - 3} more"] if texts[3:] else []
        return "; ".join([*texts[:3], *more])

    def told_of_findings(self, findings: Iterable[Finding]) -> str:
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in findings:
            groups.setdefault((finding.pattern, finding.verdict), []).append(finding)
        return "; ".join(
            f"{self.claims([finding.claim for finding in alike])} {verdict} for {pattern}"
            f" in {_listed(self.settings(alike))}"
            for (pattern, verdict), alike in groups.items()
        )

    def claims(self, names: Iterable[str]) -> str:
        names = list(dict.fromkeys(names))
        if self.required and set(names) == self.required:
            return "every required claim is"
        return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"

    def settings(self, found: Iterable[Finding]) -> list[str]:
        """Return the findings' environments, each with its databases unless it is on them all."""
        databases: dict[str, dict[str, None]] = {}
        for finding in found:
            databases.setdefault(finding.environment, {})[finding.database] = None
        tried = set(self.report.homes)
        return [
            environment
            if all(
                (environment, database) not in tried or database in some
                for database in self.databases
            )
            else f"{environment} on {_listed(list(some))}"
            for environment, some in databases.items()
        ]

    def setting(self, found: Finding | Fact) -> str:
        return f"{found.environment} on {found.database}" if self.several else found.environment


def _listed(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


# --- The condition --------------------------------------------------------------------------------

_Axis = tuple[str, str]
"""A feature in which two bindings differ: `("release", package)`, or another word and ""."""

_Axes = tuple[_Axis, ...]


def _condition(report: Report, bound: Sequence[_Bound]) -> tuple[str, str]:
    """Return the condition under which a binding holds, and the word for where it does not.

    The condition uses as few axes as possible, and prefers releases that readers care about to
    environments. If several single axes do equally well, it names all of them, since the findings
    do not say which one matters. If the exceptions are fewer, it names the exceptions.
    """
    features = {id(one): _features(one, report) for one in bound}
    holds = [features[id(one)] for one in bound if one.holds]
    fails = [features[id(one)] for one in bound if one.holds is False]
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
    """Return the axes that differ, alone and combined, the most telling first."""
    asked = [("release", package) for package in report.investigation.packages]
    others = sorted({axis for one in features for axis in one if axis[0] == "release"})
    known = dict.fromkeys([*asked, ("database", ""), ("pattern", ""), ("environment", ""), *others])
    axes = [axis for axis in known if len({one.get(axis) for one in features}) > 1]
    together = [some for size in (1, 2, 3) for some in combinations(axes, size)]
    return sorted(together, key=lambda some: _cost(report, some))


def _cost(report: Report, axes: _Axes) -> float:
    """Return a number that is higher the less a reader learns from these axes."""
    asked = report.investigation.packages
    dear = {"environment": 1.5, "release": 2.0}
    return len(axes) + sum(0 if axis[1] in asked else dear.get(axis[0], 0) for axis in axes)


def _apart(
    axes: _Axes, holds: Iterable[Mapping[_Axis, str]], fails: Iterable[Mapping[_Axis, str]]
) -> bool:
    inside = {tuple(one.get(axis) for axis in axes) for one in holds}
    return not any(tuple(one.get(axis) for axis in axes) in inside for one in fails)


def _features(one: _Bound, report: Report) -> dict[_Axis, str]:
    record = report.record(one.setting)
    releases = record.releases if record else {}
    return {
        ("database", ""): one.setting.database,
        ("pattern", ""): one.pattern,
        ("environment", ""): one.setting.environment,
        **{("release", package): release for package, release in releases.items()},
    }


def _told(axes: _Axes, values: Iterable[Sequence[str | None]]) -> str:
    return " or ".join(
        _listed([_feature(axis, value) for axis, value in zip(axes, row, strict=True)])
        for row in values
    )


def _feature(axis: _Axis, value: str | None) -> str:
    word, package = axis
    if word == "release":
        return f"with {package} {value}" if value else f"without {package}"
    return {"database": "on", "pattern": "for", "environment": "in"}[word] + f" {value}"
