"""Checks what statements are bound to: each name is declared, and some finding can decide each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from casebook.claim import Check, Claim
from casebook.plan.claims import concerns
from casebook.plan.investigation import Environment, Investigation, Pattern
from casebook.plan.mistakes import PlanError, one_of
from casebook.plan.statements import Binding, Statements


def check_bindings(
    statements: Statements,
    investigation: Investigation,
    claims: Iterable[Claim],
    checks: Iterable[Check],
) -> None:
    """Raise PlanError for a name that is not declared, or a binding that decides nothing."""
    names = _Names(
        statements.file,
        investigation,
        {claim.id: claim for claim in claims},
        {check.id: check for check in checks},
    )
    names.check(statements)


def environments(investigation: Investigation, pattern: Pattern) -> Iterator[Environment]:
    """Yield the environments in which a pattern runs."""
    for environment in investigation.environments:
        if pattern in investigation.patterns_in(environment):
            yield environment


@dataclass(frozen=True, slots=True)
class _Names:
    """Checks that the names in statements are declared, and that the bindings can be decided."""

    file: str
    investigation: Investigation
    claims: dict[str, Claim]
    checks: dict[str, Check]

    def check(self, statements: Statements) -> None:
        """Raise PlanError for a name that is not declared, or a binding that decides nothing."""
        files = [source.id for source in statements.sources]
        for statement in statements.statements:
            place = f"statement '{statement.id}'"
            for number, quotation in enumerate(statement.quotations, start=1):
                key = f"{place}.quotation[{number}]"
                self.known(f"{key}.source", "source", quotation.source, files)
            counts = {"finding": 0, "check": 0}
            for binding in statement.bindings:
                kind = "check" if binding.check else "finding"
                counts[kind] += 1
                self.binding(f"{place}.{kind}[{counts[kind]}]", binding)
        for number, nothing in enumerate(statements.nothing, start=1):
            self.known(f"nothing[{number}].source", "source", nothing.source, files)

    def known(self, key: str, kind: str, name: str, names: Iterable[str]) -> None:
        names = list(names)
        if name not in names:
            problem = f"unknown {kind} {name!r}"
            raise PlanError(self.file, key, problem, one_of(name, names))

    def binding(self, key: str, binding: Binding) -> None:
        asked = self.investigation
        for name in binding.claims:
            self.known(f"{key}.claims", "claim", name, self.claims)
        if binding.check:
            self.known(f"{key}.check", "check", binding.check, self.checks)
        for name in binding.patterns:
            self.known(
                f"{key}.patterns", "pattern", name, (pattern.id for pattern in asked.patterns)
            )
        for name in binding.environments:
            names = (environment.id for environment in asked.environments)
            self.known(f"{key}.environments", "environment", name, names)
        for name in binding.databases:
            self.known(f"{key}.databases", "database", name, asked.databases)
        for name in binding.patterns:
            self.meets(key, binding, asked.pattern(name))

    def meets(self, key: str, binding: Binding, pattern: Pattern) -> None:
        """Raise PlanError if the binding's claims or environments do not apply to the pattern."""
        about = self.checks[binding.check].about if binding.check else pattern.about
        foreign = [claim for claim in binding.claims if not concerns(self.claims[claim], pattern)]
        if foreign or about != pattern.about:
            what = f"claim {foreign[0]!r}" if foreign else f"check {binding.check!r}"
            problem = f"{what} is not asked of {pattern.id!r}"
            fix = "write a pattern that is about the same, or leave it out"
            raise PlanError(self.file, f"{key}.patterns", problem, fix)
        for name in binding.environments:
            environment = self.investigation.environment(name)
            if pattern not in self.investigation.patterns_in(environment):
                running = [
                    environment.id for environment in environments(self.investigation, pattern)
                ]
                raise PlanError(
                    self.file,
                    f"{key}.environments",
                    f"{pattern.id!r} does not run in {name!r}",
                    one_of(name, running),
                )
