"""When and by what an article was ingested: the PROV record beside its graph."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pyoxigraph as ox

from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris
from kg.triples.vocab import named


def ingestion_quads(
    article: str, digest: str, version: str, when: dt.datetime, iris: Iris, fetched: dt.datetime | None = None
) -> list[ox.Quad]:
    """The record of one ingestion.

    Args:
        article: the article's id.
        digest: SHA-256 of its text, hexadecimal.
        version: the program's fingerprint.
        when: time of the ingestion, with its zone.
        fetched: when it was taken from the web, where that is known.
    """
    graph = GraphBuilder(iris.ingestion_graph(article))
    node = iris.article_graph(article)
    activity = ox.NamedNode(f"{node.value}#ingestion")
    graph.add(node, "dipl:textDigest", digest)
    graph.add(node, "dipl:extractorVersion", version)
    graph.add(node, "prov:generatedAtTime", when)
    graph.add(node, "prov:wasGeneratedBy", activity)
    graph.add(activity, "rdf:type", named("prov:Activity"))
    graph.add(activity, "rdfs:label", "Reading of the article by diplomatic-kg", "en")
    graph.add(activity, "prov:used", iris.article(article))
    graph.add(iris.article(article), "pav:retrievedOn", fetched)
    return graph.quads()


def removal_quads(article: str, things: Iterable[ox.NamedNode], when: dt.datetime, iris: Iris) -> list[ox.Quad]:
    """What stands in the place of that record once an article has been removed: since when it and what was its own are gone.

    Args:
        article: the article's id.
        things: what the article alone could tell of, by IRIs made from its id.
        when: time of the removal, with its zone.
    """
    graph = GraphBuilder(iris.ingestion_graph(article))
    for thing in (iris.article(article), iris.article_graph(article), *things):
        graph.add(thing, "prov:invalidatedAtTime", when)
    return graph.quads()
