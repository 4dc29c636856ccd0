"""Pages as Flask-Admin's releases write them, and what is read from them."""

import pytest

from experiments.session_scoping.rig.markup import cells, is_page

LISTS = {
    "1.6.1": """
        <tr>
          <td class="list-checkbox-column"><input name="rowid" value="1"></td>
          <td class="col-email" data-title="Email">ann@example.com</td>
          <td class="col-name" data-title="Name">
            <a data-csrf="" href="#">Ann &amp; <b>Ben</b></a>
          </td>
        </tr>""",
    "2.2.1": """
        <tr>
          <td class="list-checkbox-column"><input name="rowid" value="1"></td>
          <td class="col-email">ann@example.com</td>
          <td class="col-name"><a href="#">Ann &amp; <b>Ben</b></a></td>
        </tr>""",
}
"""A line of a list, as releases of Flask-Admin write it."""


@pytest.mark.parametrize("release", LISTS)
def test_a_column_is_found_whatever_else_a_release_writes_into_the_tag(release):
    assert cells(LISTS[release], "name") == ["Ann & Ben"]
    assert cells(LISTS[release], "email") == ["ann@example.com"]


def test_a_column_is_not_one_whose_name_it_begins():
    page = "<td class='col-name_of_author'>Ann</td><td data-title='col-name'>Ben</td>"
    assert cells(page, "name") == []


def test_a_cell_may_have_other_classes_be_empty_or_be_left_open():
    page = "<td class='wide col-name'></td><td class='col-name'>Ann<td class='col-email'>Ben</td>"
    assert cells(page, "name") == ["", "Ann"]


def test_what_comes_after_a_cell_is_not_in_it():
    assert cells("<td class='col-name'>Ann</td> Ben <td>Cleo</td>", "name") == ["Ann"]


def test_a_page_has_a_title_and_a_part_of_one_has_not():
    assert is_page("<html><head><title lang='en'>Users</title></head></html>")
    assert not is_page("<div class='modal-body'><input name='title'></div>")
