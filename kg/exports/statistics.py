"""Counts of a state of the store: triples, classes, properties, links elsewhere, the days of its events."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.store import State
from kg.triples.vocab import named

#: Datasets that things are linked to by owl:sameAs: name -> what their IRIs begin with, and where they are at home.
LINKED = {
    "wikidata": ("http://www.wikidata.org/entity/", "https://www.wikidata.org/"),
    "geonames": ("https://sws.geonames.org/", "https://www.geonames.org/"),
}
_RDF_TYPE = named("rdf:type")
# Rows stand as ?s ?p ?o. The same triple in several graphs is one triple.
_CLASSES = f"SELECT (?c AS ?s) ({_RDF_TYPE} AS ?p) (COUNT(DISTINCT ?x) AS ?o) {{ ?x a ?c }} GROUP BY ?c"
_TRIPLES = "{ SELECT DISTINCT ?x ?q ?y { ?x ?q ?y } }"
_PROPERTIES = f"SELECT (?q AS ?s) ({_RDF_TYPE} AS ?p) (COUNT(*) AS ?o) {{ {_TRIPLES} }} GROUP BY ?q"
_ONE = f"SELECT ({_RDF_TYPE} AS ?s) ({_RDF_TYPE} AS ?p) (COUNT(DISTINCT ?n) AS ?o) {{ %s }}"
_FIRST = "SELECT ?s ({p} AS ?p) ?o {{ ?s {p} ?o }} ORDER BY {way}(?o) LIMIT 1"


@dataclass(frozen=True)
class Statistics:
    """``classes``, ``properties``, ``links``: by IRI (links by name) the number of instances, of triples, of linked things.

    ``first`` and ``last`` are the days between which the facts lie, ``modified`` is when an article was last read (xsd:dateTime);
    None where there is none.
    """

    triples: int
    subjects: int
    objects: int
    articles: int
    events: int
    classes: dict[str, int]
    properties: dict[str, int]
    links: dict[str, int]
    first: str | None
    last: str | None
    modified: str | None

    @classmethod
    def of(cls, state: State) -> Statistics:
        """Count a state."""
        classes, properties = _by_name(state, _CLASSES), _by_name(state, _PROPERTIES)
        return cls(
            sum(properties.values()),
            _number(state, "?n ?p ?o"),
            _number(state, "?s ?p ?n"),
            classes.get(named("dipl:Article").value, 0),
            classes.get(named("dipl:Event").value, 0),
            classes,
            properties,
            {
                name: _number(state, f'?n {named("owl:sameAs")} ?other FILTER STRSTARTS(STR(?other), "{space}")')
                for name, (space, _) in LINKED.items()
            },
            _value(state, "dipl:earliestDate", "ASC"),
            _value(state, "dipl:latestDate", "DESC"),
            _value(state, "prov:generatedAtTime", "DESC"),
        )


def _by_name(state: State, query: str) -> dict[str, int]:
    found = {}
    for row in state.triples(query):
        if isinstance(row.subject, ox.NamedNode) and isinstance(row.object, ox.Literal):
            found[row.subject.value] = int(row.object.value)
    return dict(sorted(found.items()))


def _number(state: State, pattern: str) -> int:
    row = next(state.triples(_ONE % pattern))
    return int(row.object.value) if isinstance(row.object, ox.Literal) else 0


def _value(state: State, name: str, way: str) -> str | None:
    """The first or last value of a property."""
    row = next(state.triples(_FIRST.format(p=named(name), way=way)), None)
    return row.object.value if row and isinstance(row.object, ox.Literal) else None
