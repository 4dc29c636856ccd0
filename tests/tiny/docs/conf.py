"""How Sphinx builds the miniature's site: as the real one, but with the miniature's `conf/`."""

from pathlib import Path

import casebook

ENGINE = Path(casebook.__file__).resolve().parent.parent
exec((ENGINE / "docs" / "conf.py").read_text(encoding="utf-8"))
