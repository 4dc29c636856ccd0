"""The claims: what is asked of every pattern, each a pure function of recorded histories.

Every checker refuses to support what had no occasion to be refuted. Its docstring is what readers
see; its name is the claim's id. Pages show the claims in the order of `__all__`.
"""

from experiments.session_scoping.claims.answering import closed_after_any_answer
from experiments.session_scoping.claims.applications import applications_apart
from experiments.session_scoping.claims.asyncs import (
    async_closed,
    async_request_scoped,
    async_works,
)
from experiments.session_scoping.claims.beside import works_in_session
from experiments.session_scoping.claims.closing import (
    closed_on_error,
    closed_on_success,
    closed_on_unsent_stream,
    pool_bounded,
)
from experiments.session_scoping.claims.conditions import hooks_may_end_session, outer_context_safe
from experiments.session_scoping.claims.connecting import connection_per_session
from experiments.session_scoping.claims.contexts import (
    background_context,
    nested_context_safe,
    shares_session_with_application,
)
from experiments.session_scoping.claims.engines import second_engine, second_engines_apart
from experiments.session_scoping.claims.failing import (
    recovers_from_hook_after_commit,
    recovers_from_raising_hook,
    recovers_from_refused_commit,
    recovers_from_refused_commit_in_route,
    recovers_where_errors_are_raised,
)
from experiments.session_scoping.claims.filters import filter_choices_current
from experiments.session_scoping.claims.forking import forked_workers_apart, use_before_fork_safe
from experiments.session_scoping.claims.growing import memory_bounded
from experiments.session_scoping.claims.isolation import (
    isolation_level_holds,
    recovers_from_serialization_failure,
)
from experiments.session_scoping.claims.overlapping import (
    operations_isolated,
    overlaps_serializable,
)
from experiments.session_scoping.claims.scoping import (
    one_session_per_request,
    request_scoped,
    thread_isolated,
)
from experiments.session_scoping.claims.server import (
    no_idle_transaction,
    recovers_from_database_error,
    recovers_from_lost_connection,
)
from experiments.session_scoping.claims.serving import (
    closed_after_greenlets,
    greenlet_isolated,
    server_threads_isolated,
)
from experiments.session_scoping.claims.shell import shell_apart_from_requests
from experiments.session_scoping.claims.spoiling import (
    recovers_from_failed_flush,
    sees_external_changes,
    uncommitted_isolated,
)
from experiments.session_scoping.claims.streaming import (
    closed_after_streaming,
    session_while_streaming,
    streaming_works,
)
from experiments.session_scoping.claims.telling import hooks_before_flush, tells_outcomes
from experiments.session_scoping.claims.using import admin_works, no_deprecation_warnings, wires

__all__ = [  # noqa: RUF022 - in the order of the pages
    "wires",
    "request_scoped",
    "one_session_per_request",
    "shares_session_with_application",
    "works_in_session",
    "thread_isolated",
    "operations_isolated",
    "overlaps_serializable",
    "isolation_level_holds",
    "server_threads_isolated",
    "greenlet_isolated",
    "forked_workers_apart",
    "applications_apart",
    "nested_context_safe",
    "background_context",
    "shell_apart_from_requests",
    "outer_context_safe",
    "use_before_fork_safe",
    "connection_per_session",
    "closed_on_success",
    "closed_on_error",
    "closed_on_unsent_stream",
    "closed_after_any_answer",
    "closed_after_streaming",
    "closed_after_greenlets",
    "pool_bounded",
    "memory_bounded",
    "uncommitted_isolated",
    "sees_external_changes",
    "filter_choices_current",
    "recovers_from_failed_flush",
    "recovers_from_refused_commit",
    "recovers_from_raising_hook",
    "recovers_from_hook_after_commit",
    "recovers_where_errors_are_raised",
    "recovers_from_refused_commit_in_route",
    "no_idle_transaction",
    "recovers_from_lost_connection",
    "recovers_from_database_error",
    "recovers_from_serialization_failure",
    "admin_works",
    "tells_outcomes",
    "hooks_before_flush",
    "session_while_streaming",
    "streaming_works",
    "hooks_may_end_session",
    "no_deprecation_warnings",
    "async_request_scoped",
    "async_closed",
    "async_works",
    "second_engine",
    "second_engines_apart",
]
