"""The claims of an investigation, imported from its module and refused where they mean nothing."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from casebook.plan.investigation import Investigation, Pattern, PlanError, one_of
from casebook.plan.references import check_renamed
from casebook.plan.sources import files, functions, source
from casebook.plan.toml_reader import is_text
from casebook.record import Claim


def read_claims(root: Path, investigation: Investigation) -> tuple[Claim, ...]:
    """Return the investigation's claims in the order of their module's `__all__`, else as defined.

    Raises PlanError where the module cannot be imported or a claim could not mean anything:
    without controls, without an experiment's module, or with an id that another one has.
    """
    file = source(root, investigation.claims)
    if file is None:
        problem = f"there is no module {investigation.claims!r}"
        raise PlanError(investigation.file, "claims", problem, "write it, or mend its name")
    stamp = tuple(
        (path, status.st_mtime_ns, status.st_size)
        for path in files(root, investigation)
        for status in [(root / path).stat()]
    )
    return _checked_claims(root, investigation, file, stamp)


@functools.lru_cache(maxsize=16)
def _checked_claims(
    root: Path, investigation: Investigation, file: Path, stamp: tuple[Any, ...]
) -> tuple[Claim, ...]:
    # `stamp` is a part of the cache's key: the claims are imported again when a file changed.
    name = file.relative_to(root).as_posix()
    defined = functions(root, file)
    for function in defined:
        if defined.count(function) > 1:
            key = f"claim '{function.replace('_', '-')}'"
            raise PlanError(name, key, "it is defined twice", "write another name")
    found: dict[str, Claim] = {}
    for claim in _imported_claims(root, investigation, name):
        if found.setdefault(claim.id, claim) is not claim:
            raise PlanError(
                name, f"claim '{claim.id}'", "two claims have this id", "write another name"
            )
    for claim in found.values():
        _check_claim(root, investigation, name, claim)
    gates = [claim.id for claim in found.values() if claim.gate]
    if len(gates) != 1:
        problem = f"{' and '.join(gates)} are gates" if gates else "no claim is the gate"
        mend = "write `gate=True` for the one claim that a pattern can be set up at all"
        raise PlanError(name, "gate", problem, mend)
    for experiment in investigation.diagram.experiments if investigation.diagram else ():
        asked = experiments_of(found.values())
        if experiment not in asked:
            problem = f"no claim asks for {experiment!r}"
            mend = one_of(experiment, asked)
            raise PlanError(investigation.file, "diagram.experiments", problem, mend)
    for situation in investigation.situations:
        for id in situation.claims:
            if id not in found:
                key = f"situation '{situation.id}'.claims"
                problem = f"{id!r} is not a claim"
                raise PlanError(investigation.file, key, problem, one_of(id, found))
    check_renamed(investigation, "claim", found)
    return tuple(found.values())


def _imported_claims(root: Path, investigation: Investigation, name: str) -> list[Claim]:
    with importing_from(root, investigation.claims.partition(".")[0]):
        try:
            module = importlib.import_module(investigation.claims)
        except Exception as error:
            raise PlanError(
                name,
                "import",
                f"{type(error).__name__}: {error}",
                "claims, and the packages that they are in, import the standard library and "
                "casebook.record alone",
            ) from error
    names = getattr(module, "__all__", vars(module))
    return [value for name in names if isinstance(value := getattr(module, name), Claim)]


@contextmanager
def importing_from(root: Path, package: str) -> Iterator[None]:
    """Import `package` from this root, whatever of the same name is imported, and forget it."""

    def is_inside(name: str) -> bool:
        return name == package or name.startswith(f"{package}.")

    kept = {name: module for name, module in sys.modules.items() if is_inside(name)}
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if is_inside(name)]:
            del sys.modules[name]
        sys.modules.update(kept)


def _check_claim(root: Path, investigation: Investigation, file: str, claim: Claim) -> None:
    """Raise PlanError for a claim that could not mean anything."""
    place = f"claim '{claim.id}'"
    for name in ("experiments", "supported_by"):
        value = getattr(claim, name)
        if not isinstance(value, tuple) or not value:
            problem = f"{value!r} is no tuple of at least one id"
            raise PlanError(file, f"{place}.{name}", problem, f"write `{name}=('an-id',)`")
    if not claim.refuted_by:
        mend = "name a control that is wrong in the way of the claim, and the reason's words"
        raise PlanError(file, f"{place}.refuted_by", "no control refutes it", mend)
    for control, phrase in claim.refuted_by.items():
        if not is_text(phrase):
            problem = f"no words of the reason why {control!r} refutes it"
            mend = "write words that the refutation's reason must contain"
            raise PlanError(file, f"{place}.refuted_by", problem, mend)
    controls = [pattern.id for pattern in investigation.controls]
    for control in (*claim.controls, *filter(None, [claim.baseline])):
        if control not in controls:
            problem = f"{control!r} is not a declared control"
            mend = f"declare it with `control = true`, or {one_of(control, controls)}"
            name = "baseline" if control == claim.baseline else "controls"
            raise PlanError(file, f"{place}.{name}", problem, mend)
    for control in claim.controls:
        about = investigation.pattern(control).about
        if about != claim.about:
            problem = f"{control!r} is about {about!r}, the claim about {claim.about!r}"
            mend = "name a control that is about the same"
            raise PlanError(file, f"{place}.controls", problem, mend)
    for experiment in claim.experiments:
        module = investigation.experiment_module(experiment)
        if source(root, module) is None:
            problem = f"there is no module {module!r} for {experiment!r}"
            raise PlanError(file, f"{place}.experiments", problem, "write it, or mend its name")


def experiments_of(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Return the experiments that claims ask for, each once, in the claims' order."""
    return tuple(dict.fromkeys(experiment for claim in claims for experiment in claim.experiments))


def concerns(claim: Claim, pattern: Pattern) -> bool:
    """Return whether a claim is judged on a pattern.

    Both must be about the same; on a control only claims are judged that name it.
    """
    return claim.about == pattern.about and (not pattern.control or claim.names(pattern.id))
