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
    one_of,
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


CHAPTERS = (
    "recommendations",
    "comparison",
    "releases",
    "claims",
    "statements",
    "method",
    "symptoms",
    "references",
)
"""The pages of an investigation that names none, each if there is anything for it to show.

A template fills in for each that has no prose file.
"""


Form = TypeVar("Form")


def investigation_ids(root: Path) -> tuple[str, ...]:
    """Return the ids of the investigations that `conf/` declares, sorted.

    Raises PlanError for a file that accompanies none: its kind is unknown, or nothing is declared.
    """
    files = {file.name for file in (root / "conf").glob("*.toml")} - {"site.toml"}
    for name in sorted(files):
        id, _, kind = name.removesuffix(".toml").rpartition(".")
        if name.endswith(BESIDE) and f"{id}.toml" not in files:
            ids = [one.removesuffix(".toml") for one in sorted(files) if not one.endswith(BESIDE)]
            problem = f"there is no investigation {id!r}"
            raise PlanError(
                f"conf/{name}", "file", problem, f"rename or delete it ({one_of(id, ids)})"
            )
        if not name.endswith(BESIDE) and f"{id}.toml" in files:
            kinds = [ending.split(".")[1] for ending in BESIDE]
            problem = f"an investigation has no file of the kind {kind!r}"
            fix = f"rename it ({one_of(kind, kinds)})"
            raise PlanError(f"conf/{name}", "file", problem, fix)
    return tuple(sorted(name.removesuffix(".toml") for name in files if not name.endswith(BESIDE)))


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
    """Raise PlanError for an environment that has neither a lock nor a `.unresolved` file.

    So it does for a database's server that would be installed and has no lock.
    """
    for environment in investigation.installed:
        if not any((root / path).is_file() for path in (environment.lock, environment.unresolved)):
            raise PlanError(
                investigation.file,
                f"environment '{environment.id}'.lock",
                f"{environment.lock} does not exist",
                "create it with `nox -s lock`",
            )
    for database in investigation.described:
        if database.installs and not (root / database.installs).is_file():
            problem = f"{database.installs} does not exist"
            place = f"database '{database.id}'.installs"
            raise PlanError(investigation.file, place, problem, "create it, or fix the path")


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
    "title": Key(TEXT, says="what pages call it"),
    "question": Key(TEXT, says="the question that the front page answers"),
    "experiments": Key(TEXT, says="the package of the experiments: `experiments.greeting`"),
    "claims": Key(TEXT, says="the module of the claims"),
    "databases": Key(
        SOME_TEXTS,
        says="their ids, the first of which is the default; `none` where there is none",
    ),
    "time_limit": Key(
        SECONDS, says="seconds for one run of one cell; one that takes longer is `timed-out`"
    ),
    "backend": Key(TABLES, says="the libraries under test"),
    "environment": Key(TABLES, says="the locked sets of releases"),
    "pattern": Key(TABLES, says="the ways to use a backend, and the controls"),
    "diagram": Key(TABLE, None, says="how histories are drawn"),
    "packages": Key(TEXTS, [], says="the packages whose releases readers ask for, in order"),
    "addition": Key(TABLES, [], says="what experiments need beyond an environment"),
    "database": Key(TABLES, [], says="what a database needs"),
    "axis": Key(TABLES, [], says="packages that go through their releases"),
    "situation": Key(TABLES, [], says="readers' situations, for the page of recommendations"),
    "chapters": Key(
        TEXTS,
        None,
        says="the pages, in the order of the navigation; without it those that there are",
    ),
    "renamed": Key(TABLES, [], says="ids that were published, and what replaced them"),
    "reproductions": Key(
        TEXT, "", says="the module with one function for each claim, from which scripts are made"
    ),
    "subject": Key(
        TEXT, "the subject", says="what the question is about, which every pattern uses"
    ),
}
_BACKEND_KEYS = {
    "id": Key(ID, says="its id"),
    "title": Key(TEXT, says="its name"),
    "patterns": Key(
        TEXT,
        says="the module of its patterns; controls run in every environment, so those of a module "
        "that imports a library go into one of a backend of their own, without an environment",
    ),
    "url": Key(URL, "", says="where it is documented"),
}
_ENVIRONMENT_KEYS = {
    "id": Key(ID, says="its id, and the name of its nox session"),
    "title": Key(TEXT, says="its name"),
    "backend": Key(TEXT, says="the backend whose patterns run in it"),
    "install": Key(TEXTS, says="the requirements that the lock is compiled from"),
    "imports": Key(MODULES, says="the modules that must import before a pattern runs"),
    "source": Key(
        TEXT, says="where this installation is documented: text, in which an address becomes a link"
    ),
    "differs_from": Key(TEXT, "", says="the environment from which it differs in one package"),
}
_PATTERN_KEYS = {
    "id": Key(ID, says="its id"),
    "title": Key(TEXT, says="its name, as code"),
    "backend": Key(TEXT, says="the backend whose module has its function"),
    "control": Key(
        FLAG,
        False,
        says="whether it was built to be right or to be wrong; it runs in every environment",
    ),
    "without_subject_like": Key(TEXTS, [], says="the controls that do the same with the subject"),
    "function": Key(TEXT, None, says="its function; without it the id with underscores"),
    "about": Key(TEXT, "", says="what it is about, if not the investigation's question"),
}
_ADDITION_KEYS = {
    "id": Key(ID, says="its id"),
    "title": Key(TEXT, says="its name"),
    "install": Key(SOME_TEXTS, says="what it adds"),
    "to": Key(
        SOME_TEXTS, None, says="the environments that get a twin with it; without it each declared"
    ),
}
_AXIS_KEYS = {
    "package": Key(TEXT, says="the package that changes, or `python`"),
    "from": Key(TEXT, says="the environment that it starts from"),
    "releases": Key(SOME_TEXTS, says="its releases, the oldest first"),
    "install": Key(
        TEXTS,
        [],
        says="what replaces the requirements of `from`; `{release}` stands for the release",
    ),
    "with": Key(TABLES, [], says="companions that some releases need"),
    "former": Key(TABLES, [], says="names under which earlier releases were published"),
    "additions": Key(TEXTS, None, says="the additions whose twins follow; without it all"),
    "patterns": Key(TEXTS, None, says="the patterns that run; without it all"),
}
_COMPANION_KEYS = {
    "releases": Key(SOME_TEXTS, says="the releases that need them"),
    "install": Key(SOME_TEXTS, says="the requirements that are added"),
    "why": Key(TEXT, says="why, in a sentence that pages show"),
}
_FORMER_KEYS = {
    "package": Key(TEXT, says="the former name"),
    "releases": Key(SOME_TEXTS, says="the releases of that name"),
    "imports": Key(MODULES, [], says="what must import with them"),
}
_SITUATION_KEYS = {
    "id": Key(ID, says="its id"),
    "title": Key(TEXT, says='"I use X with Y"'),
    "text": Key(TEXT, "", says="what should be known in it"),
    "environments": Key(SOME_TEXTS, says="the environments that answer it"),
    "claims": Key(TEXTS, [], says="claims that matter in it beyond the grades"),
    "about": Key(TEXT, "", says="what its patterns are about"),
}
_DATABASE_KEYS = {
    "id": Key(ID, says="its id"),
    "title": Key(TEXT, says="its name"),
    "needs": Key(TEXTS, [], says="the requirements of its driver"),
    "server": Key(TEXT, "", says="the module whose `serve(folder)` starts its server"),
    "url": Key(
        TEXT, "", says="the value of `DATABASE_URL` in scripts; `{address}` is the server's"
    ),
    "installs": Key(
        TEXT,
        "",
        says="the lock of a server; `CASEBOOK_<ID>` names the site-packages",
    ),
}
_RENAMED = Kind('"claim", "environment", "pattern" or "statement"', references.RENAMED.__contains__)
_RENAMED_KEYS = {
    "kind": Key(_RENAMED, says="what was renamed"),
    "from": Key(TEXT, says="the id before"),
    "to": Key(TEXT, says="the id now"),
}
_DIAGRAM_KEYS = {
    "experiments": Key(TEXTS, says="the experiments whose histories are drawn"),
    "lane": Key(TEXT, says="the letter of the labels that get a lane each"),
    "bar": Key(TABLES, says="what is drawn as bars"),
    "markers": Key(TEXTS, [], says="kinds of events that are marked"),
    "lane_title": Key(TEXT, None, says="what a lane is called"),
}
_BAR_KEYS = {
    "label": Key(TEXT, says="the letter of the labels"),
    "title": Key(TEXT, says="what they are called"),
    "opens": Key(TEXT, says="the kind of event that opens a bar"),
    "closes": Key(TEXT, says="the kind that closes it"),
    "touches": Key(TEXTS, [], says="kinds that are drawn on it"),
}


class _InvestigationReader(Reader):
    def investigation(self, id: str) -> Investigation:
        values = self.table(
            "", self.document(id, investigation_ids(self.root)), _INVESTIGATION_KEYS
        )
        for database in values["databases"]:
            self.check_id("databases", database)
        every = [table.get("id", "") for table in values["environment"]]
        values["addition"] = [{"to": every, **table} for table in values["addition"]]
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
            chapters=self.chapters(id, values),
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

    def chapters(self, id: str, values: dict[str, Any]) -> tuple[str, ...]:
        """Return the pages that are named, or else those for which there is anything to show."""
        if values["chapters"] is not None:
            return tuple(values["chapters"])
        files = ("statements", "symptoms", "references")
        there = {name: (self.root / f"conf/{id}.{name}.toml").exists() for name in files}
        there |= {"recommendations": bool(values["situation"]), "releases": bool(values["axis"])}
        return tuple(name for name in CHAPTERS if there.get(name, True))

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


KEYS = {
    "": _INVESTIGATION_KEYS,
    "[[backend]]": _BACKEND_KEYS,
    "[[environment]]": _ENVIRONMENT_KEYS,
    "[[axis]]": _AXIS_KEYS,
    "[[axis.with]]": _COMPANION_KEYS,
    "[[axis.former]]": _FORMER_KEYS,
    "[[database]]": _DATABASE_KEYS,
    "[[addition]]": _ADDITION_KEYS,
    "[[pattern]]": _PATTERN_KEYS,
    "[[situation]]": _SITUATION_KEYS,
    "[diagram]": _DIAGRAM_KEYS,
    "[[diagram.bar]]": _BAR_KEYS,
    "[[renamed]]": _RENAMED_KEYS,
}
"""The keys of each table of an investigation's file, for the reference."""
