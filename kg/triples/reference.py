"""What every article's graph leans on: the states and organisations of the registry, and the ontology."""

from __future__ import annotations

import pyoxigraph as ox

from kg.model import State
from kg.registry import organizations, states
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris
from kg.triples.vocab import ontology

_WIKIDATA = "http://www.wikidata.org/entity/"


def _same_as(graph: GraphBuilder, node: ox.NamedNode, wikidata: str | None, geonames: str | None = None) -> None:
    if wikidata:
        graph.add(node, "owl:sameAs", ox.NamedNode(_WIKIDATA + wikidata))
    if geonames:
        graph.add(node, "owl:sameAs", ox.NamedNode(f"https://sws.geonames.org/{geonames}/"))


def _state(graph: GraphBuilder, iris: Iris, state: State) -> None:
    node = iris.party(state.code)
    graph.thing(node, "State", state.name)
    graph.add(node, "foaf:name", state.name)
    graph.add(node, "dipl:isoCode", state.code)
    graph.add(node, "schema:identifier", state.alpha2)
    _same_as(graph, node, state.wikidata, state.geonames)


def reference_quads(iris: Iris) -> list[ox.Quad]:
    """The curated states and organisations with their codes, names, memberships and identifiers elsewhere."""
    graph = GraphBuilder(iris.graph("reference"))
    graph.add(graph.graph, "rdfs:label", "Reference data: states and organisations", "en")
    for state in states():
        _state(graph, iris, state)
    for organization in organizations():
        node = iris.party(organization.code)
        graph.thing(node, "Organization", organization.name)
        graph.add(node, "foaf:name", organization.name)
        graph.add(node, "skos:altLabel", organization.code, "en")
        _same_as(graph, node, organization.wikidata)
        for member in organization.members:
            graph.add(iris.party(member), "dipl:memberOf", node)
    return graph.quads()


def ontology_quads(iris: Iris) -> list[ox.Quad]:
    """The ontology, its code lists and its topics."""
    graph = iris.graph("ontology")
    label = GraphBuilder(graph)
    label.add(graph, "rdfs:label", "The ontology, its code lists and topics", "en")
    return label.quads() + [ox.Quad(t.subject, t.predicate, t.object, graph) for t in ontology()]
