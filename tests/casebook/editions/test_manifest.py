"""Where links lead whose address went."""

from casebook.editions.manifest import ListedPage, Manifest, redirects


def addresses_with(name: str, pages: dict[str, list[str]], renamed: dict | None = None):
    found = {
        page: ListedPage("pattern", dict.fromkeys(ids, "supported")) for page, ids in pages.items()
    }
    return Manifest(1, name, name, found, renamed or {})


def test_what_went_leads_to_the_last_edition_that_had_it():
    latest = addresses_with("c", {"p": ["x"]})
    earlier = [
        addresses_with("b", {"p": ["x", "y"]}),
        addresses_with("a", {"p": ["y", "z"], "q": []}),
    ]
    assert redirects(latest, earlier) == {"p": {"y": "b/p#y", "z": "a/p#z"}, "q": {"": "a/q"}}


def test_what_was_renamed_leads_to_the_latest():
    latest = addresses_with("b", {"p": ["x"]}, {"p#old": "p#x"})
    assert redirects(latest, [addresses_with("a", {"p": ["old"]})]) == {"p": {"old": "latest/p#x"}}
