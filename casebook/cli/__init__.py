"""The command line: what nox calls, and what a person may call by hand."""
