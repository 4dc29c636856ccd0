"""Casebook: investigations whose verdicts are computed from recorded evidence."""

from pathlib import Path

ENGINE = Path(__file__).resolve().parent
"""The folder of this package."""

DISTRIBUTION = "casebook-reports"
"""What it is called where packages are installed."""

__version__ = "0.1.0"
