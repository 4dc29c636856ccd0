"""What is left when a request is over."""

from flask_admin.contrib.sqla import ModelView

from experiments.session_scoping.reproductions.application import User, ask, start
from experiments.session_scoping.reproductions.left import left, watch_what_is_left
from experiments.session_scoping.reproductions.sessions import USED, watch_uses

__all__ = [
    "MarkedView",
    "PostView",
    "UserView",
    "closed_on_error",
    "closed_on_success",
    "closed_on_unsent_stream",
]

FAILING = []


class ViewFailed(Exception):
    """What a view raises."""


class MarkedView(ModelView):
    """A view with an export; it raises, when its work is done, where it is told to."""

    can_export = True

    def _run_view(self, fn, *args, **kwargs):
        answer = super()._run_view(fn, *args, **kwargs)
        if FAILING:
            raise ViewFailed
        return answer


class UserView(MarkedView):
    """Users."""


class PostView(MarkedView):
    """Posts, whose author is chosen from a list."""


REQUESTS_OF_ADMIN = (
    ("/admin/post/", {}),
    ("/admin/post/edit/?id=1", {}),
    ("/admin/post/new/", {"title": "New", "author": "1"}),
)


def closed_on_success(pattern):
    """List, edit and create through the admin, list in an own route, and look after each."""
    return closed_after_each(pattern, [*REQUESTS_OF_ADMIN, ("/names", {})], fails=False)


def closed_on_error(pattern):
    """The same, where each view raises when its work is done; then let a flush fail."""
    FAILING.append(True)
    return closed_after_each(pattern, [*REQUESTS_OF_ADMIN, ("/fail-to-flush", {})], fails=True)


def closed_on_unsent_stream(pattern):
    """Export, where the view raises when it has made the streamed answer, which nobody sends."""
    FAILING.append(True)
    return closed_after_each(pattern, [("/admin/post/export/csv/", {})], fails=True)


def closed_after_each(pattern, requests, fails):
    """Return "refuted" where something is left after a request, None where one cannot tell."""
    watch_uses()
    watch_what_is_left()
    app = start(pattern)
    session_of, answers = app.config["SESSION"], []

    @app.get("/names")
    def names():
        return " ".join(user.name for user in session_of().query(User))

    @app.get("/fail-to-flush")
    def fail_to_flush():
        session_of().add(User(name="Ann"))
        session_of().flush()

    for path, form in requests:
        answers.append(ask(app, path, **form)[0])
        print(f"   left: {left() or 'nothing'}")
        if left():
            return "refuted"
    as_meant = all((status == 500) is fails for status in answers)
    return "supported" if as_meant and len(USED) == len(answers) else None
