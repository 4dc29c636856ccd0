"""The bibliography: what others wrote that an investigation's pages name, each with its address.

It is read from `conf/<investigation>.references.toml`; each reference names what it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.claim import Claim
from casebook.installed import packages
from casebook.plan.investigation import Investigation, Pattern, package_name
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.symptoms import Symptom
from casebook.plan.toml_reader import ID, TABLE, TABLES, TEXT, TEXTS, URL, Key, Kind, Reader

KINDS = {
    "documentation": "Documentation",
    "release": "Releases",
    "issue": "Issues",
    "pull-request": "Pull requests",
    "source": "Lines of the installed releases",
}
"""The kinds of references and their headings, in the order in which they are shown."""

BELONGS_TO = ("claims", "patterns", "backends", "experiments", "symptoms")
"""The kinds of things that a reference may belong to."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of an installed release, by its number, and its text without the blanks around it.

    `file` is relative to the folder in which packages are installed.
    """

    package: str
    release: str
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Something to read elsewhere, what it says in a few words, and the ids of what it belongs to.

    `source` is the line that a reference of the kind "source" leads to, None for the others.
    """

    id: str
    title: str
    url: str
    kind: str
    says: str
    claims: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    source: SourceLine | None = None


@dataclass(frozen=True, slots=True)
class Bibliography:
    """The references of an investigation, in the order of their file."""

    references: tuple[Reference, ...] = ()

    @property
    def kinds(self) -> tuple[tuple[str, tuple[Reference, ...]], ...]:
        """The heading of each kind that there is, and its references."""
        found = (
            (heading, tuple(one for one in self.references if one.kind == kind))
            for kind, heading in KINDS.items()
        )
        return tuple((heading, references) for heading, references in found if references)

    def of_claim(self, claim: Claim) -> tuple[Reference, ...]:
        """Return the references of a claim, and of the experiments on which it is judged."""
        experiments = set(claim.experiments)
        return tuple(
            one
            for one in self.references
            if claim.id in one.claims or experiments & set(one.experiments)
        )

    def of_pattern(self, pattern: str) -> tuple[Reference, ...]:
        """Return the references of a pattern."""
        return tuple(one for one in self.references if pattern in one.patterns)

    def of_backend(self, backend: str) -> tuple[Reference, ...]:
        """Return the references of a backend."""
        return tuple(one for one in self.references if backend in one.backends)

    def of_symptom(self, symptom: str) -> tuple[Reference, ...]:
        """Return the references of a symptom."""
        return tuple(one for one in self.references if symptom in one.symptoms)

    def of_finding(self, claim: Claim, pattern: Pattern) -> tuple[Reference, ...]:
        """Return the references of a claim, then those of a pattern and its backend, each once."""
        found = (
            *self.of_claim(claim),
            *self.of_pattern(pattern.id),
            *self.of_backend(pattern.backend),
        )
        return tuple(dict.fromkeys(found))


# --- Reading --------------------------------------------------------------------------------------

_KIND = Kind("one of " + ", ".join(map(repr, KINDS)), lambda value: value in tuple(KINDS))
_FILE_KEYS = {"reference": Key(TABLES, says="what others wrote")}
_REFERENCE_KEYS = {
    "id": Key(ID, says="its id"),
    "title": Key(TEXT, says="its name"),
    "url": Key(URL, says="its address"),
    "kind": Key(_KIND, says="what it is"),
    "says": Key(TEXT, says="what it says, in a few words"),
    **{name: Key(TEXTS, [], says=f"the {name} whose pages show it") for name in BELONGS_TO},
    "installed": Key(
        TABLE,
        None,
        says="the line that `url` leads to, with `#L` and its number, where `kind` is 'source'",
    ),
}
_INSTALLED_KEYS = {
    "package": Key(TEXT, says="the package"),
    "release": Key(TEXT, says="its release, which a lock pins"),
    "file": Key(TEXT, says="the file, in site-packages"),
    "text": Key(TEXT, says="the text of the line"),
}

_LINE = re.compile(r"#L([1-9]\d*)$")


def references_file(investigation: str) -> str:
    """Return the path of an investigation's references file, relative to the project."""
    return f"conf/{investigation}.references.toml"


def read_bibliography(
    root: Path,
    investigation: Investigation,
    claims: Iterable[Claim],
    symptoms: Iterable[Symptom],
) -> Bibliography:
    """Return an investigation's references, none where it has no such file.

    Raises PlanError for the first mistake: in the form, for an id that names nothing, a reference
    that belongs to nothing, an address that stands there twice, the line of a release that no
    environment installs, or another line than an environment has that is installed here.
    """
    file = references_file(investigation.id)
    if not (root / file).is_file():
        return Bibliography()
    claims = tuple(claims)
    known = {
        "claims": [claim.id for claim in claims],
        "patterns": [pattern.id for pattern in investigation.patterns],
        "backends": [backend.id for backend in investigation.backends],
        "experiments": [one for claim in claims for one in claim.experiments],
        "symptoms": [symptom.id for symptom in symptoms],
    }
    return _ReferencesReader(root, file).bibliography(investigation, known)


class _ReferencesReader(Reader):
    def bibliography(
        self, investigation: Investigation, known: Mapping[str, list[str]]
    ) -> Bibliography:
        values = self.table("", self.document(investigation.id), _FILE_KEYS)
        tables = list(self.items("reference", values, _REFERENCE_KEYS))
        owners: dict[str, str] = {}
        for table in tables:
            self.check(table, known, owners)
        return Bibliography(tuple(self.reference(table, investigation) for table in tables))

    def check(
        self, table: dict[str, Any], known: Mapping[str, list[str]], owners: dict[str, str]
    ) -> None:
        """Raise PlanError for a reference that belongs to nothing, or stands there twice."""
        place = f"reference '{table['id']}'"
        owner = owners.setdefault(table["url"], table["id"])
        if owner != table["id"]:
            problem = f"reference {owner!r} has this address, too"
            raise PlanError(self.file, f"{place}.url", problem, "make one reference of the two")
        for name in BELONGS_TO:
            for id in table[name]:
                if id not in known[name]:
                    problem = f"unknown {name[:-1]} {id!r}"
                    fix = one_of(id, dict.fromkeys(known[name]))
                    raise PlanError(self.file, f"{place}.{name}", problem, fix)
        if not any(table[name] for name in BELONGS_TO):
            fix = f"say what it belongs to ({', '.join(BELONGS_TO)}), or delete it"
            raise PlanError(self.file, place, "no page would show this reference", fix)

    def reference(self, table: dict[str, Any], investigation: Investigation) -> Reference:
        installed = table.pop("installed")
        place = f"reference '{table['id']}'"
        if (table["kind"] == "source") != (installed is not None):
            fix = 'write `installed = {...}` where `kind = "source"`, and only there'
            raise PlanError(self.file, f"{place}.installed", "does not go with its kind", fix)
        source = self.source(place, table["url"], installed, investigation) if installed else None
        return Reference(**table, source=source)

    def source(
        self, place: str, url: str, table: dict[str, Any], investigation: Investigation
    ) -> SourceLine:
        """Return the line that an address leads to; raise PlanError where it is of another file."""
        values = self.table(f"{place}.installed", table, _INSTALLED_KEYS)
        package, release = package_name(values["package"]), values["release"]
        installed = tuple(dict.fromkeys(_releases(investigation, package)))
        if release not in installed:
            problem = f"no environment installs {package} {release}"
            fix = f"installed: {', '.join(installed)}" if installed else "no lock has this package"
            raise PlanError(self.file, f"{place}.installed.release", problem, fix)
        line = _LINE.search(url)
        tag = any(_is_tag(part, release) for part in url.split("/"))
        if not line or not tag or not url.removesuffix(line[0]).endswith(f"/{values['file']}"):
            problem = f"leads to no line of {values['file']} at {release}"
            fix = f"write the file's address at the tag of {release}, with #L and the line's number"
            raise PlanError(self.file, f"{place}.url", problem, fix)
        found = SourceLine(package, release, values["file"], int(line[1]), values["text"].strip())
        self.compare(place, found, investigation)
        return found

    def compare(self, place: str, source: SourceLine, investigation: Investigation) -> None:
        """Raise PlanError where an environment that is installed here has another line there."""
        for environment in investigation.environments:
            if environment.locked.get(source.package) != source.release:
                continue
            if folder := packages(self.root, environment.id, environment.lock):
                where = f"{source.file} of {source.package} {source.release}"
                if not (folder / source.file).is_file():
                    problem, fix = f"there is no {where}", "write where its file is installed"
                    raise PlanError(self.file, f"{place}.installed.file", problem, fix)
                text = (folder / source.file).read_text(encoding="utf-8")
                lines = ["", *map(str.strip, text.splitlines())]
                if source.text not in lines[source.line : source.line + 1]:
                    problem = f"line {source.line} of {where} is another than `text`"
                    at = ", ".join(f"#L{n}" for n, one in enumerate(lines) if one == source.text)
                    fix = f"write {at}" if at else "copy the whole line into `text`"
                    raise PlanError(self.file, f"{place}.url", problem, fix)
                return


def _is_tag(part: str, release: str) -> bool:
    """Return whether a part of an address is a release's tag, such as "v2.0.2" or "rel_2_0_2"."""
    spelt = "|".join(map(re.escape, (release, release.replace(".", "_"))))
    return re.fullmatch(rf"[A-Za-z_-]*(?:{spelt})", part) is not None


def _releases(investigation: Investigation, package: str) -> Iterator[str]:
    """Yield the releases of a package that the environments' locks pin."""
    for environment in investigation.environments:
        if release := environment.locked.get(package):
            yield release


KEYS = {"": _FILE_KEYS, "[[reference]]": _REFERENCE_KEYS, "installed": _INSTALLED_KEYS}
"""The keys of each table of a file of references, for the reference."""
