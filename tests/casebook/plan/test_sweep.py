"""The environments that axes generate, and what is said of an axis that is wrong."""

from itertools import pairwise

import pytest
from packaging.version import Version

from casebook.plan.bindings import environments
from casebook.plan.conf import read_investigation, read_unlocked
from casebook.plan.sweep import with_sweep
from tests.casebook.builders import ADDITION, AXIS, OLDER, append
from tests.casebook.plan.builders import TOML, error_of

LOCK = "conf/requirements/tiny/dictionary.txt"


def read(project):
    return read_unlocked(project.root, "tiny")


def points(project):
    investigation = read(project)
    return [
        (point.release, point.environment.id)
        for axis in investigation.axes
        for point in investigation.points(axis)
    ]


# --- Environments ---------------------------------------------------------------------------------


def test_without_an_axis_nothing_is_generated(tiny):
    investigation = read(tiny)

    assert with_sweep(investigation) == investigation
    assert investigation.swept == ()


def test_each_release_has_an_environment_that_differs_from_the_start(swept):
    older = read(swept).environment(OLDER)

    assert older.title == "Counting with a dictionary: tally 1.0"
    assert older.install == ("tally==1.0",)
    assert older.differs_from == "dictionary"
    assert older.axis == "tally"
    assert older.lock == f"conf/requirements/tiny/{OLDER}.txt"


def test_swept_environments_are_not_declared_ones_but_are_installed(swept):
    investigation = read(swept)

    assert OLDER not in [one.id for one in investigation.environments]
    assert OLDER in [one.id for one in investigation.installed]


def test_a_sweep_changes_no_statement(swept):
    investigation = read(swept)
    running = environments(investigation, investigation.pattern("counts-by-name"))

    assert not [one.id for one in running if one.axis]


def test_a_release_that_the_start_s_lock_pins_is_not_generated(swept):
    swept.write(LOCK, "tally==1.1 \\\n    --hash=sha256:00\n")

    assert points(swept) == [
        ("1.0", OLDER),
        ("1.1", "dictionary"),
        ("2.0", "dictionary-at-tally-2.0"),
    ]


def test_a_series_is_what_the_start_has_of_it(swept):
    swept.write(LOCK, "tally==2.0.7\n")

    assert points(swept)[-1] == ("2.0", "dictionary")


def test_a_release_that_begins_alike_is_another(swept):
    swept.write(LOCK, "tally==1.10\n")

    assert points(swept)[1] == ("1.1", "dictionary-at-tally-1.1")


def test_a_declared_environment_that_installs_the_same_stands_for_a_release(swept):
    declared = (
        '\n[[environment]]\nid = "old-tally"\ntitle = "Old"\nbackend = "dictionary"\n'
        'install = ["tally == 1.0"]\nimports = ["json"]\nsource = "a letter"\n'
    )
    append(swept, TOML, declared)

    assert points(swept)[0] == ("1.0", "old-tally")


def test_the_requirement_of_the_package_is_replaced_and_keeps_its_extras(swept):
    text = swept.path(TOML).read_text()
    before = 'backend = "dictionary"\ninstall = []'
    swept.write(TOML, text.replace(before, before.replace("[]", '["Tally[more]>=1", "beads"]'), 1))

    assert read(swept).environment(OLDER).install == ("tally[more]==1.0", "beads")


def test_other_requirements_may_take_the_place_of_the_start_s(swept):
    swept.replace(
        TOML, 'releases = ["1.0", "1.1", "2.0"]', RELEASES + 'install = ["t=={release}.*"]'
    )

    assert read(swept).environment(OLDER).install == ("t==1.0.*",)


RELEASES = 'releases = ["1.0", "1.1", "2.0"]\n'


def test_a_companion_is_installed_and_the_source_says_why(swept):
    append(
        swept,
        TOML,
        '\n[[axis.with]]\nreleases = ["1.0"]\ninstall = ["abacus<2"]\nwhy = "it needs beads"\n',
    )
    older = read(swept).environment(OLDER)

    assert older.install == ("tally==1.0", "abacus<2")
    assert older.source == (
        "the environment `dictionary`, at tally 1.0, with abacus<2: it needs beads"
    )
    assert read(swept).environment("dictionary-at-tally-1.1").install == ("tally==1.1",)


def test_a_release_of_another_name_is_installed_and_imported_by_that_name(swept):
    former = '\n[[axis.former]]\npackage = "count"\nreleases = ["1.0"]\nimports = ["string"]\n'
    append(swept, TOML, former)
    older = read(swept).environment("dictionary-at-count-1.0")

    assert older.install == ("count==1.0",)
    assert older.imports == ("string",)
    assert older.axis == "tally"


def test_an_axis_of_python_changes_no_requirement(tiny):
    axis = '\n[[axis]]\npackage = "python"\nfrom = "dictionary"\nreleases = ["3.11", "3.12"]\n'
    append(tiny, TOML, axis)
    later = read(tiny).environment("dictionary-at-python-3.12")

    assert points(tiny)[0] == ("3.11", "dictionary")
    assert (later.python, later.install) == ("3.12", ())
    assert later.title == "Counting with a dictionary: Python 3.12"


def test_an_axis_may_run_some_patterns_alone_and_every_control(swept):
    investigation = read(swept)
    declared = investigation.patterns_in(investigation.environment("dictionary"))
    swept.replace(TOML, RELEASES, RELEASES + "patterns = []\n")
    investigation = read(swept)

    left = investigation.patterns_in(investigation.environment(OLDER))
    assert left == tuple(pattern for pattern in declared if pattern.control)
    assert investigation.patterns_in(investigation.environment("dictionary")) == declared


# --- Twins ----------------------------------------------------------------------------------------


def test_twins_follow(swept):
    append(swept, TOML, ADDITION)
    twin = read(swept).environment(f"{OLDER}-with-abacus")

    assert twin.install == ("tally==1.0", "abacus")
    assert twin.differs_from == OLDER


def test_twins_follow_only_where_the_axis_lets_them(swept):
    swept.replace(TOML, RELEASES, RELEASES + "additions = []\n")
    append(swept, TOML, ADDITION)

    twins = [one.id for one in read(swept).twins]
    assert twins == ["dictionary-with-abacus"]


# --- Mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ('from = "dictionary"', 'from = "dictionery"', "from", "unknown environment 'dictionery'"),
        ('package = "tally"', 'package = "Tally"', "package", "unknown normalised name 'Tally'"),
        (RELEASES, 'releases = ["2.0", "1.0"]\n', "releases", "the oldest does not come first"),
        (RELEASES, 'releases = ["2.0", "2.0b1"]\n', "releases", "the oldest does not come first"),
        (RELEASES, 'releases = ["1.0", "1.0"]\n', "releases", "'1.0' stands there twice"),
        (RELEASES, 'releases = ["2.10", "2.9"]\n', "releases", "the oldest does not come first"),
        (RELEASES, 'releases = ["1.0/2"]\n', "releases", "'1.0/2' is no release as"),
        (RELEASES, 'releases = ["latest"]\n', "releases", "'latest' is no release as"),
        (RELEASES, 'releases = ["2.0.x"]\n', "releases", "'2.0.x' is no release as"),
        (RELEASES, RELEASES + 'additions = ["abacus"]\n', "additions", "unknown addition 'abacus'"),
        (
            RELEASES,
            RELEASES + 'patterns = ["one-global"]\n',
            "patterns",
            "unknown pattern 'one-global'",
        ),
        (
            RELEASES,
            RELEASES + '[[axis.with]]\nreleases = ["3"]\ninstall = ["a"]\nwhy = "b"\n',
            "with.releases",
            "unknown release '3'",
        ),
        (
            RELEASES,
            RELEASES + '[[axis.former]]\nreleases = ["3"]\npackage = "a"\n',
            "former.releases",
            "unknown release '3'",
        ),
    ],
)
def test_a_mistake_in_an_axis_is_named_with_its_place(swept, old, new, place, problem):
    at = AXIS.replace(old, new).partition('"')[2]
    swept.replace(TOML, AXIS.partition('"')[2], at)
    error = error_of(read, swept)

    assert error.problem.startswith(problem)
    assert error.key.startswith("axis '")
    assert error.key.endswith(f"'.{place}")


IN_ORDER = [
    *("1.9", "1.10", "2.0.dev1", "2.0a1.dev1", "2.0a1", "2.0a2", "2.0a10", "2.0b1", "2.0.0rc1"),
    *("2.0", "2.0.post1", "2.0.1", "2.0.10", "2.1"),
]
"""Releases from the oldest on, as PEP 440 orders them."""


def test_the_order_of_releases_is_that_of_the_index(swept):
    assert sorted(IN_ORDER, key=Version) == IN_ORDER
    for older, newer in pairwise(IN_ORDER):
        first, second = f'releases = ["{older}", "{newer}"]', f'releases = ["{newer}", "{older}"]'
        text = swept.path(TOML).read_text()
        swept.write(TOML, text.replace(RELEASES.strip(), first))
        assert read(swept).axes[0].releases == (older, newer)
        swept.write(TOML, text.replace(RELEASES.strip(), second))
        assert error_of(read, swept).problem == "the oldest does not come first"
        swept.write(TOML, text)


@pytest.mark.parametrize(("named", "wrong"), [("tally", False), ("tallly", True)])
def test_an_axis_is_of_a_package_that_its_start_has(swept, named, wrong):
    swept.write("conf/requirements/tiny/dictionary.txt", "abacus==1\ntally==2.0\n")
    swept.replace(TOML, 'package = "tally"', f'package = "{named}"')
    if wrong:
        error = error_of(read, swept)
        assert error.key == "axis 'tallly' from 'dictionary'.package"
        assert error.problem == "environment 'dictionary' has no package 'tallly'"
        assert "did you mean 'tally'?" in error.fix
    else:
        assert read(swept).axes


def test_an_axis_is_declared_once(swept):
    append(swept, TOML, AXIS)

    assert "two [[axis]] tables" in str(error_of(read, swept))


def test_a_companion_without_a_reason_is_refused(swept):
    append(swept, TOML, '\n[[axis.with]]\nreleases = ["1.0"]\ninstall = ["a"]\n')

    assert str(error_of(read, swept)).startswith("conf/tiny.toml: axis[1].with[1].why: ")


def test_a_declared_environment_may_not_have_a_generated_id(swept):
    declared = (
        f'\n[[environment]]\nid = "{OLDER}"\ntitle = "Old"\nbackend = "closure"\n'
        'install = []\nimports = ["json"]\nsource = "a letter"\n'
    )
    append(swept, TOML, declared)

    assert error_of(read, swept).key == f"environment '{OLDER}'.id"


def test_a_release_without_a_lock_asks_for_it(swept):
    swept.path(f"conf/requirements/tiny/{OLDER}.txt").unlink()

    error = error_of(read_investigation, swept.root, "tiny")
    assert error.fix == "create it with `nox -s lock`"
