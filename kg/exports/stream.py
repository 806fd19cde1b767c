"""The log of changes as a Linked Data Event Stream in the hypermedia of TREE.

https://w3id.org/ldes/specification and https://w3id.org/tree/specification. The root leads by time to groups of pages, a
group to its pages; a page holds members. A member is a version of a fact: a named graph with the fact's triples as they were,
and in the default graph what it is a version of, when it was seen, and whether the fact was new, changed or gone (Create,
Update and Delete of Activity Streams; of a fact that is gone there is no graph). Full pages and groups never change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.config import Settings
from kg.exports.changes import CREATE, DELETE, UPDATE, ChangeLog
from kg.triples.vocab import PREFIXES, named

#: Pages of a group.
GROUP = 100
#: Seconds after which a client should ask again.
POLL = 60
_LDES, _TREE, _AS = "https://w3id.org/ldes#", "https://w3id.org/tree#", "https://www.w3.org/ns/activitystreams#"
STREAM_PREFIXES = PREFIXES | {"ldes": _LDES, "tree": _TREE, "as": _AS}
_DEFAULT = ox.DefaultGraph()
_TYPE, _TIME, _VERSION_OF = named("rdf:type"), named("prov:generatedAtTime"), named("dcterms:isVersionOf")

Node = ox.NamedNode | ox.BlankNode


def _n(namespace: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(namespace + name)


def _time(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=named("xsd:dateTime"))


@dataclass(frozen=True)
class Fragment:
    """One document of the stream; ``full`` where it never changes again."""

    quads: list[ox.Quad]
    full: bool


class _Writer:
    """Writes one document of a stream."""

    def __init__(self, root: ox.NamedNode) -> None:
        self._root = root
        self.quads: list[ox.Quad] = []

    def add(self, subject: Node, predicate: ox.NamedNode, value: Node | ox.Literal) -> None:
        self.quads.append(ox.Quad(subject, predicate, value, _DEFAULT))

    def node(self, node: ox.NamedNode, stream: ox.NamedNode, *, full: bool) -> None:
        self.add(node, _TYPE, _n(_TREE, "Node"))
        self.add(stream, _n(_TREE, "view"), self._root)
        if full:
            self.add(node, _n(_LDES, "immutable"), ox.Literal(True))

    def relations(self, node: ox.NamedNode, targets: Sequence[tuple[ox.NamedNode, str, str | None]]) -> None:
        """Lead to nodes whose members are of a time and later, and (but for the last) before another time."""
        for number, (target, first, until) in enumerate(targets):
            bounds = [("GreaterThanOrEqualToRelation", first), *([("LessThanRelation", until)] if until else [])]
            for kind, value in bounds:
                relation = ox.BlankNode(f"{kind[0].lower()}{number}")
                self.add(node, _n(_TREE, "relation"), relation)
                self.add(relation, _TYPE, _n(_TREE, kind))
                self.add(relation, _n(_TREE, "node"), target)
                self.add(relation, _n(_TREE, "path"), _TIME)
                self.add(relation, _n(_TREE, "value"), _time(value))


class Stream:
    """The documents of the stream.

    Args:
        log: what was seen to change.
        settings: the base IRI, and what the dataset is called.
    """

    def __init__(self, log: ChangeLog, settings: Settings) -> None:
        self.log, self._settings = log, settings
        self._root = ox.NamedNode(f"{settings.base_iri}changes")
        self.iri = ox.NamedNode(f"{settings.base_iri}changes#stream")

    def _group(self, number: int) -> ox.NamedNode:
        return ox.NamedNode(f"{self._root.value}/{self.log.epoch}/group/{number}")

    def _page(self, number: int) -> ox.NamedNode:
        return ox.NamedNode(f"{self._root.value}/{self.log.epoch}/{number}")

    def root(self) -> Fragment:
        """The stream itself, and the way to its groups."""
        writer, stream = _Writer(self._root), self.iri
        add = writer.add
        add(stream, _TYPE, _n(_LDES, "EventStream"))
        add(stream, named("dcterms:title"), ox.Literal(f"Changes of: {self._settings.dataset_title}", language="en"))
        if self._settings.dataset_license:
            add(stream, named("dcterms:license"), ox.NamedNode(self._settings.dataset_license))
        add(stream, _n(_LDES, "timestampPath"), _TIME)
        add(stream, _n(_LDES, "versionOfPath"), _VERSION_OF)
        for change in (CREATE, UPDATE, DELETE):
            add(stream, _n(_LDES, f"version{change}Object"), _n(_AS, change))
        add(stream, _n(_LDES, "pollingInterval"), ox.Literal(POLL))
        writer.node(self._root, stream, full=False)
        # everything since the log was begun: nothing is taken away
        policy = ox.BlankNode("kept")
        add(self._root, _n(_LDES, "retentionPolicy"), policy)
        add(policy, _TYPE, _n(_LDES, "RetentionPolicy"))
        add(policy, _n(_LDES, "startingFrom"), _time(self.log.began))
        starts = self.log.starts(GROUP)
        untils = [*(first for _, first in starts[1:]), None]
        writer.relations(
            self._root,
            [
                (self._group((page - 1) // GROUP + 1), first, until)
                for (page, first), until in zip(starts, untils, strict=True)
            ],
        )
        return Fragment(writer.quads, full=False)

    def group(self, number: int) -> Fragment | None:
        """The way to the pages of a group; None where there is none of that number."""
        pages = self.log.pages((number - 1) * GROUP + 1, number * GROUP)
        if number < 1 or not pages:
            return None
        writer, node = _Writer(self._root), self._group(number)
        full = len(pages) == GROUP and pages[-1].until is not None
        writer.node(node, self.iri, full=full)
        writer.relations(node, [(self._page(p.number), p.first, p.until) for p in pages])
        return Fragment(writer.quads, full)

    def page(self, number: int) -> Fragment | None:
        """The members of a page; None where there is none of that number."""
        found = self.log.pages(number, number)
        if not found:
            return None
        writer, node = _Writer(self._root), self._page(number)
        full = found[0].until is not None
        writer.node(node, self.iri, full=full)
        return Fragment([*writer.quads, *self._members(number)], full)

    def _members(self, number: int) -> Iterator[ox.Quad]:
        page = self._page(number).value
        for entry in self.log.entries(number):
            member = ox.NamedNode(f"{page}#v{entry.number}")
            yield ox.Quad(self.iri, _n(_TREE, "member"), member, _DEFAULT)
            yield ox.Quad(member, _TYPE, _n(_AS, entry.change), _DEFAULT)
            yield ox.Quad(member, _VERSION_OF, ox.NamedNode(entry.fact), _DEFAULT)
            yield ox.Quad(member, _TIME, _time(entry.time), _DEFAULT)
            yield ox.Quad(member, named("prov:wasDerivedFrom"), ox.NamedNode(entry.graph), _DEFAULT)
            for triple in entry.triples():
                yield ox.Quad(triple.subject, triple.predicate, triple.object, member)
