"""Publishing: nothing that was published changes, whatever happens."""

import filecmp
import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from casebook import files
from casebook.editions import folder, manifest
from casebook.editions.folder import PublishError, publish
from casebook.editions.manifest import ListedPage, Manifest
from tests.casebook.editions.builders import Ids, contents
from tests.conftest import Project

TODAY = date(2026, 11, 20)


def site(folder: Path, name: str, pages: dict[str, dict[str, str]], **more: dict) -> Path:
    """Write what of a built site publishing reads; return its folder."""
    own = Manifest(
        1, name, f"digest of {name}",
        {page: ListedPage("pattern", ids) for page, ids in pages.items()}, more.get("renamed", {}),
    )  # fmt: skip
    built = folder / f"built-{name}"
    for page in pages:
        (built / page).parent.mkdir(parents=True, exist_ok=True)
        (built / page).write_text(f"{page} of {name}")
    for file, text in manifest.files(own):
        (built / file).parent.mkdir(parents=True, exist_ok=True)
        (built / file).write_text(text)
    (built / "404.html").write_text(f"none in {name}")
    return built


@pytest.fixture
def one(tmp_path):
    return site(tmp_path, "one", {"index.html": {}, "a/x.html": {"f": "supported", "g": "refuted"}})


@pytest.fixture
def two(tmp_path):
    return site(tmp_path, "two", {"index.html": {}, "a/x.html": {"f": "refuted"}})


def test_publishing_again_changes_nothing(tmp_path, one):
    public = tmp_path / "public"
    assert "published, the latest of 1" in publish(one, public, "T", TODAY)
    before = contents(public)
    assert "still the latest" in publish(one, public, "T", date(2027, 1, 1))
    assert contents(public) == before


def test_another_content_under_the_same_name_is_refused_and_nothing_is_changed(tmp_path, one):
    public = tmp_path / "public"
    publish(one, public, "T", TODAY)
    before = contents(public)
    (one / "a/x.html").write_text("another")
    (one / "more.html").write_text("more")
    with pytest.raises(PublishError, match=r"differ: a/x.html, more.html"):
        publish(one, public, "T", TODAY)
    assert contents(public) == before


def test_of_two_who_publish_at_once_one_is_told_to_wait(tmp_path, one, two, monkeypatch):
    public, prepare = tmp_path / "public", folder._prepare

    def meanwhile(*arguments: Any) -> None:
        monkeypatch.setattr(folder, "_prepare", prepare)
        with pytest.raises(PublishError, match="publish again once that is done"):
            publish(two, public, "T", TODAY)
        prepare(*arguments)

    monkeypatch.setattr(folder, "_prepare", meanwhile)
    assert "published, the latest of 1" in publish(one, public, "T", TODAY)
    assert "published, the latest of 2" in publish(two, public, "T", TODAY)


def test_an_earlier_edition_becomes_the_latest_again(tmp_path, one, two):
    public = tmp_path / "public"
    publish(one, public, "T", TODAY)
    publish(two, public, "T", TODAY)
    assert "now the latest" in publish(one, public, "T", TODAY)
    index = folder.read_index(public)
    assert index.latest == "one"
    assert [entry.edition for entry in index.editions] == ["two", "one"]
    assert (public / "latest" / "index.html").read_text() == "index.html of one"
    assert not list((public / "redirects").rglob("*.js"))


def test_a_folder_of_something_else_is_left_alone(tmp_path, one):
    public = tmp_path / "public"
    (public / "docs").mkdir(parents=True)
    with pytest.raises(PublishError, match=r"docs exists, but no editions.json"):
        publish(one, public, "T", TODAY)
    assert [path.name for path in public.iterdir()] == ["docs"]


def test_what_a_branch_holds_that_is_served_may_stay(tmp_path, one):
    public = tmp_path / "public"
    (public / ".git").mkdir(parents=True)
    (public / "CNAME").write_text("casebook.example\n")
    publish(one, public, "T", TODAY)
    assert (public / "CNAME").read_text() == "casebook.example\n"


def test_an_index_that_cannot_be_read_is_named(tmp_path, one):
    public = tmp_path / "public"
    public.mkdir()
    (public / "editions.json").write_text('{"schema": 1, "latest": 3}')
    with pytest.raises(PublishError, match=r"editions.json: .*\$.latest"):
        publish(one, public, "T", TODAY)


def test_an_edition_whose_folder_is_gone_is_named(tmp_path, one, two):
    public = tmp_path / "public"
    publish(one, public, "T", TODAY)
    shutil.rmtree(public / "one")
    with pytest.raises(PublishError, match=r"one: its addresses cannot be read"):
        publish(two, public, "T", TODAY)
    assert not (public / "two").exists()


STEPS = 40
"""More steps than publishing two small editions takes."""


def killed_at(step: int, built: Path, public: Path) -> bool:
    """Publish in a process that ends at a step on the file system; return whether it got there."""
    child = os.fork()
    if not child:
        left = step

        def counted(work):
            def counting(*arguments, **options):
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return work(*arguments, **options)

            return counting

        try:
            for owner, name in (
                (os, "rename"), (os, "replace"), (shutil, "copytree"), (shutil, "copy"),
                (files, "_exchange"), (folder, "_write"),
            ):  # fmt: skip
                setattr(owner, name, counted(getattr(owner, name)))
            publish(built, public, "T", TODAY)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def test_a_killed_publishing_leaves_whole_editions_and_the_next_one_mends_the_rest(
    tmp_path, one, two
):
    whole = tmp_path / "whole"
    publish(one, whole, "T", TODAY)
    publish(two, whole, "T", TODAY)
    at = 0
    for at in range(STEPS):
        public = tmp_path / f"public-{at}"
        publish(one, public, "T", TODAY)
        killed = killed_at(at, two, public)
        assert contents(public / "one") == contents(one)
        assert (public / "two").exists() <= (contents(public / "two") == contents(two))
        latest = contents(public / "latest")
        assert latest in (contents(one), contents(two))
        publish(two, public, "T", TODAY)
        assert contents(public) == contents(whole)
        if not killed:
            break
    assert 10 < at < STEPS - 1


def test_where_folders_cannot_be_exchanged_one_takes_the_place_of_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    rename, names = os.rename, []

    def failing(one: Path, other: Path) -> None:
        names.append(one.name)
        if len(names) == 2:
            raise KeyboardInterrupt
        rename(one, other)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(KeyboardInterrupt):
        files.swap(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "old").exists()
    files.swap(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "new").exists()


# --- What editions share --------------------------------------------------------------------------


def test_histories_lie_beside_the_editions_and_those_of_earlier_ones_stay(
    tmp_path: Path,
) -> None:
    public, shared = tmp_path / "public", tmp_path / "histories"
    shared.mkdir()
    (shared / "one.html").write_text("one")
    publish(site(tmp_path, "first", {"page.html": {}}), public, "title", TODAY)
    (shared / "one.html").unlink()
    (shared / "two.html").write_text("two")
    publish(site(tmp_path, "second", {"page.html": {}}), public, "title", TODAY)
    assert {path.name for path in (public / "histories").iterdir()} == {"one.html", "two.html"}
    assert not list(public.glob("*/histories"))


def test_what_the_edition_before_has_too_takes_no_room_again(tmp_path: Path) -> None:
    public = tmp_path / "public"
    for name in ("first", "second"):
        built = site(tmp_path, name, {"page.html": {}})
        (built / "same.txt").write_text("the same in both")
        publish(built, public, "title", TODAY)
    first, second = public / "first", public / "second"
    assert (first / "same.txt").samefile(second / "same.txt")
    assert not (first / "page.html").samefile(second / "page.html")
    assert (second / "page.html").read_text() == "page.html of second"


def test_where_no_file_can_be_linked_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", failing)
    public = tmp_path / "public"
    for name in ("first", "second"):
        built = site(tmp_path, name, {"page.html": {}})
        (built / "same.txt").write_text("the same in both")
        publish(built, public, "title", TODAY)
    assert (public / "second" / "same.txt").read_text() == "the same in both"


@pytest.mark.slow
def test_what_an_edition_brought_is_counted_and_a_renamed_finding_is_the_same(editions):
    second, first = json.loads((editions.public / "editions.json").read_text())["editions"]
    assert (first["changed"], first["went"]) == (0, 0)
    assert first["appeared"] == sum(first["findings"].values())
    # counts-by-name counts from 0 now; one-global, with three claims, went.
    assert (second["changed"], second["appeared"], second["went"]) == (1, 0, 3)
    assert second["statements"] == {"upheld": 1, "overturned": 1}


@pytest.mark.slow
def test_latest_is_the_edition_and_what_leads_on_from_pages_that_went(editions):
    compared = filecmp.dircmp(editions.public / editions.second, editions.public / "latest")
    assert not compared.left_only
    assert not compared.diff_files
    there = {"counter-per-name.html", "one-global.html"}
    patterns = compared.subdirs["tiny"].subdirs["patterns"]
    assert set(patterns.right_only) == there
    assert not patterns.diff_files


@pytest.mark.slow
def test_a_page_that_went_leads_to_what_is_there_and_says_what_that_is(editions):
    pages = editions.public / "latest" / "tiny" / "patterns"
    renamed, removed = (pages / f"{one}.html" for one in ("counter-per-name", "one-global"))
    assert ">Where it is now</a>" in renamed.read_text()
    assert ">As it was in the last edition that had it</a>" in removed.read_text()


@pytest.mark.slow
def test_programs_and_servers_find_what_they_ask_for_at_the_root(editions):
    for name in ("verdicts.json", "verdicts.schema.json", "objects.inv", "404.html", "sitemap.xml"):
        own = editions.public / editions.second / name
        assert (editions.public / name).read_bytes() == own.read_bytes()
    assert (editions.public / ".nojekyll").exists()


@pytest.mark.slow
def test_the_index_of_editions_names_them_newest_first_and_links_to_each(editions):
    text = (editions.public / "index.html").read_text()
    links = [link for link in Ids(text).links if link.endswith("/index.html")]
    assert links == ["latest/index.html"] * 2 + [
        f"{name}/index.html" for name in (editions.second, editions.first)
    ]


@pytest.mark.slow
def test_the_same_tree_built_elsewhere_gives_the_same_bytes(editions, tmp_path, monkeypatch):
    elsewhere = Project(tmp_path / "another folder" / "deeper")
    ignored = shutil.ignore_patterns("public", "build", "__pycache__")
    shutil.copytree(editions.public.parent, elsewhere.root, ignore=ignored)
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    elsewhere.command("casebook", "--root", str(elsewhere.root), "publish", "kept")
    there = elsewhere.path(f"kept/{editions.second}")
    assert contents(there) == contents(editions.public / editions.second)
