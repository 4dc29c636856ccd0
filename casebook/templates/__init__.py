"""The Jinja environment of all pages and drawings, which makes untrusted text safe to show.

Output of the libraries under test is untrusted. Every value that a template shows passes
`visible`; `*.html.j2` and `*.svg.j2` also escape it, and Markdown does so with the filter `text`.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from casebook import ENGINE
from casebook.text import counted, one_line

POLICY = "script-src 'self' file:; object-src 'none'; base-uri 'self'"
"""The content security policy of every page: no inline script runs, wherever it came from.

Chromium takes files that stand beside a page for `file:`, not for the page's own origin.
"""

TEMPLATES = ENGINE / "templates"
"""The folder of the engine's own templates, with one subfolder for each kind of output."""


def environment(*folders: Path) -> jinja2.Environment:
    """Return a Jinja environment that finds templates in these folders, then in the engine.

    A template in one folder overrides those of the same name in later folders and in the engine.
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, TEMPLATES], encoding="utf-8-sig"),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith((".html.j2", ".svg.j2")),
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"counted": counted, "one_line": one_line, "text": markdown_text}
    made.globals["policy"] = POLICY
    return made


@functools.cache
def template(name: str) -> jinja2.Template:
    """Return one of the engine's own templates."""
    return environment().get_template(name)


_UNSEEN = re.compile(r"[^\n\t -~]")


def visible(value: Any) -> Any:
    r"""Return a string with its invisible characters as `\u....`, any other value unchanged.

    These are control characters and characters that hide or reorder text, as in `text.one_line`;
    but line ends and tabs stay. Markup that a template made stays markup.
    """
    if not isinstance(value, str) or value.isprintable():
        return value
    shown = _UNSEEN.sub(lambda found: _shown(found.group()), value)
    return Markup(shown) if isinstance(value, Markup) else shown


def _shown(character: str) -> str:
    return character if character.isprintable() else f"\\u{ord(character):04x}"


# --- Text in Markdown -----------------------------------------------------------------------------

_CODE = re.compile(r"(?<!`)(`+)(?!`)([^`\n]+)\1(?!`)")
_ACTIVE = re.compile(r"[<>&\[\]{}*_~|$`\\^]|^[ \t]*(?:[-+#=:%(]|\d+[.)])", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def markdown_text(text: str) -> str:
    """Return text of `conf/` as Markdown that shows exactly it, save that `code` stays code."""
    text = _INDENT.sub("", text)  # four blanks would begin a code block
    shown, at = "", 0
    for code in _CODE.finditer(text):
        shown += _ACTIVE.sub(_as_entities, text[at : code.start()]) + code[0]
        at = code.end()
    return shown + _ACTIVE.sub(_as_entities, text[at:])


def _as_entities(found: re.Match[str]) -> str:
    return "".join(one if one.isalnum() or one in " \t" else f"&#{ord(one)};" for one in found[0])
