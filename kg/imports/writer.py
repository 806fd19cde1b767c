"""Imported events as triples: the same terms as for what is read from articles, without sentences, marked as imported."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyoxigraph as ox

from kg.imports.record import Collection, ImportedActor, ImportedEvent, ImportedPlace
from kg.registry import party_name
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris
from kg.triples.labels import EVENT_CLASSES
from kg.triples.vocab import code


def class_of(event: ImportedEvent) -> str:
    """The local name of the event's class; what PLOVER has no type for is an event and nothing nearer."""
    if event.kind.kind:
        return event.kind.kind.capitalize()
    return EVENT_CLASSES[event.kind.type] if event.kind.type else "Event"


def _roles(event: ImportedEvent) -> tuple[str, str]:
    """The roles of source and target."""
    if event.kind.kind == "visit":
        return ("host", "visitor") if event.cameo.startswith("043") else ("visitor", "host")
    if event.kind.kind == "mediation":
        return "mediator", "participant"
    return ("participant", "participant") if event.kind.type == "consult" else ("initiator", "recipient")


class ImportWriter:
    """Writes the events of one file.

    Args:
        graph: the file's graph.
    """

    def __init__(self, collection: Collection, graph: ox.NamedNode, iris: Iris) -> None:
        self._collection, self._graph, self._iris = collection, graph, iris

    def events(self, events: list[ImportedEvent]) -> list[ox.Triple]:
        """The triples of some events."""
        builder = GraphBuilder(self._graph)
        for event in events:
            self._event(builder, event)
        return [quad.triple for quad in builder.quads()]

    def description(self, file: str, rows: int, when: dt.datetime, license: str | None) -> list[ox.Triple]:  # noqa: A002
        """What the graph is and where it comes from; written last, so that a graph without it is of an import that broke off."""
        builder, collection = GraphBuilder(self._graph), self._collection
        builder.thing(self._graph, "ImportedGraph", f"{collection.title}: {file}")
        builder.add(self._graph, "prov:wasDerivedFrom", ox.NamedNode(collection.home))
        builder.add(self._graph, "prov:generatedAtTime", when)
        builder.add(self._graph, "dcterms:source", file)
        builder.add(self._graph, "dcterms:extent", rows)
        if license or collection.license:
            builder.add(self._graph, "dcterms:license", ox.NamedNode(license or collection.license or ""))
        return [quad.triple for quad in builder.quads()]

    def _event(self, graph: GraphBuilder, event: ImportedEvent) -> None:
        add, name = graph.add, self._collection.name
        node = self._iris.imported("event", name, event.key)
        kind = class_of(event)
        who = " – ".join(a.name for a in (event.source, event.target) if a)
        graph.thing(node, kind, f"{kind}: {who}, {event.date.isoformat()} ({name.upper()})")
        add(node, "dipl:importedFrom", self._graph)
        add(node, "dipl:extractor", name)
        add(node, "dcterms:identifier", event.key)
        add(node, "dipl:ploverType", event.kind.plover)
        add(node, "dipl:cameoCode", event.cameo)
        add(node, "dipl:quadClass", event.quad or event.kind.quad)
        # CAMEO's codes tell of acts that took place: what is intended, refused or threatened has codes of its own
        add(node, "dipl:modality", code("modality", "actual"))
        add(node, "dipl:goldstein", Decimal(str(event.goldstein)) if event.goldstein is not None else None)
        add(node, "dipl:sourceCount", event.sources)
        add(node, "dipl:earliestDate", event.date)
        add(node, "dipl:latestDate", event.date)
        add(node, "dipl:datePrecision", code("precision", "day"))
        add(node, "dcterms:source", _iri(event.url) if event.url else None)
        add(node, "dcterms:bibliographicCitation", event.citation)
        if event.place:
            add(node, "dipl:place", self._place(graph, event.place))
        sides = zip(("source", "target"), _roles(event), (event.source, event.target), strict=True)
        for number, (side, role, actor) in enumerate(sides, 1):
            if actor:
                self._participation(graph, node, number, (side, role), actor)

    def _participation(
        self, graph: GraphBuilder, event: ox.NamedNode, number: int, part: tuple[str, str], actor: ImportedActor
    ) -> None:
        add, node = graph.add, self._iris.participation(event, number)
        who, party = self._actor(graph, actor)
        graph.thing(node, "Participation", f"{actor.name} as {part[1]}")
        add(event, "dipl:participation", node)
        add(event, "sem:hasActor", who)
        add(node, "dipl:actor", who)
        add(node, "dipl:side", code("side", part[0]))
        add(node, "dipl:role", code("role", part[1]))
        add(node, "dipl:onBehalfOf", party)
        add(node, "dipl:mention", actor.name)

    def _party(self, graph: GraphBuilder, party: str) -> ox.NamedNode:
        node = self._iris.party(party)
        graph.thing(node, "State" if "/id/state/" in node.value else "Organization", party_name(party) or party)
        return node

    def _actor(self, graph: GraphBuilder, actor: ImportedActor) -> tuple[ox.NamedNode, ox.NamedNode | None]:
        party = self._party(graph, actor.party) if actor.party else None
        if actor.itself and party:
            return party, party
        node = self._iris.imported("actor", self._collection.name, f"{actor.name} {actor.party or 'x'}")
        graph.thing(node, "Actor", actor.name)
        graph.add(node, "skos:notation", actor.code)
        graph.add(node, "dipl:actsFor", party)
        return node, party

    def _place(self, graph: GraphBuilder, place: ImportedPlace) -> ox.NamedNode:
        home = self._party(graph, place.state) if place.state else None
        if place.whole and home:
            return home
        # an address of its own: its coordinates are this collection's, not GeoNames'
        node = self._iris.imported("place", self._collection.name, f"{place.name} {place.key or place.state or 'x'}")
        graph.thing(node, "Place", place.name)
        graph.add(node, "schema:containedInPlace", home)
        if place.latitude is not None and place.longitude is not None:
            graph.add(node, "geo:lat", Decimal(str(place.latitude)))
            graph.add(node, "geo:long", Decimal(str(place.longitude)))
        return node


def _iri(address: str) -> ox.NamedNode | str:
    try:
        return ox.NamedNode(address) if address.startswith(("http://", "https://")) else address
    except ValueError:
        return address
