"""The dataset in VoID: what is in it and how much, what it is linked to, where it can be had. https://www.w3.org/TR/void/"""

from __future__ import annotations

import pyoxigraph as ox

from kg.exports.dataset import Dataset, Describer, literal
from kg.exports.statistics import LINKED, Statistics
from kg.triples.vocab import PREFIXES

#: Vocabularies that the graph uses, by prefix.
_USED = ("dipl", "sem", "prov", "oa", "org", "foaf", "skos", "schema", "dcterms", "geo", "owl")
#: RDF formats in which things are served, by the W3C's names for them.
_FORMATS = ("Turtle", "JSON-LD", "N-Triples", "RDF_XML", "TriG", "N-Quads")


def void_triples(dataset: Dataset, counts: Statistics) -> list[ox.Triple]:
    """The description of a dataset with its partitions and linksets."""
    told, node, at = Describer(), dataset.iri, dataset.at
    document = at(".well-known/void")
    told.type(document, "void:DatasetDescription")
    told.add(document, "foaf:primaryTopic", node)
    told.add(document, "dcterms:title", f"Description of: {dataset.settings.dataset_title}")
    told.type(node, "void:Dataset", "dcat:Dataset")
    told.add(node, "dcterms:title", dataset.settings.dataset_title)
    told.add(node, "dcterms:description", dataset.settings.dataset_description)
    told.add(node, "dcterms:publisher", dataset.publisher_iri)
    if dataset.settings.dataset_license:
        told.add(node, "dcterms:license", ox.NamedNode(dataset.settings.dataset_license))
    if counts.modified:
        told.add(node, "dcterms:modified", literal(counts.modified, "xsd:dateTime"))
    told.add(node, "foaf:homepage", at(""))
    told.add(node, "void:sparqlEndpoint", at("sparql"))
    told.add(node, "void:uriSpace", ox.Literal(f"{dataset.settings.base_iri}id/"))
    told.add(node, "void:vocabulary", *(ox.NamedNode(PREFIXES[name]) for name in _USED))
    for name in _FORMATS:
        told.add(node, "void:feature", ox.NamedNode(f"http://www.w3.org/ns/formats/{name}"))
    for dump in dataset.dump.files if dataset.dump else ():
        if dump.quads is not None:
            told.add(node, "void:dataDump", at(f"dumps/{dump.name}"))
    told.add(node, "void:exampleResource", at("id/state/KHM"), at("id/organization/ASEAN"))
    told.add(node, "void:rootResource", at(""))
    _count(told, node, counts)
    _partitions(told, node, counts)
    _links(told, dataset, counts)
    return told.triples()


def _count(told: Describer, node: ox.NamedNode, counts: Statistics) -> None:
    told.add(node, "void:triples", counts.triples)
    told.add(node, "void:distinctSubjects", counts.subjects)
    told.add(node, "void:distinctObjects", counts.objects)
    told.add(node, "void:classes", len(counts.classes))
    told.add(node, "void:properties", len(counts.properties))


def _partitions(told: Describer, node: ox.NamedNode, counts: Statistics) -> None:
    for number, (iri, size) in enumerate(counts.classes.items()):
        part = ox.BlankNode(f"class{number}")
        told.add(node, "void:classPartition", part)
        told.add(part, "void:class", ox.NamedNode(iri))
        told.add(part, "void:entities", size)
    for number, (iri, size) in enumerate(counts.properties.items()):
        part = ox.BlankNode(f"property{number}")
        told.add(node, "void:propertyPartition", part)
        told.add(part, "void:property", ox.NamedNode(iri))
        told.add(part, "void:triples", size)


def _links(told: Describer, dataset: Dataset, counts: Statistics) -> None:
    for name, (space, home) in LINKED.items():
        links, other = dataset.at(f".well-known/void#{name}-links"), dataset.at(f".well-known/void#{name}")
        told.type(other, "void:Dataset")
        told.add(other, "foaf:homepage", ox.NamedNode(home))
        told.add(other, "void:uriSpace", ox.Literal(space))
        told.type(links, "void:Linkset")
        told.add(dataset.iri, "void:subset", links)
        told.add(links, "void:linkPredicate", ox.NamedNode(PREFIXES["owl"] + "sameAs"))
        told.add(links, "void:subjectsTarget", dataset.iri)
        told.add(links, "void:objectsTarget", other)
        told.add(links, "void:triples", counts.links[name])
