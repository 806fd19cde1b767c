"""Triples as node objects in expanded form, and these nested in each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox

from kg.triples.vocab import DIPL

#: One node object: "@id", "@type", and property IRI -> values.
Node = dict[str, Any]
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
#: Lexical forms that a JSON number or boolean gives back unchanged.
_INTEGER = re.compile(r"0|-?[1-9]\d{0,14}")
_BOOLEANS = {"true": True, "false": False}
#: Nodes in nodes: what lies deeper stands beside them. Readers of JSON have limits of their own.
_DEEPEST = 40


def _id(term: ox.NamedNode | ox.BlankNode) -> str:
    return term.value if isinstance(term, ox.NamedNode) else f"_:{term.value}"


def _literal(literal: ox.Literal) -> dict[str, Any]:
    if literal.language:
        return {"@value": literal.value, "@language": literal.language}
    kind = literal.datatype.value
    if kind == _XSD + "string":
        return {"@value": literal.value}
    value: object = literal.value
    if kind == _XSD + "integer" and _INTEGER.fullmatch(literal.value):
        value = int(literal.value)
    elif kind == _XSD + "boolean":
        value = _BOOLEANS.get(literal.value, literal.value)
    return {"@value": value, "@type": kind}


def nodes(triples: Iterable[ox.Triple]) -> dict[str, Node]:
    """Node objects by their "@id", in the order in which they are first spoken of as subjects.

    Raises:
        ValueError: a triple speaks of a triple, for which JSON-LD has no form.
    """
    found: dict[str, Node] = {}
    for triple in triples:
        subject, value = triple.subject, triple.object
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            raise ValueError("JSON-LD has no form for triples about triples.")
        name = _id(subject)
        node = found.setdefault(name, {"@id": name})
        if triple.predicate.value == _RDF + "type" and not isinstance(value, ox.Literal):
            node.setdefault("@type", []).append(_id(value))
            continue
        written = _literal(value) if isinstance(value, ox.Literal) else {"@id": _id(value)}
        node.setdefault(triple.predicate.value, []).append(written)
    return found


def _links(node: Node) -> Iterator[dict[str, Any]]:
    for name, values in node.items():
        if name[0] != "@":
            yield from (value for value in values if "@id" in value)


def roots(found: dict[str, Node]) -> list[str]:
    """The nodes to start from so that every node is met: those that no other one points to, then one of each remaining ring."""
    pointed = {value["@id"] for node in found.values() for value in _links(node) if value["@id"] != node["@id"]}
    starts = [name for name in found if name not in pointed]
    met: set[str] = set()

    def walk(first: str) -> None:
        waiting = [first]
        while waiting:
            name = waiting.pop()
            if name in found and name not in met:
                met.add(name)
                waiting += [value["@id"] for value in _links(found[name])]

    for name in starts:
        walk(name)
    for name in found:
        if name not in met:
            starts.append(name)
            walk(name)
    return starts


class Nesting:
    """Puts node objects into each other: a node stands in full where it is first met, and by its "@id" elsewhere.

    This is what framing does with "@embed": "@once" (https://www.w3.org/TR/json-ld11-framing/), for all roots together, but for
    nodes that point to nothing, such as an actor of whom the name is given: these stand in full wherever they are spoken of.
    """

    def __init__(self, found: dict[str, Node], root: str | None = None) -> None:
        self._all, self._left = found, dict(found)
        self._leaves = {name for name, node in found.items() if name != root and next(_links(node), None) is None}

    def take(self, name: str, depth: int = 0) -> Node | None:
        """A node with what it points to; None where it stands in full already, or lies too deep."""
        node = self._left.pop(name, None) if depth < _DEEPEST else None
        if node is None:
            return self._all[name] if depth and name in self._leaves else None
        # our own properties first: what their values are is told there, and others' repeat them
        order = sorted(node, key=lambda key: (key[0] != "@", not key.startswith(DIPL), key))
        return {key: node[key] if key[0] == "@" else self._values(node[key], depth) for key in order}

    def _values(self, values: list[dict[str, Any]], depth: int) -> list[dict[str, Any]]:
        return [(self.take(value["@id"], depth + 1) if "@id" in value else None) or value for value in values]
