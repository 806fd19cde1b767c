"""The index of keys in the store: for each article one small graph with the keys of its events and the persons it names.

By it a run finds what has changed since the last one, whoever changed it, and which blocks are concerned: those under which
the article's events were found before, and those under which they are found now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import pyoxigraph as ox

from kg.identity.keys import event_keys
from kg.identity.told import Contents
from kg.store import Store
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris
from kg.triples.vocab import named

#: Raised when keys are made in another way, so that the index is made anew.
FORM = "1"
#: Key of an event that has neither parties nor days: it is in the index, and compared with nothing.
UNPLACED = "-"
_AT_ONCE = 200
_T = TypeVar("_T")


def chunks(items: Iterable[_T], size: int = _AT_ONCE) -> Iterator[list[_T]]:
    """Items in lists of at most so many."""
    left = iter(items)
    while part := list(islice(left, size)):
        yield part


def rows(store: Store, query: str) -> Iterator[tuple[str, ...]]:
    """The rows of a SELECT query as words; empty for unbound."""
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    for solution in found:
        yield tuple(getattr(value, "value", "") for value in solution)


def keys_in(quads: Iterable[ox.Quad]) -> dict[str, tuple[str, ...]]:
    """Event -> its keys, in a graph of the index."""
    found: dict[str, tuple[str, ...]] = {}
    for quad in quads:
        if quad.predicate == named("dipl:blockKey") and isinstance(quad.object, ox.Literal):
            event = str(getattr(quad.subject, "value", ""))
            found[event] = (*found.get(event, ()), quad.object.value)
    return found


class Index:
    """Reads and writes the index."""

    def __init__(self, store: Store, iris: Iris) -> None:
        self._store, self._iris = store, iris
        self._articles, self._keys = iris.article_graph("").value, iris.identity_graph("keys").value + "/"

    def article_graph(self, key: str) -> ox.NamedNode:
        """The graph of the article that has this key."""
        return ox.NamedNode(self._articles + key)

    def keys_graph(self, key: str) -> ox.NamedNode:
        """Its graph in the index."""
        return ox.NamedNode(self._keys + key)

    def states(self) -> dict[str, str]:
        """Article's key -> the state of its graph, by the record of its ingestion; '' where there is none."""
        found = {
            g.value.removeprefix(self._articles): "" for g in self._store.graphs() if g.value.startswith(self._articles)
        }
        digest, version = named("dipl:textDigest"), named("dipl:extractorVersion")
        for graph, d, v in rows(self._store, f"SELECT ?g ?d ?v {{ ?g {digest} ?d ; {version} ?v }}"):
            key = graph.removeprefix(self._articles)
            if key in found:
                found[key] = hashlib.sha256(f"{d} {v} {FORM}".encode()).hexdigest()[:24]
        return found

    def indexed(self) -> dict[str, str]:
        """Article's key -> the state from which its keys were made."""
        found = rows(self._store, f"SELECT ?g ?s {{ ?g {named('dipl:indexedState')} ?s }}")
        return {graph.removeprefix(self._articles): state for graph, state in found}

    def journal_graph(self, number: int) -> ox.NamedNode:
        """The graph with a part of what a run has to look at."""
        return self._iris.identity_graph("unfinished", f"{number:06}")

    def note(self, number: int, events: Mapping[str, Sequence[str]], persons: Iterable[str]) -> list[ox.Quad]:
        """Such a graph: events with their keys, those of before and those of now, and persons."""
        graph = GraphBuilder(self.journal_graph(number))
        for event, keys in sorted(events.items()):
            for key in keys:
                graph.add(ox.NamedNode(event), "dipl:blockKey", key)
        for person in sorted(persons):
            graph.add(self.journal_graph(number), "dipl:indexedPerson", ox.NamedNode(person))
        return graph.quads()

    def journal(self) -> list[ox.NamedNode]:
        """What a run that was broken off has left to be looked at, in graphs: see ``noted``."""
        begins = self._iris.identity_graph("unfinished").value + "/"
        return [graph for graph in self._store.graphs() if graph.value.startswith(begins)]

    def members(self, predicate: str) -> set[str]:
        """All that something across articles is drawn from."""
        return {value for (value,) in rows(self._store, f"SELECT DISTINCT ?v {{ ?s {named(predicate)} ?v }}")}

    def entry(self, key: str) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
        """What the index holds of an article: event -> its keys, and the persons."""
        return self.noted(self.keys_graph(key))

    def noted(self, graph: ox.NamedNode) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
        """Event -> its keys, and the persons, in a graph of the index or of the journal."""
        quads = self._store.graph_quads(graph)
        names = (q.object for q in quads if q.predicate == named("dipl:indexedPerson"))
        return keys_in(quads), tuple(name.value for name in names if isinstance(name, ox.NamedNode))

    def quads(self, key: str, state: str, contents: Contents) -> list[ox.Quad]:
        """The graph of an article in the index."""
        graph, node = GraphBuilder(self.keys_graph(key)), self.article_graph(key)
        graph.add(node, "dipl:indexedState", state)
        for event in contents.events:
            for block in event_keys(event) or (UNPLACED,):
                graph.add(ox.NamedNode(event.iri), "dipl:blockKey", block)
        for person in contents.persons:
            graph.add(node, "dipl:indexedPerson", ox.NamedNode(person.iri))
        return graph.quads()

    def blocks(self, keys: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Key -> the events under it, each with its article's key."""
        found: dict[str, list[tuple[str, str]]] = {key: [] for key in keys}
        for part in chunks(key for key in keys if key != UNPLACED):
            values = " ".join(str(ox.Literal(key)) for key in part)
            query = f"SELECT ?k ?e ?g {{ VALUES ?k {{ {values} }} GRAPH ?g {{ ?e {named('dipl:blockKey')} ?k }} }}"
            for key, event, graph in rows(self._store, query):
                if graph.startswith(self._keys):
                    found[key].append((event, graph.removeprefix(self._keys)))
        return {key: sorted(set(events)) for key, events in found.items()}

    def article_of(self, event: str) -> str | None:
        """The key of the article that tells an event; None where no article in the index does."""
        query = f"SELECT ?g {{ GRAPH ?g {{ {ox.NamedNode(event)} {named('dipl:blockKey')} ?k }} }}"
        found = sorted({g for (g,) in rows(self._store, query) if g.startswith(self._keys)})
        return found[0].removeprefix(self._keys) if found else None

    def graphs_with(self, predicate: str, values: Sequence[str]) -> dict[str, list[str]]:
        """Graph -> all values of a property in it, for the graphs in which it has one of these values."""
        graphs: set[str] = set()
        for part in chunks(values):
            nodes = " ".join(str(ox.NamedNode(value)) for value in part)
            query = f"SELECT DISTINCT ?g {{ VALUES ?v {{ {nodes} }} GRAPH ?g {{ ?s {named(predicate)} ?v }} }}"
            graphs |= {g for (g,) in rows(self._store, query)}
        found: dict[str, list[str]] = {}
        for graph in sorted(graphs):
            query = f"SELECT ?v {{ GRAPH {ox.NamedNode(graph)} {{ ?s {named(predicate)} ?v }} }}"
            found[graph] = sorted(v for (v,) in rows(self._store, query))
        return found
