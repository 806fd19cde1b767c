"""Which events are meant, and their rows of the event table; the same for every kind of source.

Events are found by SPARQL. What their rows need is read from a store at hand thing by thing, and from an endpoint by queries for
some hundred events at once.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kg.errors import QueryError, VocabularyError
from kg.graph.opening import Opened, Reading
from kg.tables.columns import Row
from kg.tables.index import Index, StoreIndex
from kg.tables.rows import RowMaker
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES, code, term, with_superclasses

#: Events whose triples are fetched together from an endpoint.
BATCH = 200
_PARTY = re.compile(r"[A-Z][A-Z0-9-]+")
_NAMES = "rdfs:label|skos:prefLabel|foaf:name|skos:altLabel"

_FOUND = """
SELECT DISTINCT ?g ?event WHERE {
  GRAPH ?g { ?event a %s . %s }
  FILTER (STRSTARTS(STR(?g), "%sgraph/article/") || STRSTARTS(STR(?g), "%sgraph/import/"))
} ORDER BY ?g ?event"""

#: Everything that the rows of some events say, each in its own graph. Engines do not carry what stands before a UNION into it:
#: each part begins with the events that are meant.
_PARTS = (
    "?event ?p ?o . BIND (?event AS ?s)",
    "?event dipl:place ?s . ?s ?p ?o",
    "?event dipl:place/schema:containedInPlace+ ?s . ?s ?p ?o",
    "?event dipl:participation ?s . ?s ?p ?o",
    "?event dipl:participation/dipl:actor ?s . ?s ?p ?o",
    "?event dipl:participation/dipl:onBehalfOf ?s . ?s ?p ?o",
    "?event dipl:evidence ?s . ?s oa:hasSelector ?o . BIND (oa:hasSelector AS ?p)",
    "?event dipl:evidence/oa:hasSelector ?s . ?s oa:exact ?o . BIND (oa:exact AS ?p)",
    "?g prov:wasDerivedFrom ?o . BIND (?g AS ?s) BIND (prov:wasDerivedFrom AS ?p)",
    "?g prov:wasDerivedFrom ?s . ?s ?p ?o",
)
#: How many articles tell of an event that is one with events of others; of some events, or of all.
_SOURCES = """
SELECT ?event (MAX(?articles) AS ?sources) WHERE {
  %s
  ?across dipl:reportedAs ?event ; dipl:articleCount ?articles .
} GROUP BY ?event"""


def rows_of(reading: Reading, text: str) -> Iterator[ox.QuerySolution]:
    """The rows of one of our own queries."""
    found = reading.query(text, PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    return iter(found)


def actors(reading: Reading, iris: Iris, given: str) -> list[ox.NamedNode]:
    """The actors that an IRI, a code ("KHM", "ASEAN") or a name means.

    Raises:
        QueryError: nobody in the graph is called so.
    """
    if "://" in given:
        try:
            return [ox.NamedNode(given)]
        except ValueError:
            raise QueryError(f"{given!r} is no IRI.") from None
    if _PARTY.fullmatch(given):
        party = iris.party(given)
        if not party.value.endswith("-x"):
            return [party]
    names = f"{ox.Literal(given)} {ox.Literal(given, language='en')}"
    query = f"SELECT DISTINCT ?who {{ VALUES ?name {{ {names} }} ?who {_NAMES} ?name ; a dipl:Actor }} ORDER BY ?who"
    found = [row["who"] for row in rows_of(reading, query)]
    if not found:
        raise QueryError(
            f"Nobody in the graph is called {given!r}; give a name as the articles have it, a code or an IRI."
        )
    return [node for node in found if isinstance(node, ox.NamedNode)]


def day(given: str | dt.date | None, name: str) -> ox.Literal | None:
    """A day as a literal.

    Raises:
        QueryError: it is none.
    """
    if given is None:
        return None
    try:
        found = dt.date.fromisoformat(str(given)[:10])
    except ValueError:
        raise QueryError(f"{name}={given!r} is no day; write it as 2016-01-26.") from None
    return ox.Literal(found.isoformat(), datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))


def event_class(given: str | None) -> ox.NamedNode:
    """The class of events of a name ("Meeting", "meeting").

    Raises:
        QueryError: there is none.
    """
    name = (given or "Event")[:1].upper() + (given or "Event")[1:]
    try:
        if term("Event") in with_superclasses(name):
            return term(name)
    except VocabularyError:
        pass
    raise QueryError(f"type={given!r} is no class of events, such as Meeting, Visit or Sanction.")


def concept(scheme: str, given: str) -> ox.NamedNode:
    """A code or topic by its key. Raises QueryError."""
    try:
        return code(scheme, given.strip().lower().replace(" ", "-"))
    except VocabularyError:
        raise QueryError(f"{scheme}={given!r} is not in the ontology.") from None


def conditions(
    reading: Reading,
    iris: Iris,
    *,
    actor: str | None,
    since: str | dt.date | None,
    until: str | dt.date | None,
    topic: str | None,
    modality: str | None,
    least_confidence: float | None,
) -> str:
    """The patterns that an event must match in its graph. Raises QueryError."""
    found = []
    if actor is not None:
        who = " ".join(map(str, actors(reading, iris, actor)))
        found.append(f"VALUES ?who {{ {who} }} ?event dipl:participation/(dipl:actor|dipl:onBehalfOf) ?who .")
    if first := day(since, "since"):
        found.append(f"?event dipl:latestDate ?latest . FILTER (?latest >= {first})")
    if last := day(until, "until"):
        found.append(f"?event dipl:earliestDate ?earliest . FILTER (?earliest <= {last})")
    if topic is not None:
        under = f"SELECT DISTINCT ?topic {{ ?topic skos:broader* {concept('topic', topic)} }} ORDER BY ?topic"
        listed = " ".join(str(row["topic"]) for row in rows_of(reading, under))
        found.append(f"VALUES ?topic {{ {listed} }} ?event dipl:topic ?topic .")
    if modality is not None:
        found.append(f"?event dipl:modality {concept('modality', modality)} .")
    if least_confidence is not None:
        if not 0 <= least_confidence <= 1:
            raise QueryError(f"least_confidence={least_confidence!r} is not between 0 and 1.")
        found.append(f"?event dipl:confidence ?sure . FILTER (?sure >= {float(least_confidence)})")
    return " ".join(found)


def select(reading: Reading, iris: Iris, kind: ox.NamedNode, patterns: str) -> list[tuple[ox.NamedNode, ox.NamedNode]]:
    """Graph and IRI of the events that match, in the order of both."""
    found = rows_of(reading, _FOUND % (kind, patterns, iris.base, iris.base))
    pairs = [(row["g"], row["event"]) for row in found]
    return sorted(pairs, key=lambda pair: (pair[0].value, pair[1].value))


def parts_of(pairs: str, name: str, parts: Sequence[str]) -> str:
    """The query for the triples of some things, each in its own graph: ?g ?s ?p ?o.

    Args:
        pairs: graph and thing, as the rows of a VALUES.
        name: the variable that stands for the thing.
        parts: patterns that give ?s ?p ?o.
    """
    meant = f"VALUES (?g ?{name}) {{ {pairs} }}"
    inner = " UNION ".join(f"{{ {meant} GRAPH ?g {{ {part} }} }}" for part in parts)
    return f"SELECT DISTINCT ?g ?s ?p ?o WHERE {{ {inner} }}"


Pair = tuple[ox.NamedNode, ox.NamedNode]


def indexed(reading: Reading, pairs: Sequence[Pair], name: str, parts: Sequence[str]) -> Iterator[tuple[Index, Pair]]:
    """Graphs and things in their order, each with what is said in the graph of the thing and of what it points to.

    Args:
        name, parts: what to ask an endpoint, see ``parts_of``.
    """
    if isinstance(reading, Opened):
        for graph, together in itertools.groupby(pairs, key=lambda pair: pair[0]):
            index = StoreIndex(reading.store, graph)
            yield from ((index, pair) for pair in together)
        return
    remaining = iter(pairs)
    while batch := list(itertools.islice(remaining, BATCH)):
        meant = " ".join(f"({graph} {thing})" for graph, thing in batch)
        triples: dict[str, list[tuple[object, object, object]]] = {}
        for row in rows_of(reading, parts_of(meant, name, parts)):
            triples.setdefault(row["g"].value, []).append((row["s"], row["p"], row["o"]))
        indexes = {graph: Index(found) for graph, found in triples.items()}
        yield from ((indexes[pair[0].value], pair) for pair in batch)


def _sources(reading: Reading, events: Sequence[Pair]) -> dict[str, int]:
    """How many articles tell of an event, where they are several."""
    meant = f"VALUES ?event {{ {' '.join(str(event) for _, event in events)} }}" if len(events) <= BATCH else ""
    return {row["event"].value: int(row["sources"].value) for row in rows_of(reading, _SOURCES % meant)}


def table(reading: Reading, iris: Iris, events: Sequence[Pair]) -> Iterator[Row]:
    """The rows of some events, in their order: those of ``kg export events``."""
    maker, sources = RowMaker(iris), _sources(reading, events)
    for index, (graph, event) in indexed(reading, events, "event", _PARTS):
        yield from maker.rows(index, graph, event, sources.get(event.value, 1))
