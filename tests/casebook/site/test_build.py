"""The site's address, and the sentence that stops a build."""

import subprocess

import pytest

from casebook.plan.mistakes import PlanError
from casebook.site import build, pages
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


@pytest.fixture
def called(monkeypatch):
    """The commands that would have been run: nothing is."""
    calls = []

    def run(command, **named):
        calls.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_only_what_is_there_is_watched(tiny, called, monkeypatch):
    monkeypatch.setattr(build, "find_spec", lambda name: name)
    assert build.serve(tiny.root, 8000) == 0
    (command,) = called
    watched = [command[at + 1] for at, word in enumerate(command) if word == "--watch"]
    assert watched == [str(tiny.path(name)) for name in ("conf", "docs", "experiments")]


def test_who_cannot_watch_is_told_what_can(tiny, called, monkeypatch):
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(SiteError, match="run `nox -s serve`"):
        build.serve(tiny.root, 8000)
    assert called == []


def test_what_was_made_of_a_source_that_is_gone_is_removed(tiny, monkeypatch):
    monkeypatch.setattr(pages, "render", lambda *given, **named: 0)
    made = ("index.html", "gone.html", "tiny/claims.html", "tiny/old.html", "tiny/badges/old.svg")
    own = ("_static/x.css", "search.html", "tiny/badges/new.svg")
    for name in (*made, *own):
        tiny.write(f"build/html/{name}", "")
    for name in ("index.md", "tiny/claims.md", "extra/tiny/badges/new.svg"):
        tiny.write(f"build/docs/{name}", "")
    write_pages(tiny.root, [])
    html = tiny.path("build/html")
    left = {path.relative_to(html).as_posix() for path in html.rglob("*") if path.is_file()}
    assert left == {"index.html", "tiny/claims.html", *own}
