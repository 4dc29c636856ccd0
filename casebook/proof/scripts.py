"""The reproduction: a single script that shows a finding to someone without this project.

It holds the pattern exactly as it ran, the parts of the application that the pattern uses (or the
stand-ins for them in the investigation's reproductions) and the function that tests the claim.
Its inline metadata (PEP 723) pins the recorded releases, so that `uv run` is all it needs.
"""

from __future__ import annotations

import functools
import textwrap
from dataclasses import dataclass
from pathlib import Path

from casebook import templates
from casebook.claim import Claim
from casebook.judge.findings import Finding
from casebook.judge.report import Report, releases
from casebook.plan.investigation import Investigation
from casebook.proof.parts import LAZY, Collected, Import, Modules, joined
from casebook.stored import Record
from casebook.text import one_line

OCCASION = "no occasion"
"""The words in the reason of an inconclusive finding that a script can show all the same."""


class Reproductions:
    """The reproductions of a report; code that several of them share is collected once."""

    def __init__(self, root: Path, report: Report) -> None:
        self.root = root
        self.report = report
        self._claims = {claim.id: claim for claim in report.claims}
        self._modules = Modules(root)
        self._texts: dict[str, str | None] = {}
        self._codes: dict[tuple[str, str, str], _Code | None] = {}

    def script(self, finding: Finding) -> str | None:
        """Return the text of a finding's reproduction, or None if it has none.

        It has one if the investigation has reproductions with a function for the claim, and if a
        script can show the finding: that the claim holds, that it does not, or that the situation
        never arose. A control without the subject has none: a script is for those who ask about the
        subject. Raises PlanError if the script cannot be put together.
        """
        if finding.id not in self._texts:
            self._texts[finding.id] = self._script(finding)
        return self._texts[finding.id]

    def _script(self, finding: Finding) -> str | None:
        report, investigation = self.report, self.report.investigation
        record = report.records.get(finding.ran_in)
        if not investigation.reproductions or record is None or not _can_be_seen(finding):
            return None
        if investigation.pattern(finding.pattern).without_subject_like:
            return None
        claim = self._claims[finding.claim]
        if record.unavailable is not None:
            lock = investigation.environment(record.environment).lock
            shown = claim.gate and (self.root / lock).is_file()
            return _rendered(report, finding, claim, record, None) if shown else None
        code = self._code(finding)
        return _rendered(report, finding, claim, record, code) if code else None

    def _code(self, finding: Finding) -> _Code | None:
        key = finding.claim, finding.pattern, finding.database
        if key not in self._codes:
            self._codes[key] = _collected(self._modules, self.report.investigation, finding)
        return self._codes[key]


def missing(root: Path, report: Report) -> tuple[str, ...]:
    """Return the ids of the claims that have no function among the reproductions."""
    if not report.investigation.reproductions:
        return tuple(claim.id for claim in report.claims)
    own = _names(Modules(root), report.investigation.reproductions)
    return tuple(claim.id for claim in report.claims if _function(claim.id) not in own)


def metadata(text: str) -> str:
    """Return the lines of a script's inline metadata; equal ones mean equal requirements."""
    lines = text.splitlines()
    return "\n".join(lines[: lines.index("# ///") + 1])


def _can_be_seen(finding: Finding) -> bool:
    if finding.verdict == "inconclusive":
        return OCCASION in finding.reason
    return finding.verdict != "not-tested"


# --- What a script holds --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Code:
    """The code of a script: its imports, the pattern, the claim's steps, and what both use.

    The pattern and the steps stand first, to be read first; but a part that cannot be defined
    before the parts that it uses is moved into `used`, and its text here is empty.
    """

    imports: str
    pattern: str
    pattern_file: str
    function: str
    steps: str
    entry: str
    used: str


def _collected(modules: Modules, investigation: Investigation, finding: Finding) -> _Code | None:
    """Return the code of a finding's script, or None if the claim has no function.

    Imports of the pattern's module from the investigation are replaced by the reproductions' own
    versions if they exist: first in the module of the claim's function, then in their package.
    """
    package, entry = investigation.reproductions, _function(finding.claim)
    if entry not in _names(modules, package):
        return None
    home = modules[package].imports.get(entry, Import(package, entry, entry)).module

    def instead(name: str, imported: Import) -> tuple[str, str] | None:
        if name != package and not name.startswith(f"{package}."):
            for place in (home, package):
                if collected.has(place, imported.name):
                    return place, imported.name
        return _of_database(modules, investigation, finding.database, imported)

    collected = Collected(modules, investigation.experiments.partition(".")[0], instead)
    pattern = investigation.pattern(finding.pattern)
    own = collected.add(investigation.backend(pattern.backend).patterns, pattern.function)
    steps = collected.add(home, entry)
    beside = [part for part in collected.parts if part.file == steps.file and part.is_block]
    beside.sort(key=lambda part: (part is not steps, part.line))
    free = [part for part in (own, *beside) if collected.is_free(part)]
    collected.imports["sys"] = Import("sys", "", "sys")  # with which the script ends
    return _Code(
        imports="\n".join([*([LAZY, ""] if collected.is_annotated else []), *collected.lines()]),
        pattern=own.text if own in free else "",
        pattern_file=own.file,
        function=pattern.function,
        steps=joined([part for part in free if part is not own]),
        entry=entry,
        used=joined([part for part in collected.parts if part not in free]),
    )


def _names(modules: Modules, package: str) -> set[str]:
    there = modules[package]
    return {*there.parts, *there.imports}


def _function(claim: str) -> str:
    return claim.replace("-", "_")


def _of_database(
    modules: Modules, investigation: Investigation, database: str, imported: Import
) -> tuple[str, str] | None:
    """Return the import for a finding's database in place of that for the first database, or None.

    The module of a database is the one whose name is the database's id.
    """
    above, _, last = imported.module.rpartition(".")
    other = f"{above}.{_function(database)}"
    if last != _function(investigation.databases[0]) or last == _function(database):
        return None
    return (other, imported.name) if modules.get(other) else None


def _rendered(
    report: Report, finding: Finding, claim: Claim, record: Record, code: _Code | None
) -> str:
    investigation = report.investigation
    pattern = investigation.pattern(finding.pattern)
    return (
        templates.template("script/reproduction.py.j2")
        .render(
            finding=finding,
            claim=claim,
            pattern=pattern,
            backend=investigation.backend(pattern.backend),
            environment=investigation.environment(finding.observed_in or finding.environment),
            database=investigation.database(finding.database),
            comment=_comment,
            literal=repr,
            python=record.python,
            dependencies=[
                f"{name}=={release}" for name, release in releases(report, finding).items()
            ],
            code=code,
        )
        .rstrip()
        + "\n"
    )


_WRAPPED = functools.partial(textwrap.wrap, break_long_words=False, break_on_hyphens=False)


def _comment(text: str, indent: str = "") -> str:
    """Return untrusted text as a comment that it cannot break out of."""
    start = f"# {indent}"
    lines = _WRAPPED(one_line(text, 600), 99 - len(start))
    return "\n".join(f"{start}{line}" for line in lines)
