"""Verifying: what a cited block says, computed again from the results.

The block is composed again for what its marker asks, as of the edition that it names, and both are
compared line by line: apart from that edition, a block that holds says the same today.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from urllib.parse import unquote

from casebook.cite import block
from casebook.cite.block import Block, Found, Marker, Uncitable
from casebook.cite.cite import answer, known
from casebook.cite.markdown import escape, plain
from casebook.cite.reply import FINDING, SENTENCE, Citations
from casebook.cite.source import GivenText, read_page
from casebook.editions import addresses
from casebook.judge.report import Report
from casebook.text import apart, one_line

SHOWN = 20
"""The differences of one block that are told."""

WIDTH = 120
"""The characters of a line that are told."""

OPENING = re.compile(r"\*\*(Supported|Refuted|Inconclusive|Not tested)\*\*: ")


API = (
    "GitHub has a comment's Markdown at https://api.github.com/repos/OWNER/NAME/issues/comments/"
    "NUMBER, which can be given, too, and `gh api` prints it"
)
"""Where the marker is that a page hides."""

NOTHING = {
    False: "a block begins with the line `<!-- casebook:begin ... -->`, as `nox -s cite` prints it",
    True: f"a page hides the markers, and this one links to no finding. {API}",
}
"""What is said where nothing is found, by whether it is looked for in a page."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a block: the lines that say so, and the exit code."""

    lines: tuple[str, ...]
    code: int


Compose = Callable[[Report, str], Citations]
"""What composes the citations of a report for a site's address."""


def verify(
    source: GivenText, reports: Sequence[Report], site_url: str, compose: Compose = Citations
) -> tuple[Verification, ...]:
    """Return what became of each block of a text, or of each citation that a page shows.

    Raises Uncitable where the text has none.
    """
    if source.page:
        outcomes = tuple(_shown(source.text, reports, site_url, compose))
    else:
        found = block.found(source.text)
        outcomes = tuple(_outcome(one, reports, site_url, compose) for one in found)
    if not outcomes:
        raise Uncitable(f"{source.name} holds no block: {NOTHING[source.page]}")
    return outcomes


def updated(
    source: GivenText, reports: Sequence[Report], site_url: str, compose: Compose = Citations
) -> str:
    """Return a text with each block as it would be cited now, and all else as it is.

    Raises Uncitable for a text without a block, and for a block that asks for what is not known.
    """
    lines = block.whole_lines(source.text)
    blocks = list(block.found(source.text))
    if not blocks:
        raise Uncitable(f"{source.name} holds no block: {NOTHING[source.page]}")
    for one in reversed(blocks):
        marker = one.marker
        made = answer(compose(_report(reports, marker), site_url), marker)
        lines[one.first : one.last] = [one.quoted + line for line in block.whole_lines(made.text)]
    return "".join(lines)


def _report(reports: Sequence[Report], marker: Marker) -> Report:
    """Return the report that a block cites; raise Uncitable for one that there is not."""
    known("investigation", marker.investigation, [one.investigation.id for one in reports])
    return next(one for one in reports if one.investigation.id == marker.investigation)


# --- A block --------------------------------------------------------------------------------------


def _outcome(
    found: Found, reports: Sequence[Report], site_url: str, compose: Compose
) -> Verification:
    try:
        return _verified(found, reports, site_url, compose)
    except Uncitable as error:
        line = f"line {found.first + 1}: the block cannot be verified: {error}"
        return Verification((one_line(line, 4 * WIDTH),), 2)


def _verified(
    found: Found, reports: Sequence[Report], site_url: str, compose: Compose
) -> Verification:
    marker = found.marker
    report = _report(reports, marker)
    then = replace(report, digest=marker.digest)
    site = _site(found.content, marker) or site_url
    citations = compose(then, site)
    expected = answer(citations, marker)
    finding = report.by_id.get(".".join(_finding(marker)))
    reason = escape(one_line(finding.reason, SENTENCE)) if finding else ""
    differences = [
        *_about_markers(found, report),
        *_about_site(site, site_url),
        *_differences(found, expected, reason),
    ]
    what = f"{_named(marker)}{_verdict(expected)} ({_edition(marker.edition, report)})"
    if not differences:
        return Verification((f"matches: {what}",), 0)
    rest = differences[SHOWN:]
    told = [f"  {one}" for one in differences[:SHOWN]]
    told += [f"  and {len(rest)} more"] if rest else []
    return Verification((f"differs: {what}", *told), 3)


def _finding(marker: Marker) -> tuple[str, ...]:
    return marker.claim, marker.pattern, marker.environment, marker.database


def _named(marker: Marker) -> str:
    places = ", ".join(filter(None, (marker.environment, marker.database)))
    of = marker.pattern or "all patterns"
    return f"{marker.claim} of {of}{f' in {places}' if places else ''}"


def _verdict(expected: Block) -> str:
    """Return the verdict of today in words, for the block that cites one finding."""
    opening = OPENING.match(expected.content)
    return f": {opening[1].lower()}" if opening else ""


def _edition(edition: str, report: Report) -> str:
    if edition == report.edition:
        return f"edition {edition}, same as the results here"
    return f"edition {edition}, not looked up; the results here are {report.edition}"


def _about_markers(found: Found, report: Report) -> Iterator[str]:
    marker = found.marker
    if marker.edition == report.edition and marker.digest != report.digest:
        yield f"digest: the block says {marker.digest}, the results here are {report.digest}"
    if found.seal is None:
        yield "the end marker: the block has none, so a part of it may be missing"
    elif not found.whole:
        yield "edited by hand after it was made: the text is not the one that the end marker seals"


def _site(content: str, marker: Marker) -> str:
    """Return the address of the site to which a block's permalink leads, "" where it has none."""
    found = re.search(
        rf"^\[[^\]]*\]\((https?://[^\s()]+?)/{marker.edition}/", content, re.MULTILINE
    )
    return found[1] + "/" if found else ""


def _about_site(site: str, site_url: str) -> Iterator[str]:
    if site.rstrip("/") != site_url.rstrip("/"):
        yield (
            f"links: the block's lead to {site}, this site is at {site_url}: if it is at both, "
            "set CASEBOOK_SITE_URL"
        )


def _differences(found: Found, expected: Block, reason: str) -> Iterator[str]:
    """Yield what a block says otherwise than the results, in the order of its lines."""
    if block.size(found.content) > 2 * block.LIMIT:
        yield f"the block is longer than any that GitHub takes, {block.LIMIT:,} characters"
        return
    names = [part.name for part in expected.parts for _ in part.text.split("\n")[1:]]
    said, made = block.lines(found.content), block.lines(expected.content)
    if len(said) > 4 * len(made) + 200:  # comparing them would take long and tell little
        yield f"the block has {len(said)} lines, the results give {len(made)}"
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, said, made, autojunk=False).get_opcodes():
        for at in range(max(i2 - i1, j2 - j1) if tag != "equal" else 0):
            theirs = said[i1 + at] if i1 + at < i2 else ""
            ours = made[j1 + at] if j1 + at < j2 else ""
            name = names[min(j1 + at, j2 - 1) if j1 < j2 else max(j1 - 1, 0)]
            place = f"line {found.first + 2 + min(i1 + at, len(said))}"
            if name == "the sentence" and ours:
                yield from _about_sentence(theirs, ours, reason, place)
            elif theirs or ours:
                yield f"{name}, {place}: {_apart(theirs, ours)}"


def _about_sentence(said: str, made: str, reason: str, place: str) -> Iterator[str]:
    """Yield how the first line differs: in its verdict, its reason, or its other words."""
    theirs, ours = OPENING.match(said), OPENING.match(made)
    if theirs and ours and theirs[1] != ours[1]:
        yield f"verdict: the block says {theirs[1].lower()}, the results say {ours[1].lower()}"
        said, made = said[theirs.end() :], made[ours.end() :]
    lead = made.removesuffix(reason)
    if said != made and reason and said.startswith(lead):
        yield f"reason: {_apart(said.removeprefix(lead), reason)}"
    elif said != made:
        yield f"the sentence, {place}: {_apart(said, made)}"


def _apart(said: str, made: str) -> str:
    """Return in words in what two lines differ, without what they begin and end with alike."""
    if not said.split() or not made.split():
        absent = "the block lacks" if made.split() else "the results do not say"
        return f"{absent} {one_line(made or said, WIDTH)!r}"
    texts = (one_line(text, WIDTH) for text in apart(said, made))
    theirs, ours = (repr(text) if text else "nothing there" for text in texts)
    return f"the block says {theirs}, the results say {ours}"


# --- A page ---------------------------------------------------------------------------------------


def _shown(
    html: str, reports: Sequence[Report], site_url: str, compose: Compose
) -> Iterator[Verification]:
    """Yield what became of each finding that a page cites, as far as a page shows it.

    A page hides the markers. It is known by its permalink, and its sentence is looked for.
    """
    page = read_page(html)
    text = _bare(page.text)
    for href in page.links(FINDING):
        edition, _, address = href.removeprefix(site_url.rstrip("/") + "/").partition("/")
        id = unquote(address).partition("#")[2]
        named = [(report, report.by_id[id]) for report in reports if id in report.by_id]
        found = [
            (report, finding)
            for report, finding in named
            if addresses.finding(report.investigation, finding) == unquote(address)
        ]
        if not href.startswith(site_url.rstrip("/") + "/") or not found:
            shown = one_line(href, 200)
            yield Verification((f"the page cites {shown}, which is no finding at {site_url}",), 2)
            continue
        report, finding = found[0]
        sentence = plain(compose(report, site_url).sentence(finding)).strip()
        what = f"{finding.claim} of {finding.pattern} in {finding.environment}, {finding.database}"
        what += f": {finding.verdict.replace('-', ' ')} ({_edition(one_line(edition, 20), report)})"
        if _bare(sentence) in text:
            yield Verification((f"matches, as far as a page shows it: {what}", f"  {_PART}"), 0)
        else:
            missing = f"the page does not say {one_line(sentence, 3 * WIDTH)!r}"
            yield Verification((f"differs: {what}", f"  the sentence: {missing}", f"  {_PART}"), 3)


_PART = f"a page hides the marker, so that the sentence alone was compared. {API}"


def _bare(text: str) -> str:
    """Return the characters that remain of a text however it is rendered."""
    return re.sub(r"[\s\u200b\\`*]+", "", text)
