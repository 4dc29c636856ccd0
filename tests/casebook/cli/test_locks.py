"""Locks, with a stand-in for uv: what is resolved is uv's affair, what becomes of it is ours."""

import os
import shutil

import pytest

from casebook.cli.locks import LockError, all_locks, locks, make_lock, strays
from tests.casebook.builders import ADDITION, AXIS, OLDER
from tests.conftest import CASEBOOK

UV = """#!/bin/sh
echo "$@" > called
env > variables
cat > requirements-read
while [ "$1" != --output-file ]; do shift; done
cp "$2" preferred 2>/dev/null
{{ {answer}; }} > "$2"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    shutil.copytree(CASEBOOK / "tests" / "tiny", tmp_path / "project")
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python"))
    return tmp_path / "project"


def answers(project, answer):
    uv = project.parent / "bin" / "uv"
    uv.write_text(UV.format(answer=answer))
    uv.chmod(0o755)


def one(project, name):
    return next(lock_ for lock_ in locks(project) if lock_.name == name)


def test_tools_and_environments_have_a_lock_each(project):
    (project / "requirements.in").write_text("nox\n")
    (project / "conf" / "requirements" / "site.in").write_text("sphinx\n")
    names = [one.name for one in locks(project)]
    assert names[:3] == ["requirements", "site", "dictionary"]


def test_an_environment_may_have_no_lock_yet(project):
    one(project, "closure").path.unlink()
    answers(project, "echo 'counter==1 --hash=sha256:00'")
    make_lock(project, one(project, "closure"))
    assert "counter==1" in one(project, "closure").path.read_text()


def test_a_lock_names_where_its_requirements_stand(project):
    answers(project, "echo 'counter==1'; echo '    # via -r -'")
    make_lock(project, one(project, "closure"))
    assert "# via conf/tiny.toml\n" in one(project, "closure").path.read_text()


NO_SOLUTION = "echo 'error: No solution found: a and b' >&2; exit 1"
NO_PACKAGE = (
    "echo 'error: No solution found when resolving dependencies: Because {} was not found in the"
    " package registry and you require it, we can conclude that ...' >&2; exit 1"
)


def test_requirements_without_a_solution_are_an_observation(project):
    one(project, "closure").path.unlink()
    answers(project, NO_SOLUTION)
    make_lock(project, one(project, "closure"))
    unresolved = one(project, "closure").path.with_suffix(".unresolved")
    assert unresolved.read_text() == "No solution found: a and b\n"
    assert not one(project, "closure").path.exists()


def test_what_resolves_no_longer_keeps_its_lock(project):
    before = one(project, "closure").path.read_text()
    answers(project, NO_SOLUTION)
    with pytest.raises(LockError, match=r"tiny\.toml: cannot be resolved: .*--unresolved closure`"):
        make_lock(project, one(project, "closure"))
    assert one(project, "closure").path.read_text() == before
    assert not one(project, "closure").path.with_suffix(".unresolved").exists()


def test_what_resolves_no_longer_loses_its_lock_where_that_is_meant(project):
    answers(project, NO_SOLUTION)
    said = make_lock(project, one(project, "closure"), unresolved=True)
    assert said.startswith("closure: cannot be resolved")
    assert not one(project, "closure").path.exists()


def test_a_misspelt_package_is_a_mistake_and_no_observation(project):
    toml = project / "conf" / "tiny.toml"
    toml.write_text(toml.read_text().replace('"closure==1", "closure==2"', '"Closure_s"'))
    answers(project, NO_PACKAGE.format("closure-s"))
    before = one(project, "closure-not-resolvable").path.with_suffix(".unresolved").read_text()
    with pytest.raises(LockError, match="nothing is written: fix 'Closure_s'"):
        make_lock(project, one(project, "closure-not-resolvable"))
    after = one(project, "closure-not-resolvable").path.with_suffix(".unresolved").read_text()
    assert after == before


def test_what_has_no_hash_is_not_locked(project):
    before = one(project, "closure").path.read_text()
    answers(project, "echo 'counter @ file:///tmp/counter'")
    with pytest.raises(LockError, match=r"tiny\.toml: counter @ file:///tmp/counter: has no hash"):
        make_lock(project, one(project, "closure"))
    assert one(project, "closure").path.read_text() == before


NO_RELEASE = (
    "echo 'error: No solution found when resolving dependencies: Because there is no version of {}"
    " and you require it, we can conclude that ...' >&2; exit 1"
)


def test_a_release_that_there_is_not_is_a_mistake_and_no_observation(project):
    toml = project / "conf" / "tiny.toml"
    toml.write_text(toml.read_text().replace('"closure==1", "closure==2"', '"closure==1.99"'))
    answers(project, NO_RELEASE.format("closure==1.99"))
    lock = one(project, "closure-not-resolvable")
    with pytest.raises(LockError, match=r"nothing is written: fix 'closure==1\.99'"):
        make_lock(project, lock)
    for meant in (True, False):  # what was meant once stays so
        said = make_lock(project, lock, unresolved=meant)
        assert said.startswith("closure-not-resolvable: cannot be resolved")


@pytest.mark.parametrize("release", ["something-else==2", "closure==3"])
def test_a_release_that_another_package_asks_for_and_is_gone_is_an_observation(project, release):
    answers(project, NO_RELEASE.format(release))
    said = make_lock(project, one(project, "closure-not-resolvable"))
    assert said.startswith("closure-not-resolvable: cannot be resolved")


def test_a_package_that_a_release_asks_for_and_is_gone_is_an_observation(project):
    answers(project, NO_PACKAGE.format("something-else"))
    said = make_lock(project, one(project, "closure-not-resolvable"))
    assert said.startswith("closure-not-resolvable: cannot be resolved")


def test_a_lock_takes_the_place_of_the_reason_why_there_was_none(project):
    answers(project, "echo 'counter==1'")
    make_lock(project, one(project, "closure-not-resolvable"))
    assert not one(project, "closure-not-resolvable").path.with_suffix(".unresolved").exists()


@pytest.mark.parametrize(
    "said",
    [
        "error: Request failed after 3 retries",
        "error: No solution found: a was not found; hint: the network was disabled",
    ],
)
def test_without_network_the_lock_stays(project, said):
    before = one(project, "closure").path.read_text()
    answers(project, f"echo '{said}' >&2; exit 1")
    with pytest.raises(LockError, match=r"closure: conf/tiny\.toml: not locked"):
        make_lock(project, one(project, "closure"))
    assert one(project, "closure").path.read_text() == before


def test_what_the_machine_tells_uv_and_pip_does_not_reach_the_lock(project, monkeypatch):
    monkeypatch.setenv("UV_FIND_LINKS", "/opt/wheels")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://elsewhere.example/")
    answers(project, "echo 'counter==1'")
    make_lock(project, one(project, "closure"))
    variables = (project / "variables").read_text()
    assert "UV_FIND_LINKS" not in variables
    assert "PIP_EXTRA_INDEX_URL" not in variables
    assert os.environ["PATH"] in variables


def test_every_lock_of_this_project_is_made_of_hashes_and_names_no_index():
    for made in locks(CASEBOOK):
        lines = made.path.read_text().splitlines()
        pinned = [line for line in lines if "==" in line]
        assert all(line.endswith("\\") for line in pinned), made.path
        assert not [line for line in lines if "://" in line or line.startswith("--")], made.path


# --- What axes generate ---------------------------------------------------------------------------

LOCKS = "conf/requirements/tiny"


@pytest.fixture
def axis(project):
    toml = project / "conf" / "tiny.toml"
    toml.write_text(toml.read_text() + AXIS + ADDITION)
    return project


def test_a_swept_environment_keeps_the_releases_of_its_start_where_it_can(axis):
    (axis / LOCKS / "dictionary.txt").write_text("beads==7\ntally==2.0\n")
    answers(axis, "echo 'tally==1.0'")
    make_lock(axis, one(axis, OLDER))
    assert (axis / "preferred").read_text().startswith("beads==7\n")
    assert "tally==1.0" in (axis / LOCKS / f"{OLDER}.txt").read_text()


def test_its_twin_keeps_the_releases_of_the_swept_environment(axis):
    answers(axis, "echo 'abacus==1'")
    make_lock(axis, one(axis, f"{OLDER}-with-abacus"))
    assert f"--constraint {LOCKS}/{OLDER}.txt" in (axis / "called").read_text()


def test_a_twin_of_what_cannot_be_resolved_cannot_be_either(axis):
    (axis / LOCKS / f"{OLDER}.unresolved").write_text("no tally goes with beads\n")
    answers(axis, "echo 'abacus==1'")
    said = make_lock(axis, one(axis, f"{OLDER}-with-abacus"))
    assert said == f"{OLDER}-with-abacus: cannot be resolved: no tally goes with beads"
    assert not (axis / "called").exists()


def test_an_axis_of_python_is_resolved_for_each(axis):
    toml = axis / "conf" / "tiny.toml"
    toml.write_text(toml.read_text().replace('"tally"', '"python"').replace(RELEASES, '["3.12"]'))
    answers(axis, "true")
    make_lock(axis, one(axis, "dictionary-at-python-3.12"))
    assert "--python-version 3.12" in (axis / "called").read_text()
    assert "for Python 3.12" in (axis / LOCKS / "dictionary-at-python-3.12.txt").read_text()


RELEASES = '["1.0", "1.1", "2.0"]'


def test_a_release_that_cannot_even_be_built_is_an_observation(axis):
    answers(
        axis, "echo 'error: Failed to build tally: The build backend returned an error' >&2; exit 1"
    )
    said = make_lock(axis, one(axis, OLDER))
    assert said.startswith(f"{OLDER}: cannot be resolved: Failed to build tally")


def test_what_a_new_lock_of_the_start_leaves_to_its_axis_is_locked_too(axis):
    (axis / LOCKS / "dictionary.txt").write_text("tally==2.0\n")
    seen = []
    for lock in all_locks(axis):
        seen.append(lock.name)
        if lock.name == "dictionary":
            lock.path.write_text("tally==3.0\n")
    assert "dictionary-at-tally-2.0" in seen
    assert len(seen) == len(set(seen))


def test_a_lock_that_nothing_has_any_more_is_named(axis):
    assert strays(axis) == []
    (axis / LOCKS / "dictionary-at-tally-0.9.txt").write_text("tally==0.9\n")
    assert strays(axis) == [f"{LOCKS}/dictionary-at-tally-0.9.txt"]


def test_this_project_keeps_no_lock_that_nothing_has():
    assert strays(CASEBOOK) == []
