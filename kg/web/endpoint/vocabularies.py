"""``/views/``: what the graph says in the terms of other vocabularies, for datasets that speak those and not this project's."""

from __future__ import annotations

from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, abort, request
from werkzeug.wrappers import Response as BaseResponse

from kg.errors import QueryError
from kg.sparql import check
from kg.sparql.formats import TRIPLES
from kg.sparql.views import view
from kg.web.endpoint.sparql import answered, graph_iris
from kg.web.http.negotiation import choose
from kg.web.service import service

pages = Blueprint("views", __name__)

#: A view is a graph of its own: the formats that name graphs would name none.
FORMATS = {f.name: f for f in TRIPLES if f.name not in ("trig", "nq")}


@pages.get("/views/<name>")
def in_other_terms(name: str) -> BaseResponse:
    """The graph, or one named graph of it, in the terms of another vocabulary: sem, schema-org or prov, and a format's ending."""
    stem, _, ending = name.rpartition(".")
    if ending not in FORMATS:
        abort(HTTPStatus.NOT_FOUND, f"The address of a view ends in {', '.join('.' + n for n in FORMATS)}.")
    try:
        text = view(stem).query
    except QueryError as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    ((*graphs,),) = graph_iris(request.args, "graph")
    if graphs:
        known = service().snapshots.current().knows
        if missing := next((iri for iri in graphs if not known(ox.NamedNode(iri))), None):
            abort(HTTPStatus.NOT_FOUND, f"There is no graph <{missing}>.")
        # correspondences, and the names of codes and topics, stand there
        graphs.append(service().iris.graph("ontology").value)
    form = FORMATS[ending]
    if form.name == "jsonld" and (asked := choose((form,))) and asked.profile:
        form = asked
    return answered(check(text, tuple(graphs)), form)
