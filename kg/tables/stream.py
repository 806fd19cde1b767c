"""The event table of a store, streamed: one article's graph, or some hundred events of an imported graph, in memory at a time."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence

import pyoxigraph as ox

from kg.store import Store
from kg.tables.columns import Row
from kg.tables.index import Index
from kg.tables.rows import OWN, RowMaker
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES, term

#: Events of an imported graph that are fetched together.
BATCH = 500

#: How many articles tell of an event: more than its own where it is one with events of others.
_SOURCES = """
SELECT ?event (COALESCE(MAX(?articles), 1) AS ?sources) {
  VALUES ?event { %s }
  OPTIONAL { ?across dipl:reportedAs ?event ; dipl:articleCount ?articles }
} GROUP BY ?event"""

_NAMES = "SELECT ?event { GRAPH %s { ?event dipl:importedFrom %s } } ORDER BY ?event"

#: Everything that a row says, for some events of one graph.
_TRIPLES = """
SELECT DISTINCT ?s ?p ?o { GRAPH %s {
  VALUES ?event { %s }
  { BIND(?event AS ?s) } UNION { ?event dipl:place/schema:containedInPlace? ?s } UNION
  { ?event dipl:participation ?s } UNION { ?event dipl:participation/(dipl:actor|dipl:onBehalfOf) ?s }
  ?s ?p ?o
} }"""


def _solutions(store: Store, query: str) -> Iterator[ox.QuerySolution]:
    found = store.query(query, PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    return iter(found)


def _source_counts(store: Store, events: Sequence[ox.NamedNode]) -> dict[str, int]:
    rows = _solutions(store, _SOURCES % " ".join(map(str, events)))
    return {row["event"].value: int(row["sources"].value) for row in rows}


def _article_rows(store: Store, graph: ox.NamedNode, maker: RowMaker) -> Iterator[Row]:
    index = Index((t.subject, t.predicate, t.object) for t in store.graph_quads(graph))
    events = list(index.of_type(term("Event")))
    counts = _source_counts(store, events) if events else {}
    for event in events:
        yield from maker.rows(index, graph, event, counts.get(event.value, 1))


def _imported_rows(store: Store, graph: ox.NamedNode, maker: RowMaker) -> Iterator[Row]:
    names = [row["event"] for row in _solutions(store, _NAMES % (graph, graph))]
    for batch in _batches(names):
        query = _TRIPLES % (graph, " ".join(map(str, batch)))
        index = Index((row["s"], row["p"], row["o"]) for row in _solutions(store, query))
        for event in batch:
            yield from maker.rows(index, graph, event)


def _batches(events: Iterable[ox.NamedNode]) -> Iterator[list[ox.NamedNode]]:
    remaining = iter(events)
    while batch := list(itertools.islice(remaining, BATCH)):
        yield batch


def event_table(store: Store, iris: Iris, datasets: Collection[str] = ()) -> Iterator[Row]:
    """The rows of all events, in the order of graphs, events and dyads.

    Args:
        datasets: "articles" for what was read from articles, or names of imports ("gdelt"); none of them means all.
    """
    maker = RowMaker(iris)
    articles, imports = f"{iris.base}graph/article/", f"{iris.base}graph/import/"
    for graph in store.graphs():
        if graph.value.startswith(articles):
            if not datasets or OWN in datasets:
                yield from _article_rows(store, graph, maker)
        elif graph.value.startswith(imports):
            name = graph.value.removeprefix(imports).partition("/")[0]
            if not datasets or name in datasets:
                yield from _imported_rows(store, graph, maker)
