"""The names in a file of `conf/`: ids must be declared, modules and functions must exist."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from casebook.plan.investigation import Investigation, Named, named, package_name
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.sources import functions, source

RENAMED = ("claim", "environment", "pattern", "statement")
"""The kinds of things that may be renamed after they were published."""


def check_ids(investigation: Investigation) -> None:
    """Raise PlanError for an id that is not declared."""

    def check(place: str, id: str, kind: str, items: Iterable[Named]) -> None:
        try:
            named(investigation.file, kind, items, id)
        except PlanError as error:
            problem = f"unknown {kind} {id!r}"
            raise PlanError(investigation.file, place, problem, error.fix) from None

    for environment in investigation.environments:
        place = f"environment '{environment.id}'"
        check(f"{place}.backend", environment.backend, "backend", investigation.backends)
        if environment.differs_from:
            others = [other for other in investigation.environments if other != environment]
            check(f"{place}.differs_from", environment.differs_from, "environment", others)
    _check_comparisons(investigation)
    for pattern in investigation.patterns:
        place = f"pattern '{pattern.id}'.backend"
        check(place, pattern.backend, "backend", investigation.backends)
        place = f"pattern '{pattern.id}'.without_subject_like"
        for id in pattern.without_subject_like:
            check(place, id, "pattern", investigation.controls)
        if pattern.without_subject_like and not pattern.control:
            problem = "only a control can do without the subject"
            raise PlanError(investigation.file, place, problem, "add `control = true`")
    for addition in investigation.additions:
        for id in addition.to:
            check(f"addition '{addition.id}'.to", id, "environment", investigation.environments)
    for situation in investigation.situations:
        for id in situation.environments:
            place = f"situation '{situation.id}'.environments"
            check(place, id, "environment", investigation.environments)
        _known(
            investigation,
            f"situation '{situation.id}'.about",
            "no pattern is about",
            situation.about,
            {pattern.about for pattern in investigation.patterns},
        )
    for database in investigation.described:
        place = f"database '{database.id}'.id"
        problem = "`databases` does not name"
        _known(investigation, place, problem, database.id, investigation.databases)
    check_renamed(
        investigation, "environment", [environment.id for environment in investigation.environments]
    )
    check_renamed(investigation, "pattern", [pattern.id for pattern in investigation.patterns])


def _known(
    investigation: Investigation, place: str, problem: str, name: str, known: Collection[str]
) -> None:
    """Raise PlanError, with the problem of a name, if it is not known."""
    if name not in known:
        fix = one_of(name, sorted(filter(None, known)))
        raise PlanError(investigation.file, place, f"{problem} {name!r}", fix)


def check_about(investigation: Investigation, asked: Iterable[str]) -> None:
    """Raise PlanError for a pattern that is about what nothing asks: no cell of it would run."""
    asked = set(asked)
    for pattern in investigation.patterns:
        place = f"pattern '{pattern.id}'.about"
        _known(investigation, place, "no claim and no check is about", pattern.about, asked)


def check_packages(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for a package that no lock has; without any lock nobody knows."""
    if not investigation.packages:
        return
    locks = [root / one.lock for one in investigation.installed if (root / one.lock).is_file()]
    held = (_REQUIREMENT.findall(lock.read_text(encoding="utf-8")) for lock in locks)
    known = {package_name(name) for names in held for name in names}
    for package in investigation.packages if locks else ():
        _known(investigation, "packages", "no environment installs", package, known)


_REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.-]*(?= *==| *@|\[)", re.MULTILINE)


def _check_comparisons(investigation: Investigation) -> None:
    """Raise PlanError for environments that are compared with each other in a circle."""
    leads = {one.id: one.differs_from for one in investigation.environments}
    for environment in investigation.environments:
        way = [environment.id]
        while after := leads[way[-1]]:
            if after in way:
                place = f"environment '{way[-1]}'.differs_from"
                problem = f"{after!r} leads back to {way[-1]!r}"
                fix = "remove it from one of them"
                raise PlanError(investigation.file, place, problem, fix)
            way.append(after)


def check_renamed(investigation: Investigation, kind: str, declared: Collection[str]) -> None:
    """Raise PlanError for a former id that is still declared, or that leads to no declared id."""
    leads = {row.before: row.to for row in investigation.renamed if row.kind == kind}
    seen = set()
    for number, row in enumerate(investigation.renamed, start=1):
        if row.kind != kind:
            continue
        place = f"renamed[{number}]"
        if row.before in declared:
            problem = f"{kind} {row.before!r} is still declared"
            raise PlanError(
                investigation.file,
                f"{place}.from",
                problem,
                f"delete this row, or rename the {kind}",
            )
        if row.before in seen:
            problem = f"two [[renamed]] tables rename {kind} {row.before!r}"
            raise PlanError(investigation.file, f"{place}.from", problem, "delete one of them")
        seen.add(row.before)
        end, steps = row.to, 0
        while end in leads and steps < len(leads):
            end, steps = leads[end], steps + 1
        if end not in declared:
            problem = f"unknown {kind} {end!r}"
            if end in leads:
                problem = f"{kind} {row.before!r} is renamed in a circle"
            raise PlanError(
                investigation.file, f"{place}.to", problem, one_of(row.to, sorted(declared))
            )


def check_functions(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for a module, or a pattern's function, that does not exist."""
    if investigation.reproductions and source(root, investigation.reproductions) is None:
        problem = f"module {investigation.reproductions!r} does not exist"
        fix = "create it, or fix the name"
        raise PlanError(investigation.file, "reproductions", problem, fix)
    for database in investigation.described:
        if database.server and source(root, database.server) is None:
            key = f"database '{database.id}'.server"
            problem = f"module {database.server!r} does not exist"
            raise PlanError(investigation.file, key, problem, "create it, or fix the name")
    for backend in investigation.backends:
        file = source(root, backend.patterns)
        if file is None:
            key = f"backend '{backend.id}'.patterns"
            problem = f"module {backend.patterns!r} does not exist"
            raise PlanError(investigation.file, key, problem, "create it, or fix the name")
        known = functions(root, file)
        for pattern in investigation.patterns:
            if pattern.backend == backend.id and pattern.function not in known:
                where = file.relative_to(root).as_posix()
                raise PlanError(
                    investigation.file,
                    f"pattern '{pattern.id}'.function",
                    f"{where} has no function {pattern.function!r}",
                    f"write it there, or fix the name ({one_of(pattern.function, known)})",
                )
