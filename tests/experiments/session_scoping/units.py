"""The units of the earlier reports: what a reader could take for a statement, one by one.

A unit is a sentence, a heading, a list item's sentence, a cell of a table with its row and column,
or a line of code or of a drawing. Its digest names it together with the section that it stands in,
so that a list of digests says which text is accounted for without carrying the text.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]

REPORTS = Path(
    os.environ.get("CASEBOOK_EARLIER_REPORTS", ROOT.parent / "shared" / "earlier-reports")
)
"""Where the reports themselves are, which the project does not carry."""

LIST = Path(__file__).with_name("units.json")
"""The list of every unit of every report: its digest, and the statement that it is in."""

NOTHING = "nothing"
"""What stands in the list for a unit that states nothing."""

DRAWING = str.maketrans(dict.fromkeys("│┌┐└┘├┤┬┴┼─", " "))
"""The characters that boxes are drawn with; they say nothing."""

ARROW = re.compile(r"─+>")
EMPHASIS = re.compile(r"\*\*(\S.*?)\*\*")
MARKER = re.compile(r"^\s*(?:[-*] (?:\[[ x]\] )?|\d+\. )")
SENTENCE_END = re.compile(r"(?<=[.?!])(?:\s+)(?=[\"'`:*A-Z✓✗⚠])")
UNDERLINE = re.compile(r"^(=+|-+)\s*$")
HEADING = re.compile(r"^#+ ")


@dataclass(frozen=True)
class Unit:
    """One unit, and the heading of the section that it stands in, "" before the first."""

    section: str
    text: str

    @property
    def digest(self) -> str:
        """What names the unit in a list: 12 hexadecimal digits."""
        return sha256(f"{self.section}\0{self.text}".encode()).hexdigest()[:12]


def units(name: str, text: str) -> Iterator[Unit]:
    """Yield the units of a report, in order; what holds no letter and no digit is none."""
    section = ""
    for kind, found in _parts(name, text):
        found = plain(found)
        if not any(character.isalnum() for character in found):
            continue
        if kind == "heading":
            section = found
        yield Unit(section, found)


def quoted(section: str, quote: str, cell: tuple[str, ...] = ()) -> set[str]:
    """Return the digests of the units that a quotation from a section accounts for.

    A quotation may be prose or lines as they were drawn or printed: it accounts for both readings.
    """
    if cell:
        return {Unit(plain(section), " | ".join(map(plain, (*cell, quote)))).digest}
    lines = quote.splitlines()
    texts = {plain(MARKER.sub("", line)) for line in lines} | set(map(plain, lines))
    texts |= {plain(one) for line in lines for one in _sentences(line)}
    texts |= {plain(one) for one in _sentences(" ".join(lines))}
    return {Unit(plain(section), one).digest for one in texts} | {
        Unit(one, one).digest
        for one in texts  # a heading is the section that it opens
    }


def plain(text: str) -> str:
    """Return a text without emphasis, drawing and marks of a heading, its spaces single."""
    text = EMPHASIS.sub(r"\1", HEADING.sub("", ARROW.sub(" ", text)).translate(DRAWING))
    return "" if set(text.split()) == {"v"} else " ".join(text.split())


# --- What accounts for units ----------------------------------------------------------------------


def said() -> dict[str, Any]:
    """Return the statements as they stand in `conf/`."""
    file = ROOT / "conf" / "session_scoping.statements.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def accounted(said: dict[str, Any]) -> dict[str, dict[str, set[str]]]:
    """Return the digests that are accounted for: by report's file, then by statement."""
    files = {source["id"]: source["file"] for source in said["source"]}
    found: dict[str, dict[str, set[str]]] = {file: {} for file in files.values()}
    for statement in said["statement"]:
        for one in statement["quotation"]:
            digests = quoted(one["section"], one["quote"], tuple(one.get("cell", ())))
            found[files[one["source"]]].setdefault(statement["id"], set()).update(digests)
    for one in said.get("nothing", ()):
        for text in one["texts"]:
            section = one.get("section", text)
            found[files[one["source"]]].setdefault(NOTHING, set()).update(quoted(section, text))
    return found


def listing(file: str, text: str, by: dict[str, set[str]]) -> list[list[str]]:
    """Return each unit of a report's text: its digest, and what accounts for it, "" for none."""
    return [
        [unit.digest, next((id for id, known in by.items() if unit.digest in known), "")]
        for unit in units(file, text)
    ]


def write() -> None:
    """Write the list anew from the reports; it says of which units nothing accounts."""
    found = {}
    for file, by in accounted(said()).items():
        text = (REPORTS / file).read_text(encoding="utf-8")
        found[file] = listing(file, text, by)
        for unit, (_, id) in zip(units(file, text), found[file], strict=True):
            if not id:
                print(f"{file}: [{unit.section}] {unit.text}")
    parts = (
        f"{json.dumps(file)}: [\n" + ",\n".join(map(json.dumps, listed)) + "\n]"
        for file, listed in found.items()
    )
    LIST.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


# --- How reports are divided ----------------------------------------------------------------------


def _parts(name: str, text: str) -> Iterator[tuple[str, str]]:
    lines = text.splitlines()
    if name.endswith(".md"):
        yield from _markdown(lines)
    elif name.endswith(".rst"):
        yield from _restructured(lines)
    else:
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            kind = "heading" if line and UNDERLINE.match(following) else "line"
            yield kind, MARKER.sub("", line) if kind == "line" else line


def _markdown(lines: list[str]) -> Iterator[tuple[str, str]]:
    code, columns = False, None
    for line in lines:
        if line.strip().startswith("```"):
            code = not code
        elif code:
            yield "line", line
        elif line.startswith("|"):
            row = [cell.strip() for cell in line.strip("|").split("|")]
            if columns is None:
                columns = row
                yield "line", " | ".join(row)
            elif any(character.isalnum() for character in line):
                for column, cell in zip(columns[1:], row[1:], strict=True):
                    yield "cell", " | ".join(map(plain, (row[0], column, cell)))
            continue
        elif HEADING.match(line):
            yield "heading", line
        else:
            yield from (("sentence", one) for one in _sentences(line))
        columns = None


def _restructured(lines: list[str]) -> Iterator[tuple[str, str]]:
    paragraph: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line and not line[0].isspace() and not line.startswith(".. "):
            if UNDERLINE.match(following):
                yield "heading", line
            elif not UNDERLINE.match(line):
                paragraph.append(line)
                continue
        yield from (("sentence", one) for one in _sentences(" ".join(paragraph)))
        paragraph = []
        if line.strip() and (line[0].isspace() or line.startswith(".. ")):
            yield "line", line
    yield from (("sentence", one) for one in _sentences(" ".join(paragraph)))


def _sentences(text: str) -> list[str]:
    return SENTENCE_END.split(MARKER.sub("", text))


if __name__ == "__main__":
    write()
