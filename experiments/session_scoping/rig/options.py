"""Options of Flask-Admin that are off by default, and the operations that they change."""

from __future__ import annotations

from typing import Any

from experiments.session_scoping.rig import markup
from experiments.session_scoping.rig.admin_operations import Operations
from experiments.session_scoping.rig.application import MarkedView, PostView, UserView
from experiments.session_scoping.rig.driver import Answer

OPTIONS: dict[type[MarkedView], dict[str, Any]] = {
    MarkedView: {
        "fast_mass_delete": True,
        "can_set_page_size": True,
        "page_size_options": (2, 4),
        "simple_list_pager": True,
        "create_modal": True,
        "edit_modal": True,
        "details_modal": True,
    },
    UserView: {"column_display_all_relations": True, "column_list": None},
    PostView: {
        "column_editable_list": ("title", "author", "tags"),
        "column_list": ("title", "author", "tags"),
        "column_searchable_list": ("title", "author.name"),
        "column_sortable_list": (("author", "author.name"),),
        "column_filters": ("author.name", "tags.name"),
        "named_filter_urls": True,
        "form_ajax_refs": None,
    },
}
"""What each view class is given, as if it stood in its body."""


def turn_on() -> None:
    """Give the view classes their options, before a pattern makes views of them."""
    for view, options in OPTIONS.items():
        for name, value in options.items():
            setattr(view, name, value)


def perform_all(operations: Operations) -> None:
    """Perform every operation once, in an order in which each finds the rows it needs."""
    read(operations)
    write(operations)


def read(operations: Operations) -> None:
    """Perform the operations that only read."""
    shows, contains = operations.shows, operations.contains
    shows("list of all relations", "/admin/user/", "posts", "First post, Second post, ")
    shows("page of another size", "/admin/user/?page_size=2", "name", "Ann, Ben")
    operations.perform(
        "page without a count",
        lambda: operations.driver.get("/admin/user/?page=1"),
        "Dora, Emil, not counted",
        lambda answer: f"{answer.cells('name')}, {counted(answer)}",
    )
    contains("details in a window", "/admin/user/details/?id=3&modal=True", "cleo@example.com")
    operations.perform(
        "create form in a window",
        lambda: operations.driver.get("/admin/post/new/?modal=True"),
        "the form alone",
        shown_alone,
    )
    contains("edit form in a window", "/admin/post/edit/?id=2&modal=True", "Second post")
    contains("list of editable relations", "/admin/post/", "x-editable-select2-multiple")
    shows("search in a relation", "/admin/post/?search=ben", "title", "Second post")
    shows("sort by a relation", "/admin/post/?sort=1&desc=1", "title", "Second post, First post")
    shows(
        "filter by a relation",
        "/admin/post/?flt0_author_user_name_contains=An",
        "title",
        "First post",
    )


def write(operations: Operations) -> None:
    """Perform the operations that change rows."""
    stores = operations.stores
    stores(
        "create in a window",
        "/admin/post/new/?modal=True",
        {"title": "Third post", "author": "3"},
        "select author_id from post where title = 'Third post'",
        "3",
    )
    stores(
        "edit in a window",
        "/admin/post/edit/?id=3&modal=True",
        {"title": "Edited post", "author": "4"},
        "select title, author_id from post where id = 3",
        "Edited post 4",
    )
    stores(
        "edit a relation in the list",
        "/admin/post/ajax/update/",
        {"list_form_pk": "1", "author": "5"},
        "select author_id from post where id = 1",
        "5",
    )
    stores(
        "edit many relations in the list",
        "/admin/post/ajax/update/",
        {"list_form_pk": "1", "tags": "2"},
        "select tag_id from post_tags where post_id = 1",
        "2",
    )
    operations.perform(
        "fast bulk delete",
        lambda: operations.driver.post("/admin/post/action/", action="delete", rowid=["2", "3"]),
        "1",
        lambda _: operations.driver.rows("select id from post"),
    )


def shown_alone(answer: Answer) -> str:
    """Return whether an answer is a form without the page around it, as a window needs it."""
    if 'name="title"' not in answer.text:
        return "no form"
    return "the form in a page" if markup.is_page(answer.text) else "the form alone"


def counted(answer: Answer) -> str:
    """Return whether a list says how many rows there are."""
    return "counted" if "List (" in answer.text else "not counted"
