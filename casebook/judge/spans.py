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


def since(so: Mapping[str, bool | None], package: str = "") -> str:
    """Return where something is so, of the releases, oldest first; None where it is not known.

    "since 2.1.0", "up to 2.0.2", "on 2.1.0 and 2.2.0 only", "not on 2.0.0 to 2.0.2"; where it is
    so on all that are known, "on 2.0.0 to 2.2.1", and "" where it is so on none. Where it may have
    begun or ended at a release that is not known, "at the latest" or "at least" is added. The
    package, if one is given, stands before the releases.
    """
    of = f"{package} " if package else ""
    releases = list(so)
    chosen = {release for release in releases if so[release]}
    others = {release for release in releases if so[release] is False}
    known = [release for release in releases if so[release] is not None]
    changes = [(one, other) for one, other in pairwise(known) if so[one] != so[other]]
    if not chosen:
        return ""
    if not others:
        return f"on {of}{spans(releases, chosen)}"
    if len(changes) == 1:
        last, first = changes[0]
        open = releases.index(first) - releases.index(last) > 1
        if so[first]:
            return f"since {of}{first}{' at the latest' if open else ''}"
        return f"up to {of}{last}{' at least' if open else ''}"
    if len(chosen) <= len(others):
        return f"on {of}{spans(releases, chosen)} only"
    return f"not on {of}{spans(releases, others)}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1] if parts else ""]))
