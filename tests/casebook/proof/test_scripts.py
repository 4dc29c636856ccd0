"""Reproductions: scripts that show a finding to somebody who has none of the project."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest

from casebook.judge.project import read_report
from casebook.plan.mistakes import PlanError
from casebook.proof import scripts
from tests.casebook.proof.builders import SHOWN, method_page, text_of
from tests.conftest import Project, copy_of_tiny


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A project that ran an environment that can be imported and one that cannot."""
    project = copy_of_tiny(tmp_path_factory.mktemp("reproduced"))
    for environment in ("dictionary", "module-global", "closure-not-importable"):
        process = project.run(environment)
        assert process.returncode == 0, process.stderr
    return project


def run(text: str, folder) -> "subprocess.CompletedProcess[str]":
    """Run a script where nothing of the project is at hand."""
    file = folder / "script.py"
    file.write_text(text)
    command = [sys.executable, "-I", str(file)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("claim", "pattern", "verdict"), SHOWN)
def test_a_script_sees_what_its_finding_says(project, tmp_path, claim, pattern, verdict):
    text = text_of(project, claim, pattern)
    process = run(text, tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    assert f"The finding says: {verdict}. Seen here: {verdict}." in process.stdout


def test_a_script_that_sees_the_contrary_says_so_and_ends_with_1(project, tmp_path):
    text = text_of(project, "counts-apart", "kept-apart")
    lying = text.replace("counts.get(conversation, 0) + 1", "len(counts) + 1")
    assert lying != text
    process = run(lying, tmp_path)
    assert process.returncode == 1
    assert "The finding says: supported. Seen here: refuted." in process.stdout


def test_a_script_without_an_occasion_ends_with_2(project, tmp_path):
    text = text_of(project, "counts-apart", "kept-apart")
    nothing = re.sub(r'return "supported" if .*', "return None", text)
    assert nothing != text
    process = run(nothing, tmp_path)
    assert process.returncode == 2
    assert "The finding says: supported. Seen here: it never arises." in process.stdout


def test_a_script_holds_the_pattern_as_it_ran(project):
    text = text_of(project, "counts-apart", "counts-by-name")
    source = project.path("experiments/tiny/backends/dictionary.py").read_text()
    function = source[source.index("def counts_by_name") : source.index("def by_hand")].rstrip()
    assert f"\n{function}\n" in text
    assert "class Counts:" in text


def test_a_script_holds_nothing_that_its_claim_does_not_use(project):
    text = text_of(project, "counts-apart", "kept-apart")
    defined = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    assert defined == {"by_hand", "count", "counts_apart", "answer", "__init__"}
    assert "import warnings" not in text
    assert "experiments.tiny" not in re.sub(r"^#.*", "", text, flags=re.MULTILINE)


def test_a_pattern_may_change_a_global_of_its_module(project, tmp_path):
    text = text_of(project, "counts-apart", "one-global", "module-global")
    process = run(text, tmp_path)
    assert process.returncode == 0, process.stderr
    assert "Seen here: refuted." in process.stdout


def test_what_could_not_be_imported_is_shown_with_its_error(project, tmp_path):
    text = text_of(project, "wires", "counter-per-name", "closure-not-importable")
    process = run(text, tmp_path)
    assert process.returncode == 0, process.stdout
    assert "No module named 'no_such_library'" in process.stdout


def test_what_could_not_be_resolved_has_no_script(tiny):
    tiny.run("closure-not-resolvable")
    report = read_report(tiny.root, "tiny")
    finding = next(one for one in report.findings if one.environment == "closure-not-resolvable")
    assert (finding.claim, finding.verdict) == ("wires", "refuted")
    assert scripts.Reproductions(tiny.root, report).script(finding) is None


def metadata(text: str) -> dict:
    """Return the inline metadata of a script, read as PEP 723 says."""
    block = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
    (found,) = re.finditer(block, text)
    assert found["type"] == "script"
    lines = found["content"].splitlines(keepends=True)
    return tomllib.loads("".join(line[2:] if line.startswith("# ") else "\n" for line in lines))


def test_the_metadata_name_the_releases_that_were_recorded(tiny, tmp_path):
    tiny.run("dictionary")
    text = tiny.record_file().read_text()
    tiny.record_file().write_text(
        re.sub(r'"releases": \{[^}]*\}', '"releases": {"b": "2", "a": "1.0"}', text)
    )
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert metadata(text_of(tiny, "wires", "kept-apart")) == {
        "requires-python": f"=={minor}.*",
        "dependencies": ["a==1.0", "b==2"],
    }


def test_a_reason_cannot_get_out_of_its_comment(project):
    report = read_report(project.root, "tiny")
    finding = next(one for one in report.findings if one.id.startswith("counts-apart.mixed-up."))
    nasty = 'x\n# /// script\nimport os\r"""\x1b \u2028 exec() # ///'
    object.__setattr__(finding, "reason", nasty)
    text = scripts.Reproductions(project.root, report).script(finding)
    assert text is not None
    assert metadata(text) == metadata(text_of(project, "counts-apart", "mixed-up"))
    assert "os" not in {
        alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def test_only_what_somebody_else_can_see_has_a_script(project):
    report = read_report(project.root, "tiny")
    having = {
        finding.id.removesuffix(".sqlite"): scripts.Reproductions(project.root, report).script(
            finding
        )
        for finding in report.findings
    }
    assert having["wires.raises-when-wired.dictionary"]
    assert not having["counts-apart.counter-per-name.closure-not-importable"]
    assert not having["counts-apart.counter-per-name.closure"]  # which did not run
    for finding in report.findings:
        object.__setattr__(finding, "verdict", "inconclusive")
        object.__setattr__(finding, "reason", "two runs differed")
        assert scripts.Reproductions(project.root, report).script(finding) is None


def test_without_reproductions_there_are_no_scripts(tiny):
    tiny.run("dictionary")
    tiny.replace("conf/tiny.toml", 'reproductions = "experiments.tiny.reproductions"\n', "")
    report = read_report(tiny.root, "tiny")
    assert not any(scripts.Reproductions(tiny.root, report).script(one) for one in report.findings)
    assert scripts.missing(tiny.root, report) == ("wires", "counts-apart", "no-warnings")


def test_a_claim_without_a_function_is_named(tiny):
    tiny.run("dictionary")
    tiny.replace("experiments/tiny/reproductions.py", "def counts_apart(", "def counts(")
    report = read_report(tiny.root, "tiny")
    assert scripts.missing(tiny.root, report) == ("counts-apart",)
    finding = next(one for one in report.findings if one.claim == "counts-apart")
    assert scripts.Reproductions(tiny.root, report).script(finding) is None


def test_the_method_page_counts_claims_without_a_script(tiny):
    assert "\nOf 3 claims, 3 have a script" in method_page(tiny)
    assert "Without one" not in method_page(tiny)
    tiny.replace("experiments/tiny/reproductions.py", "def counts_apart(", "def counts(")
    page = method_page(tiny)
    assert "\nOf 3 claims, 2 have a script" in page
    assert "\nWithout one: `counts-apart`.\n" in page
    tiny.replace("conf/tiny.toml", 'reproductions = "experiments.tiny.reproductions"\n', "")
    assert "have a script" not in method_page(tiny)


def test_the_reproductions_change_no_history(tiny):
    tiny.run("dictionary")
    tiny.replace("experiments/tiny/reproductions.py", "in turn", "one by one")
    assert not read_report(tiny.root, "tiny").changed


def test_a_module_that_is_not_there_is_named(tiny):
    tiny.replace("conf/tiny.toml", "tiny.reproductions", "tiny.shown")
    with pytest.raises(PlanError, match=r"conf/tiny.toml: reproductions: module 'experiments"):
        read_report(tiny.root, "tiny")
