"""Where everything is on the site: its address below the root, which stays once it is published."""

from __future__ import annotations

from casebook.plan.investigation import Investigation
from casebook.plan.statements import Statement
from casebook.record import Claim
from casebook.report import Finding
from casebook.results import Key

LATEST = "latest"
"""The folder of the newest edition, beside those of all editions."""


def absolute(site_url: str, address: str, edition: str = "") -> str:
    """Return the whole address of a part of the site, in an edition of it where one is named.

    Without one it is that of the newest edition, whichever that will be.
    """
    return "/".join(filter(None, (site_url.rstrip("/"), edition, address)))


def claim(investigation: Investigation, claim: Claim) -> str:
    """Return where a claim is explained."""
    return f"{investigation.id}/claims.html#{claim.id}"


def pattern(investigation: Investigation, pattern: str) -> str:
    """Return the page of a pattern."""
    return f"{investigation.id}/patterns/{pattern}.html"


def backend(investigation: Investigation, backend: str) -> str:
    """Return the page of a backend."""
    return f"{investigation.id}/backends/{backend}.html"


def finding(investigation: Investigation, finding: Finding) -> str:
    """Return where a finding is."""
    return f"{pattern(investigation, finding.pattern)}#{finding.id}"


def statement(investigation: Investigation, statement: Statement) -> str:
    """Return where a statement of an earlier report is."""
    return f"{investigation.id}/statements.html#{statement.id}"


def event(shown_in: str, experiment: str, run: int, number: int) -> str:
    """Return the id of an event where it is shown, as a finding's evidence for example.

    `run` and `number`, its place in the history, are counted from 1.
    """
    return f"{shown_in}.{experiment}.{run}.{number}"


# --- Files ----------------------------------------------------------------------------------------


def record(investigation: Investigation, key: Key) -> str:
    """Return where the record of an environment and database can be downloaded."""
    return f"{investigation.id}/records/{'.'.join(key)}.json"


def reproduction(investigation: Investigation, finding: Finding) -> str:
    """Return where the script that shows a finding can be downloaded."""
    return f"{investigation.id}/repros/{finding.id}.py"


def citations(investigation: Investigation, pattern: str) -> str:
    """Return the file that holds the citations of a pattern's findings."""
    return f"{investigation.id}/citations/{pattern}.js"


def badge(investigation: Investigation, pattern: str) -> str:
    """Return the badge of a pattern."""
    return f"{investigation.id}/badges/{pattern}.svg"
