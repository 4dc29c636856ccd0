"""References are read strictly: each belongs to something that exists, and stands there once."""

import pytest

from casebook.plan.bibliography import Bibliography, SourceLine, read_bibliography
from casebook.plan.conf import read_investigation
from casebook.plan.symptoms import Symptom
from tests.casebook.plan.builders import claims_of, error_of

FILE = "conf/tiny.references.toml"

LOCK = "conf/requirements/tiny/dictionary.txt"

REFERENCES = """
[[reference]]
id = "counting"
kind = "documentation"
title = "Counting"
url = "https://tiny.example/counting"
says = "How one counts."
claims = ["counts-apart"]
patterns = ["counts-by-name"]
symptoms = ["slow"]

[[reference]]
id = "the-line"
kind = "source"
title = "Where it counts"
url = "https://tiny.example/tally/blob/v1.2/src/tally/core.py#L7"
says = "One more each time."
backends = ["dictionary"]
experiments = ["overlap"]
[reference.installed]
package = "Tally"
release = "1.2"
file = "tally/core.py"
text = "    return self.count + 1"
"""


@pytest.fixture
def project(tiny):
    """The miniature with references and a package that is locked."""
    tiny.write(LOCK, "tally==1.2\n")
    tiny.write(FILE, REFERENCES)
    return tiny


def read(project):
    symptoms = [Symptom("slow", "It is slow", "It counts a lot.")]
    investigation = read_investigation(project.root, "tiny")
    return read_bibliography(project.root, investigation, claims_of(project), symptoms)


def ids(references):
    return [one.id for one in references]


def test_references_are_found_by_what_they_belong_to(project):
    found = read(project)
    claims = {claim.id: claim for claim in claims_of(project)}
    assert ids(found.of_claim(claims["counts-apart"])) == ["counting", "the-line"]
    assert ids(found.of_claim(claims["wires"])) == []
    assert ids(found.of_pattern("counts-by-name")) == ["counting"]
    assert ids(found.of_backend("dictionary")) == ["the-line"]
    assert ids(found.of_symptom("slow")) == ["counting"]


def test_a_finding_has_the_references_of_its_claim_pattern_and_backend_once(project):
    (pattern, *_) = read_investigation(project.root, "tiny").patterns
    claims = {claim.id: claim for claim in claims_of(project)}
    found = read(project)
    assert ids(found.of_finding(claims["counts-apart"], pattern)) == ["counting", "the-line"]
    assert ids(found.of_finding(claims["wires"], pattern)) == ["counting", "the-line"]


def test_a_line_is_told_by_its_number_and_text(project):
    assert read(project).references[1].source == SourceLine(
        "tally", "1.2", "tally/core.py", 7, "return self.count + 1"
    )


def test_references_stand_together_by_kind(project):
    assert [(heading, ids(own)) for heading, own in read(project).kinds] == [
        ("Documentation", ["counting"]),
        ("Lines of the installed releases", ["the-line"]),
    ]


def test_without_the_file_there_are_none(tiny):
    assert read(tiny) == Bibliography()


BELONGING = 'claims = ["counts-apart"]\npatterns = ["counts-by-name"]\nsymptoms = ["slow"]\n'

WRONG = {
    "an unknown claim": (
        '["counts-apart"]',
        '["counts-apatr"]',
        "'counting'.claims",
        "counts-apart",
    ),
    "an unknown pattern": (
        '["counts-by-name"]',
        '["count-by-name"]',
        ".patterns",
        "counts-by-name",
    ),
    "an unknown backend": ('["dictionary"]', '["dictionery"]', "'the-line'.backends", "dictionary"),
    "an unknown experiment": ('["overlap"]', '["overlaps"]', "'the-line'.experiments", "'overlap'"),
    "an unknown symptom": ('["slow"]', '["slwo"]', "'counting'.symptoms", "'slow'"),
    "nothing that it belongs to": (BELONGING, "", "reference 'counting'", "or delete it"),
    "an address twice": (
        "https://tiny.example/counting",
        "https://tiny.example/tally/blob/v1.2/src/tally/core.py#L7",
        "'the-line'.url",
        "make one reference",
    ),
    "no address": ('"https://tiny.example/counting"', '"counting"', ".url", "http:// or https://"),
    "an unknown kind": ('"documentation"', '"docs"', "'counting'.kind", "'documentation'"),
    "a line without its kind": ('"source"', '"issue"', "'the-line'.installed", "only there"),
    "a kind without its line": ('"documentation"', '"source"', "'counting'.installed", "write `in"),
    "a release that nothing installs": ('release = "1.2"', 'release = "1.3"', ".release", "1.2"),
    "a package that nothing installs": ('"Tally"', '"Abacus"', ".release", "no lock"),
    "a line of another file": ('file = "tally/core.py"', 'file = "core/tally.py"', ".url", "1.2"),
    "a line of another release": ("blob/v1.2", "blob/main", "'the-line'.url", "at the tag of 1.2"),
    "a release that begins alike": ("blob/v1.2/", "blob/v1.20/", "'the-line'.url", "tag of 1.2"),
    "a release that ends alike": ("blob/v1.2/", "blob/v1.1.2/", "'the-line'.url", "tag of 1.2"),
    "no line": ("#L7", "#L0", "'the-line'.url", "#L and the line's number"),
}


@pytest.mark.parametrize(("old", "new", "place", "fix"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_refused_with_its_place_and_a_fix(project, old, new, place, fix):
    assert REFERENCES.count(old) == 1
    project.write(FILE, REFERENCES.replace(old, new))
    error = error_of(read, project)
    assert error.file == FILE
    assert place in error.key
    assert fix in error.fix


LINE = "    return self.count + 1"

INSTALLED = {
    "the line": (["", *"abcde", LINE], "", ""),
    "at another number": ([LINE], ".url", "write #L1"),
    "nowhere": (["", *"abcde", LINE + "0"], ".url", "copy the whole line"),
    "beyond the end": ([], ".url", "copy the whole line"),
    "no file": (None, ".installed.file", "write where"),
}


@pytest.mark.parametrize(("lines", "place", "fix"), INSTALLED.values(), ids=INSTALLED)
def test_the_line_is_compared_with_what_is_installed(project, monkeypatch, lines, place, fix):
    monkeypatch.delenv("CASEBOOK_ENVIRONMENTS", raising=False)
    folder = ".nox/experiments-dictionary"
    project.write(f"{folder}/installed.txt", project.path(LOCK).read_text())
    project.write(f"{folder}/lib/python3.11/site-packages/tally/__init__.py", "")
    if lines is not None:
        core = f"{folder}/lib/python3.11/site-packages/tally/core.py"
        project.write(core, "".join(f"{line}\n" for line in lines))
    if not fix:
        assert read(project).references[1].source
        return
    error = error_of(read, project)
    assert error.key == f"reference 'the-line'{place}"
    assert fix in error.fix


def test_the_line_of_what_is_installed_no_longer_is_not_compared(project, monkeypatch):
    monkeypatch.delenv("CASEBOOK_ENVIRONMENTS", raising=False)
    folder = ".nox/experiments-dictionary"
    project.write(f"{folder}/installed.txt", "tally==1.1\n")
    project.write(f"{folder}/lib/python3.11/site-packages/tally/core.py", "another\n")
    assert read(project).references[1].source
