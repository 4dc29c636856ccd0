"""Casebook: investigations whose verdicts are computed from recorded evidence."""
