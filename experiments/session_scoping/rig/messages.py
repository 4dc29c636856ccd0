"""What messages say of an operation, in short."""

TEXTS = ("on_model_change failed", "on_model_delete failed")
"""The texts of hooks' errors, which Flask-Admin is to show as they are."""


def in_short(said: str) -> str:
    """Return a message as "2 done" or "failed", or as it is where it is the text of a hook's error.

    "nothing" where it says neither.
    """
    if "successfully" in said:
        number = said.split()[0]
        return f"{number if number.isdigit() else 1} done"
    if said in TEXTS:
        return said
    return "failed" if any(word in said for word in ("error", "Failed", "failed")) else "nothing"
