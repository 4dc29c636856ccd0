"""The lines that references quote stand in the installed releases, at the numbers they lead to."""

import os
from pathlib import Path

import pytest

from casebook.plan.bibliography import read_bibliography
from casebook.plan.claims import read_claims
from casebook.plan.conf import read_investigation
from casebook.plan.symptoms import read_symptoms
from tests.conftest import CASEBOOK

INVESTIGATION = read_investigation(CASEBOOK, "session_scoping")

CLAIMS = read_claims(CASEBOOK, INVESTIGATION)

SYMPTOMS = read_symptoms(CASEBOOK, INVESTIGATION, CLAIMS).symptoms

BIBLIOGRAPHY = read_bibliography(CASEBOOK, INVESTIGATION, CLAIMS, SYMPTOMS)

LINES = [(one.id, one.source) for one in BIBLIOGRAPHY.references if one.source]


def folders(source):
    """Yield each environment's folder of packages that holds this release."""
    environments = Path(os.environ.get("CASEBOOK_ENVIRONMENTS") or CASEBOOK / ".nox")
    name = source.package.replace("-", "_")
    for packages in environments.glob("experiments-*/lib/python3*/site-packages"):
        if (packages / f"{name}-{source.release}.dist-info").is_dir():
            yield packages


@pytest.mark.parametrize("source", [pytest.param(one, id=id) for id, one in LINES])
def test_a_line_stands_where_its_reference_leads_to(source):
    installed = list(folders(source))
    if not installed:
        pytest.skip(f"{source.package} {source.release} is not installed")
    for packages in installed:
        lines = (packages / source.file).read_text(encoding="utf-8").splitlines()
        assert lines[source.line - 1].strip() == source.text
