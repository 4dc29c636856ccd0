"""Asks an application, and reads what Flask-Admin flashed in its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from werkzeug.test import Client
from werkzeug.wrappers import Response

from experiments.session_scoping.rig.overlapping import Reply


def ask(app: Any, path: str, **form: Any) -> Reply:
    """Send a request, a POST where there is a form, and return its reply when it is closed."""
    how = {"method": "POST", "data": form} if form else {}
    try:
        response: Response = Client(app, Response).open(path, buffered=True, **how)
    except Exception:  # recorded; a server answers 500 when an application raises
        return Reply(500, "", ())
    text = response.get_data(as_text=True)
    response.close()
    return Reply(response.status_code, text, tuple(_flashed(app, response)))


def _flashed(app: Any, response: Response) -> Iterator[str]:
    """Yield what was flashed and not shown yet, from the cookie that keeps it."""
    for cookie in response.headers.getlist("Set-Cookie"):
        name, _, rest = cookie.partition("=")
        kept = rest.partition(";")[0]
        if name == app.config["SESSION_COOKIE_NAME"] and kept:
            content = app.session_interface.get_signing_serializer(app).loads(kept)
            yield from (str(text) for _, text in content.get("_flashes", ()))
