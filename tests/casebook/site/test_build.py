"""The site's address, and the sentence that stops a build."""

import pytest

from casebook.plan.investigation import PlanError
from casebook.site import pages
from casebook.site.build import SiteError, site_url, write_pages
from casebook.site.prose import Contradiction


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    monkeypatch.delenv("CASEBOOK_SITE_URL", raising=False)


def written(folder, text):
    (folder / "conf").mkdir()
    (folder / "conf" / "site.toml").write_text(text)
    return folder


def test_the_address_is_what_conf_says(tmp_path):
    assert site_url(written(tmp_path, 'site_url = "https://a.example/"')) == "https://a.example/"


def test_the_address_can_be_given_otherwise(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_SITE_URL", "https://b.example/")
    root = written(tmp_path, 'site_url = "https://a.example/"')
    assert site_url(root) == "https://b.example/"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("site_url = ]", "line 1, column 12"),
        ("", "site_url"),
        ("site_url = 1", "site_url"),
        ('site_url = "javascript:alert()"', "site_url"),
    ],
)
def test_a_wrong_address_names_file_and_place(tmp_path, text, place):
    with pytest.raises(PlanError, match=f"conf/site.toml: {place}: "):
        site_url(written(tmp_path, text))


def test_a_sentence_that_its_finding_contradicts_is_one_line(tmp_path, monkeypatch):
    def contradicted(*arguments, **named):
        raise Contradiction.between("index.md", "'wires'", "refuted", "supported")

    monkeypatch.setattr(pages, "render", contradicted)
    root = written(tmp_path, 'site_url = "https://a.example/"')
    with pytest.raises(SiteError, match="the sentence rests on"):
        write_pages(root, [])
