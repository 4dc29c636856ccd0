"""Views that call what a function asks for, in their middle."""

from flask import current_app
from flask_admin.contrib.sqla import ModelView


class MarkedView(ModelView):
    """A view that calls the application's `MARK` inside it, when it has used its session."""

    def get_list(self, *args, **kwargs):
        listed = super().get_list(*args, **kwargs)
        current_app.config["MARK"]()
        return listed

    def on_model_change(self, form, model, is_created):
        current_app.config["MARK"]()


class UserView(MarkedView):
    """Users."""


class PostView(MarkedView):
    """Posts, whose author is chosen from a list."""
