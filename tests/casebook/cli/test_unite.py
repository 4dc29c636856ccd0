"""Uniting what several machines observed: three clones of the miniature, each with a part of it."""

import json
import shutil
from pathlib import Path

import pytest

from casebook.cli.main import main
from casebook.cli.unite import NAMED, United, said
from casebook.files import digest_of_file
from casebook.plan.investigation import Setting
from casebook.stored import digests_in
from tests.casebook.builders import SWEPT, add_axis
from tests.conftest import Project, copy_of_tiny

ENVIRONMENTS = (
    "dictionary",
    "closure",
    "module-global",
    "closure-not-importable",
    "closure-not-resolvable",
)
PARTS = ((*ENVIRONMENTS[:2], *SWEPT), ENVIRONMENTS[2:4], ENVIRONMENTS[4:])


def ran(folder: Path, environments: tuple[str, ...]) -> Project:
    """Return a clone in which these environments ran, without what others committed."""
    folder.mkdir()
    project = copy_of_tiny(folder)
    add_axis(project)
    shutil.rmtree(project.path("docs/results"), ignore_errors=True)
    for environment in environments:
        process = project.run(environment)
        assert process.returncode == 0, process.stderr
    return project


pytestmark = pytest.mark.xdist_group("unite")


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """One machine that ran all, and three that each ran a part."""
    place = tmp_path_factory.mktemp("machines")
    alone = ran(place / "alone", (*ENVIRONMENTS, *SWEPT))
    return alone, [ran(place / f"part-{number}", part) for number, part in enumerate(PARTS)]


@pytest.fixture
def clones(machines, tmp_path):
    """The same three, to break, and a fourth in which nothing ran."""
    for clone in machines[1]:
        shutil.copytree(clone.root, tmp_path / clone.root.parent.name, symlinks=True)
    (tmp_path / "fresh").mkdir()
    fresh = ran(tmp_path / "fresh" / "clone", ())
    return fresh, [Project(tmp_path / clone.root.parent.name) for clone in machines[1]]


def results(project):
    own = project.path("docs/results/tiny")
    files = sorted(path for path in own.rglob("*") if path.is_file())
    return {path.relative_to(own).as_posix(): path.read_bytes() for path in files}


def unite(project, *folders):
    return main(["--root", str(project.root), "unite", *(str(one.root) for one in folders)])


def test_three_clones_hold_what_one_machine_does(machines, clones, capsys):
    fresh, parts = clones
    assert unite(fresh, *parts) == 0
    assert results(fresh) == results(machines[0])
    assert "8 settings with" in capsys.readouterr().out


def test_what_is_missing_is_counted_and_the_rest_is_united(clones, capsys):
    fresh, parts = clones
    assert unite(fresh, *parts[:2]) == 3
    said = capsys.readouterr().out
    assert "1 setting is in none of them: closure-not-resolvable on sqlite" in said
    assert len(results(fresh)) > 4


def test_of_many_that_are_missing_some_are_named():
    missing = tuple(Setting(f"number-{number}", "sqlite") for number in range(NAMED + 2))
    line = said(United({}, {}, missing, ()), 1).splitlines()[1]
    assert line.endswith(f"number-{NAMED - 1} on sqlite, 2 more")


@pytest.mark.parametrize("here", [True, False])
def test_why_a_setting_was_not_rerun_is_kept_where_nothing_ran(clones, here):
    fresh, (_, part, _) = clones
    if here:
        assert fresh.run("dictionary").returncode == 0
    part.write(
        "build/runs/tiny/dictionary.sqlite.json", '{"status": "not-rerun", "reason": "no network"}'
    )
    assert unite(fresh, part) == 3
    facts = json.loads(fresh.facts_file("dictionary").read_text())
    assert facts["status"] == ("ran" if here else "not-rerun")
    assert fresh.record_file("dictionary").exists() is here


def test_the_same_part_twice_is_no_contradiction(clones):
    fresh, parts = clones
    assert unite(fresh, *parts, parts[0]) == 0


def refused(clones, capsys, *words):
    """Check that uniting the clones is refused in these words, and that nothing is written."""
    fresh, parts = clones
    assert unite(fresh, *parts) == 4
    assert results(fresh) == {}
    said = capsys.readouterr().err
    for word in words:
        assert word in said


def rewrite(project, environment, old, new):
    """Change a record as if the run there had written it so."""
    file = project.record_file(environment)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    facts = json.loads(project.facts_file(environment).read_text())
    facts["record"] = digest_of_file(file)
    project.facts_file(environment).write_text(json.dumps(facts))


def test_two_machines_that_contradict_each_other_are_refused(clones, capsys):
    _, parts = clones
    shutil.copytree(parts[0].root, parts[1].root, dirs_exist_ok=True)
    one, two = (parts[0].record("dictionary")["cells"][n]["histories"][0] for n in (0, 1))
    assert one != two
    line = json.dumps(parts[0].record("dictionary")["cells"][0], ensure_ascii=False)
    rewrite(parts[1], "dictionary", line, line.replace(one, two))
    refused(clones, capsys, "dictionary on sqlite: ", "contradict each other: the cell ")


def test_a_record_of_other_scripts_is_foreign(clones, capsys):
    _, parts = clones
    name, digest = next(
        pair for pair in parts[0].record("closure")["digests"].items() if pair[0].endswith(".py")
    )
    rewrite(parts[0], "closure", digest, "0" * 64)
    refused(clones, capsys, f"was recorded with another {name} than this project's")


def test_a_record_that_was_changed_after_it_ran_is_refused(clones, capsys):
    _, parts = clones
    file = parts[0].record_file("closure")
    file.write_text(file.read_text().replace('"python": "3', '"python": "2'))
    refused(clones, capsys, "closure.sqlite.json: is not the record that the run there wrote")


def test_a_damaged_history_is_refused(clones, capsys):
    _, parts = clones
    names = digests_in(parts[0].record_file("closure").read_bytes())
    folder = parts[0].path("docs/results/tiny/histories")
    file = next(file for file in sorted(folder.glob("*.json")) if file.stem in names)
    file.write_text(file.read_text().replace('"completed"', '"crashed"'))
    refused(clones, capsys, file.name, "its content is not what its name says")


def test_an_environment_that_is_not_planned_here_is_refused(clones, capsys):
    fresh, _ = clones
    text = fresh.path("conf/tiny.toml").read_text()
    start = text.index('[[environment]]\nid = "module-global"')
    end = text.index("[[environment]]", start + 1)
    fresh.write("conf/tiny.toml", text[:start] + text[end:])
    refused(clones, capsys, "module-global.sqlite.json: ", "`module-global` is not in the plan")


def test_a_folder_in_which_nothing_ran_is_wrong_usage(clones, capsys, tmp_path):
    fresh, _ = clones
    assert main(["--root", str(fresh.root), "unite", str(tmp_path)]) == 2
    assert "holds no build/runs: name a clone in which experiments ran" in capsys.readouterr().err
