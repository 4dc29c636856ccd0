"""Claims are read anew, kept apart, and refused where they could not mean anything."""

import shutil
import sys
from dataclasses import replace
from types import ModuleType

import pytest

from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.mistakes import PlanError
from tests.casebook.plan.builders import CLAIMS, TOML, claims_of, error_of

# --- Claims ---------------------------------------------------------------------------------------


def test_claims_come_in_the_order_in_which_they_are_defined(tiny):
    assert [claim.id for claim in claims_of(tiny)] == ["wires", "counts-apart", "no-warnings"]


def test_claims_are_read_again_when_their_file_changes(tiny):
    # `nox -s serve` stays alive while somebody edits the claims.
    assert claims_of(tiny)[1].title == "No conversation sees what another counted"
    tiny.replace(CLAIMS, "No conversation sees", "Never does a conversation see")

    assert claims_of(tiny)[1].title == "Never does a conversation see what another counted"


def test_two_projects_keep_their_claims_apart(tiny):
    # Both have a package `experiments`, as a test and the project itself do.
    other = replace(tiny, root=tiny.root.with_name("other"))
    shutil.copytree(tiny.root, other.root)
    other.replace(CLAIMS, "def no_warnings", "def says_nothing")

    assert claims_of(other)[2].id == "says-nothing"
    assert claims_of(tiny)[2].id == "no-warnings"
    assert "experiments.tiny.claims" not in sys.modules
    assert str(tiny.root) not in sys.path


def test_a_package_of_the_same_name_that_is_imported_stays_so(tiny, monkeypatch):
    # A process that has imported one project's experiments may read another's claims.
    imported = ModuleType("experiments")
    monkeypatch.setitem(sys.modules, "experiments", imported)

    assert claims_of(tiny)
    assert sys.modules["experiments"] is imported


WRONG_CLAIMS = {
    "an unknown condition": (
        'refuted_by={"mixed-up": "saw what"},',
        'refuted_by={"mixed-up": "saw what"},\n    unless=("wirs",),',
        "claim 'counts-apart'.unless",
        "'wires'",
    ),
    "two of one id": ("def no_warnings", "def wires", "claim 'wires'", "rename one"),
    "no right control": (
        'supported_by=("kept-apart",),\n    refuted_by={"mixed-up": "saw what"},',
        'supported_by=(),\n    refuted_by={"mixed-up": "saw what"},',
        "claim 'counts-apart'.supported_by",
        "write `supported_by=",
    ),
    "a text for a tuple": (
        'experiments=("in-turn", "overlap")',
        'experiments=("in-turn")',
        "claim 'counts-apart'.experiments",
        "write `experiments=",
    ),
    "a tuple for a dictionary": (
        'refuted_by={"mixed-up": "saw what"}',
        'refuted_by=("mixed-up",)',
        "claim 'counts-apart'.refuted_by",
        "write `refuted_by={",
    ),
    "a text for a bool": (
        "required=False",
        'required="no"',
        "claim 'no-warnings'.required",
        "write `required=False`",
    ),
    "a text for several conditions": (
        'refuted_by={"mixed-up": "saw what"},',
        'refuted_by={"mixed-up": "saw what"},\n    unless="wires",',
        "claim 'counts-apart'.unless",
        "write `unless=('a-claim',)`",
    ),
    "no wrong control": (
        'refuted_by={"mixed-up": "saw what"}',
        "refuted_by={}",
        "claim 'counts-apart'.refuted_by",
        "name a control that breaks the claim",
    ),
    "a wrong control without its reason": (
        'refuted_by={"mixed-up": "saw what"}',
        'refuted_by={"mixed-up": ""}',
        "claim 'counts-apart'.refuted_by",
        "add words from the reason",
    ),
    "a control that is not declared": (
        '"mixed-up": "saw what"',
        '"mixedup": "saw what"',
        "claim 'counts-apart'.controls",
        "did you mean 'mixed-up'?",
    ),
    "a control that is no control": (
        '"mixed-up": "saw what"',
        '"one-global": "saw what"',
        "claim 'counts-apart'.controls",
        "declare it with `control = true`",
    ),
    "a baseline that is no control": (
        'baseline="kept-apart"',
        'baseline="one-global"',
        "claim 'no-warnings'.baseline",
        "declare it with `control = true`",
    ),
    "an experiment without its module": (
        '("in-turn", "overlap")',
        '("in-turn", "overlapping")',
        "claim 'counts-apart'.experiments",
        "create it, or fix the name",
    ),
    "no gate": ("    gate=True,\n", "", "gate", "`gate=True`"),
    "two gates": ("required=False", "gate=True", "gate", "only on the claim"),
}


@pytest.mark.parametrize(("old", "new", "key", "fix"), WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_a_claim_that_could_not_mean_anything_is_refused(tiny, old, new, key, fix):
    tiny.replace(CLAIMS, old, new)

    error = error_of(claims_of, tiny)

    assert (error.file, error.key) == (CLAIMS, key)
    assert fix in error.fix


def test_a_missing_module_of_claims_is_said(tiny):
    tiny.path(CLAIMS).unlink()

    error = error_of(claims_of, tiny)

    assert (error.file, error.key) == (TOML, "claims")


def test_a_diagram_of_an_experiment_that_nothing_asks_for_is_refused(tiny):
    # It would silently draw nothing.
    tiny.replace(TOML, 'experiments = ["in-turn", "overlap"]', 'experiments = ["in-turns"]')

    error = error_of(claims_of, tiny)

    assert (error.file, error.key) == (TOML, "diagram.experiments")


# --- What patterns and claims are about -----------------------------------------------------------


def test_a_control_that_is_about_something_else_is_refused(tiny):
    tiny.replace(
        "experiments/tiny/claims.py",
        'refuted_by={"mixed-up": "saw what"},',
        'refuted_by={"mixed-up": "saw what"},\n    about="counting alone",',
    )

    with pytest.raises(PlanError, match=r"'kept-apart' is about '', but the claim is about 'count"):
        read_claims(tiny.root, read_investigation(tiny.root, "tiny"))
