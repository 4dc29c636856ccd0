"""The mutants of an investigation: each one change in a copy of one installed file."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from casebook.installed import interpreter
from casebook.plan.faults import Fault
from casebook.plan.investigation import Investigation
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.mutants import DeclaredMutants, Target, mutants_file
from casebook.proof.laboratory import CannotBePutIn, installed_file
from casebook.proof.operators import Change, changes, matching


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of an installed file. `id` names the file, the function, the operator and a number.

    `text` is that of the whole file.
    """

    id: str
    title: str
    target: Target
    operator: str
    change: Change
    text: str

    @property
    def fault(self) -> Fault:
        """The mutant in the form that the laboratory puts into a copied environment."""
        target, new = self.target, self.change.put_in(self.text)
        where = target.environment, target.database, target.file
        return Fault(self.id, self.title, *where, self.text, new, (), ())

    @property
    def no_python(self) -> str:
        """Why the changed file cannot be compiled, or ""."""
        try:
            compile(self.change.put_in(self.text), self.target.file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            return str(error)
        return ""

    @property
    def difference(self) -> str:
        """The lines that change, before and after, as `diff -u` shows them without context."""
        before, after = self.text.splitlines(), self.change.put_in(self.text).splitlines()
        lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
        return "\n".join(line for line in lines if not line.startswith("@@"))


def mutants_of(
    root: Path, investigation: Investigation, declared: DeclaredMutants
) -> tuple[Mutant, ...]:
    """Return the mutants of all targets, in the order of the plan.

    Raises PlanError for a target that names nothing, for a mutant that two targets make or that is
    no Python, and for a reason that is given for none; EnvironmentMissing where an environment is
    not installed.
    """
    plan = mutants_file(investigation.id)
    found: dict[str, Mutant] = {}
    for number, target in enumerate(declared.targets, start=1):
        place = f"target[{number}]"
        try:
            mutants = list(_of_target(root, target))
        except CannotBePutIn as error:
            fix = "write the path inside site-packages"
            raise PlanError(plan, f"{place}.file", str(error), fix) from None
        except LookupError as error:
            raise PlanError(plan, f"{place}.functions", str(error), "fix the name") from None
        for operator in target.operators:
            if not any(mutant.operator == operator.id for mutant in mutants):
                problem = f"{operator.id!r} changes nothing here"
                raise PlanError(plan, f"{place}.operators", problem, "delete it")
        for mutant in mutants:
            if said := mutant.no_python:
                problem = f"{mutant.id} is no Python: {said}"
                raise PlanError(plan, f"{place}.operators", problem, f"mend {mutant.operator!r}")
            if found.setdefault(mutant.id, mutant) is not mutant:
                problem = f"an earlier target makes {mutant.id}, too"
                raise PlanError(plan, place, problem, "change it in one setting alone")
    for id in declared.harmless:
        if id not in found:
            raise PlanError(plan, f"harmless '{id}'", "no such mutant", one_of(id, found))
    return tuple(found.values())


def chosen_of(mutants: tuple[Mutant, ...], wanted: Iterable[str]) -> tuple[Mutant, ...]:
    """Return the mutants of which the id matches one of these, in which `*` and `?` may stand.

    All of them if none is wanted.
    """
    wanted = list(wanted)
    if not wanted:
        return mutants
    return tuple(
        mutant for mutant in mutants if any(fnmatch.fnmatchcase(mutant.id, one) for one in wanted)
    )


def _of_target(root: Path, target: Target) -> Iterator[Mutant]:
    """Yield the mutants of a target; raise LookupError for a function that the file lacks."""
    environment = interpreter(root, target.environment).absolute().parent.parent
    text = (environment / installed_file(environment, target.file)).read_text(encoding="utf-8")
    for function in _functions(text, target):
        for operator in target.operators:
            for number, change in enumerate(changes(text, function, operator), start=1):
                id = f"{target.file}:{function}:{operator.id}:{number}"
                title = operator.title.format(function=function, code=change.code)
                yield Mutant(id, title, target, operator.id, change, text)


def _functions(text: str, target: Target) -> Iterable[str]:
    found: dict[str, None] = {}
    for wanted in target.functions:
        names = matching(text, wanted)
        if not names:
            raise LookupError(f"{target.file} has no function {wanted!r}")
        found |= dict.fromkeys(names)
    return found
