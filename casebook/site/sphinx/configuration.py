"""How Sphinx builds the site from `build/docs`, which `casebook pages` writes.

A project's `docs/conf.py` takes all of it over, `from casebook.site.sphinx.configuration import *`,
and may change what it likes below. Sphinx reads it in its own folder.
"""

import contextlib
import importlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config

from casebook import ENGINE
from casebook.plan.site import read_site

ROOT = Path.cwd().parent
SITE = read_site(ROOT)

with contextlib.redirect_stdout(None):  # 0.13 prints that it could draw images
    importlib.import_module("sphinxext.opengraph")

# What it is called and where it is.
project = SITE.title
html_title = SITE.title
EDITIONS = os.environ.get("CASEBOOK_SITE_URL") or SITE.url
html_baseurl = f"{EDITIONS.rstrip('/')}/latest/"  # what search engines keep

# What it is written in. Errors are quoted exactly, so no quotation mark is made prettier.
extensions = [
    "myst_parser",
    "sphinx_copybutton",
    "casebook.site.sphinx.domain",
    "sphinxext.opengraph",
    "sphinx_sitemap",
    "notfound.extension",
    "casebook.site.sphinx.theme",
]
primary_domain = "casebook"  # so that pages write {claim}`an-id`
exclude_patterns = ["extra"]
smartquotes = False
nitpicky = True

# What it looks like.
html_theme = "furo"
templates_path = [os.path.relpath(ENGINE / "templates" / "theme", ROOT / "docs")]
html_static_path = [os.path.relpath(ENGINE / "static", ROOT / "docs")]
html_static_path += ["static"] if (ROOT / "docs" / "static").is_dir() else []  # these win
html_css_files = ["casebook.css"]
html_js_files = [("open.js", {"defer": "defer"})]
html_favicon = os.path.relpath(ENGINE / "static" / "favicon.svg", ROOT / "docs")
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5f73", "color-brand-content": "#0b5f73"},
    "dark_css_variables": {"color-brand-primary": "#6cc3d8", "color-brand-content": "#6cc3d8"},
}
pygments_style = "default"
pygments_dark_style = "github-dark"

# What it says where it is linked, listed or asked for what it has not.
ogp_site_url = html_baseurl
ogp_social_cards = {"enable": False}
sitemap_url_scheme = "{link}"
sitemap_excludes = ["404.html", "search.html"]
notfound_template = "404.html"
notfound_context = {"title": "Page not found"}
notfound_urls_prefix = urlsplit(html_baseurl).path

# What it leaves out, so that the same results give the same bytes (paths are relative for that).
html_last_updated_fmt = None
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_show_search_summary = False  # each would fetch a whole page, which files may not


def publish_extra_files(app: Sphinx, config: Config) -> None:
    """Copy `extra/` of the page sources, such as `verdicts.json`, to the root of the site."""
    config["html_extra_path"] = [os.path.relpath(Path(app.srcdir) / "extra", app.confdir)]


def setup(app: Sphinx) -> None:
    """Let Sphinx say where the page sources are before it looks for their extra files."""
    app.connect("config-inited", publish_extra_files, priority=100)
