"""The plan: what is asked, read from `conf/` and checked, and the cells that follow from it.

nox reads this room where nothing is installed, so it uses the standard library alone. It never
imports a pattern's module, which needs the libraries under test: it parses it.
"""
