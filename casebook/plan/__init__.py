"""The plan: investigations read from `conf/` and checked, and the cells that follow from them.

nox reads this room before anything is installed, so it uses only the standard library. It never
imports a pattern's module, which needs the libraries under test; it parses the module instead.
"""
