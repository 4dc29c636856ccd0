"""The command line of gunicorn, as each of its releases takes it."""

from __future__ import annotations

from gunicorn.config import KNOWN_SETTINGS


def for_gunicorn(*options: str) -> list[str]:
    """Return the command line that serves `app:app` with these options.

    A release that would open a control socket is told not to: it is for gunicorn's operator and
    would be a file in the user's folder. Releases up to 23.0.0 have neither it nor the option.
    """
    known = {setting.name for setting in KNOWN_SETTINGS}
    quiet = ["--no-control-socket"] if "control_socket_disable" in known else []
    return ["gunicorn", "app:app", *options, *quiet]
