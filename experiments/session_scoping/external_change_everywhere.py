"""Rows that another program changes, asked for wherever Flask-Admin shows them."""

from collections.abc import Callable
from typing import Any

from casebook.record import Trial
from experiments.session_scoping.rig.application import Post, Tag, User
from experiments.session_scoping.rig.driver import Driver

WORDS = ("Early", "Later", "Latest")
"""What the rows are renamed to, one after the other; none of these words contains another."""

Texts = dict[str, str]
"""What a page must show: each place on the page with the text that holds a word's name."""

USER, POST, TAG = "User {word}", "Post {word}", "Tag {word}"

PAGES: dict[str, Texts] = {
    "/admin/user/": {"list": USER, "pager's count": "List ({users})"},
    "/admin/user/?flt0_0=User": {"filter": USER},
    "/admin/user/details/?id=1": {"details": USER},
    "/admin/user/edit/?id=1": {"edit form": USER, "inline form": POST, "inline relation": TAG},
    "/admin/user/export/csv/": {"export": USER},
    "/admin/user/ajax/lookup/?name=post-tags&query=tag": {"inline AJAX lookup": TAG},
    "/admin/post/": {"list's relation": USER},
    "/admin/post/edit/?id=1": {"edit form": POST, "AJAX relation": USER, "relation's choices": TAG},
    "/admin/post/ajax/lookup/?name=author&query=ann@": {"AJAX lookup": USER},
}


def run(trial: Trial) -> None:
    """Visit each page between three changes, the last time while the application holds the rows."""
    driver = Driver(trial)
    driver.wire()
    driver.change("insert into post_tags (post_id, tag_id) values (1, 2)")
    change_and_visit(driver, 0)
    change_and_visit(driver, 1)
    hold(driver)
    change_and_visit(driver, 2)


def change_and_visit(driver: Driver, round: int) -> None:
    """Rename a user, a post and a tag, add a user, and record what each page shows of that."""
    word = WORDS[round]
    driver.change(f"update \"user\" set name = 'User {word}' where id = 1")
    driver.change(f"update post set title = 'Post {word}' where id = 1")
    driver.change(f"update tag set name = 'Tag {word}' where id = 2")
    driver.change(
        f'insert into "user" (id, email, name)'
        f" values ({10 + round}, '{word}@example.com', 'Added')"
    )
    for path, places in PAGES.items():
        page = driver.get(path).text
        for place, text in places.items():
            known = [named(text, number) for number in range(round + 1)]
            driver.recorder.record(
                "shown",
                place=f"{place} of {path.split('/')[2]}s",
                asked=known[-1],
                names=", ".join(one for one in known if one in page),
            )


def named(text: str, round: int) -> str:
    """Return what a place must show in a round."""
    return text.format(word=WORDS[round], users=6 + round)


def hold(driver: Driver) -> None:
    """Let the application hold the rows' objects, of its own session and of the view's."""
    held: list[object] = []

    def task(session_of: Callable[[], Any]) -> str:
        held.extend(session_of().get(model, key) for model, key in ((User, 1), (Post, 1), (Tag, 2)))
        return "held"

    for way in ("own route", "action"):
        driver.perform(task, way)
    driver.app.config["HELD"] = held
