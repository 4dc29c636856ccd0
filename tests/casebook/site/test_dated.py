"""Pages say when something was observed, and what the package index was known to have since."""

from dataclasses import replace

from casebook.judge.newer import KnownPackage, KnownReleases
from tests.casebook.site.builders import sample


def dated(newest):
    report = sample()
    package, release = next(iter(next(iter(report.records.values())).releases.items()))
    known = KnownReleases(1, "2026-12-24", "https://pypi.org/simple", ())
    known = replace(known, packages=(KnownPackage(package, newest or release, ""),))
    days = dict.fromkeys(report.records, "2026-11-27")
    return replace(report, days=days, known=known), package
