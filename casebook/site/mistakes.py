"""Where in a project's own template something is wrong, or is said."""

from __future__ import annotations

import inspect
import traceback
from pathlib import Path

import jinja2

from casebook.plan.investigation import PlanError


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
