"""The environments that the axes of an investigation generate, and the mistakes in an axis."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial

from casebook.plan.axes import PYTHON, USUAL_PYTHON, Axis
from casebook.plan.investigation import Addition, Environment, Investigation, package_name
from casebook.plan.mistakes import PlanError, one_of


def with_sweep(investigation: Investigation) -> Investigation:
    """Return an investigation with the environments that its axes generate, and their twins.

    A release that a declared environment has is not generated: the start has it where its lock pins
    it, and another one of the same backend where it installs just what the axis would. Raises
    PlanError for a mistake in an axis.
    """
    _check(investigation)
    axes: list[Axis] = []
    swept: list[Environment] = []
    additions = list(investigation.additions)
    for axis in investigation.axes:
        found = dict(_points(investigation, axis))
        generated = [one for one in found.values() if one.axis]
        axes.append(replace(axis, at=tuple((release, one.id) for release, one in found.items())))
        swept += generated
        additions = [_following(addition, axis, generated) for addition in additions]
    _check_ids(investigation, swept)
    return replace(investigation, axes=tuple(axes), swept=tuple(swept), additions=tuple(additions))


def _points(investigation: Investigation, axis: Axis) -> Iterator[tuple[str, Environment]]:
    """Yield the releases of an axis, each with the environment that has it."""
    start = investigation.environment(axis.start)
    alike = [one for one in investigation.environments if one.backend == start.backend]
    for release in axis.releases:
        generated = _at(start, axis, release, release)
        same = (one for one in alike if _same(one, generated))
        yield release, start if _has(start, axis, release) else next(same, generated)


def _has(start: Environment, axis: Axis, release: str) -> bool:
    """Return whether an axis's start has a release; "2.0" stands for the whole series."""
    if axis.package == PYTHON:
        return release == USUAL_PYTHON
    pinned = start.locked.get(axis.name_at(release), "")
    return pinned == release or pinned.startswith(f"{release}.")


def _same(declared: Environment, generated: Environment) -> bool:
    mine, others = (set(map(_plain, one.install)) for one in (declared, generated))
    return mine == others and not generated.python


def installed_like(start: Environment, axis: Axis, release: str, like: str) -> Environment:
    """Return the environment of a release that an axis need not list, made like a listed one."""
    return start if _has(start, axis, like) else _at(start, axis, release, like)


def _at(start: Environment, axis: Axis, release: str, like: str) -> Environment:
    """Return the environment that an axis generates for a release, as it does for one `like` it."""
    id = axis.environment_id(release)
    what = f"{axis.name_at(like)} {release}" if axis.package != PYTHON else f"Python {release}"
    companions = axis.companions_at(like)
    beside = [f", with {' and '.join(one.install)}: {one.why}" for one in companions]
    imports = next((one.imports for one in axis.former if like in one.releases), ())
    return replace(
        start,
        id=id,
        title=f"{start.title}: {what}",
        install=(
            *_install(start, axis, release, axis.name_at(like)),
            *(to for one in companions for to in one.install),
        ),
        imports=imports or start.imports,
        source=f"the environment `{start.id}`, at {what}{''.join(beside)}",
        differs_from=start.id,
        lock=f"{start.lock.rpartition('/')[0]}/{id}.txt",
        pins=(),
        axis=axis.package,
        python=release if axis.package == PYTHON else start.python,
        patterns=axis.patterns,
    )


def _install(start: Environment, axis: Axis, release: str, name: str) -> tuple[str, ...]:
    """Return the start's requirements at a release, which was published under this name."""
    if axis.package == PYTHON:
        return start.install
    if axis.install:
        return tuple(text.replace("{release}", release) for text in axis.install)
    replaced = tuple(
        f"{name}{_extras(text)}=={release}" if package_name(text) == axis.package else text
        for text in start.install
    )
    asked = axis.package in map(package_name, start.install)
    return replaced if asked else (*replaced, f"{name}=={release}")


def _extras(requirement: str) -> str:
    found = re.search(r"\[[^\]]*\]", requirement)
    return found[0] if found else ""


def _plain(requirement: str) -> str:
    return requirement.replace(" ", "").lower()


def _following(addition: Addition, axis: Axis, generated: Iterable[Environment]) -> Addition:
    """Return an addition whose twins follow those of an axis's start, where the axis lets them."""
    follows = axis.additions is None or addition.id in axis.additions
    if axis.start not in addition.to or not follows:
        return addition
    return replace(addition, to=(*addition.to, *(one.id for one in generated)))


# --- Mistakes -------------------------------------------------------------------------------------


def _check(investigation: Investigation) -> None:
    """Raise PlanError for an axis that names what is not there, or that is there twice."""
    seen: set[tuple[str, str]] = set()
    for axis in investigation.axes:
        check = partial(_known, investigation)
        check(
            f"{axis.place}.package", "normalised name", axis.package, [package_name(axis.package)]
        )
        check(
            f"{axis.place}.from",
            "environment",
            axis.start,
            [one.id for one in investigation.environments],
        )
        _check_package(investigation, axis)
        for id in axis.additions or ():
            known = [one.id for one in investigation.additions]
            check(f"{axis.place}.additions", "addition", id, known)
        start = investigation.environment(axis.start)
        for id in axis.patterns or ():
            known = [one.id for one in investigation.patterns if one.backend == start.backend]
            check(f"{axis.place}.patterns", "pattern", id, known)
        named = [("with", one.releases) for one in axis.companions]
        named += [("former", one.releases) for one in axis.former]
        for key, releases in named:
            for release in releases:
                check(f"{axis.place}.{key}.releases", "release", release, axis.releases)
        if (axis.package, axis.start) in seen:
            problem = "two [[axis]] tables have this package and this start"
            raise PlanError(investigation.file, axis.place, problem, "make one of them")
        seen.add((axis.package, axis.start))
        _check_releases(investigation, axis)


def _check_package(investigation: Investigation, axis: Axis) -> None:
    """Raise PlanError for a package that the axis's start lacks; without a lock nobody knows."""
    locked = investigation.environment(axis.start).locked
    if not locked or axis.package == PYTHON or not locked.keys().isdisjoint(axis.names):
        return
    problem = f"environment {axis.start!r} has no package {axis.package!r}"
    hint = one_of(axis.package, locked)
    fix = f"fix the name ({hint}), or let it start from an environment that has it"
    raise PlanError(investigation.file, f"{axis.place}.package", problem, fix)


def _known(
    investigation: Investigation, place: str, kind: str, name: str, known: Collection[str]
) -> None:
    if name not in known:
        problem = f"unknown {kind} {name!r}"
        raise PlanError(investigation.file, place, problem, one_of(name, known))


def _check_releases(investigation: Investigation, axis: Axis) -> None:
    """Raise PlanError for what is no release, for one that stands twice, or out of order."""
    place = f"{axis.place}.releases"
    for release in axis.releases:
        if not _RELEASE.fullmatch(release):
            problem = f"{release!r} is no release as the index writes it"
            fix = "write a release such as '2.0.1', or the series '2.0'"
            raise PlanError(investigation.file, place, problem, fix)
        if axis.releases.count(release) > 1:
            problem = f"{release!r} stands there twice"
            raise PlanError(investigation.file, place, problem, "delete one of them")
    ordered = sorted(axis.releases, key=_order)
    if list(axis.releases) != ordered:
        problem = "the oldest does not come first"
        raise PlanError(investigation.file, place, problem, f"write {ordered!r}")


_RELEASE = re.compile(r"(\d+(?:\.\d+)*?)(?:\.0)*((?:a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?")
"""A release as the index writes it (PEP 440), but for an epoch, which no id can hold."""

_RANKS = {"dev": 0, "a": 1, "b": 1, "rc": 1, "post": 3}
"""What ranks before a release's own end, which is 2, and after it; a further number is 4."""


def _order(release: str) -> list[tuple[int, int, str]]:
    """Return what orders releases as PEP 440 does: 2.0.dev1, 2.0b1, 2.0, 2.0.post1, 2.0.1."""
    found = _RELEASE.fullmatch(release)
    parts = re.findall(r"\d+|[a-z]+", "".join(filter(None, found.groups())) if found else "")
    ranks = [(4, int(one), "") if one.isdecimal() else (_RANKS[one], 0, one) for one in parts]
    return [*ranks, (2, 0, "")]


def _check_ids(investigation: Investigation, swept: Iterable[Environment]) -> None:
    """Raise PlanError for a declared environment that has the id of a generated one."""
    declared = {one.id for one in investigation.environments}
    for environment in swept:
        if environment.id in declared:
            place = f"environment '{environment.id}'.id"
            problem = "an axis generates an environment of this id"
            fix = "change the id, or delete the row"
            raise PlanError(investigation.file, place, problem, fix)
