"""A fact of an article with all that makes it readable alone: what parts of the data, and the stream of changes, are made of.

That is the fact's own triples, its participations and passages, and what these point to as the same article's graph tells it:
actors, places, offices and the article in full, other facts by class and label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import pyoxigraph as ox

from kg.errors import StoreError
from kg.store import State
from kg.triples.vocab import named, term

#: What an article tells. The classes above and below are written out with each of them.
KINDS = ("Event", "Statement", "Tenure", "Instrument")
#: A larger graph is no article's.
MOST_TRIPLES = 500_000
_TYPE, _LABEL = named("rdf:type"), named("rdfs:label")
_FACTS = frozenset(term(name) for name in KINDS)
_INNER = (named("dipl:participation"), named("dipl:evidence"), named("oa:hasSelector"))
_NAMES = (_TYPE, _LABEL)

#: Triples about a thing in one article's graph.
About = Callable[[ox.NamedNode], list[ox.Triple]]


def _objects(triples: Iterable[ox.Triple]) -> list[ox.NamedNode]:
    return [t.object for t in triples if isinstance(t.object, ox.NamedNode) and t.predicate != _TYPE]


def _is_fact(triples: Iterable[ox.Triple]) -> bool:
    return any(t.predicate == _TYPE and t.object in _FACTS for t in triples)


def fact_triples(about: About, fact: ox.NamedNode) -> list[ox.Triple]:
    """All triples of a fact in the order of their lines; none where the graph does not tell it."""
    found = dict.fromkeys(about(fact))
    inner = [fact]
    for node in inner:  # grows: a participation has passages, a passage selectors
        own = about(node)
        found |= dict.fromkeys(own)
        inner += [t.object for t in own if t.predicate in _INNER and isinstance(t.object, ox.NamedNode)]
    near = set(_objects(found)) - set(inner)
    full: dict[ox.Triple, None] = {}
    for node in near:
        own = about(node)
        full |= dict.fromkeys(t for t in own if not _is_fact(own) or t.predicate in _NAMES)
    for node in set(_objects(full)) - near - set(inner):
        full |= dict.fromkeys(t for t in about(node) if t.predicate in _NAMES)
    return sorted(found | full, key=str)


def about_in(triples: Iterable[ox.Triple]) -> About:
    """Looks things up in a graph's triples."""
    known: dict[object, list[ox.Triple]] = {}
    for triple in triples:
        known.setdefault(triple.subject, []).append(triple)
    return lambda node: known.get(node, [])


def facts_in(triples: Iterable[ox.Triple]) -> list[ox.NamedNode]:
    """The facts that a graph tells, in the order of their IRIs."""
    found = {t.subject for t in triples if t.predicate == _TYPE and t.object in _FACTS}
    return sorted((s for s in found if isinstance(s, ox.NamedNode)), key=lambda node: node.value)


class Graphs:
    """Looks things up in the articles' graphs of a state: by patterns in a store at hand, else in graphs fetched as a whole."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._fetched = lru_cache(maxsize=8)(self._fetch)

    def _fetch(self, graph: ox.NamedNode) -> About:
        triples = self._state.graph(graph, MOST_TRIPLES + 1) or []
        if len(triples) > MOST_TRIPLES:
            raise StoreError(f"The graph {graph.value} has more than {MOST_TRIPLES:,} triples: it is no article's.")
        return about_in(triples)

    def about(self, graph: ox.NamedNode) -> About:
        """The look-up in one graph."""
        store = self._state.store
        if store is None:
            return self._fetched(graph)
        return lambda node: [q.triple for q in store.quads_for_pattern(node, None, None, graph)]

    def triples(self, facts: Iterable[tuple[ox.NamedNode, ox.NamedNode]]) -> Iterator[ox.Triple]:
        """The triples of facts, each with its graph; a triple that several tell of comes once for each run of one graph."""
        last, seen = None, set[ox.Triple]()
        for fact, graph in facts:
            if graph != last:
                last, seen = graph, set()
            for triple in fact_triples(self.about(graph), fact):
                if triple not in seen:
                    seen.add(triple)
                    yield triple
