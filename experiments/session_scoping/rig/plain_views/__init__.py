"""Plain Flask views at the addresses of the admin's, which use no code of Flask-Admin.

They do with a session what the experiments ask of Flask-Admin, so that what fails with its views
and works with these is Flask-Admin's. Which part uses a session is told by these modules' names.
"""

from experiments.session_scoping.rig.plain_views.pages import add_plain_views

__all__ = ["add_plain_views"]
