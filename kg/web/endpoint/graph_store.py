"""``/gsp``: the SPARQL 1.1 Graph Store HTTP Protocol. https://www.w3.org/TR/sparql11-http-rdf-update/

``/gsp?graph=IRI`` and ``/gsp?default`` name a graph indirectly; any address below ``/gsp/`` is the IRI of a graph itself.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response, request

from kg.errors import QueryError
from kg.sparql.formats import TRIPLES
from kg.store.base import graph_name
from kg.store.embedded import graph_digest
from kg.triples.vocab import PREFIXES
from kg.web.http.access import refusal
from kg.web.http.caching import not_modified, with_tag
from kg.web.http.errors import problem
from kg.web.http.negotiation import choose, offered, varied
from kg.web.service import service

endpoint = Blueprint("graph_store", __name__)

#: Formats that hold one graph; those that hold several are for the SPARQL endpoint.
_GRAPHS = tuple(f for f in TRIPLES if f.name not in ("trig", "nq"))
_PREFERRED = "text/turtle"
#: A graph is sorted and digested in the service's own process: larger ones are for the query workers, which can be ended.
MOST_TRIPLES = 200_000


def _iri(text: str) -> str:
    try:
        return str(ox.NamedNode(text).value)
    except ValueError:
        raise QueryError(f"{text[:200]!r} is not the IRI of a graph.") from None


def _named(path: str | None) -> str | None:
    """The IRI of the graph that the request names; None for the default graph."""
    if path is not None:
        return _iri(f"{service().settings.base_iri}gsp/{path}")
    named, default = request.args.getlist("graph"), "default" in request.args
    if len(named) + default != 1:
        raise QueryError("Name one graph: 'graph' with an IRI, or 'default'.")
    if default:
        return None
    return _iri(named[0])


def _tags(name: str) -> list[str] | None:
    """The entity tags of If-Match or If-None-Match; None where the header is missing."""
    if name not in request.headers:
        return None
    held = request.if_match if name == "If-Match" else request.if_none_match
    return ["*"] if held.star_tag else [tag.partition("-")[0] for tag in held.as_set()]


@endpoint.get("/gsp")
@endpoint.get("/gsp/<path:path>")
def read(path: str | None = None) -> Response:
    """A graph's triples (GET), or what would be sent with them (HEAD)."""
    graph = _named(path)
    found = service().snapshots.current().graph(graph_name(graph), MOST_TRIPLES + 1)
    if found is None:
        return problem(HTTPStatus.NOT_FOUND, f"There is no graph <{graph}>.")
    form = choose(_GRAPHS)
    if form is None:
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"A graph can be had as {offered(_GRAPHS)}.")
    if len(found) > MOST_TRIPLES:
        detail = (
            f"The graph has more than {MOST_TRIPLES:,} triples: ask for them with CONSTRUCT at the SPARQL endpoint."
        )
        return problem(HTTPStatus.INSUFFICIENT_STORAGE, detail)
    triples = sorted(found, key=str)
    tag = graph_digest(triples)
    tag = tag if form is _GRAPHS[0] else f"{tag}-{form.name}"
    if same := not_modified(tag):
        return varied(same)
    assert isinstance(form.oxigraph, ox.RdfFormat)
    response = Response(ox.serialize(triples, format=form.oxigraph, prefixes=PREFIXES), content_type=form.content_type)
    response.vary.add("Accept")
    return with_tag(response, tag)


def _parts() -> list[tuple[bytes, str]]:
    """The documents of the request, with their media types: the body, or the files of a form."""
    if request.mimetype == "multipart/form-data":
        # a form in which a document stands as a plain field is as good as one that calls it a file
        files = [(f.read(), f.mimetype or _PREFERRED) for _, f in request.files.items(multi=True)]
        return files + [(text.encode(), _PREFERRED) for _, text in request.form.items(multi=True)]
    return [(request.get_data(), request.mimetype or _PREFERRED)]


def _checked(media_type: str) -> str:
    if not any(media_type in f.media_types for f in TRIPLES):
        raise _UnknownFormatError(
            f"{media_type} is no format of RDF: send {', '.join(f.media_types[0] for f in _GRAPHS)}."
        )
    return "application/ld+json" if media_type in ("application/json", "application/x-json+ld") else media_type


class _UnknownFormatError(Exception):
    """The body is in a format that is not read here."""


def _write(path: str | None, *, replace: bool) -> Response:
    if refused := refusal("graphs"):
        return refused
    request.max_content_length = service().settings.max_graph_bytes
    # a document posted to the store itself makes a graph of its own (section 5.5 of the protocol)
    anew = not replace and path is None and not {"graph", "default"} & set(request.args)
    graph = f"{service().settings.base_iri}gsp/{uuid.uuid4().hex}" if anew else _named(path)
    base = graph or f"{service().settings.base_iri}gsp"
    try:
        parts = [(body, _checked(media_type)) for body, media_type in _parts()]
    except _UnknownFormatError as error:
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error))
    if not parts:
        raise QueryError("The form holds no document.")
    try:
        existed = service().writer.put(
            graph,
            parts,
            base,
            replace=replace,
            if_match=_tags("If-Match"),
            if_none_match=_tags("If-None-Match"),
        )
    except (QueryError, SyntaxError) as error:
        raise QueryError(f"The document cannot be read: {str(error).rstrip('.')}.") from None
    if existed:
        return Response(status=HTTPStatus.NO_CONTENT)
    response = Response(status=HTTPStatus.CREATED)
    response.headers["Location"] = request.url if graph is None else graph
    return response


@endpoint.put("/gsp")
@endpoint.put("/gsp/<path:path>")
def put(path: str | None = None) -> Response:
    """Put a document in the place of what a graph holds."""
    return _write(path, replace=True)


@endpoint.post("/gsp")
@endpoint.post("/gsp/<path:path>")
def post(path: str | None = None) -> Response:
    """Add a document's triples to a graph."""
    return _write(path, replace=False)


@endpoint.delete("/gsp")
@endpoint.delete("/gsp/<path:path>")
def delete(path: str | None = None) -> Response:
    """Drop a graph."""
    if refused := refusal("graphs"):
        return refused
    graph = _named(path)
    if not service().writer.delete(graph, if_match=_tags("If-Match")):
        return problem(HTTPStatus.NOT_FOUND, f"There is no graph <{graph}>.")
    return Response(status=HTTPStatus.NO_CONTENT)
