"""The faults: what is put into libraries to see whether the evidence turns.

`conf/<investigation>.faults.toml` says what is put where and which findings must turn.
`casebook.laboratory` tries it, `casebook.outcomes` holds what came of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from casebook.plan import toml_reader
from casebook.plan.cells import cell_inputs
from casebook.plan.claims import concerns, experiments_of, read_claims
from casebook.plan.investigation import Environment, Investigation, PlanError, PlannedCell, one_of
from casebook.plan.sources import sources
from casebook.record import Claim, plain


@dataclass(frozen=True, slots=True)
class Turn:
    """A finding that a fault must turn to `refuted`, with a phrase that its reason must contain."""

    claim: str
    pattern: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Keep:
    """What must stay as it was: a claim's finding of a pattern, every claim's where it names none.

    A harmless change has no turns, and keeps alone.
    """

    pattern: str
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A text that replaces another, which stands once in a file that runs.

    `file` is relative to the environment's installed packages; where it begins with the package
    that holds the experiments, to the project.
    """

    id: str
    title: str
    environment: str
    database: str
    file: str
    old: str
    new: str
    turns: tuple[Turn, ...]
    keeps: tuple[Keep, ...]

    @property
    def harmless(self) -> bool:
        """Whether nothing may turn."""
        return not self.turns

    @property
    def digest(self) -> str:
        """The hexadecimal SHA-256 of everything that is said of the fault."""
        return hashlib.sha256(json.dumps(plain(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file of faults declares: the faults, and why no fault turns some claims."""

    faults: tuple[Fault, ...] = ()
    unturned: Mapping[str, str] = field(default_factory=dict)

    def claims(self) -> set[str]:
        """Return the claims that faults must turn."""
        return {turn.claim for fault in self.faults for turn in fault.turns}


# --- Reading what is declared ---------------------------------------------------------------------


def faults_file(investigation: str) -> str:
    """Return where an investigation's faults are declared, relative to the project."""
    return f"conf/{investigation}.faults.toml"


def read_faults(root: Path, investigation: Investigation) -> Declared:
    """Return what the investigation's file of faults declares, nothing where there is none.

    Raises PlanError for the first thing that is wrong in it, or in the claims.
    """
    file = faults_file(investigation.id)
    if not (root / file).exists():
        return Declared()
    return _Reader(root, file, investigation, read_claims(root, investigation)).declared()


_FILE_KEYS = {
    "fault": toml_reader.Key(toml_reader.TABLES),
    "unturned": toml_reader.Key(toml_reader.TABLES, []),
}
_FAULT_KEYS = {
    "id": toml_reader.Key(toml_reader.ID),
    "title": toml_reader.Key(toml_reader.TEXT),
    "environment": toml_reader.Key(toml_reader.TEXT),
    "database": toml_reader.Key(toml_reader.TEXT, ""),
    "file": toml_reader.Key(toml_reader.TEXT),
    "old": toml_reader.Key(toml_reader.TEXT),
    "new": toml_reader.Key(toml_reader.TEXT),
    "turns": toml_reader.Key(toml_reader.TABLES, []),
    "keeps": toml_reader.Key(toml_reader.TABLES, []),
}
_TURN_KEYS = {name: toml_reader.Key(toml_reader.TEXT) for name in ("claim", "pattern", "phrase")}
_KEEP_KEYS = {
    "pattern": toml_reader.Key(toml_reader.TEXT),
    "claim": toml_reader.Key(toml_reader.TEXT, ""),
}
_UNTURNED_KEYS = {name: toml_reader.Key(toml_reader.TEXT) for name in ("claim", "why")}


class _Reader(toml_reader.Reader):
    """Reads one file of faults as strictly as an investigation's own file is read."""

    def __init__(
        self, root: Path, file: str, investigation: Investigation, claims: Iterable[Claim]
    ) -> None:
        super().__init__(root, file)
        self.asked = investigation
        self.claims = {claim.id: claim for claim in claims}

    def declared(self) -> Declared:
        values = self.table("", self.document(self.asked.id), _FILE_KEYS)
        faults = tuple(self.fault(table) for table in self.items("fault", values, _FAULT_KEYS))
        declared = Declared(faults, dict(self.unturned(values["unturned"])))
        for claim in declared.unturned:
            if claim in declared.claims():
                problem = "a fault turns it"
                raise PlanError(self.file, f"unturned '{claim}'", problem, "delete this row")
        return declared

    def fault(self, values: dict[str, Any]) -> Fault:
        place = f"fault '{values['id']}'"
        self.known(f"{place}.environment", values["environment"], self.asked.environments)
        values["database"] = values["database"] or self.asked.databases[0]
        if values["database"] not in self.asked.databases:
            mend = one_of(values["database"], self.asked.databases)
            problem = f"{values['database']!r} is not a declared database"
            raise PlanError(self.file, f"{place}.database", problem, mend)
        path = PurePosixPath(values["file"])
        if path.is_absolute() or ".." in path.parts:
            mend = "write its path inside site-packages"
            raise PlanError(self.file, f"{place}.file", f"{path} is outside", mend)
        if values["old"] == values["new"]:
            raise PlanError(self.file, f"{place}.new", "it is what `old` is", "write what is wrong")
        if not values["turns"] and not values["keeps"]:
            mend = "write `turns = [...]`, or for a harmless change `keeps = [...]`"
            raise PlanError(self.file, place, "it turns nothing and keeps nothing", mend)
        home = self.asked.environment(values["environment"])
        for name, keys, kind in (("turns", _TURN_KEYS, Turn), ("keeps", _KEEP_KEYS, Keep)):
            values[name] = tuple(
                kind(**self.finding(f"{place}.{name}[{number}]", home, table, keys))
                for number, table in enumerate(values[name], start=1)
            )
        return Fault(**values)

    def finding(
        self, place: str, home: Environment, table: dict[str, Any], keys: dict[str, toml_reader.Key]
    ) -> dict[str, Any]:
        """Return what names a finding; raise PlanError for one that there is not."""
        values = self.table(place, table, keys)
        self.known(f"{place}.pattern", values["pattern"], self.asked.patterns_in(home))
        if values["claim"]:
            self.claim(f"{place}.claim", values["claim"])
            pattern = self.asked.pattern(values["pattern"])
            if not concerns(self.claims[values["claim"]], pattern):
                problem = f"{values['claim']!r} is not judged on the control {pattern.id!r}"
                mend = "write a pattern, or a control that the claim names"
                raise PlanError(self.file, f"{place}.pattern", problem, mend)
        return values

    def unturned(self, tables: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        for number, table in enumerate(tables, start=1):
            values = self.table(f"unturned[{number}]", table, _UNTURNED_KEYS)
            self.claim(f"unturned[{number}].claim", values["claim"])
            yield values["claim"], values["why"]

    def known(self, place: str, id: str, items: Iterable[Any]) -> None:
        """Raise PlanError for an id that none of these has."""
        ids = [item.id for item in items]
        if id not in ids:
            problem = f"{id!r} is none of this environment's or investigation's"
            raise PlanError(self.file, place, problem, one_of(id, ids))

    def claim(self, place: str, id: str) -> None:
        if id not in self.claims:
            problem = f"{id!r} is not a claim"
            raise PlanError(self.file, place, problem, one_of(id, self.claims))


# --- What a fault needs ---------------------------------------------------------------------------


def kept(fault: Fault, investigation: Investigation, claims: Iterable[Claim]) -> tuple[Keep, ...]:
    """Return what a fault must keep, claim by claim."""
    return tuple(
        Keep(keep.pattern, claim.id)
        for keep in fault.keeps
        for claim in claims
        if keep.claim in ("", claim.id) and concerns(claim, investigation.pattern(keep.pattern))
    )


def cells_of_fault(
    planned: Iterable[PlannedCell],
    investigation: Investigation,
    claims: tuple[Claim, ...],
    fault: Fault,
) -> tuple[PlannedCell, ...]:
    """Return the planned cells that judge the findings which the fault names, and no others.

    Those are its patterns under the experiments of their claims, the controls of these claims, and
    all that the gate needs, without which nothing is judged.
    """
    named = [(one.claim, one.pattern) for one in fault.turns]
    named += [(one.claim, one.pattern) for one in kept(fault, investigation, claims)]
    gates = {claim.id for claim in claims if claim.gate}
    patterns = {pattern for _, pattern in named}
    wanted: set[tuple[str, str]] = set()
    for claim in claims:
        own = {pattern for id, pattern in named if id == claim.id}
        if claim.id in gates:
            own |= {id for id in patterns if concerns(claim, investigation.pattern(id))}
        if own:
            judged = own.union(claim.controls, filter(None, [claim.baseline]))
            wanted |= {(one, name) for one in judged for name in experiments_of([claim])}
    return tuple(
        cell
        for cell in planned
        if (cell.place, cell.database) == (fault.environment, fault.database)
        and not cell.again
        and (cell.pattern, cell.experiment) in wanted
    )


def inputs_of_fault(
    root: Path, investigation: Investigation, cells: Iterable[PlannedCell]
) -> tuple[str, ...]:
    """Return the files that could change how a fault comes out, relative to the project, sorted.

    Those are what could change a history of its cells, and the claims that judge it.
    """
    found = cell_inputs(root, investigation, cells).values()
    judges = (path.relative_to(root).as_posix() for path in sources(root, investigation.claims))
    return tuple(sorted({*judges, *(path for paths in found for path in paths)}))
