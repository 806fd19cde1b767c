"""Every minted IRI resolves: 303 to a page for people or to data for programs. https://www.w3.org/TR/cooluris/#r303gendocument"""

from __future__ import annotations

from http import HTTPStatus
from typing import NoReturn

import pyoxigraph as ox
from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from kg.jsonld.document import document
from kg.jsonld.profiles import COMPACTED, address
from kg.sparql import choose_format
from kg.sparql.formats import TRIPLES, Format
from kg.sparql.views import seen
from kg.sparql.views import view as view_named
from kg.triples.vocab import DIPL, PREFIXES, named
from kg.web.errors import problem, wants_page
from kg.web.graph_view import LABEL, TYPE, GraphView, Node
from kg.web.reading import around
from kg.web.service import service
from kg.web.views.cost import with_cost
from kg.web.views.kinds import page_of
from kg.web.views.lists import asked

things = Blueprint("things", __name__)

#: Triples that point to a thing are part of its data up to this many; the SPARQL endpoint has all.
MOST_INCOMING = 2_000
_FORMATS = {f.name: f for f in TRIPLES}


def _node(path: str) -> Node:
    try:
        return ox.NamedNode(service().iris.base + path)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND, f"There is nothing at {path!r}.")


def _missing(node: Node) -> NoReturn:
    abort(HTTPStatus.NOT_FOUND, f"The graph says nothing about <{node.value}>.")


def _found(path: str) -> tuple[GraphView, Node]:
    """A thing, with a view of what is said about it."""
    node = _node(path)
    view = around(service().snapshots.current(), node)
    return (view, node) if view.exists(node) else _missing(node)


def _prefers_page() -> bool:
    """A page where HTML is asked for by name and no format of data is preferred to it."""
    accept = request.accept_mimetypes
    offered = ["text/html", *(media for f in TRIPLES for media in f.media_types)]
    return wants_page() and accept.best_match(offered) == "text/html"


def _see_other(path: str) -> BaseResponse:
    if not service().snapshots.current().knows(node := _node(path)):
        _missing(node)
    inner = path.removeprefix("id/")
    if _prefers_page():
        response = redirect(f"/page/{inner}", HTTPStatus.SEE_OTHER)
    else:
        form = choose_format(request.accept_mimetypes, TRIPLES)
        if form is None:
            offered = ", ".join(["text/html", *(f.media_types[0] for f in TRIPLES)])
            return problem(HTTPStatus.NOT_ACCEPTABLE, f"This can be had as {offered}.")
        response = redirect(f"/data/{inner}.{form.name}", HTTPStatus.SEE_OTHER)
    response.headers["Vary"] = "Accept"
    return response


@things.get("/id/<path:rest>")
def thing_by_iri(rest: str) -> BaseResponse:
    """The address of a thing."""
    return _see_other(f"id/{rest}")


@things.get("/graph/<path:rest>")
def graph_by_iri(rest: str) -> BaseResponse:
    """The address of a named graph."""
    return _see_other(f"graph/{rest}")


def _path(rest: str) -> str:
    return rest if rest.startswith("graph/") else f"id/{rest}"


def _page(node: Node, data: str | None) -> Response:
    """The page of a thing of which something is said."""
    reader, wanted = service().reader(), asked()
    shown = page_of(reader, node.value, wanted)
    body = render_template(shown.template, page=shown, data=data, formats=TRIPLES if data else (), **shown.shown)
    return with_cost(Response(body, content_type="text/html; charset=utf-8"), reader)


@things.get("/page/<path:rest>")
def page(rest: str) -> Response:
    """A thing's page."""
    node = _node(_path(rest))
    if not service().snapshots.current().knows(node):
        _missing(node)
    return _page(node, f"/data/{rest}")


@things.get("/topic/<key>")
def topic(key: str) -> Response:
    """The page of a topic: what was done and said about it and about what lies under it."""
    node = ox.NamedNode(f"{DIPL}topic-{key}") if key.replace("-", "").isalnum() and key.isascii() else None
    if not node or not service().snapshots.current().knows(node):
        abort(HTTPStatus.NOT_FOUND, f"There is no topic {key!r}.")
    return _page(node, None)


def _description(view: GraphView, node: Node) -> list[ox.Triple]:
    """The triples about a thing: its own, those of its parts and passages, those that point to it, labels and classes of what
    they speak of, and all this in schema.org's terms; of a named graph its own triples alone.
    """
    if view.has_graph(node):
        return view.graph(node)
    found = dict.fromkeys(view.triples(node))
    if view.is_a(node, "Article"):
        for subject, predicate in view.incoming(node):
            if predicate == named("prov:wasDerivedFrom") and view.has_graph(subject):
                found |= dict.fromkeys(view.graph(subject))
    inner = [part for name in ("participation", "evidence") for part in view.nodes(node, f"dipl:{name}")]
    inner += [selector for passage in inner for selector in view.nodes(passage, "oa:hasSelector")]
    for part in inner:
        found |= dict.fromkeys(view.triples(part))
    for _, (subject, predicate) in zip(range(MOST_INCOMING), view.incoming(node), strict=False):
        found[ox.Triple(subject, predicate, node)] = None
    ends = {end for triple in found for end in (triple.subject, triple.object) if isinstance(end, Node)}
    for end in ends:
        found |= dict.fromkeys(q.triple for q in view.store.quads_for_pattern(end, LABEL, None, None))
    things = f"{service().iris.base}id/"
    spoken_of = {t.object for t in found if isinstance(t.object, Node) and t.object.value.startswith(things)}
    for other in spoken_of - {node}:
        found |= dict.fromkeys(q.triple for q in view.store.quads_for_pattern(other, TYPE, None, None))
    found |= dict.fromkeys(seen(view_named("schema-org"), found))
    return sorted(found, key=str)


def serialized(triples: list[ox.Triple], form: Format) -> Response:
    """An answer with triples in a format."""
    assert isinstance(form.oxigraph, ox.RdfFormat)
    body = ox.serialize(triples, format=form.oxigraph, prefixes=PREFIXES)
    return Response(body, content_type=form.content_type)


def _json_ld(triples: list[ox.Triple], node: Node, form: Format) -> Response:
    """A thing as JSON-LD, in the form that the request asks for, else compacted with the thing as its one root."""
    profile = form.profile or COMPACTED
    body = document(triples, profile, address(service().iris.base), node.value)
    response = Response(body, content_type=form.content_type)
    response.vary.add("Accept")
    return response


@things.get("/data/<path:rest>")
def data(rest: str) -> Response:
    """A thing's data, in the format that the address ends in."""
    name, _, ending = rest.rpartition(".")
    if ending not in _FORMATS:
        abort(HTTPStatus.NOT_FOUND, f"The address of data ends in {', '.join('.' + n for n in _FORMATS)}.")
    view, node = _found(_path(name))
    form, triples = _FORMATS[ending], _description(view, node)
    if form.name != "jsonld":
        return serialized(triples, form)
    return _json_ld(triples, node, choose_format(request.accept_mimetypes, (form,)) or form)
