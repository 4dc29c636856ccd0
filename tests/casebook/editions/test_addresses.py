"""What was published stays, and every link into an earlier edition leads somewhere."""

import json
from html import unescape
from urllib.parse import urlsplit

import pytest

from casebook.editions.addresses import HISTORIES
from casebook.editions.manifest import read_manifest
from tests.casebook.editions.builders import Reader, addresses_of


@pytest.fixture(scope="module")
def reader(request: pytest.FixtureRequest) -> Reader:
    return Reader(request.getfixturevalue("editions").public)


@pytest.mark.slow
def test_every_address_of_an_edition_is_there(editions, reader):
    for name in (editions.first, editions.second, "latest"):
        for address in addresses_of(editions.public, name):
            assert reader.arrive(f"{name}/{address}") == f"{name}/{address}"


@pytest.mark.slow
def test_every_old_address_leads_somewhere_in_the_latest_and_without_an_edition(editions, reader):
    for address in addresses_of(editions.public, editions.first):
        ended = reader.arrive(f"latest/{address}")
        assert ended.startswith(("latest/", f"{editions.first}/"))
        if address != "index.html":  # that is the index of editions
            assert reader.arrive(address) == ended
        assert bool("#" in address) == bool("#" in ended)


@pytest.mark.slow
def test_every_link_that_verdicts_json_published_leads_to_its_finding(editions, reader):
    for name in (editions.first, editions.second):
        published = json.loads((editions.public / name / "verdicts.json").read_text())
        for one in (*published["findings"], *published["statements"]):
            address = one["url"].removeprefix("https://tiny.example/")
            assert "#" in reader.arrive(address)


@pytest.mark.slow
def test_every_link_on_an_old_page_leads_somewhere_also_where_it_was_copied_from_latest(
    editions, reader
):
    listed = set(addresses_of(editions.public, editions.first))
    followed = 0
    for page in read_manifest(editions.public / editions.first).pages:
        for link in map(unescape, reader.page(f"{editions.first}/{page}").links):
            if urlsplit(link).scheme or link == "#":
                continue
            own = reader.joined(f"{editions.first}/{page}", link)
            assert reader.arrive(own) == own
            followed += 1
            if own.startswith(f"{HISTORIES}/"):
                continue  # all editions share it
            # A heading's anchor may go, and leaves the reader on the page.
            there = own.removeprefix(f"{editions.first}/")
            there = there if there in listed else there.partition("#")[0]
            if there.endswith(".html") or "#" in there:
                assert reader.arrive(f"latest/{there}")
    assert followed > 500


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "now"),
    [  # of the folder `tiny`
        ("patterns/counter-per-name.html", "latest/patterns/one-counter-each.html"),
        ("patterns/counter-per-name.html#source", "latest/patterns/one-counter-each.html#source"),
        ("claims.html#no-warnings", "latest/claims.html#warns-of-nothing"),
        (
            "patterns/counter-per-name.html"
            "#no-warnings.counter-per-name.closure-not-importable.sqlite",
            "latest/patterns/one-counter-each.html"
            "#warns-of-nothing.one-counter-each.closure-without-library.sqlite",
        ),
        (
            "patterns/counts-by-name.html#no-warnings.counts-by-name.dictionary.sqlite",
            "latest/patterns/counts-by-name.html"
            "#warns-of-nothing.counts-by-name.dictionary.sqlite",
        ),
        (
            "statements.html#dictionaries-keep-counts-apart",
            "latest/statements.html#counts-are-apart",
        ),
        ("statements.html#dictionaries-are-best", "FIRST/statements.html#dictionaries-are-best"),
        ("patterns/one-global.html", "FIRST/patterns/one-global.html"),
        (
            "patterns/one-global.html#wires.one-global.module-global.sqlite",
            "FIRST/patterns/one-global.html#wires.one-global.module-global.sqlite",
        ),
    ],
)  # fmt: skip
def test_what_was_renamed_leads_to_what_it_is_now_and_what_went_to_where_it_was(
    editions, reader, before, now
):
    folder, _, page = now.partition("/")
    name = editions.first if folder == "FIRST" else folder
    assert reader.arrive(f"tiny/{before}") == f"{name}/tiny/{page}"


@pytest.mark.slow
def test_an_event_that_went_leads_to_its_finding(editions, reader):
    finding = "counts-apart.counts-by-name.dictionary.sqlite"
    page = "tiny/patterns/counts-by-name.html"
    # Editions before this one had an id for each event that shows a finding.
    event = f"{finding}.in-turn.1.7"
    assert reader.arrive(f"{page}#{event}") == f"latest/{page}#{finding}"
