"""A candidate on the command line: what turned is said, and nothing that is committed changes."""

import argparse
import os
import subprocess

import pytest

from casebook.cli.candidate import try_candidate
from casebook.cli.main import main
from casebook.exit_codes import Unanswered
from casebook.releases.environments import install
from casebook.releases.resolving import Lock
from tests.casebook.builders import ADDITION, CLAIM, NEEDY, TWIN, append
from tests.casebook.releases.builders import BROKEN, LIBRARY, checkout
from tests.conftest import CASEBOOK

pytestmark = pytest.mark.slow

TURNED = "counts-apart"


@pytest.fixture
def tried(tally, tmp_path, capsys):
    """Try a candidate from a folder of the test's own; return the exit code and what was said."""

    def of(*arguments):
        code = main(
            ["--root", str(tally.root), "candidate", "--called-from", str(tmp_path), *arguments]
        )
        said = capsys.readouterr()
        return code, said.out + said.err

    return of


def committed(tally):
    """Every file of the project that is no build's, with its content."""
    return {
        path: path.read_bytes()
        for path in tally.root.rglob("*")
        if path.is_file() and not {"build", "__pycache__"} & {*path.parts}
    }


def test_a_checkout_with_a_fault_turns_the_finding_that_it_breaks(tried, tally, tmp_path):
    checkout(tmp_path / "my tally", LIBRARY.format(first=2))
    tally.write("conf/requirements/tiny/dictionary.txt", "tally==1.1\n")
    before = committed(tally)
    code, said = tried("tally", "@", "my tally")
    assert code == 0
    assert "with the checkout my tally at" in said
    assert "in place of tally 1.1" in said
    assert "1 finding turned: 1 from supported to refuted" in said
    assert "counts-apart" in said
    assert "saw what another conversation counted" in said
    assert committed(tally) == before


def test_a_release_that_behaves_alike_turns_nothing(tried):
    code, said = tried("tally @ 1.3")
    assert code == 0
    assert "No finding turned" in said
    assert "Nothing moved along." in said


def test_findings_of_controls_are_none_that_could_turn(tried):
    _, said = tried("tally @ 1.3")
    assert "3 say the same of other releases" in said  # the claims of the one pattern


def test_what_needs_more_than_is_installed_is_counted_or_observed_in_its_twin(tried, tally):
    tally.write("experiments/tiny/needy.py", NEEDY)
    append(tally, "experiments/tiny/claims.py", CLAIM.format(experiment="needy"))
    append(tally, "conf/tiny.toml", ADDITION)
    tally.write(f"conf/requirements/tiny/{TWIN}.txt", "abacus==1.0\ntally==1.5\n")
    _, said = tried("tally @ 1.1")
    assert "1 finding of this environment needs more than is installed in it, and was not" in said
    assert "1 finding turned: 1 from refuted to supported" in said
    for more in (["--twins"], ["--claim", "counts-needy"]):
        code, said = tried("tally @ 1.1", *more)
        assert code == 0
        assert "than is installed" not in said
        assert "counts-needy" in said


def test_every_environment_that_has_the_package_can_be_tried(tried, tally):
    row = 'backend = "closure"\ninstall = []\nimports = ["json"]\nsource = "'
    assert row in tally.path("conf/tiny.toml").read_text()
    text = tally.path("conf/tiny.toml").read_text()
    tally.write("conf/tiny.toml", text.replace(row, row.replace("[]", '["tally"]'), 1))
    tally.write("conf/requirements/tiny/closure.txt", "tally==1.5\n")
    code, said = tried("tally @ 1.3", "--all", "--claim", "wires")
    assert code == 0, said
    assert "Counting with a dictionary, with tally 1.3 in place of tally 1.5." in said
    assert "Counting with a closure, with tally 1.3 in place of tally 1.5." in said
    _, said = tried("tally @ 1.3", "--claim", "wires")
    assert said.count("in place of tally 1.5.") == 1


def test_the_recorded_result_stands_for_itself_where_it_is_up_to_date(tried, tally):
    _, said = tried("tally==1.3")
    assert "not up to date, so it was observed again" in said
    python = install(tally.root, Lock((("tally", "1.5"),)))
    run_with(tally, python)
    _, said = tried("tally==1.3")
    assert "observed again" not in said
    assert "No finding turned" in said


def run_with(project, python):
    """Run the environment's cells with this interpreter, as nox would."""
    command = [python, "-m", "casebook", "--root", project.root, "run", "dictionary"]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(CASEBOOK)}, check=True)


def test_a_reply_is_written_where_it_was_called_from(tried, tmp_path):
    tried("tally @ 1.1", "--markdown", "reply.md")
    reply = (tmp_path / "reply.md").read_text()
    assert reply.startswith("**tally 1.5 → tally 1.1**: 1 finding turned")
    assert "| `counts-apart` | `counts-by-name` |" in reply
    assert "- Counting with a dictionary, with tally 1.1 in place of tally 1.5." in reply


def test_a_candidate_that_cannot_be_imported_is_an_observation_with_its_error(tried, tmp_path):
    checkout(tmp_path / "tree", BROKEN)
    code, said = tried("tally @ tree")
    assert code == 0
    assert "dictionary.sqlite cannot be imported: ImportError: no tally today" in said


def test_a_release_that_fits_nothing_is_an_observation_with_the_resolver_s_words(tried):
    code, said = tried("tally @ 0.9")
    assert code == 0
    assert "dictionary cannot be resolved: " in said
    assert "nothing-like-this" in said


def test_what_does_not_build_is_said_whole_and_ends_with_3(tried, tmp_path):
    checkout(tmp_path / "tree", "# does not build\n")
    code, said = tried("tally @ tree")
    assert code == 3
    assert "Traceback" in said
    assert "tally @ tree: cannot be built: RuntimeError: this tree does not build" in said
    assert "exit code 3" in said


def test_an_index_that_is_away_ends_with_3(tried, tmp_path, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    code, said = tried("tally @ 1.3")
    assert code == 3
    assert "cannot be resolved" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tally"], "write PACKAGE @ PATH-OR-URL-OR-VERSION"),
        (["tally @ 7.7"], "the index lists no such release"),
        (["talley @ 1.0"], "no environment has talley: did you mean 'tally'?"),
        (["tally @ 1.0", "--environment", "closure"], "no environment 'closure' has tally"),
        (["tally @ 1.0", "--claim", "count-apart"], "unknown claim 'count-apart': did you mean"),
        (["tally @ 1.0", "--pattern", "counter-per-name"], "no finding of any claim on counter-"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_can_be_given(tried, arguments, said):
    code, printed = tried(*arguments)
    assert code == 2
    assert said in printed


def test_one_claim_and_one_pattern_run_their_cells_and_those_of_the_controls_alone(tried):
    _, whole = tried("tally @ 1.3")
    _, part = tried("tally @ 1.3", "--claim", TURNED, "--pattern", "counts-by-name")
    cells = [int(said.split("dictionary: ")[1].split()[0]) for said in (whole, part)]
    assert 0 < cells[1] < cells[0]


def test_an_editable_checkout_is_seen_as_it_is_now(tried, tmp_path):
    folder = checkout(tmp_path / "tree", LIBRARY.format(first=1))
    _, said = tried("tally @ tree", "--editable", "--claim", TURNED)
    assert "1 finding turned: 1 from refuted to supported" in said
    (folder / "tally" / "__init__.py").write_text(LIBRARY.format(first=2))
    _, said = tried("tally @ tree", "--editable", "--claim", TURNED)
    assert "No finding turned" in said


def test_what_a_tool_printed_goes_along_with_the_reason(tally, tmp_path):
    checkout(tmp_path / "tree", "# does not build\n")
    asked = argparse.Namespace(
        root=tally.root,
        what=["tally @ tree"],
        called_from=tmp_path,
        environment=None,
        all=True,
        editable=False,
    )
    with pytest.raises(Unanswered, match=r"cannot be built") as failed:
        try_candidate(asked)
    assert "Traceback" in failed.value.said
