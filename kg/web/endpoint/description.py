"""What the service says of itself. https://www.w3.org/TR/sparql11-service-description/"""

from __future__ import annotations

from http import HTTPStatus

import pyoxigraph as ox
from flask import Response

from kg.sparql.formats import ROWS, TRIPLES
from kg.triples.vocab import PREFIXES, named
from kg.web.http.errors import problem
from kg.web.http.negotiation import choose, offered, varied
from kg.web.service import service

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
#: Names of the formats in the W3C's list (https://www.w3.org/ns/formats/).
_FORMAT_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "nt": "N-Triples",
    "rdf": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
    "n3": "N3",
}


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)


def _triples() -> list[ox.Triple]:
    settings = service().settings
    address = ox.NamedNode(f"{settings.base_iri}sparql")
    this, dataset, default = ox.BlankNode("service"), ox.BlankNode("dataset"), ox.BlankNode("default")
    found = [
        ox.Triple(this, _TYPE, _sd("Service")),
        ox.Triple(this, _sd("endpoint"), address),
        ox.Triple(this, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        ox.Triple(this, _sd("feature"), _sd("EmptyGraphs")),
        ox.Triple(this, _sd("defaultDataset"), dataset),
        ox.Triple(dataset, _TYPE, _sd("Dataset")),
        ox.Triple(dataset, _sd("defaultGraph"), default),
        ox.Triple(dataset, named("rdfs:seeAlso"), ox.NamedNode(f"{settings.base_iri}.well-known/void")),
        ox.Triple(dataset, named("rdfs:seeAlso"), ox.NamedNode(f"{settings.base_iri}catalog")),
        ox.Triple(default, _TYPE, _sd("Graph")),
    ]
    if settings.endpoints:
        found.append(ox.Triple(this, _sd("feature"), _sd("BasicFederatedQuery")))
    if settings.default_graph == "union":
        found.append(ox.Triple(this, _sd("feature"), _sd("UnionDefaultGraph")))
    if settings.writes != "off":
        found.append(ox.Triple(this, _sd("supportedLanguage"), _sd("SPARQL11Update")))
    names = [_FORMAT_NAMES[form.name] for form in (*ROWS, *TRIPLES)]
    return found + [ox.Triple(this, _sd("resultFormat"), ox.NamedNode(_FORMATS + name)) for name in names]


def description() -> Response:
    """The service description in the format that the request prefers."""
    form = choose(TRIPLES)
    if form is None:
        kinds = offered(TRIPLES, page=True)
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"The description of this service can be had as {kinds}.")
    assert isinstance(form.oxigraph, ox.RdfFormat)
    body = ox.serialize(_triples(), format=form.oxigraph, prefixes=PREFIXES | {"sd": _SD})
    return varied(Response(body, content_type=form.content_type))
