"""The addresses of everything on the site, below its root; a published address never changes."""

from __future__ import annotations

from casebook.claim import Claim
from casebook.judge.findings import Finding
from casebook.plan.investigation import Investigation, Setting
from casebook.plan.statements import Statement
from casebook.plan.symptoms import Symptom

LATEST = "latest"
"""The folder of the newest edition, beside the folders of all editions."""


HISTORIES = "histories"
"""The folder of the histories' pages, which all investigations and editions share."""


def absolute(site_url: str, address: str, edition: str = "") -> str:
    """Return the URL of an address on the site, in this edition if one is named.

    Without an edition the URL leads to whichever edition is the newest at the time.
    """
    return "/".join(filter(None, (site_url.rstrip("/"), edition, address)))


def claim(investigation: Investigation, claim: Claim) -> str:
    """Return the address of a claim."""
    return f"{investigation.id}/claims.html#{claim.id}"


def pattern(investigation: Investigation, pattern: str) -> str:
    """Return the address of a pattern's page."""
    return f"{investigation.id}/patterns/{pattern}.html"


def backend(investigation: Investigation, backend: str) -> str:
    """Return the address of a backend's page."""
    return f"{investigation.id}/backends/{backend}.html"


def finding(investigation: Investigation, finding: Finding) -> str:
    """Return the address of a finding; that of a swept environment is on its page."""
    if any(one.id == finding.environment for one in investigation.swept):
        return f"{swept(investigation, finding.environment)}#{finding.id}"
    return f"{pattern(investigation, finding.pattern)}#{finding.id}"


def releases(investigation: Investigation, id: str = "") -> str:
    """Return the address of the page about the releases, or of something on it."""
    return f"{investigation.id}/releases.html" + (f"#{id}" if id else "")


def swept(investigation: Investigation, environment: str) -> str:
    """Return the address of the page of an environment that only an axis makes."""
    return f"{investigation.id}/releases/{environment}.html"


def statement(investigation: Investigation, statement: Statement) -> str:
    """Return the address of a statement."""
    return f"{investigation.id}/statements.html#{statement.id}"


def symptom(investigation: Investigation, symptom: Symptom) -> str:
    """Return the address of a symptom."""
    return f"{investigation.id}/symptoms.html#symptom-{symptom.id}"


# --- Files ----------------------------------------------------------------------------------------


def record(investigation: Investigation, key: Setting) -> str:
    """Return the address of the record of a setting, for download."""
    return f"{investigation.id}/records/{'.'.join(key)}.json"


def history(digest: str, number: int = 0) -> str:
    """Return the address of a history, or of one of its events, whose number is counted from 1."""
    return f"{HISTORIES}/{digest}.html" + (f"#{number}" if number else "")


def citations(investigation: Investigation, pattern: str) -> str:
    """Return the address of the file that holds the citations of a pattern's findings."""
    return f"{investigation.id}/citations/{pattern}.js"


def seals(investigation: Investigation, pattern: str) -> str:
    """Return the address of the file that holds the seals of a pattern's citations, in order."""
    return f"{investigation.id}/citations/{pattern}.seals.js"


def scripts(investigation: Investigation) -> str:
    """Return the address of the file that holds the reproductions of all findings."""
    return f"{investigation.id}/repros.js"


def badge(investigation: Investigation, pattern: str) -> str:
    """Return the address of a pattern's badge."""
    return f"{investigation.id}/badges/{pattern}.svg"
