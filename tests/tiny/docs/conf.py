"""How Sphinx builds the miniature's site: as the real one, but with the miniature's `conf/`."""

from casebook import ENGINE

exec((ENGINE.parent / "docs" / "conf.py").read_text(encoding="utf-8"))
