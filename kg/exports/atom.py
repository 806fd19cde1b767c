"""Feeds for people: the newest facts of a part as Atom. https://www.rfc-editor.org/rfc/rfc4287"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from lxml import etree

from kg.exports.facts import Graphs, fact_triples
from kg.exports.parts import Fact
from kg.store import State
from kg.tables.index import Index
from kg.triples.vocab import DIPL, with_superclasses

_ATOM = "http://www.w3.org/2005/Atom"
#: Characters that XML 1.0 does not know.
_FORBIDDEN = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF])


@dataclass(frozen=True)
class Item:
    """One fact: ``updated`` is when its article was read (xsd:dateTime); ``when`` its days in words, empty where unknown."""

    iri: str
    title: str
    updated: str
    kind: str
    when: str
    sentences: tuple[str, ...]
    article: str
    source: str


@dataclass(frozen=True)
class Feed:
    """The head of a feed; ``page`` is where people read the same, ``author`` who publishes it."""

    iri: str
    title: str
    page: str
    author: str
    rights: str


def items(state: State, facts: Iterable[tuple[Fact, str]]) -> list[Item]:
    """What a feed tells of facts."""
    graphs = Graphs(state)
    return [_item(fact, updated, fact_triples(graphs.about(graph), fact)) for (fact, graph), updated in facts]


def _item(fact: ox.NamedNode, updated: str, triples: Sequence[ox.Triple]) -> Item:
    index = Index((t.subject, t.predicate, t.object) for t in triples)
    names = [t.value.removeprefix(DIPL) for t in index.types(fact) if t.value.startswith(DIPL)]
    passages = index.nodes(fact, "dipl:evidence")
    sentences = [w for p in passages for s in index.nodes(p, "oa:hasSelector") for w in index.texts(s, "oa:exact")]
    first = index.text(fact, "dipl:earliestDate") or index.text(fact, "dipl:observedFrom") or ""
    last = index.text(fact, "dipl:latestDate") or index.text(fact, "dipl:observedUntil") or ""
    article = next((a for p in passages for a in index.nodes(p, "oa:hasSource")), None)
    return Item(
        fact.value,
        index.text(fact, "rdfs:label") or fact.value,
        updated,
        max(names, key=lambda name: len(with_superclasses(name)), default=""),
        first if first == last else f"{first} to {last}",
        tuple(dict.fromkeys(sentences)),
        (index.text(article, "rdfs:label") if article else None) or "",
        (index.text(article, "schema:url") if article else None) or "",
    )


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    if text:
        element.text = text.translate(_FORBIDDEN)
    return element


def atom(feed: Feed, entries: Sequence[Item], link: str, updated: str) -> bytes:
    """The document.

    Args:
        link: the address of the feed itself.
        updated: the time of its newest entry, or of what it was looked for in.
    """
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    _add(root, "id", feed.iri)
    _add(root, "title", feed.title)
    _add(root, "updated", updated)
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type="application/atom+xml", href=link)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    if feed.rights:
        _add(root, "rights", feed.rights)
    for item in entries:
        entry = _add(root, "entry")
        _add(entry, "id", item.iri)
        _add(entry, "title", item.title)
        _add(entry, "updated", item.updated)
        _add(entry, "link", rel="alternate", type="text/html", href=item.iri)
        if item.source.startswith(("http://", "https://")):
            _add(entry, "link", rel="via", href=item.source, title=item.article.translate(_FORBIDDEN))
        _add(entry, "category", term=item.kind, scheme=DIPL)
        quoted = " … ".join(f"“{sentence}”" for sentence in item.sentences)
        _add(entry, "summary", ". ".join(words for words in (item.when, quoted) if words) or item.title)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
