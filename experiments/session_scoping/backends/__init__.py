"""The patterns, one module per backend.

A pattern is a function of the application and its admin. It sets up the backend as the backend's
documentation says, adds the two views, and returns a function that gives the application's own code
its session. Each pattern's source is shown on its page exactly as it ran.
"""
