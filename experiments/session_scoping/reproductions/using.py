"""Whether the pattern can be set up and used."""

from experiments.session_scoping.reproductions.application import start


def wires(pattern):
    """Set the pattern up."""
    try:
        start(pattern)
    except Exception as error:
        print(f"Setting it up raised {type(error).__name__}: {error}")
        return "refuted"
    print("Its views were added without an exception.")
    return "supported"
