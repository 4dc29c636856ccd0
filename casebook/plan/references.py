"""What a file of `conf/` names: ids that must be declared, modules and functions that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from casebook.plan.investigation import Investigation, Named, PlanError, named, one_of
from casebook.plan.sources import functions, source

RENAMED = ("claim", "environment", "pattern", "statement")
"""What may be renamed after it was published."""


def check_ids(investigation: Investigation) -> None:
    """Raise PlanError for an id that names nothing declared."""

    def check(place: str, id: str, kind: str, items: Iterable[Named]) -> None:
        try:
            named(investigation.file, kind, items, id)
        except PlanError as error:
            problem = f"{id!r} is not a declared {kind}"
            raise PlanError(investigation.file, place, problem, error.mend) from None

    for environment in investigation.environments:
        place = f"environment '{environment.id}'"
        check(f"{place}.backend", environment.backend, "backend", investigation.backends)
        if environment.differs_from:
            others = [other for other in investigation.environments if other != environment]
            check(f"{place}.differs_from", environment.differs_from, "environment", others)
    for pattern in investigation.patterns:
        place = f"pattern '{pattern.id}'.backend"
        check(place, pattern.backend, "backend", investigation.backends)
    for addition in investigation.additions:
        for id in addition.to:
            check(f"addition '{addition.id}'.to", id, "environment", investigation.environments)
    for situation in investigation.situations:
        for id in situation.environments:
            place = f"situation '{situation.id}'.environments"
            check(place, id, "environment", investigation.environments)
    for database in investigation.described:
        if database.id not in investigation.databases:
            raise PlanError(
                investigation.file,
                f"database '{database.id}'.id",
                "it is not among `databases`",
                one_of(database.id, investigation.databases),
            )
    check_renamed(investigation, "environment", [one.id for one in investigation.environments])
    check_renamed(investigation, "pattern", [one.id for one in investigation.patterns])


def check_renamed(investigation: Investigation, kind: str, declared: Collection[str]) -> None:
    """Raise PlanError for something renamed that is still declared, or that leads to nothing."""
    leads = {one.before: one.to for one in investigation.renamed if one.kind == kind}
    seen = set()
    for number, one in enumerate(investigation.renamed, start=1):
        if one.kind != kind:
            continue
        place = f"renamed[{number}]"
        if one.before in declared:
            problem = f"{kind} {one.before!r} is still declared"
            raise PlanError(
                investigation.file, f"{place}.from", problem, "delete this, or rename it there"
            )
        if one.before in seen:
            problem = f"two of [[renamed]] have {kind} {one.before!r}"
            raise PlanError(investigation.file, f"{place}.from", problem, "delete one of them")
        seen.add(one.before)
        end, steps = one.to, 0
        while end in leads and steps < len(leads):
            end, steps = leads[end], steps + 1
        if end not in declared:
            problem = f"{end!r} is not a declared {kind}"
            if end in leads:
                problem = f"{kind} {one.before!r} becomes itself again"
            raise PlanError(
                investigation.file, f"{place}.to", problem, one_of(one.to, sorted(declared))
            )


def check_functions(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for a module or a pattern's function that does not stand where it should."""
    if investigation.reproductions and source(root, investigation.reproductions) is None:
        problem = f"there is no {investigation.reproductions!r}"
        mend = "write it, or mend its name"
        raise PlanError(investigation.file, "reproductions", problem, mend)
    for database in investigation.described:
        if database.server and source(root, database.server) is None:
            key, problem = f"database '{database.id}'.server", f"there is no {database.server!r}"
            raise PlanError(investigation.file, key, problem, "write it, or mend its name")
    for backend in investigation.backends:
        file = source(root, backend.patterns)
        if file is None:
            key = f"backend '{backend.id}'.patterns"
            problem = f"there is no module {backend.patterns!r}"
            raise PlanError(investigation.file, key, problem, "write it, or mend its name")
        known = functions(root, file)
        for pattern in investigation.patterns:
            if pattern.backend == backend.id and pattern.function not in known:
                where = file.relative_to(root).as_posix()
                raise PlanError(
                    investigation.file,
                    f"pattern '{pattern.id}'.function",
                    f"{where} has no function {pattern.function!r}",
                    f"write it there, or {one_of(pattern.function, known)}",
                )
