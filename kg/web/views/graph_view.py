"""Reads things out of a snapshot for pages and data. What several graphs say alike comes once."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.triples.vocab import named, term

Node = ox.NamedNode
Value = ox.NamedNode | ox.Literal

TYPE, LABEL, PREFERRED = named("rdf:type"), named("rdfs:label"), named("skos:prefLabel")


def local_name(iri: str) -> str:
    """What follows the last '#' or '/'."""
    return iri.rstrip("/#").rsplit("#", 1)[-1].rsplit("/", 1)[-1]


class GraphView:
    """One snapshot, read by patterns over all graphs."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    def triples(self, subject: Node) -> list[ox.Triple]:
        """All triples about a thing, in a fixed order."""
        return sorted({q.triple for q in self.store.quads_for_pattern(subject, None, None, None)}, key=str)

    def incoming(self, thing: Node) -> Iterator[tuple[Node, Node]]:
        """Subject and predicate of each triple that points to a thing."""
        seen: set[tuple[Node, Node]] = set()
        for quad in self.store.quads_for_pattern(None, None, thing, None):
            if isinstance(quad.subject, Node) and (pair := (quad.subject, quad.predicate)) not in seen:
                seen.add(pair)
                yield pair

    def values(self, subject: Node, predicate: str) -> list[Value]:
        """The values of a property, in a fixed order."""
        found = {q.object for q in self.store.quads_for_pattern(subject, named(predicate), None, None)}
        return sorted((v for v in found if isinstance(v, ox.NamedNode | ox.Literal)), key=str)

    def value(self, subject: Node, predicate: str) -> Value | None:
        """The first value of a property, None where it has none."""
        return next(iter(self.values(subject, predicate)), None)

    def nodes(self, subject: Node, predicate: str) -> list[Node]:
        """The values of a property that are things."""
        return [v for v in self.values(subject, predicate) if isinstance(v, Node)]

    def text(self, subject: Node, predicate: str) -> str:
        """The first value of a property as words; empty where it has none."""
        value = self.value(subject, predicate)
        return self.show(value) if value is not None else ""

    def label(self, node: Node) -> str:
        """The thing's label, the curator's before the articles'; else the last part of its IRI."""
        for name in (PREFERRED, LABEL):
            found = (q.object for q in self.store.quads_for_pattern(node, name, None, None))
            # of several the first in the order of their text: the store's own order is no order
            if labels := [label for label in found if isinstance(label, ox.Literal)]:
                return min(labels, key=str).value
        return local_name(node.value)

    def show(self, value: Value) -> str:
        """A value as words."""
        return self.label(value) if isinstance(value, Node) else value.value

    def exists(self, node: Node) -> bool:
        """Whether anything is said about a thing, or it is a named graph."""
        return next(self.store.quads_for_pattern(node, None, None, None), None) is not None or self.has_graph(node)

    def has_graph(self, node: Node) -> bool:
        """Whether there is a named graph of this IRI."""
        return self.store.contains_named_graph(node)

    def graph(self, graph: Node) -> list[ox.Triple]:
        """The triples of a named graph, in a fixed order."""
        return sorted((q.triple for q in self.store.quads_for_pattern(None, None, None, graph)), key=str)

    def is_a(self, node: Node, class_name: str) -> bool:
        """Whether a thing is of a class of the ontology; superclasses are written out, so no reasoning is needed."""
        quads = self.store.quads_for_pattern(node, TYPE, term(class_name), None)
        return next(quads, None) is not None

    def instances(self, class_name: str) -> set[Node]:
        """All things of a class."""
        quads = self.store.quads_for_pattern(None, TYPE, term(class_name), None)
        return {q.subject for q in quads if isinstance(q.subject, Node)}
