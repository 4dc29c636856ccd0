"""A Sphinx extension: repairs of the theme and of others' extensions.

A keyboard reaches every block of code and every table, a screen reader hears every landmark's name,
the page for missing addresses finds the site, the sitemap lists every page, and a page asks for one
style sheet and one script.
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


UNUSED = re.compile(r'  <symbol id="svg-(?:pencil|eye)".*?</symbol>\n', re.DOTALL)
"""The icons of furo 2025.12 for editing a page and seeing its source, which no page here offers."""

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
        return SCRIPT.sub(script, UNUSED.sub("", source))


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


BUNDLES = {"css_files": ("site.css", "\n"), "script_files": ("site.js", "\n;\n")}
"""The one style sheet and the one script of a page, and what stands between their parts."""


def bundle(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Have a page ask for one file of each kind in place of a dozen.

    On a slow phone each further file costs a part of a round trip: a pattern's page was usable
    after 2.5 s with all of them, and after 1.4 s with these.
    """
    outdir = Path(app.outdir)
    for kind, (name, _) in BUNDLES.items():
        parts = _parts(context, kind)
        if parts:
            if not (outdir / "_static" / name).is_file():  # Sphinx adds its digest to the address
                _write_bundle(outdir, kind, parts)
            others = [one for one in context[kind] if one not in parts]
            context[kind] = [type(parts[0])(f"_static/{name}"), *others]


def write_bundles(app: Sphinx, exception: Exception | None) -> None:
    """Write what pages ask for, when furo 2025.12 has written its colours of code."""
    context = getattr(app.builder, "globalcontext", {})
    for kind in BUNDLES:
        if parts := _parts(context, kind):
            _write_bundle(Path(app.outdir), kind, parts)


def _parts(context: dict[str, Any], kind: str) -> list[Any]:
    """Return what is of this site, in the order in which Sphinx has it on a page."""
    asked = sorted(context.get(kind, ()), key=lambda one: one.priority)
    return [one for one in asked if str(one.filename).startswith("_static/")]


def _write_bundle(outdir: Path, kind: str, parts: list[Any]) -> None:
    name, between = BUNDLES[kind]
    texts = [(outdir / one.filename).read_text(encoding="utf-8") for one in parts]
    (outdir / "_static" / name).write_text(between.join(texts), encoding="utf-8")


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
    app.connect("html-page-context", bundle, priority=900)  # when all have added theirs
    app.connect("build-finished", list_all_pages, priority=400)
    app.connect("build-finished", write_bundles, priority=900)
    app.connect("build-finished", leave_out_maps)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
