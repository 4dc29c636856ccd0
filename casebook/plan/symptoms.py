"""The symptoms: what a reader sees go wrong, and by what it is known in histories and findings.

They are read from `conf/<investigation>.symptoms.toml`; `casebook.judge.symptoms` finds where each
was seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from casebook.claim import Claim
from casebook.plan.investigation import Investigation
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.toml_reader import ID, SOME_TEXTS, TABLES, TEXT, TEXTS, Key, Reader


@dataclass(frozen=True, slots=True)
class Symptom:
    """An error's exact text, or what is seen in words, and in a few words what it means.

    It was seen where an error or a reason holds one of the texts in `match`, and where one of
    `claims` is refuted.
    """

    id: str
    title: str
    meaning: str
    match: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclaredSymptoms:
    """The content of a symptoms file; `errors` are the kinds of events that tell of an error."""

    errors: tuple[str, ...] = ()
    symptoms: tuple[Symptom, ...] = ()

    def symptom(self, id: str) -> Symptom:
        """Return the symptom of this id; reading made sure that it exists."""
        return next(symptom for symptom in self.symptoms if symptom.id == id)


_FILE_KEYS = {
    "errors": Key(SOME_TEXTS, says="kinds of events that tell of an error"),
    "symptom": Key(TABLES, says="the symptoms"),
}
_SYMPTOM_KEYS = {
    "id": Key(ID, says="its id"),
    "title": Key(TEXT, says="the error's text, or what somebody sees"),
    "meaning": Key(TEXT, says="what it means"),
    "match": Key(TEXTS, [], says="texts of errors and reasons that show it"),
    "claims": Key(TEXTS, [], says="claims that show it where they are refuted"),
}


def symptoms_file(investigation: str) -> str:
    """Return the path of an investigation's symptoms file, relative to the project."""
    return f"conf/{investigation}.symptoms.toml"


def read_symptoms(
    root: Path, investigation: Investigation, claims: Iterable[Claim]
) -> DeclaredSymptoms:
    """Return an investigation's symptoms, none where it has no such file.

    Raises PlanError for the first mistake: in the form, for a symptom that nothing could show, for
    a text that two symptoms have and for a claim that does not exist.
    """
    file = symptoms_file(investigation.id)
    if not (root / file).is_file():
        return DeclaredSymptoms()
    return _SymptomsReader(root, file).symptoms(
        investigation.id, tuple(claim.id for claim in claims)
    )


class _SymptomsReader(Reader):
    def symptoms(self, id: str, claims: tuple[str, ...]) -> DeclaredSymptoms:
        values = self.table("", self.document(id), _FILE_KEYS)
        found = tuple(
            Symptom(**table | {"meaning": table["meaning"].strip()})
            for table in self.items("symptom", values, _SYMPTOM_KEYS)
        )
        owners: dict[str, str] = {}
        for symptom in found:
            self.check(symptom, claims, owners)
        return DeclaredSymptoms(values["errors"], found)

    def check(self, symptom: Symptom, claims: tuple[str, ...], owners: dict[str, str]) -> None:
        place = f"symptom '{symptom.id}'"
        if not symptom.match and not symptom.claims:
            fix = "add `match = [...]` with a piece of the error's text, or `claims = [...]`"
            raise PlanError(self.file, place, "nothing could show this symptom", fix)
        for text in symptom.match:
            owner = owners.setdefault(text, symptom.id)
            if owner != symptom.id:
                problem = f"symptom {owner!r} has the text {text!r}, too"
                raise PlanError(self.file, f"{place}.match", problem, "delete one of them")
        for claim in symptom.claims:
            if claim not in claims:
                problem = f"unknown claim {claim!r}"
                raise PlanError(self.file, f"{place}.claims", problem, one_of(claim, claims))


KEYS = {"": _FILE_KEYS, "[[symptom]]": _SYMPTOM_KEYS}
"""The keys of each table of a file of symptoms, for the reference."""
