"""The reproductions: of each claim a function that a script shows to somebody without Casebook.

A function's name is the claim's id. It is given a pattern, does as briefly as it can all that could
refute the claim, prints what it sees, and returns "supported", "refuted" or, where it had no
occasion to see either, None. `casebook.proof.scripts` takes from these modules what it uses.
"""

from experiments.session_scoping.reproductions.answering import closed_after_any_answer
from experiments.session_scoping.reproductions.application import (
    MarkedView,
    Post,
    PostView,
    User,
    UserView,
)
from experiments.session_scoping.reproductions.applications import applications_apart
from experiments.session_scoping.reproductions.asyncs import (
    async_closed,
    async_request_scoped,
    async_works,
)
from experiments.session_scoping.reproductions.beside import works_in_session
from experiments.session_scoping.reproductions.closing import (
    closed_on_error,
    closed_on_success,
    closed_on_unsent_stream,
)
from experiments.session_scoping.reproductions.conditions import (
    hooks_may_end_session,
    outer_context_safe,
)
from experiments.session_scoping.reproductions.connecting import connection_per_session
from experiments.session_scoping.reproductions.contexts import nested_context_safe
from experiments.session_scoping.reproductions.engines import second_engine, second_engines_apart
from experiments.session_scoping.reproductions.failing import (
    recovers_from_hook_after_commit,
    recovers_from_raising_hook,
    recovers_from_refused_commit,
    recovers_from_refused_commit_in_route,
    recovers_where_errors_are_raised,
)
from experiments.session_scoping.reproductions.filters import filter_choices_current
from experiments.session_scoping.reproductions.forking import (
    forked_workers_apart,
    use_before_fork_safe,
)
from experiments.session_scoping.reproductions.greenlets import (
    closed_after_greenlets,
    greenlet_isolated,
)
from experiments.session_scoping.reproductions.growing import memory_bounded, pool_bounded
from experiments.session_scoping.reproductions.isolation import (
    isolation_level_holds,
    recovers_from_serialization_failure,
)
from experiments.session_scoping.reproductions.jobs import background_context
from experiments.session_scoping.reproductions.overlapping import thread_isolated
from experiments.session_scoping.reproductions.overlaps import (
    operations_isolated,
    overlaps_serializable,
)
from experiments.session_scoping.reproductions.scoping import (
    one_session_per_request,
    request_scoped,
)
from experiments.session_scoping.reproductions.server import (
    no_idle_transaction,
    recovers_from_database_error,
    recovers_from_lost_connection,
)
from experiments.session_scoping.reproductions.serving import server_threads_isolated
from experiments.session_scoping.reproductions.sharing import shares_session_with_application
from experiments.session_scoping.reproductions.shell import shell_apart_from_requests
from experiments.session_scoping.reproductions.spoiling import (
    recovers_from_failed_flush,
    sees_external_changes,
    uncommitted_isolated,
)
from experiments.session_scoping.reproductions.streaming import (
    closed_after_streaming,
    session_while_streaming,
    streaming_works,
)
from experiments.session_scoping.reproductions.telling import hooks_before_flush, tells_outcomes
from experiments.session_scoping.reproductions.using import (
    admin_works,
    no_deprecation_warnings,
    wires,
)
