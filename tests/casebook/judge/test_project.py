"""From a project to its reports: what changed since, and the edition's name."""

from typing import Any

from casebook.judge.project import changed_inputs, edition_digest
from casebook.plan.investigation import PlannedCell, Setting
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
