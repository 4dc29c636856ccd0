"""Session scoping in Flask-Admin: how it is observed."""

APPLICATION = (
    "experiments.session_scoping.application",
    "experiments.session_scoping.tasks",
    "experiments.session_scoping.async_application",
)
"""The application under test: an error raised in it is evidence, not the harness's fault."""


def warm() -> None:
    """Do once, before cells are forked, what every cell would do again."""
    from experiments.session_scoping import driver

    driver.warm()


def prepare(database: str, server: str) -> None:
    """Do once, before cells are forked, what they rest on: this database, at this address."""
    from experiments.session_scoping import driver

    driver.prepare(database, server)
