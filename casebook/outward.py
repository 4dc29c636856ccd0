"""A Sphinx extension: what the site tells those who are not on it, beyond what others' tell."""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx


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


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the extension to Sphinx."""
    app.connect("html-page-context", set_root, priority=600)
    app.connect("build-finished", list_all_pages, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
