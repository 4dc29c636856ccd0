"""Editions: the addresses of everything on the site, and the published builds that are kept."""
