"""Observing: running the cells of an environment and writing down what happened.

Runs inside the environment under test, so it uses the standard library alone, and knows no judge.
"""
