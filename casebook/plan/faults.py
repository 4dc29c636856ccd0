"""The faults: defects that are put into libraries to see whether the findings turn.

`conf/<investigation>.faults.toml` declares each fault and the findings that it must turn.
`casebook.proof.laboratory` tries them; `casebook.proof.outcomes` records the outcomes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from casebook.claim import Claim
from casebook.plan import toml_reader
from casebook.plan.cells import cell_inputs, cells_of_findings, planned_cells
from casebook.plan.claims import concerns, read_claims
from casebook.plan.investigation import Environment, Investigation, PlannedCell, Setting
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.sources import sources


@dataclass(frozen=True, slots=True)
class Turn:
    """A finding that a fault must turn to `refuted`, with a phrase that its reason must contain."""

    claim: str
    pattern: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Keep:
    """A finding that must stay as it was: a claim's, or every claim's if `claim` is empty.

    A harmless change has only keeps and no turns.
    """

    pattern: str
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A text, `new`, that replaces another, `old`, which occurs once in a file that runs.

    `file` is relative to the environment's installed packages, or to the project if it begins with
    the package that holds the experiments.
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
        """Whether no finding may turn."""
        return not self.turns

    @property
    def digest(self) -> str:
        """The hexadecimal SHA-256 of all the fault's fields."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Declared:
    """The content of a faults file: the faults, and for each claim that none turns the reason."""

    faults: tuple[Fault, ...] = ()
    unturned: Mapping[str, str] = field(default_factory=dict)

    def claims(self) -> set[str]:
        """Return the claims that faults must turn."""
        return {turn.claim for fault in self.faults for turn in fault.turns}


# --- Reading --------------------------------------------------------------------------------------


def faults_file(investigation: str) -> str:
    """Return the path of an investigation's faults file, relative to the project."""
    return f"conf/{investigation}.faults.toml"


def read_faults(root: Path, investigation: Investigation) -> Declared:
    """Return the content of the investigation's faults file, empty if there is no such file.

    Raises PlanError for the first mistake in it, or in the claims.
    """
    file = faults_file(investigation.id)
    if not (root / file).exists():
        return Declared()
    return _Reader(root, file, investigation, read_claims(root, investigation)).declared()


_FILE_KEYS = {
    "fault": toml_reader.Key(toml_reader.TABLES, says="the faults"),
    "unturned": toml_reader.Key(toml_reader.TABLES, [], says="claims that no fault can turn"),
}
_FAULT_KEYS = {
    "id": toml_reader.Key(toml_reader.ID, says="its id"),
    "title": toml_reader.Key(toml_reader.TEXT, says="what it does, in a sentence"),
    "environment": toml_reader.Key(toml_reader.TEXT, says="the environment that is judged"),
    "database": toml_reader.Key(toml_reader.TEXT, "", says="the database; without it the first"),
    "file": toml_reader.Key(
        toml_reader.TEXT, says="the file, in the environment's site-packages or the project"
    ),
    "old": toml_reader.Key(toml_reader.TEXT, says="the text that stands there once"),
    "new": toml_reader.Key(toml_reader.TEXT, says="the text in its place"),
    "turns": toml_reader.Key(toml_reader.TABLES, [], says="findings that must turn to refuted"),
    "keeps": toml_reader.Key(toml_reader.TABLES, [], says="findings that must stay"),
}
_TURN_KEYS = {
    "claim": toml_reader.Key(toml_reader.TEXT, says="the claim"),
    "pattern": toml_reader.Key(toml_reader.TEXT, says="the pattern"),
    "phrase": toml_reader.Key(toml_reader.TEXT, says="what the reason must contain"),
}
_KEEP_KEYS = {
    "pattern": toml_reader.Key(toml_reader.TEXT, says="the pattern"),
    "claim": toml_reader.Key(toml_reader.TEXT, "", says="the claim; without it every one"),
}
_UNTURNED_KEYS = {
    "claim": toml_reader.Key(toml_reader.TEXT, says="the claim"),
    "why": toml_reader.Key(toml_reader.TEXT, says="why no fault can turn it"),
}


class _Reader(toml_reader.Reader):
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
                problem = "a fault turns this claim"
                raise PlanError(self.file, f"unturned '{claim}'", problem, "delete this row")
        return declared

    def fault(self, values: dict[str, Any]) -> Fault:
        place = f"fault '{values['id']}'"
        problem = f"unknown environment {values['environment']!r}"
        self.known(f"{place}.environment", values["environment"], self.asked.environments, problem)
        values["database"] = values["database"] or self.asked.databases[0]
        if values["database"] not in self.asked.databases:
            fix = one_of(values["database"], self.asked.databases)
            problem = f"unknown database {values['database']!r}"
            raise PlanError(self.file, f"{place}.database", problem, fix)
        path = PurePosixPath(values["file"])
        if path.is_absolute() or ".." in path.parts:
            fix = "write the path inside site-packages"
            raise PlanError(self.file, f"{place}.file", f"{path} is outside", fix)
        if values["old"] == values["new"]:
            problem, fix = "`new` is the same as `old`", "write the wrong text"
            raise PlanError(self.file, f"{place}.new", problem, fix)
        if not values["turns"] and not values["keeps"]:
            fix = "write `turns = [...]`, or for a harmless change `keeps = [...]`"
            raise PlanError(self.file, place, "the fault turns nothing and keeps nothing", fix)
        home = self.asked.environment(values["environment"])
        for name, keys, kind in (("turns", _TURN_KEYS, Turn), ("keeps", _KEEP_KEYS, Keep)):
            values[name] = tuple(
                kind(**self.finding(where, home, table))
                for where, table in self.rows(f"{place}.{name}", values[name], keys)
            )
        return Fault(**values)

    def finding(self, place: str, home: Environment, values: dict[str, Any]) -> dict[str, Any]:
        """Return the keys of a turn or keep; raise PlanError if no such finding exists."""
        problem = f"no pattern {values['pattern']!r} runs in {home.id!r}"
        patterns = self.asked.patterns_in(home)
        self.known(f"{place}.pattern", values["pattern"], patterns, problem)
        if values["claim"]:
            self.claim(f"{place}.claim", values["claim"])
            pattern = self.asked.pattern(values["pattern"])
            if not concerns(self.claims[values["claim"]], pattern):
                problem = f"claim {values['claim']!r} is not judged on control {pattern.id!r}"
                fix = "write a pattern, or a control that the claim names"
                raise PlanError(self.file, f"{place}.pattern", problem, fix)
        return values

    def unturned(self, tables: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        for place, values in self.rows("unturned", tables, _UNTURNED_KEYS):
            self.claim(f"{place}.claim", values["claim"])
            yield values["claim"], values["why"]

    def known(self, place: str, id: str, items: Iterable[Any], problem: str) -> None:
        """Raise PlanError with this problem if none of the items has the id."""
        ids = [item.id for item in items]
        if id not in ids:
            raise PlanError(self.file, place, problem, one_of(id, ids))

    def claim(self, place: str, id: str) -> None:
        if id not in self.claims:
            raise PlanError(self.file, place, f"unknown claim {id!r}", one_of(id, self.claims))


# --- The cells and files of a fault ---------------------------------------------------------------


def kept(fault: Fault, investigation: Investigation, claims: Iterable[Claim]) -> tuple[Keep, ...]:
    """Return the findings that a fault must keep, one for each claim."""
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
    """Return the planned cells that are needed to judge the findings that the fault names.

    See `cells_of_findings`.
    """
    named = [(turn.claim, turn.pattern) for turn in fault.turns]
    named += [(keep.claim, keep.pattern) for keep in kept(fault, investigation, claims)]
    where = Setting(fault.environment, fault.database)
    return cells_of_findings(planned, investigation, claims, where, named)


def inputs_of_faults(
    root: Path,
    investigation: Investigation,
    claims: tuple[Claim, ...],
    faults: Collection[Fault],
) -> dict[str, tuple[str, ...]]:
    """Return the files that could change each fault's outcome, relative to the project, sorted.

    By the fault's id. These are the inputs of its cells, and the modules of the claims.
    """
    if not faults:
        return {}
    planned = planned_cells(root, investigation)
    inputs = cell_inputs(root, investigation, planned)
    judges = [path.relative_to(root).as_posix() for path in sources(root, investigation.claims)]
    found = {}
    for fault in faults:
        own = cells_of_fault(planned, investigation, claims, fault)
        found[fault.id] = tuple(sorted({*judges, *(path for one in own for path in inputs[one])}))
    return found


KEYS = {
    "": _FILE_KEYS,
    "[[fault]]": _FAULT_KEYS,
    "turns": _TURN_KEYS,
    "keeps": _KEEP_KEYS,
    "[[unturned]]": _UNTURNED_KEYS,
}
"""The keys of each table of a file of faults, for the reference."""
