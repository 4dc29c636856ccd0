"""The patterns, one module per backend.

A pattern is a function of the application and its admin. It sets the backend up as its
documentation says, adds the two views, and returns how the application's own code gets at the
session. Its source is shown on its page exactly as it ran.
"""
