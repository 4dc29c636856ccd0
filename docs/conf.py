"""How Sphinx builds the site: as the engine says."""

from casebook.site.sphinx.configuration import *  # noqa: F403
