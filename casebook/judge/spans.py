"""Says in words on which releases something is so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby, pairwise


def spans(releases: Sequence[str], chosen: Collection[str]) -> str:
    """Return which of the releases, oldest first, are chosen: "2.0.0 to 2.0.2 and 2.2.1"."""
    runs = groupby(releases, key=lambda release: release in chosen)
    parts: list[str] = []
    for is_chosen, run in runs:
        own = list(run)
        if is_chosen:
            parts += [f"{own[0]} to {own[-1]}"] if len(own) > 2 else own
    return _listed(parts)


def since(so: Mapping[str, bool], package: str = "") -> str:
    """Return where something is so, of the releases that show it, oldest first.

    "since 2.1.0", "up to 2.0.2", "on 2.1.0 and 2.2.0 only", "not on 2.0.0 to 2.0.2"; where it is
    so on all, "on 2.0.0 to 2.2.1", and "" where it is so on none. The package, if one is given,
    stands before the releases.
    """
    of = f"{package} " if package else ""
    releases = list(so)
    chosen = {release for release in releases if so[release]}
    others = set(releases) - chosen
    changes = sum(so[one] != so[other] for one, other in pairwise(releases))
    if not chosen:
        return ""
    if not others:
        return f"on {of}{spans(releases, chosen)}"
    if changes == 1:
        first = next(release for release in releases if so[release])
        last = next(release for release in reversed(releases) if so[release])
        return f"since {of}{first}" if so[releases[-1]] else f"up to {of}{last}"
    if len(chosen) <= len(others):
        return f"on {of}{spans(releases, chosen)} only"
    return f"not on {of}{spans(releases, others)}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1] if parts else ""]))
