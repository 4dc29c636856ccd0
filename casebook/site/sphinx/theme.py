"""A Sphinx extension: repairs of the theme and of others' extensions.

A keyboard reaches every block of code and every table, a screen reader hears every landmark's name,
the page for missing addresses finds the site, and the sitemap lists every page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from jinja2.ext import Extension
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from casebook.templates import POLICY


class Translator(HTML5Translator):
    """Makes each block of code, and each table, one that a keyboard can scroll."""

    def visit_literal_block(self, node: nodes.Node) -> None:
        """Append the block with a `tabindex`; raises SkipNode, as Sphinx's own does."""
        try:
            super().visit_literal_block(node)
        finally:
            self.body[-1] = self.body[-1].replace("<pre>", '<pre tabindex="0">', 1)

    def visit_table(self, node: nodes.Element) -> None:
        """Append the table, with a `tabindex` on what furo 2025.12 has just put around it."""
        # Not in `visit_container`, which MyST 5.2 replaces.
        if "table-wrapper" in node.parent["classes"]:
            self.body[-1] = self.body[-1].replace("<div ", '<div tabindex="0" ', 1)
        super().visit_table(node)


SCRIPT = re.compile(r"<script>\s*document\.body\.dataset\.theme = [^<]*</script>")
"""The one inline script of furo 2025.12, which chooses the colours."""


class Repaired(Extension):
    """Names what furo 2025.12 does not, and lets no inline script run.

    What it does not name are its two sidebars, landmarks of one kind, and the search.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the template with labels, a heading above the search, and the policy."""
        results = '<div id="search-results"></div>'
        source = source.replace(results, f"<h1>{{{{ _('Search') }}}}</h1>\n\n{results}")
        for place, label in (("sidebar-drawer", "The site"), ("toc-drawer", "On this page")):
            opened = f'<aside class="{place}'
            source = source.replace(opened, f'<aside aria-label="{label}" class="{place}')
        charset = '<meta charset="utf-8">'
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        source = source.replace(charset, f"{charset}\n    {policy}")
        script = "<script src=\"{{ pathto('_static/theme.js', 1) }}\"></script>"
        return SCRIPT.sub(script, source)


def repair(app: Sphinx) -> None:
    """Have the theme's templates read as repaired."""
    environment: Any = getattr(getattr(app.builder, "templates", None), "environment", None)
    if environment is not None:
        environment.add_extension(Repaired)


def set_root(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Have the page for missing addresses find the site, wherever it is shown.

    sphinx-notfound-page 1.1 changes the links of the page and not `content_root`.
    """
    if page == app.config.notfound_pagename:
        context["content_root"] = app.config.notfound_urls_prefix
        context["editions"] = app.config.notfound_urls_prefix.removesuffix("latest/")
        context["pageurl"] = None


def list_all_pages(app: Sphinx, exception: Exception | None) -> None:
    """List every page in the sitemap; sphinx-sitemap 2.9 lists those that are written again."""
    links: Any = app.sitemap_links  # type: ignore[attr-defined]
    while not links.empty():
        links.get()
    for page in sorted(app.env.found_docs):
        address = f"{page}.html"
        if address not in app.config.sitemap_excludes:
            links.put((address, None))


def leave_out_maps(app: Sphinx, exception: Exception | None) -> None:
    """Remove the theme's source maps, which no reader needs."""
    for path in (Path(app.outdir) / "_static").rglob("*.map"):
        path.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the extension to Sphinx."""
    app.set_translator("html", Translator)
    app.connect("builder-inited", repair)
    app.connect("html-page-context", set_root, priority=600)
    app.connect("build-finished", list_all_pages, priority=400)
    app.connect("build-finished", leave_out_maps)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
