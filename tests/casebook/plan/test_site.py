"""What `conf/site.toml` says for all investigations."""

import pytest

from casebook.plan.conf import read_all_unlocked
from casebook.plan.site import FILE, driven_by_tests, read_site
from tests.casebook.plan.builders import error_of

ADDRESS = 'site_url = "https://tiny.example/"\n'


def test_a_site_is_called_as_it_says_or_like_the_project(tiny):
    assert read_site(tiny.root).title == "Casebook, in miniature"
    tiny.write(FILE, ADDRESS)
    assert read_site(tiny.root).title == "project"


@pytest.mark.parametrize(
    ("text", "key", "fix"),
    [
        ("", "site_url", "add `site_url = ...`"),
        (ADDRESS + "titel = 'x'", "titel", "did you mean 'title'?"),
        ("siteurl = 'x'", "siteurl", "did you mean 'site_url'?"),
        (ADDRESS + "tests_drive = 'closure'", "tests_drive", "write a list of strings"),
    ],
)
def test_a_mistake_is_refused_with_its_place(tiny, text, key, fix):
    tiny.write(FILE, text)
    error = error_of(read_site, tiny.root)
    assert (error.file, error.key) == (FILE, key)
    assert fix in error.fix


def test_tests_drive_environments_that_there_are(tiny):
    tiny.write(FILE, ADDRESS + 'tests_drive = ["closure"]')
    assert driven_by_tests(tiny.root, read_all_unlocked(tiny.root)) == ("closure",)
    tiny.write(FILE, ADDRESS + 'tests_drive = ["closuer"]')
    error = error_of(driven_by_tests, tiny.root, read_all_unlocked(tiny.root))
    assert (error.file, error.key) == (FILE, "tests_drive")
    assert error.fix == "did you mean 'closure'?"
