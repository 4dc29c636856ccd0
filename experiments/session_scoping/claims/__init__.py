"""The claims: what is asked of every pattern, each a pure function of recorded histories.

Every checker refuses to support what had no occasion to be refuted. Its docstring is what readers
see; its name is the claim's id. Pages show the claims in the order of `__all__`.
"""

from experiments.session_scoping.claims.closing import (
    closed_on_error,
    closed_on_success,
    pool_bounded,
)
from experiments.session_scoping.claims.scoping import (
    one_session_per_request,
    request_scoped,
    thread_isolated,
)
from experiments.session_scoping.claims.serving import greenlet_isolated, server_threads_isolated
from experiments.session_scoping.claims.spoiling import (
    recovers_from_failed_flush,
    sees_external_changes,
    uncommitted_isolated,
)
from experiments.session_scoping.claims.using import admin_works, no_deprecation_warnings, wires

__all__ = [  # noqa: RUF022 - in the order of the pages
    "wires",
    "request_scoped",
    "one_session_per_request",
    "thread_isolated",
    "server_threads_isolated",
    "greenlet_isolated",
    "closed_on_success",
    "closed_on_error",
    "pool_bounded",
    "uncommitted_isolated",
    "sees_external_changes",
    "recovers_from_failed_flush",
    "admin_works",
    "no_deprecation_warnings",
]
