"""A lock must hold what its environment asks for, or the pages say what was not installed."""

import pytest

from casebook.plan.conf import investigation_ids, read_investigation, read_unlocked
from casebook.plan.mistakes import PlanError
from casebook.releases.fitting import check_fits
from tests.casebook.builders import ADDITION, OLDER, TWIN, append
from tests.conftest import CASEBOOK, Project

TOML = "conf/tiny.toml"
ROW = 'id = "closure"\ntitle = "Counting with a closure"\nbackend = "closure"\ninstall = []'


def asking(project: Project, install: str, locked: str) -> None:
    project.replace(TOML, ROW, ROW.replace("[]", f'["{install}"]'))
    project.write("conf/requirements/tiny/closure.txt", locked)


FITS = {
    "any release": ("Closure_Kit", "closure-kit==2.0\n"),
    "one that the bounds allow": ("closure-kit>=1,<3", "closure-kit==2.0\n"),
    "a pre-release": ("closure-kit>=1", "closure-kit==2.0rc1\n"),
    "with an extra": ("closure-kit[more]<3", "closure-kit==2.0\n"),
    "not for this Python": ("closure-kit; python_version < '3'", "other==1\n"),
}


@pytest.mark.parametrize(("install", "locked"), FITS.values(), ids=FITS)
def test_a_lock_that_holds_what_is_asked_for_fits(tiny: Project, install: str, locked: str) -> None:
    asking(tiny, install, locked)
    check_fits(tiny.root, read_investigation(tiny.root, "tiny"))


@pytest.mark.parametrize(
    ("locked", "has"), [("closure-kit==2.0\n", "closure-kit 2.0"), ("kit==1\n", "no closure-kit")]
)
def test_a_lock_that_does_not_is_refused_with_what_it_holds(
    tiny: Project, locked: str, has: str
) -> None:
    asking(tiny, "closure-kit<2", locked)
    with pytest.raises(PlanError) as caught:
        check_fits(tiny.root, read_investigation(tiny.root, "tiny"))
    assert caught.value.key == "environment 'closure'.install"
    assert caught.value.problem.endswith(f"conf/requirements/tiny/closure.txt holds {has}")
    assert caught.value.fix == "run `nox -s lock -- closure`"


@pytest.mark.parametrize("id", [OLDER, TWIN, f"{OLDER}-with-abacus"])
def test_the_locks_of_what_axes_and_additions_make_are_held_against_it_too(
    swept: Project, id: str
) -> None:
    append(swept, TOML, ADDITION)
    for twin in read_unlocked(swept.root, "tiny").twins:
        swept.write(twin.lock, "")
    check_fits(swept.root, read_investigation(swept.root, "tiny"))
    swept.write(f"conf/requirements/tiny/{id}.txt", "other==1\n")
    with pytest.raises(PlanError) as caught:
        check_fits(swept.root, read_investigation(swept.root, "tiny"))
    assert caught.value.key == f"environment '{id}'.install"


@pytest.mark.parametrize("command", ["summary", "needs experiments", "site"])
def test_no_command_that_judges_or_runs_goes_on_with_it(tiny: Project, command: str) -> None:
    asking(tiny, "closure-kit<2", "closure-kit==2.0\n")
    process = tiny.casebook(*command.split())
    assert process.returncode == 2
    assert "holds closure-kit 2.0; run `nox -s lock -- closure`" in process.stderr


@pytest.mark.parametrize("id", investigation_ids(CASEBOOK))
def test_the_locks_of_this_project_fit(id: str) -> None:
    check_fits(CASEBOOK, read_investigation(CASEBOOK, id))
