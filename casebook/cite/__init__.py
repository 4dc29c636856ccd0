"""Citing: findings as Markdown for a reply, and whether a reply still says what the results say."""
