"""TOML is read strictly: what is wrong is refused with its file, its place and its fix."""

import math

import pytest

from casebook.plan.conf import read_investigation
from casebook.plan.toml_reader import (
    FLAG,
    ID,
    MODULES,
    SECONDS,
    SOME_TEXTS,
    TABLE,
    TABLES,
    TEXT,
    TEXTS,
    Key,
    Reader,
)
from tests.casebook.plan.builders import TOML, error_of

WRONG = {
    "an unknown key": ("time_limit = 10", "time_limits = 10", "time_limits", "'time_limit'"),
    "an unknown key of a table": (
        'source = "the environment `closure` with an import that fails"',
        'sauce = "x"',
        "environment 'closure-not-importable'.sauce",
        "'source'",
    ),
    "an unknown key of a bar": ('closes = "', 'close = "', "diagram.bar[1].close", "'closes'"),
    "a missing key": ("time_limit = 10", "", "time_limit", "add `time_limit = ...`"),
    "a key that strayed": ('\n[[diagram.bar]]\nlabel = "V"', "", "diagram.title", "delete it"),
    "a wrong type": ("time_limit = 10", 'time_limit = "10"', "time_limit", "number of seconds"),
    "a flag for a number": ("time_limit = 10", "time_limit = true", "time_limit", "above 0"),
    "a limit of nothing": ("time_limit = 10", "time_limit = 0", "time_limit", "above 0"),
    "a limit that never ends": ("time_limit = 10", "time_limit = inf", "time_limit", "above 0"),
    "a text for a list": ('databases = ["sqlite"]', 'databases = "x"', "databases", "a list of"),
    "an empty list": ('databases = ["sqlite"]', "databases = []", "databases", "at least one"),
    "an empty title": (
        'title = "Dictionary"',
        'title = " "',
        "backend 'dictionary'.title",
        "non-empty",
    ),
    "an empty id": ('id = "mixed-up"', 'id = ""', "pattern[5].id", "lower-case letters"),
    "an id with a space": ('id = "mixed-up"', 'id = "mixed up"', "pattern 'mixed up'.id", "lower"),
    "an id that is no string": ('id = "mixed-up"', "id = 5", "pattern[5].id", "write a string"),
    "no id": ('id = "mixed-up"', "", "pattern[5].id", "add `id = ...`"),
    "a doubled backend": (
        'id = "closure"\ntitle = "Closure"',
        'id = "dictionary"\ntitle = "Closure"',
        "backend 'dictionary'.id",
        "change one of them",
    ),
    "a doubled environment": (
        'id = "closure-not-importable"',
        'id = "closure-not-resolvable"',
        "environment 'closure-not-resolvable'.id",
        "change one of them",
    ),
    "a doubled pattern": (
        'id = "counter-per-name"',
        'id = "one-global"',
        "pattern 'one-global'.id",
        "change one of them",
    ),
    "a pattern without a backend": (
        'backend = "dictionary"\ncontrol = true\nfunction = "by_hand"',
        'control = true\nfunction = "by_hand"',
        "pattern 'kept-apart'.backend",
        "add `backend = ...`",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "fix"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_names_its_place_and_its_fix(tiny, old, new, key, fix):
    tiny.replace(TOML, old, new)

    error = error_of(read_investigation, tiny.root, "tiny")

    assert (error.file, error.key) == (TOML, key)
    assert fix in error.fix


def test_a_list_of_tables_that_is_missing_is_asked_for_as_tables(tiny):
    text = tiny.path(TOML).read_text()
    tiny.write(TOML, text[: text.index("[[pattern]]")])

    assert error_of(read_investigation, tiny.root, "tiny").fix == "add at least one [[pattern]]"


def test_what_is_no_toml_is_said_with_its_line(tiny):
    tiny.replace(TOML, "time_limit = 10", "time_limit 10")

    assert error_of(read_investigation, tiny.root, "tiny").key.startswith("line 10")


def test_an_investigation_that_nobody_declared_is_said_with_those_that_are(tiny):
    error = error_of(read_investigation, tiny.root, "tinny")

    assert (error.file, error.fix) == (
        "conf/tinny.toml",
        "create it, or fix the name (did you mean 'tiny'?)",
    )


# --- What a value must be -------------------------------------------------------------------------

KINDS = {
    "TEXT": (TEXT, "a word", ["", "  ", 1, None, ["a"]]),
    "ID": (ID, "", [1, None, ["a"]]),
    "TEXTS": (TEXTS, [], ["a", [1], [""], None]),
    "SOME_TEXTS": (SOME_TEXTS, ["a"], [[], "a", [1]]),
    "MODULES": (MODULES, ["json", "os.path"], ["json", ["os path"], ["os..path"], ["1st"]]),
    "SECONDS": (SECONDS, 0.5, [0, -1, "1", True, math.inf, math.nan]),
    "FLAG": (FLAG, False, [0, "true", None]),
    "TABLE": (TABLE, {}, [[], "a"]),
    "TABLES": (TABLES, [{}], [{}, ["a"]]),
}


@pytest.mark.parametrize(("kind", "fitting", "others"), KINDS.values(), ids=KINDS)
def test_a_kind_fits_its_values_and_no_others(kind, fitting, others):
    assert kind.fits(fitting)
    assert [one for one in others if kind.fits(one)] == []


# --- The reader -----------------------------------------------------------------------------------

KEYS = {"id": Key(ID), "title": Key(TEXT), "limit": Key(SECONDS, 5)}


def test_a_table_is_read_with_the_defaults_of_what_it_leaves_out(tmp_path):
    read = Reader(tmp_path, "x.toml").table("one", {"id": "a", "title": "A"}, KEYS)
    assert read == {"id": "a", "title": "A", "limit": 5}


def test_a_list_is_read_as_a_tuple_also_where_it_is_a_default(tmp_path):
    keys = {"written": Key(TEXTS), "left_out": Key(TEXTS, [])}
    read = Reader(tmp_path, "x.toml").table("one", {"written": ["a"]}, keys)
    assert read == {"written": ("a",), "left_out": ()}


def test_a_table_without_an_id_is_named_by_its_number(tmp_path):
    rows = Reader(tmp_path, "x.toml").rows("part", [{"id": "a", "title": "A"}, {"id": "b"}], KEYS)
    place, values = next(rows)
    assert (place, values["title"]) == ("part[1]", "A")
    assert error_of(next, rows).key == "part[2].title"


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ({"id": "a", "titel": "A"}, "x.toml: one.titel: unknown key; delete it, or fix its name"),
        ({"id": "a"}, "x.toml: one.title: the key is missing; add `title = ...`"),
        ({"id": "a", "title": 1}, "x.toml: one.title: 1 is not a non-empty string"),
    ],
)
def test_a_key_that_is_unknown_missing_or_of_another_kind_is_named(tmp_path, table, error):
    caught = error_of(Reader(tmp_path, "x.toml").table, "one", table, KEYS)
    assert str(caught).startswith(error)


def test_of_two_items_with_one_id_the_second_is_refused(tmp_path):
    item = {"id": "a", "title": "A"}
    reader = Reader(tmp_path, "x.toml")
    error = error_of(lambda: list(reader.items("part", {"part": [item, item]}, KEYS)))
    assert str(error) == "x.toml: part 'a'.id: two [[part]] tables have this id; change one of them"


@pytest.mark.parametrize("id", ["", "A", "a b", "a/b", "-a", ".a", "a\n", "é"])
def test_an_id_that_could_be_no_files_name_is_refused(tmp_path, id):
    assert error_of(Reader(tmp_path, "x.toml").check_id, "one.id", id).key == "one.id"


@pytest.mark.parametrize("id", ["a", "flask-admin-2.0.2", "3"])
def test_an_id_of_lower_case_letters_and_digits_is_permitted(tmp_path, id):
    Reader(tmp_path, "x.toml").check_id("one.id", id)


@pytest.mark.parametrize(
    ("content", "key", "fix"),
    [
        (b"a = \xff", "file", "save it as UTF-8"),
        (b"a = 1\n= 2", "line 2", "fix the syntax"),
        (None, "file", "create it, or fix the name (did you mean 'tiny'?)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_fix(tmp_path, content, key, fix):
    if content is not None:
        (tmp_path / "x.toml").write_bytes(content)
    error = error_of(Reader(tmp_path, "x.toml").document, "tinny", ["tiny"])
    assert error.key.startswith(key)
    assert error.fix == fix


def test_a_file_is_read_again_where_it_changed(tmp_path):
    # `nox -s serve` stays alive while somebody edits the plan.
    reader, file = Reader(tmp_path, "x.toml"), tmp_path / "x.toml"
    file.write_text("a = 1")
    before = reader.document("x")
    file.write_text("a = 123")
    assert (before, reader.document("x")) == ({"a": 1}, {"a": 123})
