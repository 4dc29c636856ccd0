"""What holds a sentence: findings, which are checked, or choose its words, as it is built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from casebook.book import Book
from casebook.report import Finding

OPEN = ("inconclusive", "not-tested")
"""Verdicts that say neither yes nor no."""


class Contradiction(Exception):
    """A sentence says of a library what its finding does not say; the text names both."""

    @classmethod
    def between(cls, file: str, what: str, actual: str, expected: str) -> Contradiction:
        """Return the contradiction of a sentence in this template and the verdict of a finding."""
        return cls(
            f"{file}: the sentence rests on {what} being {expected!r}, but it is {actual!r}: "
            f"write what was found"
        )


@dataclass(frozen=True, slots=True)
class Support:
    """What holds a sentence: where that is on the site, what it says, whether it was seen now."""

    address: str
    says: str
    observed: bool
    reason: str = ""


def held(
    book: Book, file: str, claim: str, pattern: str, environment: str, verdict: str
) -> Support:
    """Return what holds a sentence: a claim's finding, which must have the verdict.

    With several databases each of theirs must. What is open now, not tested or inconclusive, holds
    nothing and contradicts nothing. Raises Contradiction for the opposite verdict, and where there
    is no such finding.
    """
    what = f"{claim!r} of {pattern!r} in {environment!r}"
    findings = book.on_each_database(environment, pattern, claim)
    if not findings:
        raise Contradiction.between(file, what, "missing", verdict)
    return _support(
        book,
        f"{claim} of {pattern} in {environment}: {verdict.replace('-', ' ')}",
        tuple(_checked(file, what, verdict, findings)),
    )


def told(
    book: Book, claim: str, pattern: str, environment: str, words: Mapping[str, str]
) -> tuple[str, Support]:
    """Return the words for a finding's verdict, and what holds them.

    `words` maps `supported` and `refuted` to what is then so. Where the finding is open, or some
    databases' differ, the words say that it is, and of which claim. Raises LookupError where there
    is no such finding.
    """
    findings = book.on_each_database(environment, pattern, claim)
    if not findings:
        raise LookupError(f"no finding of {claim!r} for {pattern!r} in {environment!r}")
    verdicts = {finding.verdict for finding in findings}
    verdict = verdicts.pop() if len(verdicts) == 1 else "not the same on every database"
    open_words = f"(*{book.claims[claim].title}*: {verdict.replace('-', ' ')})"
    says = f"{claim} of {pattern} in {environment}: {verdict}"
    gap = next((finding for finding in findings if finding.verdict in OPEN), None)
    note = gap.reason if gap else next((one.note for one in findings if one.note), "")
    support = Support(book.address(gap or findings[0]), says, observed=not note, reason=note)
    return words.get(verdict, open_words), support


def graded(book: Book, file: str, pattern: str, environment: str, grade: str) -> Support:
    """Return what holds a recommendation: a pattern's grade, as `held` does for a finding."""
    what = f"the grade of {pattern!r} in {environment!r}"
    keys = [key for key in book.places if (*key, pattern) in book.grades and key[0] == environment]
    if not keys:
        raise Contradiction.between(file, what, "missing", grade)
    for key in keys:
        found = book.grades[*key, pattern]
        observed = found.grade != "unknown"
        if observed and found.grade != grade:
            raise Contradiction.between(file, what, found.grade, grade)
        if not observed:
            break
    place = book.places[keys[0]]
    address = f"{book.investigation.id}/patterns/{pattern}.html#verdicts"
    says = f"{pattern} in {place.title}: {grade.replace('-', ' ')}"
    return Support(address, says, observed, "" if observed else "no observation")


def _checked(file: str, what: str, verdict: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        if finding.verdict not in (verdict, *OPEN):
            raise Contradiction.between(file, what, finding.verdict, verdict)
        yield finding


def _support(book: Book, says: str, findings: tuple[Finding, ...]) -> Support:
    gap = next((one for one in findings if one.verdict in OPEN), None)
    shown = gap or findings[0]
    return Support(book.address(shown), says, gap is None, gap.reason if gap else "")
