"""The claims of an investigation, imported from its module and checked."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from types import UnionType
from typing import Any

from casebook.claim import Claim
from casebook.plan.importing import imported
from casebook.plan.investigation import Investigation, Pattern
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.references import check_renamed
from casebook.plan.sources import files, functions, source
from casebook.plan.toml_reader import is_text


def read_claims(root: Path, investigation: Investigation) -> tuple[Claim, ...]:
    """Return the investigation's claims in the order of their module's `__all__`, else as defined.

    Raises PlanError if the module cannot be imported, or if a claim lacks controls, names an
    experiment without a module or shares its id with another claim.
    """
    file = source(root, investigation.claims)
    if file is None:
        problem = f"module {investigation.claims!r} does not exist"
        raise PlanError(investigation.file, "claims", problem, "create it, or fix the name")
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
            raise PlanError(name, key, "the function is defined twice", "rename one of them")
    found: dict[str, Claim] = {}
    for claim in _imported_claims(root, investigation, name):
        if found.setdefault(claim.id, claim) is not claim:
            raise PlanError(
                name, f"claim '{claim.id}'", "two claims have this id", "rename one of them"
            )
    for claim in found.values():
        _check_claim(root, investigation, name, claim)
        for id in claim.unless:
            if id not in found or id == claim.id:
                others = [other for other in found if other != claim.id]
                problem = f"{id!r} is no other claim"
                raise PlanError(name, f"claim '{claim.id}'.unless", problem, one_of(id, others))
    gates = [claim.id for claim in found.values() if claim.gate]
    if len(gates) != 1:
        problem = f"{' and '.join(gates)} are gates" if gates else "no claim is the gate"
        fix = "set `gate=True` only on the claim that a pattern can be set up at all"
        raise PlanError(name, "gate", problem, fix)
    for experiment in investigation.diagram.experiments if investigation.diagram else ():
        asked = experiments_of(found.values())
        if experiment not in asked:
            problem = f"no claim asks for {experiment!r}"
            fix = one_of(experiment, asked)
            raise PlanError(investigation.file, "diagram.experiments", problem, fix)
    for situation in investigation.situations:
        for id in situation.claims:
            if id not in found:
                key = f"situation '{situation.id}'.claims"
                problem = f"unknown claim {id!r}"
                raise PlanError(investigation.file, key, problem, one_of(id, found))
    check_renamed(investigation, "claim", found)
    return tuple(found.values())


def _imported_claims(root: Path, investigation: Investigation, name: str) -> list[Claim]:
    module = imported(root, investigation.claims, name)
    names = getattr(module, "__all__", vars(module))
    return [value for name in names if isinstance(value := getattr(module, name), Claim)]


_FORMS: dict[str, tuple[type | UnionType, str, str]] = {
    **dict.fromkeys(("experiments", "supported_by"), (tuple, "a tuple of ids", "('an-id',)")),
    "refuted_by": (
        dict,
        "a dictionary from controls to words of the reason",
        "{'a-control': 'words from the reason'}",
    ),
    "baseline": (str | None, "the id of a control", "'a-control'"),
    **dict.fromkeys(("about", "otherwise"), (str, "a text", "'words'")),
    **dict.fromkeys(("required", "gate", "weighs"), (bool, "a bool", "False")),
    "unless": (tuple, "a tuple of ids", "('a-claim',)"),
}
"""What each argument of a claim must be: its type, that in words, and what to write."""


def _check_claim(root: Path, investigation: Investigation, file: str, claim: Claim) -> None:
    """Raise PlanError if no run could support or refute the claim."""
    place = f"claim '{claim.id}'"
    for name, (form, called, example) in _FORMS.items():
        value = getattr(claim, name)
        if not isinstance(value, form):
            problem = f"{value!r} is not {called}"
            raise PlanError(file, f"{place}.{name}", problem, f"write `{name}={example}`")
    for name in ("experiments", "supported_by", "unless"):
        value = getattr(claim, name)
        if not all(map(is_text, value)) or (name != "unless" and not value):
            problem = f"{value!r} is not a tuple of at least one id"
            raise PlanError(file, f"{place}.{name}", problem, f"write `{name}=('an-id',)`")
    if not claim.refuted_by:
        fix = "name a control that breaks the claim, and words from the reason"
        raise PlanError(file, f"{place}.refuted_by", "no control refutes the claim", fix)
    for control, phrase in claim.refuted_by.items():
        if not is_text(phrase):
            problem = f"control {control!r} has no words that its reason must contain"
            fix = "add words from the reason of the refutation"
            raise PlanError(file, f"{place}.refuted_by", problem, fix)
    controls = [pattern.id for pattern in investigation.controls]
    for control in (*claim.controls, *filter(None, [claim.baseline])):
        if control not in controls:
            problem = f"{control!r} is not a declared control"
            fix = f"declare it with `control = true`, or fix the name ({one_of(control, controls)})"
            name = "baseline" if control == claim.baseline else "controls"
            raise PlanError(file, f"{place}.{name}", problem, fix)
    for control in claim.controls:
        about = investigation.pattern(control).about
        if about != claim.about:
            problem = f"{control!r} is about {about!r}, but the claim is about {claim.about!r}"
            fix = "name a control that is about the same"
            raise PlanError(file, f"{place}.controls", problem, fix)
    for experiment in claim.experiments:
        module = investigation.experiment_module(experiment)
        if source(root, module) is None:
            problem = f"module {module!r} of experiment {experiment!r} does not exist"
            raise PlanError(file, f"{place}.experiments", problem, "create it, or fix the name")


def experiments_of(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Return the experiments that the claims ask for, each once, in the order of the claims."""
    return tuple(dict.fromkeys(experiment for claim in claims for experiment in claim.experiments))


def concerns(claim: Claim, pattern: Pattern) -> bool:
    """Return whether a claim is judged on a pattern.

    Both must be about the same, and a control is judged only by the claims that name it.
    """
    return claim.about == pattern.about and (not pattern.control or claim.names(pattern.id))
