"""The tables of an investigation's file: the keys of each, and the Investigation made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    Renamed,
    Situation,
    package_name,
)
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


def read_tables(root: Path, id: str, known: Iterable[str]) -> Investigation:
    """Return what an investigation's file declares; raise PlanError for the first mistake in it.

    `known` are the ids of the investigations that there are, one of which may have been meant.
    """
    return _InvestigationReader(root, f"conf/{id}.toml").investigation(id, known)


class _InvestigationReader(Reader):
    def investigation(self, id: str, known: Iterable[str]) -> Investigation:
        values = self.table("", self.document(id, known), _INVESTIGATION_KEYS)
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
            databases=values["databases"],
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
                self.renamed(place, table)
                for place, table in self.rows("renamed", values["renamed"], _RENAMED_KEYS)
            ),
            reproductions=values["reproductions"],
            subject=values["subject"],
            axes=tuple(
                self.axis(place, table)
                for place, table in self.rows("axis", values["axis"], _AXIS_KEYS)
            ),
        )

    def chapters(self, id: str, values: dict[str, Any]) -> tuple[str, ...]:
        """Return the pages that are named, or else those for which there is anything to show."""
        if values["chapters"] is not None:
            chosen: tuple[str, ...] = values["chapters"]
            return chosen
        files = ("statements", "symptoms", "references")
        there = {name: (self.root / f"conf/{id}.{name}.toml").exists() for name in files}
        there |= {"recommendations": bool(values["situation"]), "releases": bool(values["axis"])}
        return tuple(name for name in CHAPTERS if there.get(name, True))

    def all(
        self, form: Callable[..., Form], name: str, values: dict[str, Any], keys: dict[str, Key]
    ) -> tuple[Form, ...]:
        """Return the tables of one list as instances of `form`."""
        return tuple(form(**item) for item in self.items(name, values, keys))

    def environment(self, investigation: str, values: dict[str, Any]) -> Environment:
        lock = f"conf/requirements/{investigation}/{values['id']}.txt"
        return Environment(**values, lock=lock)

    def pattern(self, values: dict[str, Any]) -> Pattern:
        values["function"] = values["function"] or values["id"].replace("-", "_")
        return Pattern(**values)

    def renamed(self, place: str, values: dict[str, Any]) -> Renamed:
        self.check_id(f"{place}.from", values["from"])
        return Renamed(values["kind"], before=values["from"], to=values["to"])

    def axis(self, place: str, values: dict[str, Any]) -> Axis:
        companions = self.rows(f"{place}.with", values["with"], _COMPANION_KEYS)
        former = self.rows(f"{place}.former", values["former"], _FORMER_KEYS)
        return Axis(
            package=values["package"],
            start=values["from"],
            releases=values["releases"],
            install=values["install"],
            companions=tuple(Companion(**row) for _, row in companions),
            former=tuple(Former(**row) for _, row in former),
            additions=values["additions"],
            patterns=values["patterns"],
        )

    def diagram(self, table: dict[str, Any]) -> Diagram:
        values = self.table("diagram", table, _DIAGRAM_KEYS)
        bars = self.rows("diagram.bar", values["bar"], _BAR_KEYS)
        return Diagram(
            experiments=values["experiments"],
            lane=values["lane"],
            bars=tuple(Bar(**bar) for _, bar in bars),
            markers=values["markers"],
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
