"""The streaming investigation: whether a streamed response still has its session."""

APPLICATION = ("experiments.streaming.rig.application",)
"""The application under test: an error raised in it is evidence, not a harness fault."""


def warm() -> None:
    """Configure the mappers, which every cell would otherwise repeat."""
    from experiments.streaming.rig import application

    application.warm()


def prepare(database: str, server: str) -> None:
    """Install the recorder, once, before cells are forked."""
    from experiments.streaming.rig import driver

    driver.install()
