"""Reads a TOML file into an Investigation, or raises one error that says how to fix it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from casebook.plan import references
from casebook.plan.axes import Axis, Companion, Former
from casebook.plan.investigation import (
    CHAPTERS,
    Addition,
    Backend,
    Bar,
    Database,
    Diagram,
    Environment,
    Investigation,
    Pattern,
    PlanError,
    Renamed,
    Situation,
    package_name,
)
from casebook.plan.sweep import with_sweep
from casebook.plan.toml_reader import (
    FLAG,
    ID,
    MODULES,
    SECONDS,
    SOME_TEXTS,
    TABLE,
    TABLES,
    TEXT,
    TEXTS,
    URL,
    Key,
    Kind,
    Reader,
)

BESIDE = (
    ".statements.toml",
    ".faults.toml",
    ".mutants.toml",
    ".references.toml",
    ".symptoms.toml",
)
"""The endings of the files that accompany an investigation's own file."""


Form = TypeVar("Form")


def investigation_ids(root: Path) -> tuple[str, ...]:
    """Return the ids of the investigations that `conf/` declares, sorted."""
    return tuple(
        sorted(
            file.stem
            for file in (root / "conf").glob("*.toml")
            if file.name != "site.toml" and not file.name.endswith(BESIDE)
        )
    )


def read_investigation(root: Path, id: str) -> Investigation:
    """Return one investigation with the packages that its locks pin.

    Raises PlanError for the first mistake in its file, or for a lock or function that is missing.
    """
    return _locked(root, read_unlocked(root, id))


def read_investigations(root: Path) -> tuple[Investigation, ...]:
    """Return every investigation.

    Raises PlanError as `read_investigation` does, and if two of them share an environment id.
    """
    return tuple(_locked(root, investigation) for investigation in read_all_unlocked(root))


def read_unlocked(root: Path, id: str) -> Investigation:
    """Return one investigation whose locks may be missing, as they are before `nox -s lock`.

    Raises PlanError for the first mistake in its file, for a function that does not exist and for
    an id that is not declared.
    """
    declared = _InvestigationReader(root, f"conf/{id}.toml").investigation(id)
    references.check_ids(declared)
    references.check_functions(root, declared)
    return with_sweep(_pinned(root, declared))


def read_all_unlocked(root: Path) -> tuple[Investigation, ...]:
    """Return every investigation as `read_investigations` does; their locks may be missing."""
    if not (root / "conf").is_dir():
        fix = "name the project's folder with --root"
        raise PlanError(str(root), "conf", "does not exist", fix)
    investigations = tuple(read_unlocked(root, id) for id in investigation_ids(root))
    check_owners(investigations)
    return investigations


def check_locks(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for an environment that has neither a lock nor a `.unresolved` file."""
    for environment in investigation.installed:
        if not any((root / path).is_file() for path in (environment.lock, environment.unresolved)):
            raise PlanError(
                investigation.file,
                f"environment '{environment.id}'.lock",
                f"{environment.lock} does not exist",
                "create it with `nox -s lock`",
            )


def _locked(root: Path, investigation: Investigation) -> Investigation:
    """Return an investigation with its locks' pins; raise PlanError if a lock is missing."""
    check_locks(root, investigation)
    return _pinned(root, investigation)


def _pinned(root: Path, investigation: Investigation) -> Investigation:
    """Return an investigation whose environments know what their locks pin, if there are any."""

    def known(environments: Iterable[Environment]) -> tuple[Environment, ...]:
        return tuple(replace(one, pins=pins(root, one)) for one in environments)

    return replace(
        investigation,
        environments=known(investigation.environments),
        swept=known(investigation.swept),
    )


_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)", re.MULTILINE)


def pins(root: Path, environment: Environment) -> tuple[tuple[str, str], ...]:
    """Return the packages and releases of a lock, or none if the environment has no lock."""
    lock = root / environment.lock
    return pins_of(lock.read_text(encoding="utf-8") if lock.is_file() else "")


def pins_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the packages and releases that the text of a lock pins."""
    return tuple((package_name(name), release) for name, release in _PIN.findall(text))


def check_owners(investigations: Iterable[Investigation]) -> None:
    """Raise PlanError if two investigations declare the same environment id."""
    owners: dict[str, str] = {}
    for investigation in investigations:
        for environment in investigation.installed:
            owner = owners.setdefault(environment.id, investigation.file)
            if owner != investigation.file:
                raise PlanError(
                    investigation.file,
                    f"environment '{environment.id}'.id",
                    f"{owner} declares the same id",
                    "change one of them: commands name an environment by its id alone",
                )


_INVESTIGATION_KEYS = {
    "title": Key(TEXT),
    "question": Key(TEXT),
    "experiments": Key(TEXT),
    "claims": Key(TEXT),
    "databases": Key(SOME_TEXTS),
    "time_limit": Key(SECONDS),
    "backend": Key(TABLES),
    "environment": Key(TABLES),
    "pattern": Key(TABLES),
    "diagram": Key(TABLE, None),
    "packages": Key(TEXTS, []),
    "addition": Key(TABLES, []),
    "database": Key(TABLES, []),
    "axis": Key(TABLES, []),
    "situation": Key(TABLES, []),
    "chapters": Key(TEXTS, None),
    "renamed": Key(TABLES, []),
    "reproductions": Key(TEXT, ""),
    "subject": Key(TEXT, "the subject"),
}
_BACKEND_KEYS = {
    "id": Key(ID),
    "title": Key(TEXT),
    "patterns": Key(TEXT),
    "url": Key(URL, ""),
}
_ENVIRONMENT_KEYS = {
    "id": Key(ID),
    "title": Key(TEXT),
    "backend": Key(TEXT),
    "install": Key(TEXTS),
    "imports": Key(MODULES),
    "source": Key(TEXT),
    "differs_from": Key(TEXT, ""),
}
_PATTERN_KEYS = {
    "id": Key(ID),
    "title": Key(TEXT),
    "backend": Key(TEXT),
    "control": Key(FLAG, False),
    "without_subject_like": Key(TEXTS, []),
    "function": Key(TEXT, None),
    "about": Key(TEXT, ""),
}
_ADDITION_KEYS = {
    "id": Key(ID),
    "title": Key(TEXT),
    "install": Key(SOME_TEXTS),
    "to": Key(SOME_TEXTS),
}
_AXIS_KEYS = {
    "package": Key(TEXT),
    "from": Key(TEXT),
    "releases": Key(SOME_TEXTS),
    "install": Key(TEXTS, []),
    "with": Key(TABLES, []),
    "former": Key(TABLES, []),
    "additions": Key(TEXTS, None),
    "patterns": Key(TEXTS, None),
}
_COMPANION_KEYS = {
    "releases": Key(SOME_TEXTS),
    "install": Key(SOME_TEXTS),
    "why": Key(TEXT),
}
_FORMER_KEYS = {
    "package": Key(TEXT),
    "releases": Key(SOME_TEXTS),
    "imports": Key(MODULES, []),
}
_SITUATION_KEYS = {
    "id": Key(ID),
    "title": Key(TEXT),
    "text": Key(TEXT, ""),
    "environments": Key(SOME_TEXTS),
    "claims": Key(TEXTS, []),
    "about": Key(TEXT, ""),
}
_DATABASE_KEYS = {
    "id": Key(ID),
    "title": Key(TEXT),
    "needs": Key(TEXTS, []),
    "server": Key(TEXT, ""),
    "url": Key(TEXT, ""),
    "installs": Key(TEXT, ""),
}
_RENAMED = Kind('"claim", "environment", "pattern" or "statement"', references.RENAMED.__contains__)
_RENAMED_KEYS = {
    "kind": Key(_RENAMED),
    "from": Key(TEXT),
    "to": Key(TEXT),
}
_DIAGRAM_KEYS = {
    "experiments": Key(TEXTS),
    "lane": Key(TEXT),
    "bar": Key(TABLES),
    "markers": Key(TEXTS, []),
    "lane_title": Key(TEXT, None),
}
_BAR_KEYS = {
    "label": Key(TEXT),
    "title": Key(TEXT),
    "opens": Key(TEXT),
    "closes": Key(TEXT),
    "touches": Key(TEXTS, []),
}


class _InvestigationReader(Reader):
    def investigation(self, id: str) -> Investigation:
        values = self.table(
            "", self.document(id, investigation_ids(self.root)), _INVESTIGATION_KEYS
        )
        for database in values["databases"]:
            self.check_id("databases", database)
        return Investigation(
            id=id,
            title=values["title"],
            question=values["question"].strip(),
            experiments=values["experiments"],
            claims=values["claims"],
            databases=tuple(values["databases"]),
            time_limit=values["time_limit"],
            backends=self.all(Backend, "backend", values, _BACKEND_KEYS),
            environments=tuple(
                self.environment(id, table)
                for table in self.items("environment", values, _ENVIRONMENT_KEYS)
            ),
            patterns=tuple(
                self.pattern(table) for table in self.items("pattern", values, _PATTERN_KEYS)
            ),
            diagram=None if values["diagram"] is None else self.diagram(values["diagram"]),
            packages=tuple(map(package_name, values["packages"])),
            additions=self.all(Addition, "addition", values, _ADDITION_KEYS),
            described=self.all(Database, "database", values, _DATABASE_KEYS),
            situations=self.all(Situation, "situation", values, _SITUATION_KEYS),
            chapters=self.chapters(id, values["chapters"]),
            renamed=tuple(
                self.renamed(f"renamed[{number}]", table)
                for number, table in enumerate(values["renamed"], start=1)
            ),
            reproductions=values["reproductions"],
            subject=values["subject"],
            axes=tuple(
                self.axis(f"axis[{number}]", table)
                for number, table in enumerate(values["axis"], start=1)
            ),
        )

    def chapters(self, id: str, named: list[str] | None) -> tuple[str, ...]:
        """Return the pages that are named, or else those that every investigation has."""
        if named is not None:
            return tuple(named)
        stated = (self.root / f"conf/{id}.statements.toml").exists()
        return tuple(name for name in CHAPTERS if stated or name != "statements")

    def all(
        self, form: Callable[..., Form], name: str, values: dict[str, Any], keys: dict[str, Key]
    ) -> tuple[Form, ...]:
        """Return the tables of one list as instances of `form`, with lists turned into tuples."""
        items = (
            {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
            for item in self.items(name, values, keys)
        )
        return tuple(form(**item) for item in items)

    def environment(self, investigation: str, values: dict[str, Any]) -> Environment:
        lock = f"conf/requirements/{investigation}/{values['id']}.txt"
        for name in ("install", "imports"):
            values[name] = tuple(values[name])
        return Environment(**values, lock=lock)

    def pattern(self, values: dict[str, Any]) -> Pattern:
        values["function"] = values["function"] or values["id"].replace("-", "_")
        values["without_subject_like"] = tuple(values["without_subject_like"])
        return Pattern(**values)

    def renamed(self, place: str, table: dict[str, Any]) -> Renamed:
        values = self.table(place, table, _RENAMED_KEYS)
        self.check_id(f"{place}.from", values["from"])
        return Renamed(values["kind"], before=values["from"], to=values["to"])

    def axis(self, place: str, table: dict[str, Any]) -> Axis:
        values = self.table(place, table, _AXIS_KEYS)
        rows = {
            name: [
                self.table(f"{place}.{name}[{number}]", row, keys)
                for number, row in enumerate(values[name], start=1)
            ]
            for name, keys in (("with", _COMPANION_KEYS), ("former", _FORMER_KEYS))
        }
        additions, patterns = values["additions"], values["patterns"]
        return Axis(
            package=values["package"],
            start=values["from"],
            releases=tuple(values["releases"]),
            install=tuple(values["install"]),
            companions=tuple(
                Companion(tuple(row["releases"]), tuple(row["install"]), row["why"])
                for row in rows["with"]
            ),
            former=tuple(
                Former(row["package"], tuple(row["releases"]), tuple(row["imports"]))
                for row in rows["former"]
            ),
            additions=None if additions is None else tuple(additions),
            patterns=None if patterns is None else tuple(patterns),
        )

    def diagram(self, table: dict[str, Any]) -> Diagram:
        values = self.table("diagram", table, _DIAGRAM_KEYS)
        bars = []
        for number, bar in enumerate(values["bar"], start=1):
            bar = self.table(f"diagram.bar[{number}]", bar, _BAR_KEYS)
            bars.append(Bar(**{**bar, "touches": tuple(bar["touches"])}))
        return Diagram(
            experiments=tuple(values["experiments"]),
            lane=values["lane"],
            bars=tuple(bars),
            markers=tuple(values["markers"]),
            lane_title=values["lane_title"] or values["lane"],
        )
