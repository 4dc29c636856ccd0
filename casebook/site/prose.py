"""What prose rests on: findings that hold a sentence or choose its words, and recorded cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from casebook.claim import VERDICTS
from casebook.installed import cannot
from casebook.judge.findings import Finding
from casebook.judge.grades import GRADES
from casebook.judge.holding import Over
from casebook.judge.settings import ShownSetting
from casebook.judge.untested import brief
from casebook.plan.claims import concerns
from casebook.plan.investigation import Backend, Pattern
from casebook.plan.mistakes import one_of
from casebook.record import Event, History, Scalar
from casebook.site.book import Book

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
    check_names(book, claim=claim, pattern=pattern, environment=environment, verdict=verdict)
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
    is no such finding, and for words of no verdict.
    """
    findings = _findings(book, claim, pattern, environment)
    for word in words:
        check_names(book, verdict=word.replace("_", "-"))
    verdicts = {finding.verdict for finding in findings}
    verdict = verdicts.pop() if len(verdicts) == 1 else "not the same on every database"
    open_words = f"(*{book.claims[claim].title}*: {verdict.replace('-', ' ')})"
    says = f"{claim} of {pattern} in {environment}: {verdict}"
    gap = next((finding for finding in findings if finding.verdict in OPEN), None)
    note = gap.reason if gap else next((one.note for one in findings if one.note), "")
    support = Support(book.address(gap or findings[0]), says, observed=not note, reason=note)
    return words.get(verdict, open_words), support


def check_names(book: Book, **names: str) -> None:
    """Raise LookupError for a name of a kind that there is not, with the one that it resembles."""
    investigation = book.investigation
    known: dict[str, Collection[str]] = {
        "claim": book.claims,
        "pattern": book.patterns,
        "environment": [one.id for one in investigation.environments],
        "situation": [one.id for one in investigation.situations],
        "verdict": VERDICTS,
        "grade": GRADES,
    }
    for kind, name in names.items():
        if name not in known[kind]:
            raise LookupError(f"unknown {kind} {name!r}: {one_of(name, known[kind])}")


def check_events(book: Book, kinds: Iterable[str], names: Collection[str] = ()) -> None:
    """Raise LookupError for a kind of event that there is not; `names` may be labels, too."""
    labels = [name for name in names if name.rstrip("0123456789") in book.recorded.letters]
    for kind in (*kinds, *(name for name in names if name not in labels)):
        if book.recorded.kinds and kind not in book.recorded.possible:
            fix = one_of(kind, sorted(book.recorded.kinds))
            raise LookupError(f"no history has an event of the kind {kind!r}: {fix}")


def _findings(book: Book, claim: str, pattern: str, environment: str) -> tuple[Finding, ...]:
    """Return a finding on each database; raise LookupError where there is none."""
    check_names(book, claim=claim, pattern=pattern, environment=environment)
    findings = book.on_each_database(environment, pattern, claim)
    if not findings:
        raise LookupError(f"no finding of {claim!r} for {pattern!r} in {environment!r}")
    return findings


def graded(book: Book, file: str, pattern: str, environment: str, grade: str) -> Support:
    """Return what holds a recommendation: a pattern's grade, as `held` does for a finding."""
    check_names(book, pattern=pattern, environment=environment, grade=grade)
    what = f"the grade of {pattern!r} in {environment!r}"
    settings = book.report.databases_of(environment)
    found = [one for setting in settings if (one := book.report.grade(pattern, setting))]
    if not found:
        raise Contradiction.between(file, what, "missing", grade)
    for one in found:
        if one.grade not in (grade, "unknown"):
            raise Contradiction.between(file, what, one.grade, grade)
    observed = all(one.grade == grade for one in found)
    title = book.settings[found[0].setting].title
    address = f"{book.investigation.id}/patterns/{pattern}.html#verdicts"
    choice = book.answer.choice(book.investigation.pattern(pattern), found[0].setting)
    words = choice.words if choice else found[0].grade
    says = f"{pattern} in {title}: {words}"
    return Support(address, says, observed, "" if observed else "no observation")


def since(book: Book, claim: str, pattern: str, environment: str, package: str) -> Over:
    """Return on which releases of a package a finding is the same; there are always words for it.

    It is that of the first database. Raises LookupError where there is no such finding, and for a
    package that no axis takes through its releases from this environment or through it.
    """
    finding = _findings(book, claim, pattern, environment)[0]
    courses = book.releases.through.get(environment, ())
    course = next((one for one in courses if one.package == package), None)
    if course is None:
        raise LookupError(
            f"no axis has releases of {package!r} in {environment!r}: "
            f"{one_of(package, dict.fromkeys(one.package for one in courses))}"
        )
    return book.holding.on(course, finding)


def _checked(file: str, what: str, verdict: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    for finding in findings:
        if finding.verdict not in (verdict, *OPEN):
            raise Contradiction.between(file, what, finding.verdict, verdict)
        yield finding


def _support(book: Book, says: str, findings: tuple[Finding, ...]) -> Support:
    gap = next((one for one in findings if one.verdict in OPEN), None)
    shown = gap or findings[0]
    return Support(book.address(shown), says, gap is None, gap.reason if gap else "")


# --- Recorded cells -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recorded:
    """A pattern under an experiment in one setting, and its history.

    `history` is None where there is none that says anything, for this `reason`; else `digest` names
    it. `address` is where a reader finds it on the site, relative to its root.
    """

    pattern: Pattern
    experiment: str
    setting: ShownSetting
    history: History | None
    reason: str
    address: str
    book: Book = field(repr=False, compare=False)
    digest: str = ""

    @property
    def says(self) -> str:
        """Which cell this is, in words."""
        return f"{self.experiment} of {self.pattern.id} in {self.setting.title}"

    @property
    def anchor(self) -> str:
        """Its id on the page that lists it."""
        return anchor(self.pattern, self.experiment, self.setting)

    def of(self, *kinds: str, **details: Scalar) -> tuple[Event, ...]:
        """Return the events of these kinds that have all these details.

        Raises LookupError for a kind that there is not.
        """
        check_events(self.book, kinds)
        found = self.history.of(*kinds) if self.history else iter(())
        return tuple(
            event
            for event in found
            if all(event.get(name) == value for name, value in details.items())
        )

    def first(self, kind: str, **details: Scalar) -> Event | None:
        """Return the first event of this kind that has all these details, or None."""
        return next(iter(self.of(kind, **details)), None)

    def before(self, kind: str) -> tuple[Event, ...]:
        """Return the events before the first of this kind, all where there is none."""
        check_events(self.book, [kind])
        events = self.history.events if self.history else ()
        ends = (number for number, event in enumerate(events) if event.kind == kind)
        return events[: next(ends, len(events))]

    def between(self, start: Event, end: Event) -> tuple[Event, ...]:
        """Return the events after one and before another, both of this history."""
        return self.history.between(start, end) if self.history else ()


def recorded(book: Book, pattern: str, experiment: str, environment: str) -> Recorded:
    """Return what was recorded of a cell on the environment's first database.

    Raises PlanError for an id that names nothing, LookupError where the cell is not planned.
    """
    setting = book.first_setting(environment)
    return _recorded(book, book.investigation.pattern(pattern), experiment, setting)


def unjudged(book: Book, backend: Backend) -> Iterator[Recorded]:
    """Yield what was recorded of a backend's patterns that no claim is about."""
    patterns = [
        one
        for one in book.investigation.patterns
        if one.backend == backend.id and not any(concerns(c, one) for c in book.report.claims)
    ]
    for setting in filter(lambda setting: setting.usable, book.settings.values()):
        experiments = [key[2] for key in book.report.ran_in if key[:2] == setting.key]
        for pattern in patterns:
            for experiment in experiments:
                if book.histories(setting, pattern.id, experiment):
                    yield _recorded(book, pattern, experiment, setting)


def anchor(pattern: Pattern, experiment: str, setting: ShownSetting) -> str:
    """Return the id of a cell on the page that lists it."""
    return f"{pattern.id}.{experiment}.{'.'.join(setting.key)}"


def _recorded(book: Book, pattern: Pattern, experiment: str, setting: ShownSetting) -> Recorded:
    found, reason = _history(book, pattern, experiment, setting)
    digest, history = found or ("", None)
    address = _address(book, pattern, experiment, setting)
    return Recorded(pattern, experiment, setting, history, reason, address, book, digest)


def _history(
    book: Book, pattern: Pattern, experiment: str, setting: ShownSetting
) -> tuple[tuple[str, History] | None, str]:
    """Return a cell's history with its digest, or None and why there is none that says anything."""
    ran_in = book.ran_in(setting, experiment)
    histories = book.histories(setting, pattern.id, experiment)
    if not histories:
        return None, "not recorded"
    if file := book.report.changed.get((ran_in, setting.database, pattern.id, experiment)):
        return None, f"recorded by an earlier experiment: {file} changed since"
    if len(histories) > 1:
        return None, "the runs differed"
    ((digest, history),) = histories.items()
    if history.outcome == "unavailable":
        words, error = cannot(history.reason)
        return None, f"{words}: {brief(error)}"
    return (digest, history), ""


def _address(book: Book, pattern: Pattern, experiment: str, setting: ShownSetting) -> str:
    folder = book.investigation.id
    if any(concerns(claim, pattern) for claim in book.report.claims):
        return f"{folder}/patterns/{pattern.id}.html#lifecycle"
    return f"{folder}/backends/{pattern.backend}.html#{anchor(pattern, experiment, setting)}"
