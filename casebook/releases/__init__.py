"""Other releases: resolves them, installs them aside, runs cells with them, and compares."""
