"""Survival: tries mutants, each in the cells that run the changed code, until a finding turns.

A cell that does not run the changed code keeps the history that is recorded, the others run once.
The claims are judged one by one, as soon as the patterns' cells ran, those first whose cells
recorded fewest events. Where a finding turns its controls run, and its own cells again, with
another hash seed: only what turns both times counts. If nothing turned, all other controls run. A
cell of which a run has no history, or timed out alone, shows nothing: its mutant is unobserved
unless a finding of other cells is refuted.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from casebook.claim import Claim, VerdictWord
from casebook.judge.findings import Finding, control_failure
from casebook.judge.report import Report
from casebook.observe.run import RUNS
from casebook.plan.claims import concerns
from casebook.plan.mutants import DeclaredMutants
from casebook.proof.laboratory import last_words
from casebook.proof.mutants import Mutant
from casebook.proof.places import Name, Place, places_of
from casebook.proof.scores import MutantOutcome, Word
from casebook.proof.stand import Unimportable, observed
from casebook.record import History
from casebook.stored import Cell, digest_of

FIRST, SECOND = range(1, RUNS + 1)
"""The numbers of the two runs of a cell, which are their hash seeds."""


def try_mutants(
    root: Path,
    report: Report,
    declared: DeclaredMutants,
    mutants: Sequence[Mutant],
    at_once: int,
) -> Iterator[MutantOutcome]:
    """Yield the outcome of each mutant, in order, trying `at_once` of them at a time.

    `report` holds the findings without a mutant. Raises HarnessError where none is supported.
    """
    places = places_of(root, report, declared, [mutant.target for mutant in mutants])
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(lambda mutant: _tried(places[mutant.target.setting], mutant), mutants)


def _tried(place: Place, mutant: Mutant) -> MutantOutcome:
    """Return what came of a mutant."""
    trial = _Trial(place, mutant)
    try:
        return trial.outcome()
    except subprocess.CalledProcessError as error:
        return trial.ended("unobserved", why=f"the harness failed: {last_words(error)}")
    except _ImportedOnce as error:
        return trial.ended("unobserved", why=f"imported in one run of two: {error}")


class _ImportedOnce(Exception):
    """The libraries were imported in one run, and not in the other; the text is the error."""


class _Trial:
    """One mutant, and what its cells showed so far."""

    def __init__(self, place: Place, mutant: Mutant) -> None:
        self.place = place
        self.mutant = mutant
        self.reached = place.reached(mutant)
        self.was = place.findings(place.report)
        self.held = {(one.claim, one.pattern): one.held for one in place.report.controls}
        self.record = place.record
        self.recorded = {(cell.pattern, cell.experiment): cell for cell in self.record.cells}
        self.cells = dict(self.recorded)
        self.histories = dict(place.report.histories)
        self.runs: dict[Name, dict[int, History | None]] = {}
        self.imports: dict[int, str] = {}
        self.doubt = ""

    def outcome(self) -> MutantOutcome:
        """Judge claim after claim until a finding turns to refuted, and return what was found."""
        claims, doubtful = self.claims(), []
        first = dict.fromkeys(
            name for claim in claims for name in self.needed(claim, controls=claim.gate)
        )
        with contextlib.closing(self.observed(first)) as running:
            for claim in claims:
                self.run(running, self.needed(claim, controls=claim.gate))
                report = self.judged(claim)
                if self.refuted(report, claim):
                    report = self.repeated(claim)
                if found := self.refuted(report, claim):
                    return found
                if self.weakened(report, claim) or self.mended(report, claim):
                    doubtful.append(claim)
                if claim.gate and not self.supported(report, claim):
                    break  # nothing else is judged
        weakened, mended = self.confirmed(doubtful)
        if not weakened:
            self.run(self.observed(self.left(claims)), self.left(claims))
            failing = (claim for claim in claims if self.weakened(self.judged(claim), claim))
            weakened, _ = self.confirmed(failing)
        if self.unobserved:
            return self.ended("unobserved", why=self.unobserved)
        if weakened:
            return self.ended("inconclusive", *weakened)
        return self.ended("mended", mended) if mended else self.ended("survived")

    def confirmed(
        self, claims: Iterable[Claim]
    ) -> tuple[tuple[Finding, str] | None, Finding | None]:
        """Return the first finding that is weakened, and the first that is mended, in two runs."""
        mended = None
        for claim in claims:
            report = self.repeated(claim)
            if weakened := self.weakened_twice(report, claim):
                return weakened, mended
            mended = mended or self.mended(report, claim)
        return None, mended

    # --- Running ----------------------------------------------------------------------------------

    def claims(self) -> list[Claim]:
        """Return the claims that have a cell to run: the gate first, then the cheapest."""
        claims = [claim for claim in self.place.report.claims if self.needed(claim, controls=True)]
        cost = {
            claim.id: sum(map(self.cost, self.needed(claim, controls=False))) for claim in claims
        }
        return sorted(claims, key=lambda claim: (not claim.gate, cost[claim.id]))

    def needed(self, claim: Claim, *, controls: bool) -> list[Name]:
        """Return the cells that a claim is judged by, with those of the controls or without."""
        known = self.place.investigation.pattern
        return [
            name
            for name in self.reached
            if name[1] in claim.experiments
            and concerns(claim, known(name[0]))
            and (controls or not known(name[0]).control)
        ]

    def left(self, claims: Iterable[Claim]) -> list[Name]:
        """Return the cells that these claims need and that have not run."""
        names = (name for claim in claims for name in self.needed(claim, controls=True))
        return [name for name in dict.fromkeys(names) if name not in self.runs]

    def cost(self, name: Name) -> int:
        """Return how many events a cell recorded, which says how long it takes."""
        names = self.recorded[name].histories[:1] if name in self.recorded else ()
        return sum(len(self.histories[one].events) for one in names if one in self.histories)

    def observed(self, names: Iterable[Name], run: int = FIRST) -> Generator[Name]:
        """Run the cells once with the mutant, take each one in, and yield its name."""
        try:
            for name, history in self.observing(names, run):
                self.imported(run, "")
                self.take(name, run, history)
                yield name
        except Unimportable as error:
            self.imported(run, str(error))

    def imported(self, run: int, error: str) -> None:
        """Note how a run's import ended, "" if well; raise _ImportedOnce if the other differs."""
        self.imports[run] = error
        if "" in self.imports.values() and any(self.imports.values()):
            raise _ImportedOnce(next(filter(None, self.imports.values())))
        self.record = replace(self.record, unavailable=error or None)

    def repeated(self, claim: Claim) -> Report:
        """Return the report with the claim's cells run twice, and those of its controls, too.

        Of a refuted finding the controls run once: if they fail, it is not refuted.
        """
        report = self.judged(claim)
        for run in (SECOND, FIRST):
            names = self.needed(claim, controls=True)
            left = [name for name in names if run not in self.runs.get(name, {})]
            if left and run not in self.unimportable:
                for _ in self.observed(left, run):
                    pass
                report = self.judged(claim)
            if self.refuted(report, claim):
                break
        return report

    def observing(self, names: Iterable[Name], run: int) -> Generator[tuple[Name, History | None]]:
        """Yield one run of each of these cells with the mutant."""
        place, cells = self.place, [self.reached[name] for name in names]
        where = place.root, place.investigation, place.setting
        with contextlib.closing(
            observed(*where, cells, change=self.mutant.fault, run=run)
        ) as running:
            for cell, history in running:
                yield (cell.pattern, cell.experiment), history

    def take(self, name: Name, run: int, history: History | None) -> None:
        """Take in one run of a cell."""
        runs = self.runs.setdefault(name, {})
        runs[run] = history
        if history:
            self.histories[digest_of(history)] = history
        self.cells[name] = _cell(name, runs)

    def run(self, running: Iterator[Name], names: Iterable[Name]) -> None:
        """Wait until all of these cells ran, or none can."""
        while self.record.unavailable is None and not self.runs.keys() >= set(names):
            if next(running, None) is None:
                break

    def judged(self, claim: Claim, alone: int = 0) -> Report:
        """Return the report of a claim and the gate, with all cells that ran so far.

        Of a cell that ran twice, only the run of the number `alone` counts if one is given.
        """
        gates = [one for one in self.place.report.claims if one.gate]
        runs = {
            name: _cell(name, {alone: ran[alone]})
            for name, ran in self.runs.items()
            if alone in ran
        }
        record = replace(self.record, cells=tuple({**self.cells, **runs}.values()))
        return self.place.judged(tuple(dict.fromkeys([*gates, claim])), record, self.histories)

    @property
    def unimportable(self) -> set[int]:
        """The runs in which the libraries could not be imported."""
        return {run for run, error in self.imports.items() if error}

    @property
    def unobserved(self) -> str:
        """Why the cells don't show what the mutant does, or ""."""
        failures = ((*name, _failure(runs)) for name, runs in self.runs.items())
        return next((": ".join(one) for one in failures if one[-1]), self.doubt)

    # --- Judging ----------------------------------------------------------------------------------

    def refuted(self, report: Report, claim: Claim) -> MutantOutcome | None:
        """Return the outcome if the claim's finding on a pattern, no control, turned to refuted."""
        known = self.place.investigation.pattern
        for after in self.turned(report, claim):
            if after.verdict == "refuted" and not known(after.pattern).control:
                return self.ended("gate" if claim.gate else "refuted", after)
        return None

    def supported(self, report: Report, gate: Claim) -> bool:
        """Return whether a pattern that could be set up without the mutant still can be."""
        known = self.place.investigation.pattern
        return any(
            finding.verdict == "supported" and not known(finding.pattern).control
            for (claim, _), finding in self.place.findings(report).items()
            if claim == gate.id
        )

    def weakened(self, report: Report, claim: Claim) -> tuple[Finding, str] | None:
        """Return a finding that is no longer supported, or of a control that fails; and why."""
        if after := next(self.turned(report, claim), None):
            return after, after.reason
        now = self.place.findings(report)
        for control in report.controls:
            key = control.claim, control.pattern
            if control.claim == claim.id and not control.held and self.held.get(key, True):
                return now[key], control_failure(control)
        return None

    def weakened_twice(self, report: Report, claim: Claim) -> tuple[Finding, str] | None:
        """Return what `weakened` returns if each run shows it alone; else note that one does."""
        found = self.weakened(report, claim)
        if not found or all(
            self.weakened(self.judged(claim, run), claim) for run in (FIRST, SECOND)
        ):
            return found
        self.doubt = self.doubt or f"{claim.id}: {found[0].pattern}: {found[1]}"
        return None

    def mended(self, report: Report, claim: Claim) -> Finding | None:
        """Return a finding on a pattern, no control, that was refuted and now is supported."""
        known = self.place.investigation.pattern
        found = self.turned(report, claim, "refuted")
        return next(
            (one for one in found if one.verdict == "supported" and not known(one.pattern).control),
            None,
        )

    def turned(
        self, report: Report, claim: Claim, was: VerdictWord = "supported"
    ) -> Iterator[Finding]:
        """Yield the claim's findings that had this verdict and have another one now."""
        for key, after in self.place.findings(report).items():
            before = self.was.get(key)
            if key[0] == claim.id and before and before.verdict == was != after.verdict:
                yield after

    def ended(self, word: Word, finding: Finding | None = None, why: str = "") -> MutantOutcome:
        """Return the outcome of this word."""
        return MutantOutcome.of(
            self.mutant,
            word,
            ran=len(self.runs),
            differing=sum(self.cells[name] != self.recorded.get(name) for name in self.runs),
            finding=finding,
            reason=why,
        )


def _cell(name: Name, runs: Mapping[int, History | None]) -> Cell:
    """Return what runs show: one history if they are equal, none if one of them failed."""
    seen = [] if _failure(runs) else [one for _, one in sorted(runs.items()) if one]
    digests = tuple(map(digest_of, seen))
    return Cell(*name, RUNS, digests if len(set(digests)) > 1 else digests[:1])


def _failure(runs: Mapping[int, History | None]) -> str:
    """Return why the runs of a cell don't show what the mutant does, or ""."""
    if None in runs.values():
        return "the harness failed in it"
    timed_out = [run for run, one in runs.items() if one and one.outcome == "timed-out"]
    return "one run of two timed out" if 0 < len(timed_out) < len(runs) else ""
