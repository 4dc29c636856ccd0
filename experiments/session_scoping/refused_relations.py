"""Flask-Admin's operations on related rows, and with a key that another program takes meanwhile."""

from casebook.record import Trial
from experiments.session_scoping.rig.attempts import Attempts
from experiments.session_scoping.rig.databases.rules import KEPT, REFUSED, REFUSED_TAG
from experiments.session_scoping.rig.driver import Answer, Driver

TEXTS = {1: ("ann@example.com", "Ann"), 2: ("ben@example.com", "Ben")}


def run(trial: Trial) -> None:
    """Attempt to create with a relation, to create, edit and delete inline, and a duplicate."""
    driver = Driver(trial)
    driver.wire()
    driver.change(f"insert into tag (id, name) values ({REFUSED_TAG}, 'of no post')")
    driver.change(f"update post set title = '{KEPT}' where id = 2")
    attempts = Attempts(driver)
    attempts.ordinary("at first")
    attempts.attempt(
        "create with relations",
        lambda: driver.post(
            "/admin/post/new/", title="Related", author="3", tags=["1", str(REFUSED_TAG)]
        ),
    )
    attempts.attempt("create inline", lambda: edit_inline(driver, 1, "", REFUSED))
    attempts.attempt("edit inline", lambda: edit_inline(driver, 1, "1", REFUSED))
    attempts.attempt("delete inline", lambda: edit_inline(driver, 2, "2", KEPT, delete="on"))
    attempts.attempt(
        "create a duplicate",
        lambda: create_a_duplicate(driver),
        stored=["user Hugo hugo@example.com"],
    )


def edit_inline(driver: Driver, user: int, post: str, title: str, delete: str = "") -> Answer:
    """Rename a user, and change a post in the same form."""
    form = {"posts-0-id": post, "posts-0-title": title, "posts-0-tags": ""}
    if delete:
        form["del-posts-0"] = delete
    email, name = TEXTS[user]
    return driver.post(f"/admin/user/edit/?id={user}", email=email, name=f"{name} II", **form)


def create_a_duplicate(driver: Driver) -> Answer:
    """Create a user whose email another program takes when the form has been validated."""

    def take(name: str) -> None:
        if name == "changed":
            driver.change("insert into \"user\" (email, name) values ('hugo@example.com', 'Hugo')")

    driver.on_mark = take
    answer = driver.post("/admin/user/new/", email="hugo@example.com", name="Impostor")
    driver.on_mark = lambda name: None
    return answer
