"""A checker that raises is found again at its line."""

from casebook.cli.raising import raised_at
from casebook.judge.project import read_report
from tests.conftest import Project

CLAIMS = "experiments/tiny/claims.py"


def at(project: Project, claim: str) -> str:
    report = read_report(project.root, "tiny")
    names = (report.by_id[id] for id in report.failed_checkers)
    return raised_at(report, next(one for one in names if one.claim == claim))


def test_it_names_the_line_that_raised(tiny: Project) -> None:
    assert tiny.run("dictionary").returncode == 0
    tiny.replace(CLAIMS, "    asked: Counter[str] = Counter()", "    asked = 1 / 0")

    line = tiny.path(CLAIMS).read_text().splitlines().index("    asked = 1 / 0") + 1
    assert at(tiny, "counts-apart") == f"{CLAIMS} line {line}"


def test_it_asks_with_the_baseline_that_the_claim_has(tiny: Project) -> None:
    assert tiny.run("dictionary").returncode == 0
    tiny.replace(
        CLAIMS, "    known = ", "    baseline.first('counted').label('V') + 1\n    known = "
    )

    line = tiny.path(CLAIMS).read_text().splitlines()
    found = next(n for n, one in enumerate(line, start=1) if "baseline.first" in one)
    assert at(tiny, "no-warnings") == f"{CLAIMS} line {found}"
