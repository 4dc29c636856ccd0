"""What Flask-Admin itself keeps, with any session."""

from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.filters import FilterEqual

from experiments.session_scoping.reproductions.application import ERRORS, User, ask, change, start

__all__ = ["MarkedView", "PostView", "UserView", "filter_choices_current"]


class NameFilter(FilterEqual):
    """Offers the names of all users, whenever Flask-Admin asks."""

    def get_options(self, view):
        return [(user.name, user.name) for user in view.get_query()]


class MarkedView(ModelView):
    """A view of Flask-Admin's, as it is."""


class UserView(MarkedView):
    """Users, with a filter whose choices come from the database."""

    column_filters = (NameFilter(User.name, "Name"),)


class PostView(MarkedView):
    """Posts, whose author is chosen from a list."""


def filter_choices_current(pattern):
    """Ask what the filter offers, rename a user as another program would, and ask again."""
    try:
        app = start(pattern)
    except RuntimeError as error:
        print(f"Setting it up raised {type(error).__name__}: {error}".splitlines()[0])
        return "refuted"
    for name in ("Ann", "Renamed"):
        change(app, f"update \"user\" set name = '{name}' where id = 1")
        offered = f'"{name}"' in ask(app, "/admin/user/")[1]  # a list shows names without quotes
        print(f"   {name} is {'offered' if offered else 'not offered'}")
        if not offered:
            return None if ERRORS or name == "Ann" else "refuted"
    return "supported"
