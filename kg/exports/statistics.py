"""Counts of a state of the store: triples, classes, properties, links elsewhere, the days of its events."""

from __future__ import annotations

from dataclasses import dataclass

from kg.store import State
from kg.triples.vocab import named

#: Datasets that things are linked to by owl:sameAs: name -> what their IRIs begin with, and where they are at home.
LINKED = {
    "wikidata": ("http://www.wikidata.org/entity/", "https://www.wikidata.org/"),
    "geonames": ("https://sws.geonames.org/", "https://www.geonames.org/"),
}
# The same triple in several graphs is one triple.
_CLASSES = "SELECT ?name (COUNT(DISTINCT ?x) AS ?n) { ?x a ?name } GROUP BY ?name"
_PROPERTIES = "SELECT ?name (COUNT(*) AS ?n) { { SELECT DISTINCT ?x ?name ?y { ?x ?name ?y } } } GROUP BY ?name"
_ONE = "SELECT (COUNT(DISTINCT ?x) AS ?n) { %s }"
_FIRST = "SELECT ?value { ?x %s ?value } ORDER BY %s(?value) LIMIT 1"


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
            _number(state, "?x ?p ?o"),
            _number(state, "?s ?p ?x"),
            classes.get(named("dipl:Article").value, 0),
            classes.get(named("dipl:Event").value, 0),
            classes,
            properties,
            {
                name: _number(state, f'?x owl:sameAs ?other FILTER STRSTARTS(STR(?other), "{space}")')
                for name, (space, _) in LINKED.items()
            },
            _value(state, "dipl:earliestDate", "ASC"),
            _value(state, "dipl:latestDate", "DESC"),
            _value(state, "prov:generatedAtTime", "DESC"),
        )


def _by_name(state: State, query: str) -> dict[str, int]:
    found = {row["name"].value: int(row["n"].value) for row in state.rows(query) if row["name"] is not None}
    return dict(sorted(found.items()))


def _number(state: State, pattern: str) -> int:
    return int(next(iter(state.rows(_ONE % pattern)))["n"].value)


def _value(state: State, name: str, way: str) -> str | None:
    """The first or last value of a property."""
    row = next(iter(state.rows(_FIRST % (name, way))), None)
    return row["value"].value if row else None
