"""A Sphinx extension: what a keyboard and a screen reader need beyond the theme."""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from jinja2.ext import Extension
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


class Translator(HTML5Translator):
    """Makes each block of code one that a keyboard can scroll."""

    def visit_literal_block(self, node: nodes.Node) -> None:
        """Append the block with a `tabindex`; raises SkipNode, as Sphinx's own does."""
        try:
            super().visit_literal_block(node)
        finally:
            self.body[-1] = self.body[-1].replace("<pre>", '<pre tabindex="0">', 1)


class Named(Extension):
    """Names what furo 2025.12 does not: its two sidebars, landmarks of one kind, and the search."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the template with a label on each sidebar and a heading above the search."""
        results = '<div id="search-results"></div>'
        source = source.replace(results, f"<h1>{{{{ _('Search') }}}}</h1>\n\n{results}")
        for place, label in (("sidebar-drawer", "The site"), ("toc-drawer", "On this page")):
            opened = f'<aside class="{place}'
            source = source.replace(opened, f'<aside aria-label="{label}" class="{place}')
        return source


def name(app: Sphinx) -> None:
    """Have the theme's templates read with their parts named."""
    environment: Any = getattr(getattr(app.builder, "templates", None), "environment", None)
    if environment is not None:
        environment.add_extension(Named)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the extension to Sphinx."""
    app.set_translator("html", Translator)
    app.connect("builder-inited", name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
