"""What an experiment needs is added in a twin, whose findings are those of the environment."""

import json

import pytest

from casebook import judge
from casebook.plan.cells import planned_cells
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.investigation import PlanError

NEEDY = '''"""Two conversations, counted with what the environment lacks."""

from casebook.record import Trial
from experiments.tiny.in_turn import run as in_turn

NEEDS = ("abacus",)


def run(trial: Trial) -> None:
    """Count as in turn."""
    in_turn(trial)
'''

SERVED = '''"""Two conversations, counted in a database."""

from casebook.record import Trial
from experiments.tiny.in_turn import run as in_turn

DATABASES = ("ledger",)


def run(trial: Trial) -> None:
    """Count as in turn, and say what was had."""
    trial.record("connected", server=trial.server, database=trial.database)
    in_turn(trial)
'''

CLAIM = '''

@claim(
    experiments=("{experiment}",),
    supported_by=("kept-apart",),
    refuted_by={{"mixed-up": "saw what"}},
)
def counts_{experiment}(history: History) -> Verdict:
    """Also there."""
    return counts_apart.check(history)
'''

ADDITION = """
[[addition]]
id = "abacus"
title = "an abacus"
install = ["abacus"]
to = ["dictionary"]
"""

SERVER = '''"""A server that is a text in a file."""

from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serve(folder):
    """Yield where it is, and leave a note when it is over."""
    yield "somewhere"
    Path("served.txt").write_text("stopped")
'''

TWIN = "dictionary-with-abacus"


def append(project, name, text):
    project.write(name, project.path(name).read_text(encoding="utf-8") + text)


@pytest.fixture
def needy(tiny):
    """A project with a claim whose experiment needs an abacus, which a twin has."""
    tiny.write("experiments/tiny/needy.py", NEEDY)
    append(tiny, "experiments/tiny/claims.py", CLAIM.format(experiment="needy"))
    append(tiny, "conf/tiny.toml", ADDITION)
    tiny.write(f"conf/requirements/tiny/{TWIN}.txt", "")
    return tiny


@pytest.fixture
def served(tiny):
    """A project with a second database, which has a server, and a claim that is for it alone."""
    tiny.write("experiments/tiny/served.py", SERVED)
    tiny.write("experiments/tiny/server.py", SERVER)
    append(tiny, "experiments/tiny/claims.py", CLAIM.format(experiment="served"))
    tiny.replace("conf/tiny.toml", 'databases = ["sqlite"]', 'databases = ["sqlite", "ledger"]')
    append(
        tiny,
        "conf/tiny.toml",
        '\n[[database]]\nid = "ledger"\ntitle = "A ledger"\nserver = "experiments.tiny.server"\n',
    )
    return tiny


def found(project, claim, environment="dictionary", pattern="counts-by-name", database="sqlite"):
    """Return the one finding of these ids."""
    (finding,) = (
        one
        for one in judge.report(project.root, "tiny").findings
        if (one.claim, one.environment, one.pattern, one.database)
        == (claim, environment, pattern, database)
    )
    return finding


# --- Twins ----------------------------------------------------------------------------------------


def test_an_experiment_runs_in_the_twin_that_has_what_it_needs(needy):
    cells = planned_cells(needy.root, read_investigation(needy.root, "tiny"))

    ran_in = {(cell.environment, cell.place) for cell in cells if cell.experiment == "needy"}
    assert ran_in == {(TWIN, "dictionary")}


def test_the_gates_experiments_run_in_the_twin_again_with_what_they_are_compared_with(needy):
    cells = planned_cells(needy.root, read_investigation(needy.root, "tiny"))

    again = {(cell.environment, cell.pattern, cell.experiment) for cell in cells if cell.again}
    assert again == {
        (TWIN, pattern, "wire") for pattern in ("counts-by-name", "kept-apart", "mixed-up")
    }


def test_what_was_seen_in_a_twin_is_a_finding_of_the_environment(needy):
    for environment in ("dictionary", TWIN):
        assert needy.run(environment).returncode == 0

    finding = found(needy, "counts-needy")

    assert (finding.verdict, finding.observed_in) == ("supported", TWIN)
    assert [one.environment for one in finding.evidence] == [TWIN]
    assert found(needy, "counts-apart").observed_in == "dictionary"


def test_what_nothing_adds_is_not_tested_and_says_what_is_lacking(needy):
    assert needy.run("closure").returncode == 0

    finding = found(needy, "counts-needy", "closure", "counter-per-name")

    assert finding.verdict == "not-tested"
    assert finding.reason == "needs abacus, which nothing adds to this environment"


def test_a_twin_without_a_record_leaves_its_claims_alone_untested(needy):
    needy.run("dictionary")

    assert found(needy, "counts-needy").verdict == "not-tested"
    assert found(needy, "counts-apart").verdict == "supported"


def unresolved(project, *database):
    """Let what a twin adds find no release that goes with the environment."""
    lock = project.path(f"conf/requirements/tiny/{TWIN}.txt")
    lock.rename(lock.with_suffix(".unresolved"))
    lock.with_suffix(".unresolved").write_text("no abacus goes with it\n", encoding="utf-8")
    assert project.run(TWIN, *database).returncode == 0


def test_a_twin_that_cannot_be_used_says_nothing_of_the_environment(needy):
    needy.run("dictionary")
    unresolved(needy)

    finding = found(needy, "counts-needy")

    assert finding.verdict == "not-tested"
    assert finding.reason == f"{TWIN} cannot be used: no abacus goes with it"
    assert found(needy, "wires").verdict == "supported"


def test_a_database_whose_driver_cannot_be_added_refutes_no_pattern(served):
    append(served, "conf/tiny.toml", 'needs = ["abacus"]\n' + ADDITION)
    served.write(f"conf/requirements/tiny/{TWIN}.txt", "")
    served.run("dictionary")
    unresolved(served, "--database", "ledger")

    finding = found(served, "wires", database="ledger")

    assert finding.verdict == "not-tested"
    assert finding.reason == f"{TWIN} cannot be used: no abacus goes with it"


def test_a_finding_that_both_can_judge_and_that_differs_is_reported(needy):
    needy.run("dictionary")
    needy.run(TWIN)
    file = needy.record_file(TWIN)
    record = json.loads(file.read_text())
    for cell in record["cells"]:
        if (cell["pattern"], cell["experiment"]) == ("counts-by-name", "wire"):
            cell["histories"] = [{"outcome": "raised", "reason": "TypeError: no", "events": []}]
    file.write_text(json.dumps(record))

    report = judge.report(needy.root, "tiny")

    assert report.compared == 2
    assert [(one.claim, one.here[0], one.there[0]) for one in report.twins] == [
        ("wires", "supported", "refuted"),
        ("no-warnings", "supported", "not-tested"),
    ]
    assert {one.twin for one in report.twins} == {TWIN}


def test_what_can_be_wired_nowhere_differs_in_nothing(needy):
    needy.replace(
        "experiments/tiny/backends/dictionary.py",
        "    return Counts().next\n",
        "    raise TypeError('no counts')\n",
    )
    needy.run("dictionary")
    needy.run(TWIN)

    report = judge.report(needy.root, "tiny")

    assert found(needy, "wires").verdict == "refuted"
    assert (report.compared, report.twins) == (2, ())


def test_equal_twins_differ_in_nothing(needy):
    needy.run("dictionary")
    needy.run(TWIN)

    assert judge.report(needy.root, "tiny").twins == ()


@pytest.mark.parametrize("said", ['["abacus"]', '"abacus"', "(1,)", "tuple(needed)"])
def test_needs_that_cannot_be_read_without_importing_are_refused(needy, said):
    needy.replace("experiments/tiny/needy.py", '("abacus",)', said)

    with pytest.raises(PlanError, match=r"needy.py: NEEDS: .* is no tuple of texts"):
        planned_cells(needy.root, read_investigation(needy.root, "tiny"))


def test_an_addition_to_an_environment_that_is_not_declared_is_refused(needy):
    needy.replace("conf/tiny.toml", 'to = ["dictionary"]', 'to = ["dictionery"]')

    with pytest.raises(PlanError, match=r"addition 'abacus'.to: .*write 'dictionary'"):
        read_investigation(needy.root, "tiny")


def test_a_twin_without_a_lock_is_refused(needy):
    needy.path(f"conf/requirements/tiny/{TWIN}.txt").unlink()

    with pytest.raises(PlanError, match=rf"environment '{TWIN}'.lock"):
        read_investigation(needy.root, "tiny")


# --- Databases ------------------------------------------------------------------------------------


def test_an_experiment_runs_on_its_databases_alone(served):
    cells = planned_cells(served.root, read_investigation(served.root, "tiny"))

    assert {cell.database for cell in cells if cell.experiment == "served"} == {"ledger"}
    assert {cell.database for cell in cells if cell.experiment == "overlap"} == {"sqlite", "ledger"}


def test_a_claim_is_judged_on_the_databases_of_its_experiments_alone(served):
    claims = [(one.claim, one.database) for one in judge.report(served.root, "tiny").findings]

    assert ("counts-served", "ledger") in claims
    assert ("counts-served", "sqlite") not in claims


def test_a_server_runs_while_cells_do_and_tells_them_its_address(served):
    process = served.run("dictionary", "--database", "ledger")

    assert process.returncode == 0, process.stderr
    assert served.path("served.txt").read_text() == "stopped"
    record = json.loads(served.path("docs/results/tiny/dictionary.ledger.json").read_text())
    events = [
        e for cell in record["cells"] for history in cell["histories"] for e in history["events"]
    ]
    connected = [event for event in events if event["kind"] == "connected"]
    assert {event["details"]["server"] for event in connected} == {"somewhere"}
    assert found(served, "counts-served", database="ledger").verdict == "supported"


def test_where_no_server_can_be_had_nothing_was_tested_and_the_reason_is_kept(served):
    served.replace(
        "experiments/tiny/server.py",
        '    yield "somewhere"\n',
        '    from casebook.record import NoServer\n    raise NoServer("install one")\n    yield\n',
    )

    process = served.run("dictionary", "--database", "ledger")

    assert process.returncode == 0
    assert process.stderr == "dictionary: not rerun: ledger: install one\n"
    finding = found(served, "counts-served", database="ledger")
    assert (finding.verdict, finding.note) == ("not-tested", "not rerun: ledger: install one")


def test_a_database_that_is_described_and_not_asked_is_refused(served):
    served.replace("conf/tiny.toml", '["sqlite", "ledger"]', '["sqlite"]')
    served.replace("experiments/tiny/served.py", '("ledger",)', "()")

    with pytest.raises(PlanError, match=r"database 'ledger'.id: it is not among"):
        read_investigation(served.root, "tiny")


def test_an_experiment_on_a_database_that_is_not_asked_is_refused(served):
    served.replace("experiments/tiny/served.py", '("ledger",)', '("legder",)')

    with pytest.raises(PlanError, match=r"served.py: DATABASES: .*write 'ledger'"):
        planned_cells(served.root, read_investigation(served.root, "tiny"))


# --- What patterns and claims are about -----------------------------------------------------------


def test_a_claim_is_judged_on_patterns_that_are_about_the_same(tiny):
    tiny.replace(
        "conf/tiny.toml",
        'title = "Desk(counter_per_name())"\n',
        'title = "Desk(counter_per_name())"\nabout = "counting alone"\n',
    )

    claims = {one.claim for one in judge.report(tiny.root, "tiny").findings}
    patterns = {one.pattern for one in judge.report(tiny.root, "tiny").findings}

    assert "counts-apart" in claims
    assert "counter-per-name" not in patterns


def test_a_control_that_is_about_something_else_is_refused(tiny):
    tiny.replace(
        "experiments/tiny/claims.py",
        'refuted_by={"mixed-up": "saw what"},',
        'refuted_by={"mixed-up": "saw what"},\n    about="counting alone",',
    )

    with pytest.raises(PlanError, match=r"'kept-apart' is about '', the claim about 'count"):
        read_claims(tiny.root, read_investigation(tiny.root, "tiny"))
