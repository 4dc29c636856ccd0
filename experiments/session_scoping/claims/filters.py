"""What Flask-Admin itself keeps, with any session."""

from __future__ import annotations

from casebook.claim import Verdict, claim, refuted, supported
from casebook.record import History
from experiments.session_scoping.claims.histories import count, no_occasion, not_wired


@claim(
    experiments=("filter-choices",),
    supported_by=("filters-made-anew",),
    refuted_by={"filters-fixed": "was not offered"},
    required=False,
    weighs=False,
    otherwise="offers stale filter choices",
)
def filter_choices_current(history: History) -> Verdict:
    """What a filter offers to choose from the database is what is there now.

    A filter's `get_options` queries the names of the users through its view. Another program
    renames a user; then the list is asked for what the filter offers, also while the application
    holds the user's object. A filter that can be asked only inside a context refutes this, too, if
    the view is made outside of one: Flask-Admin asks while it makes the view.
    """
    if unwired := not_wired(history):
        return unwired
    offered, changes = list(history.of("offered")), list(history.of("external-change"))
    failed = next((event for event in changes if event["error"]), None)
    for event in offered:
        if event["names"] and event["names"] != event["asked"] and not failed:
            return refuted(
                f"the new name {event['asked']!r} was not offered: {event['names']}", event
            )
    asked = all(event["names"] for event in offered) and len(offered) > len(changes)
    if failed or not changes or not asked:
        return no_occasion(history, "not every name was changed and offered", failed)
    return supported(
        f"{count(len(changes), 'change')} from outside showed in what the next list offered",
        *changes,
        *offered,
    )
