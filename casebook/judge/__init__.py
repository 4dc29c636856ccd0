"""Judging: records in, a report out; pure."""
