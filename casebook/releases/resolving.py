"""Resolves an environment anew with some releases replaced, and says what moved along."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from casebook.files import digest
from casebook.plan.conf import pins_of
from casebook.plan.investigation import package_name
from casebook.releases import uv
from casebook.releases.uv import UvFailed

_FILE = re.compile(r"^([A-Za-z0-9][\w.-]*) @ file://\S*/[^/-]+-([^-/]+)-[^/\s]+\.whl", re.MULTILINE)


class Unresolvable(Exception):
    """No releases fit together; the text is the resolver's reason."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that takes the place of a package's release: its file, and what it holds.

    `holds` is the digest of its content; `editable` the folder that is installed over it, or None.
    """

    package: str
    release: str
    file: Path
    holds: str
    editable: Path | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """The releases of an environment, exactly; `wheel` is one that no index has, or None.

    `imports` are the modules that must import with it, or empty for those that are declared.
    """

    pins: tuple[tuple[str, str], ...]
    wheel: Wheel | None = None
    imports: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The lock as a file of requirements; of a wheel, a comment names what it holds."""
        lines = [f"{name}=={release}" for name, release in self.pins]
        if self.wheel:
            lines.append(f"# {self.wheel.package}: {self.wheel.holds}")
        return "\n".join(lines) + "\n"

    @property
    def releases(self) -> dict[str, str]:
        """The releases by their packages' normalised names."""
        return dict(self.pins)

    @property
    def digest(self) -> str:
        """The digest of what is installed, and of the Python that it is installed for."""
        wheel = f"{self.wheel.file} {self.wheel.editable}" if self.wheel else ""
        return digest(f"{sys.version}\n{wheel}\n{self.text}".encode())


@dataclass(frozen=True, slots=True)
class Moved:
    """A package whose release another one took the place of; None where it is not installed."""

    package: str
    before: str | None
    after: str | None


def resolve(
    requirements: Sequence[str],
    *,
    prefer: str = "",
    keep: str = "",
    wheel: Wheel | None = None,
    before: str = "",
) -> Lock:
    """Return the lock of these requirements for this Python.

    Of the lock's text `prefer` each release stays that can stay; those of `keep` must stay. Nothing
    newer than the day `before` is taken, and a pre-release only where a requirement names it.
    Raises Unresolvable where no releases fit together, UvFailed where something else failed.
    """
    with tempfile.TemporaryDirectory(prefix="casebook-resolve-") as name:
        found, kept = Path(name, "lock.txt"), Path(name, "keep.txt")
        found.write_text(_pinned(prefer), encoding="utf-8")
        kept.write_text(_pinned(keep), encoding="utf-8")
        options = ["--constraint", str(kept)] if keep else []
        options += ["--exclude-newer", before] if before else []
        try:
            uv.run(
                *("pip", "compile", "-", "--quiet", "--no-header", "--no-annotate"),
                *("--python", sys.executable, "--output-file", str(found), *options),
                given="\n".join(requirements) + "\n",
                folder=Path(name),
            )
        except UvFailed as error:
            if "No solution found" in error.said and not error.out_of_reach:
                raise Unresolvable(str(error)) from None
            raise
        text = _FILE.sub(r"\1==\2", found.read_text(encoding="utf-8"))
    return Lock(pins_of(text), wheel)


def replaced(requirements: Iterable[str], package: str, by: str) -> tuple[str, ...]:
    """Return requirements in which `by` is said of a package: `==2.1.0`, or ` @ file:///...`.

    Extras and markers stay. A package that is not among them is added.
    """
    found, named = [], False
    for text in requirements:
        try:
            one = Requirement(text)
        except InvalidRequirement:
            found.append(text)
            continue
        if package_name(one.name) != package:
            found.append(text)
            continue
        extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
        marker = f" ; {one.marker}" if one.marker else ""
        found.append(f"{one.name}{extras}{by}{marker}")
        named = True
    return (*found, *(() if named else (f"{package}{by}",)))


def moved(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> tuple[Moved, ...]:
    """Return the packages whose releases are other ones, in the order of their names."""
    old, new = dict(before), dict(after)
    return tuple(
        Moved(name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def _pinned(text: str) -> str:
    """Return a lock's text without hashes, which what is added to it could not have."""
    return "".join(f"{name}=={release}\n" for name, release in pins_of(text))
