"""Whether the locks of an investigation hold what its environments ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from casebook.plan.conf import pins
from casebook.plan.investigation import Investigation, package_name
from casebook.plan.mistakes import PlanError


def check_fits(root: Path, investigation: Investigation) -> None:
    """Raise PlanError for an environment whose `install` its lock does not fulfil.

    What would be observed, and what pages would say that was installed, are then two things.
    """
    for environment in investigation.installed:
        locked = dict(pins(root, environment))
        if not locked:
            continue  # it cannot be resolved, or its lock leaves open what there is
        for text in environment.install:
            if not _holds(locked, text):
                name = package_name(text)
                has = f"{name} {locked[name]}" if name in locked else f"no {name}"
                raise PlanError(
                    investigation.file,
                    f"environment '{environment.id}'.install",
                    f"{text!r} is asked for, but {environment.lock} holds {has}",
                    f"run `nox -s lock -- {environment.id}`",
                )


def _holds(locked: Mapping[str, str], text: str) -> bool:
    """Return whether a lock holds a release that this requirement allows, as far as can be told."""
    try:
        asked = Requirement(text)
        if asked.url or asked.marker:
            return True
        release = locked.get(package_name(asked.name))
        return release is not None and asked.specifier.contains(release, prereleases=True)
    except (InvalidRequirement, InvalidVersion):
        return True
