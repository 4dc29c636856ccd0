"""How Sphinx builds the miniature's site: as the engine says."""

from casebook.site.sphinx.configuration import *  # noqa: F403
