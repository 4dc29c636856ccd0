"""Where in a project's own template something is wrong, or is said."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Iterable
from pathlib import Path

import jinja2

from casebook.plan.mistakes import PlanError, one_of


def mistake(error: Exception, docs: Path, problem: str, fix: str) -> PlanError | None:
    """Return the error for what went wrong in a project's own template, None if it was in none."""
    if isinstance(error, jinja2.TemplateSyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    else:
        frames = traceback.extract_tb(error.__traceback__)
        places = [(frame.filename, frame.lineno or 0) for frame in frames]
    own = [(file, line) for file, line in places if Path(file).is_relative_to(docs)]
    if not own:
        return None
    file, line = own[-1]
    return PlanError(Path(file).relative_to(docs.parent).as_posix(), f"line {line}", problem, fix)


def line_of(name: str) -> int:
    """Return the line of a template of this name that is being rendered, by its innermost call."""
    frame = inspect.currentframe()
    while frame:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None and template.name == name:
            return int(template.get_corresponding_lineno(frame.f_lineno))
        frame = frame.f_back
    return 0


def fix_of(said: str, known: Iterable[str]) -> str:
    """Return what to do about what Jinja said of a template that may use the `known` names."""
    if found := re.fullmatch(r"'(\w+)' is undefined", said):
        hint = one_of(found[1], known)
        return hint if hint.startswith("did you mean") else "fix the name"
    if said.startswith("'None' has no attribute"):
        return "nothing was found there: ask `{% if ... %}` first, or name what was recorded"
    return "fix the template"


def check_title(file: str, text: str) -> None:
    """Raise PlanError for a page without a title: nothing could link to it by its name."""
    if not re.search(r"^(# +\S|=+ *$)", text, re.MULTILINE):
        raise PlanError(file, "title", "the page has none", "begin it with a line `# Its title`")


_PLACE = re.compile(r"^\S*?/build/(?:edition/)?docs/(\S+?\.md):(\d+):", re.MULTILINE)


def in_sources(root: Path, said: str) -> str:
    """Return what Sphinx said, with the places in pages that it was given as the project's own.

    A page's template names other lines than what is made of it, so a line is looked for by its
    text; where it stands there not once, the file alone is named.
    """

    def own(place: re.Match[str]) -> str:
        source = root / "docs" / place[1]
        if not source.is_file():
            return place[0]
        made = Path(place[0].rpartition(".md:")[0] + ".md").read_text(encoding="utf-8").splitlines()
        text = made[int(place[2]) - 1] if int(place[2]) <= len(made) else ""
        lines = source.read_text(encoding="utf-8-sig").splitlines()
        return f"docs/{place[1]}:{lines.index(text) + 1 if lines.count(text) == 1 else ''}:"

    return _PLACE.sub(own, said).replace(".md::", ".md:")
