"""The session-scoping investigation: how Flask-Admin's use of sessions is observed."""

APPLICATION = (
    "experiments.session_scoping.rig.application",
    "experiments.session_scoping.rig.plain_views",
    "experiments.session_scoping.rig.plain_views.pages",
    "experiments.session_scoping.rig.plain_views.reading",
    "experiments.session_scoping.rig.plain_views.writing",
    "experiments.session_scoping.rig.tasks",
    "experiments.session_scoping.rig.async_application",
)
"""The application under test: an error raised in it is evidence, not a harness fault."""


def warm() -> None:
    """Do the work that every cell would otherwise repeat, once, before cells are forked."""
    from experiments.session_scoping.rig import driver

    driver.warm()


def prepare(database: str, server: str) -> None:
    """Prepare this database, on the server at this address, once, before cells are forked."""
    from experiments.session_scoping.rig import driver

    driver.prepare(database, server)
