"""The peers: results of other tools, written in their own formats, for commands like ours.

asv 0.6 publishes results of benchmarks as a site, from a file for each commit (`asv.results`).
bowtie 2024.10, the last release for Python 3.11, sums up what validators of JSON Schema answered,
from a report with one JSON document a line (`bowtie/schemas/report.json` in its package).
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from importlib.metadata import version
from itertools import product
from pathlib import Path

from bench.clock import Command

QUESTIONS = 250
"""What is asked of one release, as in the synthetic investigation: claims on patterns."""

TESTS = 5
"""Parameters of a benchmark, and tests of a case: the official suite of JSON Schema has four."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

COLUMNS = [
    "result",
    "params",
    "version",
    "started_at",
    "duration",
    "stats_ci_99_a",
    "stats_ci_99_b",
    "stats_q_25",
    "stats_q_75",
    "stats_number",
    "stats_repeat",
]
"""What asv writes of each benchmark, in its order."""

SCRIPTS = Path(sys.executable).parent


def named(peer: str) -> str:
    """Return a peer with its release."""
    return f"{peer} {version(peer)}"


# --- asv ------------------------------------------------------------------------------------------


def asv(folder: Path, results: int) -> Command:
    """Write this many results of benchmarks, and return the command that publishes them.

    Each commit of a repository is a release of what is measured, with a file of its results.
    """
    shutil.rmtree(folder, ignore_errors=True)
    commits = _repository(folder / "repo", results // QUESTIONS)
    benchmarks = {
        f"suite.time_{number}": _benchmark(number) for number in range(QUESTIONS // TESTS)
    }
    machine = {"machine": "bench", "os": "Linux", "arch": "x86_64", "cpu": "", "ram": ""}
    _write(folder / "results" / "benchmarks.json", {**benchmarks, "version": 2})
    _write(folder / "results" / "bench" / "machine.json", {**machine, "num_cpu": "2", "version": 1})
    chance = random.Random(1)
    for number, commit in enumerate(commits):
        _write(
            folder / "results" / "bench" / f"{commit[:8]}-env.json",
            {
                "commit_hash": commit,
                "env_name": "env",
                "date": 1_700_000_000_000 + number * 86_400_000,
                "params": {**machine, "num_cpu": "2", "python": "3.11"},
                "python": "3.11",
                "requirements": {},
                "env_vars": {},
                "result_columns": COLUMNS,
                "results": {
                    name: _timed(benchmark, [chance.random() for _ in range(TESTS)], number > 20)
                    for name, benchmark in benchmarks.items()
                },
                "durations": {},
                "version": 2,
            },
        )
    settings = {"version": 1, "project": "bench", "repo": "repo", "branches": ["main"]}
    places = {"results_dir": "results", "html_dir": "html", "environment_type": "existing"}
    _write(folder / "asv.conf.json", settings | places)

    def forget() -> None:
        shutil.rmtree(folder / "html", ignore_errors=True)

    return Command([SCRIPTS / "asv", "publish", "--no-pull"], folder, forget)


def _benchmark(number: int) -> dict[str, object]:
    return {
        "code": f"def time_{number}(): ...",
        "name": f"suite.time_{number}",
        "param_names": ["size"],
        "params": [[str(size) for size in range(TESTS)]],
        "type": "time",
        "unit": "seconds",
        "version": f"{number:064}",
    }


def _timed(benchmark: dict[str, object], noise: list[float], slower: bool) -> list[object]:
    """Return a row of results as asv writes it, with the statistics of each."""
    times = [1 + one / 10 + slower for one in noise]
    spread = ([one * factor for one in times] for factor in (0.97, 1.03, 0.98, 1.02))
    count = [10 for _ in times]
    said = [benchmark["params"], benchmark["version"], 1_700_000_000_000, 1.0]
    return [times, *said, *spread, count, count]


def _repository(folder: Path, commits: int) -> list[str]:
    """Make a git repository with this many empty commits, and return their hashes."""
    folder.mkdir(parents=True)
    lines = []
    for number in range(commits):
        lines += ["commit refs/heads/main", f"mark :{number + 1}"]
        lines += [f"committer bench <bench@example.org> {1_700_000_000 + number * 86_400} +0000"]
        lines += ["data 0", *([f"from :{number}"] if number else []), ""]

    def git(*words: str, given: str = "") -> str:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(
            command, input=given, check=True, capture_output=True, text=True
        ).stdout

    git("init", "--quiet", "--initial-branch=main")
    git("fast-import", "--quiet", given="\n".join(lines))
    return git("rev-list", "--reverse", "main").split()


# --- bowtie ---------------------------------------------------------------------------------------


def bowtie(folder: Path, results: int) -> Command:
    """Write a report of this many results, and return the command that sums it up.

    Each implementation is a release of a validator, and each case holds a schema and its tests.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    implementations = [f"release-{number}" for number in range(results // QUESTIONS)]
    cases = range(QUESTIONS // TESTS)
    chance = random.Random(1)
    with (folder / "report.jsonl").open("w", encoding="utf-8") as file:
        print(json.dumps(_header(implementations)), file=file)
        for seq in cases:
            print(json.dumps({"seq": seq, "case": _case(seq)}), file=file)
        for seq, implementation in product(cases, implementations):
            answers = [{"valid": chance.random() < 0.9} for _ in range(TESTS)]
            result = {"seq": seq, "implementation": implementation, "results": answers}
            print(json.dumps({**result, "expected": TESTS * [True]}), file=file)
        print(json.dumps({"did_fail_fast": False}), file=file)
    # It writes to standard output, which is a file here, so that it prints JSON.
    return Command([SCRIPTS / "bowtie", "summary", "report.jsonl"], folder)


def _header(implementations: list[str]) -> dict[str, object]:
    return {
        "bowtie_version": version("bowtie-json-schema"),
        "dialect": DIALECT,
        "started": "2026-01-01T00:00:00+00:00",
        "metadata": {},
        "implementations": {
            id: {
                "name": id,
                "language": "python",
                "version": f"1.{number}",
                "dialects": [DIALECT],
                "homepage": "https://example.org/",
                "issues": "https://example.org/issues",
                "source": "https://example.org/source",
            }
            for number, id in enumerate(implementations)
        },
    }


def _case(seq: int) -> dict[str, object]:
    return {
        "description": f"case {seq}",
        "schema": {"$schema": DIALECT, "type": "integer", "minimum": seq},
        "tests": [
            {"description": f"test {number}", "instance": seq + number, "valid": True}
            for number in range(TESTS)
        ],
    }


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
