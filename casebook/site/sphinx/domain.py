"""A Sphinx domain: pages, and other projects, link to claims and findings by their ids.

Pages write {claim}`counts-apart`, or {finding}, {pattern}, {statement} and {symptom} with an id.
What has one is in `objects.inv` twice: as an object of this domain, and as a plain label, which a
project without the domain finds through intersphinx. An id that two investigations use is that of
the page's own one, or is written `investigation.id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from casebook.editions import names
from casebook.editions.names import Named, load_names

logger = logging.getLogger(__name__)

KINDS = ("claim", "pattern", "finding", "statement", "symptom")

SEARCHED = {"claim": 0, "pattern": 1, "finding": -1, "statement": -1, "symptom": 0}
"""How Sphinx's search ranks a kind: 0 first, -1 not by its id. Their texts are found on pages."""


class NamedRole(XRefRole):
    """A link to something by its id, made again when the inventory changes."""

    def result_nodes(
        self, document: nodes.document, env: BuildEnvironment, node: nodes.Element, is_ref: bool
    ) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link, having noted on what it depends."""
        env.note_dependency(names.FILE)
        return [node], []


class CasebookDomain(Domain):
    """What the site has names for."""

    name = "casebook"
    label = "Casebook"
    object_types: ClassVar = {kind: ObjType(kind, kind) for kind in KINDS}
    roles: ClassVar = {kind: NamedRole(warn_dangling=True) for kind in KINDS}
    initial_data: ClassVar[dict[str, Any]] = {"named": {}, "labels": []}

    def read(self, named: Iterable[Named]) -> None:
        """Take in what there is, under each name by which it is found."""
        found = list(named)
        count = Counter((one.kind, one.id) for one in found)
        self.data["named"] = {
            (one.kind, name): one
            for one in found
            for name in (one.id, f"{one.investigation}.{one.id}")
            if name != one.id or count[one.kind, one.id] == 1
        }

    def add_labels(self) -> None:
        """Give each thing plain labels, except where a label is another's already."""
        labels, anonymous = self.env.domains.standard_domain.labels, "anonlabels"
        plain = self.env.domains.standard_domain.data[anonymous]
        for name in self.data["labels"]:
            labels.pop(name, None)
            plain.pop(name, None)
        self.data["labels"] = []
        for (_, name), one in self.data["named"].items():
            if name not in labels and name not in plain:
                document, anchor = located(one)
                labels[name] = document, anchor, one.title
                plain[name] = document, anchor
                self.data["labels"].append(name)

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Return the link, or None where nothing has the id.

        Without words of its own a link to a finding or a statement says its verdict.
        """
        own = f"{fromdocname.partition('/')[0]}.{target}"
        one = self.data["named"].get((typ, own)) or self.data["named"].get((typ, target))
        if one is None:
            return None
        if one.verdict and not node["refexplicit"]:
            contnode = nodes.inline(text=f"{one.title}: {one.verdict.replace('-', ' ')}")
        return make_refnode(builder, fromdocname, *located(one), contnode, one.title)

    def resolve_any_xref(self, *_: Any) -> list[tuple[str, nodes.reference]]:
        """Return nothing: an id is looked up under its kind."""
        return []

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """Yield each thing for the inventory, and what is searched with its investigation, too.

        Sphinx 9.0.4 takes an anchor that equals the name for the words that the search shows, so
        that what is searched has another name than its anchor. A symptom is searched by its words.
        """
        for (kind, name), one in self.data["named"].items():
            rank = SEARCHED[kind] if name != one.id else -1
            if rank >= 0 or name == one.id or (kind, one.id) not in self.data["named"]:
                searched = one.title if kind == "symptom" and rank >= 0 else name
                yield searched, f"{one.id}: {one.title}", kind, *located(one), rank

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Do nothing: what there is comes from no document."""


def located(one: Named) -> tuple[str, str]:
    """Return the document and the anchor of something."""
    page, _, anchor = one.address.partition("#")
    return page.removesuffix(".html"), anchor


def read_inventory(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Read what the pages' sources say there is."""
    file = app.srcdir / names.FILE
    found = load_names(file.read_bytes()) if file.is_file() else []
    domain(env).read(found)


def add_labels(app: Sphinx, env: BuildEnvironment) -> None:
    """Add the plain labels once all documents have theirs."""
    domain(env).add_labels()


def warn_of_missing(app: Sphinx, domain: Domain, node: pending_xref) -> bool | None:
    """Say which id was meant, where a link's is none, or that its investigation must be named."""
    if not isinstance(domain, CasebookDomain):
        return None
    kind, target = node["reftype"], node["reftarget"]
    known = {name for one, name in domain.data["named"] if one == kind}
    said = f"no {kind} is called {target!r}"
    if any(name.partition(".")[2] == target for name in known):
        said = f"several have a {kind} {target!r}: write its investigation, a dot and its id"
    elif similar := get_close_matches(target, known, n=1):
        said += f": did you mean {similar[0]!r}?"
    logger.warning(said, location=_place(app, node, target), type="ref", subtype=kind)
    return True


def _place(app: Sphinx, node: pending_xref, target: str) -> str | pending_xref:
    """Return the file and the line of a page's own source in which a link is written, if it is."""
    file = Path(app.confdir, f"{node['refdoc']}.md")
    if file.is_file():
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if f"`{target}`" in line or f"<{target}>`" in line:
                return f"{file.relative_to(file.parents[len(node['refdoc'].split('/'))])}:{number}"
    return node


def domain(env: BuildEnvironment) -> CasebookDomain:
    """Return this domain of an environment."""
    found = env.get_domain(CasebookDomain.name)
    assert isinstance(found, CasebookDomain)
    return found


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the domain to Sphinx."""
    app.add_domain(CasebookDomain)
    app.connect("env-before-read-docs", read_inventory)
    app.connect("env-updated", add_labels)
    app.connect("warn-missing-reference", warn_of_missing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
