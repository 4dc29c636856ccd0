"""Counting in conversations: how it is observed."""

APPLICATION = ("experiments.tiny.desk",)


def warm() -> None:
    """Import, before cells are forked, what every cell would import again."""
    import experiments.tiny.driver  # noqa: F401
