"""Collects the triples of one graph: small calls with Python values, whole quads at the end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyoxigraph as ox

from kg.triples.vocab import PREFIXES, named, with_superclasses

Value = ox.NamedNode | str | bool | int | float | Decimal | dt.date | dt.datetime | None
_XSD = PREFIXES["xsd"]
_TYPE = named("rdf:type")


def _literal(value: str | bool | int | float | Decimal | dt.date | dt.datetime, language: str | None) -> ox.Literal:
    if isinstance(value, str):
        return ox.Literal(value, language=language) if language else ox.Literal(value)
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "decimal"), (Decimal, "decimal")):
        if isinstance(value, kind):
            # XML Schema spells true and false in lower case, and a decimal without an exponent
            text = str(value).lower() if kind is bool else f"{value:f}" if kind is Decimal else str(value)
            return ox.Literal(text, datatype=ox.NamedNode(_XSD + name))
    assert isinstance(value, dt.date)
    name = "dateTime" if isinstance(value, dt.datetime) else "date"
    return ox.Literal(value.isoformat(), datatype=ox.NamedNode(_XSD + name))


class GraphBuilder:
    """The triples of one named graph, each once, in the order in which they were first added."""

    def __init__(self, graph: ox.NamedNode) -> None:
        self.graph = graph
        self._triples: dict[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal], None] = {}

    def add(self, subject: ox.NamedNode, predicate: str, value: Value, language: str | None = None) -> None:
        """Add one triple; nothing where the value is None.

        Args:
            predicate: its usual short form ("dipl:place"); an unknown term of our own raises ``VocabularyError``.
            language: tag of a string; None makes a plain string.
        """
        if value is None:
            return
        term = value if isinstance(value, ox.NamedNode) else _literal(value, language)
        self._triples.setdefault((subject, named(predicate), term))

    def thing(self, subject: ox.NamedNode, class_name: str, label: str | None = None) -> None:
        """Add a thing's class with all classes above it, and its English label."""
        for kind in with_superclasses(class_name):
            self._triples.setdefault((subject, _TYPE, kind))
        self.add(subject, "rdfs:label", label, "en")

    def quads(self) -> list[ox.Quad]:
        """The quads in a fixed order: that of their N-Quads lines."""
        return sorted((ox.Quad(s, p, o, self.graph) for s, p, o in self._triples), key=str)
