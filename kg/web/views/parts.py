"""What facts are made of: who takes part, and the passages that say so, out of what was gathered."""

from __future__ import annotations

from dataclasses import dataclass

from kg.triples.vocab import DIPL
from kg.web.views.reader import Bundle
from kg.web.views.words import KINDS, Link, days


@dataclass(frozen=True)
class Passage:
    """A passage that says so; ``before`` and ``after`` are the rest of its paragraph where that is known and may be shown."""

    text: str
    article: Link
    outlet: str
    day: str
    url: str
    anchor: str
    start: int
    end: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Part:
    """One participant: who, for whom, as what, in which words."""

    actor: Link
    role: str
    side: str
    party: Link | None
    office: str
    capacity: str
    mention: str
    is_group: bool
    anchor: str


def kind_of(bundle: Bundle, thing: str) -> str:
    """The local name of a thing's most particular class; empty where it has none of ours."""
    found = {v.removeprefix(DIPL) for v in bundle.nodes(thing, "rdf:type")}
    return next((kind for kind in KINDS if kind in found), "")


def link(bundle: Bundle, thing: str) -> Link:
    """A thing by its label."""
    return Link(bundle.label(thing), thing)


def parts(bundle: Bundle, thing: str) -> list[Part]:
    """The participants of an event or statement, in their order."""
    found = []
    for node in sorted(bundle.nodes(thing, "dipl:participation"), key=_number):
        actor, party = bundle.node(node, "dipl:actor"), bundle.node(node, "dipl:onBehalfOf")
        if not actor:
            continue
        office, capacity, mention = (
            bundle.text(node, "dipl:officeTitle"),
            bundle.node(node, "dipl:inCapacity"),
            bundle.text(node, "dipl:mention"),
        )
        role, side = (bundle.node(node, p).rpartition("-")[2] for p in ("dipl:role", "dipl:side"))
        behalf = link(bundle, party) if party and party != actor else None
        group = bundle.is_a(actor, "Group")
        found.append(
            Part(link(bundle, actor), role, side, behalf, office, capacity, mention, group, node.rpartition("#")[2])
        )
    return found


def _number(node: str) -> tuple[int, str]:
    tail = node.rpartition("#p")[2]
    return (int(tail) if tail.isdigit() else 0, node)


def passages(bundle: Bundle, thing: str) -> tuple[Passage, ...]:
    """The passages that support a fact, in the order of the text."""
    found: dict[str, Passage] = {}
    for node in bundle.nodes(thing, "dipl:evidence"):
        if shown := passage(bundle, node):
            found[node] = shown
    return tuple(sorted(found.values(), key=lambda p: (p.article.iri or "", p.start, p.end)))


def passage(bundle: Bundle, node: str) -> Passage | None:
    """One passage with its words and its article; None where the words are not known."""
    selectors = bundle.nodes(node, "oa:hasSelector")
    exact, start, end = (
        next((text for s in selectors if (text := bundle.text(s, name))), "")
        for name in ("oa:exact", "oa:start", "oa:end")
    )
    article = bundle.node(node, "oa:hasSource")
    if not exact or not article:
        return None
    first = int(start) if start.isdigit() else 0
    before, after = bundle.paragraph(article, exact, first)
    return Passage(
        exact,
        link(bundle, article),
        bundle.text(article, "schema:publisher"),
        day_of(bundle, article),
        bundle.node(article, "schema:url") or bundle.text(article, "schema:url"),
        node.rpartition("#")[2],
        first,
        int(end) if end.isdigit() else first + len(exact),
        before,
        after,
    )


def day_of(bundle: Bundle, article: str) -> str:
    """The day of an article in words: of its publication, else the one its dates are counted from."""
    day = bundle.text(article, "schema:datePublished") or bundle.text(article, "dipl:referenceDate")
    return days(day, day)
