"""Says in words on which releases something is so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby, pairwise

Follows = Callable[[str, str], bool]
"""What says of two releases whether it is known that none was published between them."""


def all_follow(one: str, other: str) -> bool:
    """Say of any two releases that none counts between them."""
    return True


def spans(releases: Sequence[str], chosen: Collection[str], follows: Follows = all_follow) -> str:
    """Return which of the releases, oldest first, are chosen: "2.0.0 to 2.0.2 and 2.2.1".

    Where there may be more of them from one end of a span to the other than these, it is said how
    many were tried: "5.5.2 to 8.0.2 (3 tried)".
    """
    runs = groupby(releases, key=lambda release: release in chosen)
    parts: list[str] = []
    for is_chosen, run in runs:
        own = list(run)
        if is_chosen:
            parts += [_span(own, follows)] if len(own) > 2 else own
    return _listed(parts)


def _span(own: Sequence[str], follows: Follows) -> str:
    whole = all(follows(*two) for two in pairwise(own))
    return f"{own[0]} to {own[-1]}{'' if whole else f' ({len(own)} tried)'}"


def since(so: Mapping[str, bool | None], package: str = "", follows: Follows = all_follow) -> str:
    """Return where something is so, of the releases, oldest first; None where it is not known.

    "since 2.1.0", "up to 2.0.2", "on 2.1.0 and 2.2.0 only", "not on 2.0.0 to 2.0.2"; where it is
    so on all that are known, "on 2.0.0 to 2.2.1", and "" where it is so on none. Where it may have
    begun or ended at a release between that is not known, it is "by 2.1.0", "up to 2.0.2 at least",
    or the releases alone. The package, if one is given, stands before the releases.
    """
    of = f"{package} " if package else ""
    releases = list(so)
    chosen = {release for release in releases if so[release]}
    others = {release for release in releases if so[release] is False}
    known = [release for release in releases if so[release] is not None]
    changes = [(one, other) for one, other in pairwise(known) if so[one] != so[other]]
    exact = all(
        releases.index(other) - releases.index(one) == 1 and follows(one, other)
        for one, other in changes
    )
    if not chosen:
        return ""
    if len(changes) == 1:
        last, first = changes[0]
        if so[first]:
            return f"{'since' if exact else 'by'} {of}{first}"
        return f"up to {of}{last}{'' if exact else ' at least'}"
    if not others or not exact:
        return f"on {of}{spans(releases, chosen, follows)}"
    if len(chosen) <= len(others):
        return f"on {of}{spans(releases, chosen, follows)} only"
    return f"not on {of}{spans(releases, others, follows)}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1] if parts else ""]))
