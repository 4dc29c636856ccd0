"""Candidates: everything that can take the place of a release, and what is wrong with others."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from casebook.releases import uv
from casebook.releases.candidates import NotBuilt, WrongCandidate, candidate, parted
from tests.casebook.releases.builders import LIBRARY, checkout, git
from tests.casebook.releases.wheels import wheel

pytestmark = pytest.mark.slow


@pytest.fixture
def made(tmp_path, on_index):
    """Make a candidate of `tally`, called from a folder of the test's own."""

    def of(what, **how):
        return candidate(tmp_path / "project", "tally", what, called_from=tmp_path, **how)

    return of


@pytest.mark.parametrize(
    ("text", "package", "what"),
    [
        ("Flask_Admin @ ../a folder/admin", "flask-admin", "../a folder/admin"),
        ("flask-admin@2.1.0", "flask-admin", "2.1.0"),
        ("flask-admin==2.1.0", "flask-admin", "2.1.0"),
        ("a @ git+ssh://git@host/a.git@main", "a", "git+ssh://git@host/a.git@main"),
    ],
)
def test_a_candidate_is_a_package_and_what_takes_its_place(text, package, what):
    assert parted(text) == (package, what)


@pytest.mark.parametrize("text", ["flask-admin", "@ 2.1.0", "flask-admin @", ""])
def test_another_form_is_told_what_to_write(text):
    with pytest.raises(WrongCandidate, match=r"write PACKAGE @ PATH-OR-URL-OR-VERSION"):
        parted(text)


def test_a_release_is_taken_from_the_index(made):
    assert made("1.3").requirement == "==1.3"
    assert made("2.0rc1").named == "tally 2.0rc1"


def test_a_release_that_the_index_has_not_is_no_candidate(made):
    with pytest.raises(WrongCandidate, match=r"tally 1\.33: the index lists no such release; did"):
        made("1.33")


def test_what_is_neither_a_release_nor_a_path_is_no_candidate(made):
    with pytest.raises(WrongCandidate, match=r"'no/such/folder' is neither a release of tally nor"):
        made("no/such/folder")


def test_a_checkout_becomes_a_wheel_also_where_its_path_has_spaces(made, tmp_path):
    checkout(tmp_path / "my checkout", LIBRARY.format(first=7))
    built = made("my checkout")
    assert built.release == "1.5"
    assert built.wheel.file.is_file()
    assert built.named.startswith("the checkout my checkout at ")
    assert "not committed" not in built.named


def test_a_checkout_that_was_changed_says_so_and_is_another_candidate(made, tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    before = made("tree")
    (folder / "tally" / "__init__.py").write_text(LIBRARY.format(first=8))
    after = made("tree")
    for left in ("build/lib", "tally.egg-info"):  # by the builds, and nobody's change
        (folder / left).mkdir(parents=True, exist_ok=True)
        (folder / left / "left").write_text("behind")
    assert made("tree").named == after.named
    assert after.named.endswith(", with 1 file changed and not committed")
    assert after.wheel.holds != before.wheel.holds


@pytest.mark.slow
def test_what_an_earlier_build_left_in_a_checkout_is_not_taken_along(tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    project = (folder / "pyproject.toml").read_text().partition("[project]")[2]
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools>=80"]\n'
        'build-backend = "setuptools.build_meta"\n'
        f'[project]{project}[tool.setuptools]\npackages = ["tally"]\n'
    )
    (folder / "build" / "lib" / "tally").mkdir(parents=True)
    (folder / "build" / "lib" / "tally" / "removed.py").write_text("left behind")
    wheel = candidate(tmp_path / "project", "tally", "tree", called_from=tmp_path).wheel
    assert wheel
    names = zipfile.ZipFile(wheel.file).namelist()
    assert [name for name in names if name.endswith(".py")] == ["tally/__init__.py"]


def test_a_file_that_git_does_not_know_yet_is_a_change_too(made, tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    (folder / "tally" / "new.py").touch()
    assert made("tree").named.endswith(", with 1 file changed and not committed")


def test_a_wheel_that_was_copied_in_part_is_none(made, tmp_path, monkeypatch):
    def breaks_off(wheel, place):
        Path(place).write_bytes(b"half")
        raise KeyboardInterrupt

    checkout(tmp_path / "tree", LIBRARY.format(first=7))
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            made("tree")
    assert zipfile.is_zipfile(made("tree").wheel.file)


def test_a_checkout_built_again_is_the_same_candidate(made, tmp_path):
    checkout(tmp_path / "tree", LIBRARY.format(first=7))
    first = made("tree").wheel
    os.utime(first.file, (1, 1))
    assert made("tree").wheel == first


def test_a_folder_without_git_is_named_as_a_folder(made, tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    (folder / ".git").rename(tmp_path / "elsewhere")
    assert made("tree").named == "the folder tree"


def test_a_checkout_can_be_installed_as_it_is(made, tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    built = made("tree", editable=True)
    assert built.wheel.editable == folder
    assert built.named.endswith(", installed as an editable one")


def test_a_wheel_is_taken_as_it_is(made, tmp_path):
    wheel(tmp_path, "tally", "3.0", LIBRARY.format(first=1))
    assert made("tally-3.0-py3-none-any.whl").release == "3.0"
    assert made((tmp_path / "tally-3.0-py3-none-any.whl").as_uri()).release == "3.0"


def test_a_wheel_of_another_package_is_no_candidate(made, tmp_path):
    wheel(tmp_path, "talley", "3.0", "")
    with pytest.raises(WrongCandidate, match=r"holds talley, not tally"):
        made("talley-3.0-py3-none-any.whl")


def test_a_wheel_comes_from_an_address(made, on_index):
    address = on_index.removesuffix("/simple") + "/files/tally-1.3-py3-none-any.whl"
    built = made(address)
    assert (built.release, built.wheel.package) == ("1.3", "tally")
    assert built.named == f"tally-1.3-py3-none-any.whl from {address}"


def test_an_address_of_no_archive_is_told_how_a_repository_is_written(made):
    with pytest.raises(WrongCandidate, match=r"of a repository write git\+https"):
        made("https://example.com/tally")


def test_an_address_that_does_not_answer_is_said_to(made):
    with pytest.raises(NotBuilt, match=r"127\.0\.0\.1:9/tally\.zip"):
        made("http://127.0.0.1:9/tally.zip")


@pytest.mark.parametrize("reference", ["main", "v1"])
def test_a_git_reference_is_fetched(made, tmp_path, reference):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    git(folder, "tag", "v1")
    built = made(f"git+{folder.as_uri()}@{reference}")
    assert built.release == "1.5"
    assert f" at {reference}, commit " in built.named


def test_a_git_reference_may_be_left_out_or_be_a_commit_s_short_name(made, tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    whole = made(f"git+{folder.as_uri()}")
    commit = whole.named.rpartition(" ")[2]
    assert made(f"git+{folder.as_uri()}@{commit[:8]}").wheel == whole.wheel


def test_a_package_may_be_in_a_folder_of_a_repository(made, tmp_path):
    whole = checkout(tmp_path / "whole" / "src", LIBRARY.format(first=7)).parent
    shutil.rmtree(whole / "src" / ".git")
    git(whole, "init", "--quiet", "--initial-branch", "main")
    git(whole, "add", ".")
    git(whole, "commit", "--quiet", "--message", "Count elsewhere")
    assert made(f"git+{whole.as_uri()}@main#subdirectory=src").release == "1.5"


def instead_of(monkeypatch, address, folder):
    """Let git take a folder for what is at an address."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{folder.as_uri()}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", address)


@pytest.mark.parametrize("page", ["", "/", "/files", "/commits/0a1b2c"])
def test_the_address_of_a_pull_request_is_what_it_proposes(made, tmp_path, monkeypatch, page):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    git(folder, "update-ref", "refs/pull/12/merge", "HEAD")
    (folder / "tally" / "__init__.py").write_text(LIBRARY.format(first=8))
    git(folder, "commit", "--quiet", "--all", "--message", "Count from 8")
    git(folder, "update-ref", "refs/pull/12/head", "HEAD")
    instead_of(monkeypatch, "https://github.com/count/tally", folder)
    proposed = made(f"https://github.com/count/tally/pull/12{page}")
    assert proposed.wheel == made("tree").wheel
    assert proposed.named.startswith("https://github.com/count/tally at refs/pull/12/head, commit ")


def test_no_password_of_an_address_is_told(made, tmp_path, monkeypatch):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    instead_of(monkeypatch, "https://me:secret@git.example/tally", folder)
    named = made("git+https://me:secret@git.example/tally@main").named
    assert named.startswith("https://git.example/tally at main, commit ")


@pytest.mark.parametrize(
    "address",
    [
        "http://me:secret@127.0.0.1:9/tally.zip",
        "http://127.0.0.1:9/tally.zip?token=secret",
        "git+http://me:secret@127.0.0.1:9/tally@main",
    ],
)
def test_nor_where_it_does_not_answer(made, address):
    with pytest.raises(NotBuilt) as failed:
        made(address)
    assert "127.0.0.1" in str(failed.value)
    assert "secret" not in str(failed.value)


def test_a_git_reference_that_does_not_exist_is_said_with_git_s_words(made, tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=7))
    with pytest.raises(NotBuilt, match=r"git checkout: .*no-such-branch"):
        made(f"git+{folder.as_uri()}@no-such-branch")


def test_what_does_not_build_is_said_with_the_builder_s_words(made, tmp_path):
    checkout(tmp_path / "tree", "# does not build\n")
    with pytest.raises(NotBuilt, match=r"cannot be built: .*this tree does not build") as failed:
        made("tree")
    assert "Traceback" in failed.value.said


def test_a_folder_that_holds_no_package_is_no_candidate(made, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongCandidate, match=r"no pyproject\.toml and no setup\.py"):
        made("empty")


def test_a_file_that_is_no_wheel_inside_is_said_to_be_unreadable(made, tmp_path):
    (tmp_path / "tally-3.0-py3-none-any.whl").write_text("nothing")
    with pytest.raises(NotBuilt, match=r"tally-3\.0-py3-none-any\.whl cannot be read"):
        made("tally-3.0-py3-none-any.whl")


def test_uv_learns_nothing_else_of_the_machine(monkeypatch):
    monkeypatch.setenv("UV_FIND_LINKS", "/opt/wheels")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://elsewhere.example/")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mirror.example/simple/")
    told = uv.variables()
    assert told["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert not {"UV_FIND_LINKS", "PIP_EXTRA_INDEX_URL"} & told.keys()


def test_the_index_is_pypi_or_the_mirror_that_uv_or_pip_is_told_of(monkeypatch):
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert uv.index_url() == uv.PYPI
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple/")
    assert uv.index_url() == uv.variables()["UV_DEFAULT_INDEX"] == "https://pip.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple/")
    assert uv.index_url() == "https://uv.example/simple"
