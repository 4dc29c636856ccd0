"""Bisection on the command line, over releases of an index of our own."""

import pytest

from casebook.cli import bisecting
from casebook.cli.main import main
from casebook.judge.bisected import Bisections, read_bisections
from tests.casebook.builders import append
from tests.casebook.releases import builders
from tests.casebook.releases.builders import LIBRARY, add_former_axis

pytestmark = pytest.mark.slow

ASKED = ("counts-apart", "counts-by-name", "tally")


@pytest.fixture
def bisected(tally, capsys):
    """Bisect, and return the exit code and what was said."""

    def of(*arguments):
        code = main(["--root", str(tally.root), "bisect", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return of


def kept(tally):
    found = read_bisections(tally.root, "tiny")
    assert isinstance(found, Bisections)
    (one,) = found.bisections
    return one


def test_the_first_release_of_the_new_verdict_is_named_with_what_differs(bisected, tally):
    code, said = bisected(*ASKED)
    assert code == 0
    assert "tally 1.3 is the first release with the new verdict: refuted." in said
    assert "It may have come with 1.2, too, which could not be observed." in said
    assert "1.2  stepped over  cannot be imported: ImportError: no tally today" in said
    assert "0.9  stepped over  cannot be resolved: " in said
    assert "The histories of in-turn part " in said
    assert "before, 1; after, 2" in said or "number 1" in said
    one = kept(tally)
    assert (one.before, one.first, one.skipped) == ("1.1", "1.3", ("1.2",))
    assert [step.release for step in one.steps] == sorted(step.release for step in one.steps)
    assert one.parting


def test_ends_that_say_the_same_end_with_0_and_both_verdicts(bisected, tally):
    code, said = bisected(*ASKED, "--between", "1.5", "1.3")
    assert code == 0
    assert "Both ends say the same: 1.3 and 1.5, refuted." in said
    assert not kept(tally).turned


def test_releases_are_in_the_order_of_their_numbers(bisected, tally, tmp_path, monkeypatch):
    counts = {"1.2": 1, "1.5": 1, "1.8": 1, "1.9": 1, "1.10": 2, "1.11": 2}
    known: dict[str, tuple[str, dict[str, str]]] = {
        one: (LIBRARY.format(first=first), {}) for one, first in counts.items()
    }
    monkeypatch.setattr(builders, "RELEASES", known)
    (tmp_path / "index").mkdir()
    with builders.index(tmp_path / "index") as address:
        monkeypatch.setenv("UV_DEFAULT_INDEX", address)
        _, said = bisected(*ASKED)
    assert "6 releases of tally from 1.2 to 1.11" in said
    assert "tally 1.10 is the first release with the new verdict: refuted." in said
    one = kept(tally)
    assert (one.before, one.first) == ("1.9", "1.10")
    tried = [step.release for step in one.steps]
    assert tried == [release for release in counts if release in tried]


def test_the_finding_is_that_of_the_database_that_is_named(bisected, tally):
    tally.replace("conf/tiny.toml", 'databases = ["sqlite"]', 'databases = ["sqlite", "ledger"]')
    append(tally, "conf/tiny.toml", '\n[[database]]\nid = "ledger"\ntitle = "A ledger"\n')
    code, said = bisected(*ASKED, "--between", "1.3", "1.5", "--database", "ledger")
    assert code == 0, said
    assert said.startswith("counts-apart of counts-by-name in dictionary (ledger): ")
    assert kept(tally).database == "ledger"


def test_a_release_under_a_former_name_is_tried_as_the_axis_installs_it(bisected, tally):
    add_former_axis(tally)
    code, said = bisected(*ASKED, "--between", "0.5", "1.1")
    assert code == 0, said
    # `counting` 1.0 and `tally` 0.9 are of the other name's time.
    assert "4 releases of tally from 0.5 to 1.1 (0.5, 0.7 as counting), " in said
    assert "counting 0.7 is the first release with the new verdict: supported." in said
    assert "moved along" not in said
    one = kept(tally)
    assert (one.before, one.first, one.skipped) == ("0.5", "0.7", ())
    assert one.former == {"0.5": "counting", "0.7": "counting"}


def test_what_was_added_beside_a_release_is_said_to_have_moved_along(bisected, tally):
    add_former_axis(tally)
    tally.replace("conf/tiny.toml", 'releases = ["0.7", "1.0"', 'releases = ["0.5", "0.7", "1.0"')
    former = 'package = "counting"\nreleases = ['
    tally.replace("conf/tiny.toml", former, f'{former}"0.5", ')
    tally.write("conf/requirements/tiny/dictionary-at-counting-0.5.unresolved", "never asked\n")
    _, said = bisected(*ASKED, "--between", "0.5", "0.7")
    assert "  paper moved along: not installed -> 1.0" in said


def test_yanked_releases_and_pre_releases_are_tried_only_if_asked_for(bisected):
    _, said = bisected(*ASKED, "--between", "1.3", "1.5")
    assert "2 releases of tally from 1.3 to 1.5" in said
    _, said = bisected(*ASKED, "--between", "1.3", "2.0rc1", "--pre", "--yanked")
    assert "4 releases of tally from 1.3 to 2.0rc1" in said
    assert "2.0rc1  refuted" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["count-apart", "counts-by-name", "tally"], "unknown claim 'count-apart': did you mean"),
        (["counts-apart", "counts-by-nam", "tally"], "unknown pattern 'counts-by-nam': did you"),
        (["counts-apart", "counts-by-name", "talley"], "counts-by-name has talley: name one"),
        ([*ASKED, "--between", "1.0", "7"], "tally 7: the index lists no such release"),
        ([*ASKED, "--between", "1.0", "new"], "'new' is no release"),
        ([*ASKED, "--between", "1.0", "1.0"], "there is nothing between: 1.0"),
        ([*ASKED, "--environment", "closure"], "is not judged in 'closure'"),
        (["no-warnings", "mixed-up", "tally"], "no environment judges no-warnings of mixed-up"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_can_be_given(bisected, tally, arguments, said):
    code, printed = bisected(*arguments)
    assert code == 2
    assert said in printed
    assert not tally.path("docs/results/tiny.bisections.json").exists()


def test_releases_of_which_none_can_be_observed_end_with_3(bisected):
    code, said = bisected(*ASKED, "--between", "1.2", "1.6")
    assert code == 0  # 1.3 to 1.5 can
    assert "Both ends say the same" in said
    code, said = bisected(*ASKED, "--between", "0.9", "0.9")
    assert code == 2


def test_an_index_that_is_away_ends_with_3(bisected, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    code, said = bisected(*ASKED)
    assert code == 3
    assert "cannot be asked" in said


def test_a_reason_of_many_words_is_cut_on_the_way_and_kept_whole(tally, capsys, monkeypatch):
    monkeypatch.setattr(bisecting, "WIDTH", 20)
    main(["--root", str(tally.root), "bisect", *ASKED, "--between", "1.2", "1.5"])
    assert "stepped over  cannot be imported:…" in capsys.readouterr().out
    assert kept(tally).step("1.2").reason == "cannot be imported: ImportError: no tally today"
