"""Pages of whatever has no page of its own kind: all that is said of it; and of anything, what points to it."""

from __future__ import annotations

import pyoxigraph as ox

from kg.web.views.lists import MANY, Asked, Paged, paged, tabs
from kg.web.views.page import Page, properties
from kg.web.views.parts import link
from kg.web.views.reader import Reader, iri
from kg.web.views.words import Link, property_words

#: Of use to the program alone, or shown in the head.
_HIDDEN = frozenset(
    map(
        iri,
        "rdf:type rdfs:label dipl:blockKey dipl:indexedPerson dipl:indexedState dipl:textDigest skos:prefLabel".split(),
    )
)
#: Pointers that the program keeps for its own bookkeeping.
_OWN = f"FILTER (?p NOT IN (<{iri('dipl:indexedPerson')}>, <{iri('prov:used')}>))"


def record(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """All that is said of a thing, property by property."""
    tabs(asked, record="What is known")
    reader.about([thing])
    reader.labels()
    bundle = reader.bundle
    context = {
        "properties": properties(bundle, thing, _HIDDEN),
        "article": [link(bundle, a) for a in bundle.nodes(thing, "prov:wasDerivedFrom")],
    }
    return Page(thing, bundle.label(thing), kind, "record.html", context)


def links_to(reader: Reader, thing: str, kind: str, asked: Asked) -> Page:
    """What points to a thing, by which property."""

    def ask() -> tuple[tuple[str, str], ...]:
        rows = reader.rows(f"SELECT DISTINCT ?p ?s {{ ?s ?p <{thing}> {_OWN} }}")
        found = {(row[0].value, row[1].value) for row in rows if isinstance(row[1], ox.NamedNode)}
        return tuple(sorted(found))

    chosen = paged(reader.kept(("links", thing), ask), asked, MANY)
    pairs = chosen.items
    reader.about([thing])
    reader.labels(*(end for pair in pairs for end in pair))
    bundle = reader.bundle
    items = tuple((Link(_words(bundle.label(p)), p), link(bundle, s)) for p, s in pairs)
    return Page(thing, bundle.label(thing), kind, "links.html", {"links": Paged(items, chosen.total, asked.page, MANY)})


def _words(label: str) -> str:
    return label if " " in label else property_words(label)
