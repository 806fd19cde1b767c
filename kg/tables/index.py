"""Some triples in memory, to look things up by subject and property: an article's graph, or the part of a graph a row needs."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pyoxigraph as ox

from kg.triples.vocab import named

Subject = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal
_TYPE = named("rdf:type")
_value = operator.attrgetter("value")


@cache
def _iri(predicate: str) -> str:
    return named(predicate).value


class Index:
    """Triples by subject and property, in the order in which they came."""

    def __init__(self, triples: Iterable[tuple[Any, Any, object]]) -> None:
        # properties by their IRIs as text: nodes of the engine take far longer to hash and to compare
        self._values: dict[object, dict[str, list[object]]] = {}
        for subject, predicate, value in triples:
            self._values.setdefault(subject, {}).setdefault(predicate.value, []).append(value)

    def _of(self, subject: object) -> Mapping[str, Sequence[object]]:
        """What is said of a thing: property -> values."""
        return self._values.get(subject) or {}

    def nodes(self, subject: object, predicate: str) -> list[ox.NamedNode]:
        """The things that a property points to, in the order of their IRIs."""
        values = self._of(subject).get(_iri(predicate))
        if not values:
            return []
        found = [value for value in values if isinstance(value, ox.NamedNode)]
        if len(found) > 1:
            found.sort(key=_value)
        return found

    def node(self, subject: object, predicate: str) -> ox.NamedNode | None:
        """The first of them."""
        found = self.nodes(subject, predicate)
        return found[0] if found else None

    def texts(self, subject: object, predicate: str) -> list[str]:
        """The literals of a property, sorted."""
        values = self._of(subject).get(_iri(predicate))
        if not values:
            return []
        found = [value.value for value in values if isinstance(value, ox.Literal)]
        if len(found) > 1:
            found.sort()
        return found

    def text(self, subject: object, predicate: str) -> str | None:
        """The first of them; an IRI where there is no literal."""
        texts = self.texts(subject, predicate)
        if texts:
            return texts[0]
        node = self.node(subject, predicate)
        return node.value if node else None

    def number(self, subject: object, predicate: str) -> float | None:
        """The first literal as a number."""
        texts = self.texts(subject, predicate)
        return float(texts[0]) if texts else None

    def types(self, subject: object) -> list[ox.NamedNode]:
        """The classes of a thing, in the order of their IRIs."""
        return self.nodes(subject, "rdf:type")

    def of_type(self, kind: ox.NamedNode) -> Iterator[ox.NamedNode]:
        """The things of a class, in the order of their IRIs."""
        found = (
            s
            for s, values in self._values.items()
            if isinstance(s, ox.NamedNode) and kind in values.get(_TYPE.value, ())
        )
        return iter(sorted(found, key=lambda node: node.value))


class StoreIndex(Index):
    """One graph of a store, of which it reads what is asked about a thing when it is asked, and keeps it."""

    def __init__(self, store: ox.Store, graph: ox.NamedNode) -> None:
        super().__init__(())
        self._store, self._graph = store, graph

    def _of(self, subject: object) -> Mapping[str, Sequence[object]]:
        if not isinstance(subject, ox.NamedNode | ox.BlankNode):
            return {}
        found = self._values.get(subject)
        if found is None:
            found = self._values[subject] = {}
            for quad in self._store.quads_for_pattern(subject, None, None, self._graph):
                found.setdefault(quad.predicate.value, []).append(quad.object)
        return found

    def of_type(self, kind: ox.NamedNode) -> Iterator[ox.NamedNode]:
        """The things of a class, in the order of their IRIs."""
        found = (quad.subject for quad in self._store.quads_for_pattern(None, _TYPE, kind, self._graph))
        return iter(sorted((s for s in found if isinstance(s, ox.NamedNode)), key=lambda node: node.value))
