"""Every minted IRI resolves: 303 to a page for people or to data for programs. https://www.w3.org/TR/cooluris/#r303gendocument"""

from __future__ import annotations

from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response, abort, redirect, render_template
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from kg.jsonld.document import document
from kg.jsonld.profiles import COMPACTED, address
from kg.sparql.formats import TRIPLES, Format
from kg.sparql.views import seen
from kg.sparql.views import view as view_named
from kg.triples.vocab import DIPL, PREFIXES, named
from kg.web.http.errors import problem
from kg.web.http.freshness import of_state
from kg.web.http.links import WebLink, data_path, linked, of_data, of_page, of_thing, page_path
from kg.web.http.negotiation import choose, offered, prefers_page, varied
from kg.web.http.presence import require
from kg.web.pages.head import head_of
from kg.web.service import service
from kg.web.views.cost import with_cost
from kg.web.views.graph_view import LABEL, TYPE, GraphView, Node
from kg.web.views.kinds import page_of
from kg.web.views.lists import asked
from kg.web.views.reading import around

things = Blueprint("things", __name__)

#: Triples that point to a thing are part of its data up to this many; the SPARQL endpoint has all.
MOST_INCOMING = 2_000
_FORMATS = {f.name: f for f in TRIPLES}


def _node(path: str) -> Node:
    try:
        return ox.NamedNode(service().iris.base + path)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND, f"There is nothing at {path!r}.")


def _named(rest: str) -> Node:
    """What "/page/{rest}" and "/data/{rest}.ttl" are about: a graph, a topic of the ontology, or a thing."""
    if rest.startswith("topic/"):
        return ox.NamedNode(f"{DIPL}topic-{_key(rest.removeprefix('topic/'))}")
    return _node(rest if rest.startswith("graph/") else f"id/{rest}")


def _key(key: str) -> str:
    if not (key.replace("-", "").isalnum() and key.isascii()):
        abort(HTTPStatus.NOT_FOUND, f"There is no topic {key!r}.")
    return key


def _ended(rest: str) -> tuple[str, str] | None:
    """A thing's name and the format that its address ends in; None where the address is a thing's own, or has no format."""
    name, _, ending = rest.rpartition(".")
    if not name or ending not in (*_FORMATS, "html") or service().snapshots.current().knows(_named(rest)):
        return None
    return name, ending


def _see(path: str) -> BaseResponse:
    return redirect(iri_to_uri(path), HTTPStatus.SEE_OTHER)


def _see_other(rest: str) -> BaseResponse:
    if ended := _ended(rest):
        require(_named(ended[0]))
        return linked(_see(page_path(ended[0]) if ended[1] == "html" else f"/data/{rest}"), of_thing(ended[0]))
    require(_named(rest))
    if prefers_page(TRIPLES):
        return linked(varied(_see(page_path(rest))), of_thing(rest))
    form = choose(TRIPLES)
    if form is None:
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"This can be had as {offered(TRIPLES, page=True)}.")
    return linked(varied(_see(f"/data/{rest}.{form.name}")), of_thing(rest))


@things.get("/id/<path:rest>")
def thing_by_iri(rest: str) -> BaseResponse:
    """The address of a thing: leads to its page or its data; with a format at its end ("….ttl", "….html") to that."""
    return _see_other(rest)


@things.get("/graph/<path:rest>")
def graph_by_iri(rest: str) -> BaseResponse:
    """The address of a named graph: leads to its page or its data."""
    return _see_other(f"graph/{rest}")


def _page(node: Node, rest: str) -> Response:
    """The page of a thing of which something is said."""
    reader, wanted = service().reader(), asked()
    shown = page_of(reader, node.value, wanted)
    head = head_of(shown, reader.bundle, rest, wanted)
    body = render_template(shown.template, page=shown, head=head, data=data_path(rest), formats=TRIPLES, **shown.shown)
    response = with_cost(Response(body, content_type="text/html; charset=utf-8"), reader)
    return linked(
        response, [*of_page(rest, node.value, shown.kind, head.licenses), WebLink(head.canonical, "canonical")]
    )


@things.get("/page/<path:rest>")
@of_state
def page(rest: str) -> BaseResponse:
    """A thing's page."""
    if rest.startswith("topic/") or ((ended := _ended(rest)) and ended[1] == "html"):
        return _see(page_path(rest.removesuffix(".html")))
    node = _named(rest)
    require(node)
    return _page(node, rest)


@things.get("/topic/<key>")
@of_state
def topic(key: str) -> BaseResponse:
    """The page of a topic: what was done and said about it and about what lies under it; with a format at its end, its data."""
    name, _, ending = key.rpartition(".")
    if ending in (*_FORMATS, "html") and name:
        return _data(f"topic/{name}", ending)
    node = _named(f"topic/{key}")
    if not service().snapshots.current().knows(node):
        abort(HTTPStatus.NOT_FOUND, f"There is no topic {key!r}.")
    return _page(node, f"topic/{key}")


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
    return varied(Response(body, content_type=form.content_type))


def _data(rest: str, ending: str) -> BaseResponse:
    """The data of a thing in a format; the way to its page for "html"."""
    node = _named(rest)
    require(node)
    if ending == "html":
        return _see(page_path(rest))
    view = around(service().snapshots.current(), node)
    form, triples = _FORMATS[ending], _description(view, node)
    response = _json_ld(triples, node, choose((form,)) or form) if ending == "jsonld" else serialized(triples, form)
    return linked(response, of_data(rest, node.value, ending))


@things.get("/data/<path:rest>")
@of_state
def data(rest: str) -> BaseResponse:
    """A thing's data, in the format that the address ends in; an address that ends in ".html" leads to the page."""
    name, _, ending = rest.rpartition(".")
    if ending not in (*_FORMATS, "html"):
        endings = ", ".join("." + n for n in _FORMATS)
        abort(HTTPStatus.NOT_FOUND, f"The address of data ends in {endings}; one that ends in .html leads to the page.")
    return _data(name, ending)
