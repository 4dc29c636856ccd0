"""From a project to its reports: what changed since, and the edition's name."""

from typing import Any

from casebook.judge.project import changed_inputs, edition_digest, read_report
from casebook.judge.report import exit_code
from casebook.plan.investigation import PlannedCell, Setting
from tests.casebook.builders import OLDER, append
from tests.casebook.judge.builders import a_record


def test_the_edition_follows_the_checks(tiny):
    before = edition_digest(tiny.root)
    tiny.replace("experiments/tiny/checks.py", "first number was", "first one was")
    assert edition_digest(tiny.root) != before


def test_an_input_changed_where_its_digest_differs_or_is_in_one_place_only() -> None:
    cells = [PlannedCell("now", "sqlite", "used", name) for name in ("a", "b", "c", "d")]
    record = a_record({}, digests={"same": "1", "edited": "1", "deleted": "1"})
    inputs = dict(
        zip(cells, [("same",), ("same", "edited"), ("deleted",), ("added",)], strict=True)
    )
    digests = {"same": "1", "edited": "2", "added": "1"}
    assert changed_inputs({Setting("now", "sqlite"): record}, inputs, digests) == {
        cells[1]: "edited",
        cells[2]: "deleted",
        cells[3]: "added",
    }


def test_the_edition_is_named_by_what_the_site_is_built_from(tmp_path: Any) -> None:
    for name in (
        "conf/site.toml",
        "docs/templates/page.md.j2",
        "docs/results/tiny/now.sqlite.json",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a = 1")
        before = edition_digest(tmp_path)
        (tmp_path / name).write_text("a = 2")
        assert len(before) == 64
        assert edition_digest(tmp_path) not in (before, ""), name
    (tmp_path / "docs/results/tiny/now.sqlite.json.1.part").write_text("half")
    assert edition_digest(tmp_path) == edition_digest(tmp_path)


def test_what_could_not_be_rerun_makes_another_edition(tiny: Any) -> None:
    before = edition_digest(tiny.root)
    tiny.write("build/runs/tiny/closure.sqlite.json", '{"status": "ran", "seconds": 1.5}')
    assert edition_digest(tiny.root) == before
    tiny.write("build/runs/tiny/closure.sqlite.json", '{"status": "not-rerun", "reason": "no net"}')
    assert edition_digest(tiny.root) != before


# --- Swept environments ---------------------------------------------------------------------------


def test_what_was_swept_is_judged_by_the_same_claims_in_a_report_of_its_own(swept):
    for id in ("dictionary", OLDER):
        assert swept.run(id).returncode == 0
    report = read_report(swept.root, "tiny")

    assert {
        finding.environment for finding in report.findings if "-at-" in finding.environment
    } == set()
    assert Setting(OLDER, "sqlite") not in report.records
    assert report.swept
    then = report.swept.finding("counts-apart", "counts-by-name", Setting(OLDER, "sqlite"))
    now = report.finding("counts-apart", "counts-by-name", Setting("dictionary", "sqlite"))
    assert then
    assert now
    assert (then.verdict, then.reason) == (now.verdict, now.reason) == ("supported", now.reason)


def test_sweeping_changes_no_statement_no_count_and_no_exit_code(swept):
    for id in ("dictionary", "closure", "module-global", "closure-not-importable"):
        swept.run(id)
    swept.run("closure-not-resolvable")
    before = read_report(swept.root, "tiny")
    swept.run(OLDER)
    after = read_report(swept.root, "tiny")

    assert [one.verdict for one in after.stated] == [one.verdict for one in before.stated]
    assert (after.coverage, after.counts) == (before.coverage, before.counts)
    assert exit_code(after) == exit_code(before) == 0
    assert after.swept
    assert exit_code(after.swept) == 3  # two releases were not observed


def test_another_python_that_never_ran_is_no_gap(swept):
    append(swept, "conf/tiny.toml", PYTHON_AXIS)
    swept.write("conf/requirements/tiny/dictionary-at-python-3.98.txt", "")
    report = read_report(swept.root, "tiny")

    assert report.swept
    assert "dictionary-at-python-3.98" not in {one.environment for one in report.swept.homes}
    assert report.investigation.points(report.investigation.axes[1])[0].release == "3.98"


PYTHON_AXIS = '\n[[axis]]\npackage = "python"\nfrom = "dictionary"\nreleases = ["3.98"]\n'
