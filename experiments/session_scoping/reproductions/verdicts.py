"""What several things that were seen say together."""


def together(seen):
    """Return what was seen in several ways: one refutation refutes, support needs all."""
    return "refuted" if "refuted" in seen else None if None in seen else "supported"
