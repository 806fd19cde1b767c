"""Some triples in memory, to look things up by subject and property: an article's graph, or the part of a graph a row needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.triples.vocab import named

Subject = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal
_TYPE = named("rdf:type")


class Index:
    """Triples by subject and property, in the order in which they came."""

    def __init__(self, triples: Iterable[tuple[object, object, object]]) -> None:
        self._values: dict[object, dict[object, list[object]]] = {}
        for subject, predicate, value in triples:
            self._values.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def nodes(self, subject: object, predicate: str) -> list[ox.NamedNode]:
        """The things that a property points to, in the order of their IRIs."""
        found = self._values.get(subject, {}).get(named(predicate), ())
        return sorted((v for v in found if isinstance(v, ox.NamedNode)), key=lambda node: node.value)

    def node(self, subject: object, predicate: str) -> ox.NamedNode | None:
        """The first of them."""
        return next(iter(self.nodes(subject, predicate)), None)

    def texts(self, subject: object, predicate: str) -> list[str]:
        """The literals of a property, sorted."""
        found = self._values.get(subject, {}).get(named(predicate), ())
        return sorted(v.value for v in found if isinstance(v, ox.Literal))

    def text(self, subject: object, predicate: str) -> str | None:
        """The first of them; an IRI where there is no literal."""
        texts = self.texts(subject, predicate)
        if texts:
            return texts[0]
        node = self.node(subject, predicate)
        return node.value if node else None

    def number(self, subject: object, predicate: str) -> float | None:
        """The first literal as a number."""
        text = next(iter(self.texts(subject, predicate)), None)
        return float(text) if text is not None else None

    def types(self, subject: object) -> list[ox.NamedNode]:
        """The classes of a thing, in the order of their IRIs."""
        return self.nodes(subject, "rdf:type")

    def of_type(self, kind: ox.NamedNode) -> Iterator[ox.NamedNode]:
        """The things of a class, in the order of their IRIs."""
        found = (
            s for s, values in self._values.items() if isinstance(s, ox.NamedNode) and kind in values.get(_TYPE, ())
        )
        return iter(sorted(found, key=lambda node: node.value))
