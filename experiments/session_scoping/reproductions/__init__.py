"""The reproductions: of each claim a function that a script shows to somebody without Casebook.

A function's name is the claim's id. It is given a pattern, does as briefly as it can all that could
refute the claim, prints what it sees, and returns "supported", "refuted" or, where it had no
occasion to see either, None. `casebook.reproduction` takes from these modules what it uses.
"""

from experiments.session_scoping.reproductions.application import (
    MarkedView,
    Post,
    PostView,
    User,
    UserView,
)
from experiments.session_scoping.reproductions.scoping import request_scoped
from experiments.session_scoping.reproductions.using import wires

__all__ = [  # noqa: RUF022 - in the order of the pages
    "wires",
    "request_scoped",
    "MarkedView",
    "Post",
    "PostView",
    "User",
    "UserView",
]
