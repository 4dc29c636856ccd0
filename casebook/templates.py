"""The one Jinja set-up of pages and drawings, and how untrusted text is made safe to show.

What libraries printed is text that nobody checked. Whatever a template shows passes `visible`;
`*.html.j2` and `*.svg.j2` escape it too, and Markdown does so through the filter `text`.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from casebook.text import one_line

TEMPLATES = Path(__file__).resolve().parent.parent / "docs" / "templates"
"""The folder of the engine's own templates."""


def environment(*folders: Path) -> jinja2.Environment:
    """Return the Jinja environment of the engine's templates and of prose in these folders."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([TEMPLATES, *folders]),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith((".html.j2", ".svg.j2")),
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"one_line": one_line}
    return made


@functools.cache
def template(name: str) -> jinja2.Template:
    """Return one of the engine's own templates."""
    return environment().get_template(name)


_UNSEEN = re.compile(r"[^\n\t -~]")


def visible(value: Any) -> Any:
    r"""Return a text with each character that nobody would see as `\u....`; else the value itself.

    Those are control characters and what hides or reorders text, as in `text.one_line`, which
    is for one line: here line ends and tabs stay. Markup that a template made stays markup.
    """
    if not isinstance(value, str) or value.isprintable():
        return value
    shown = _UNSEEN.sub(lambda found: _shown(found.group()), value)
    return Markup(shown) if isinstance(value, Markup) else shown


def _shown(character: str) -> str:
    return character if character.isprintable() else f"\\u{ord(character):04x}"
