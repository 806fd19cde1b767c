"""``/openapi.json``: what there is besides SPARQL, in OpenAPI 3.1, made from the routes.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, jsonify

import kg
from kg.sparql.formats import ROWS, TRIPLES
from kg.sparql.questions import questions
from kg.web.http.caching import tag_of, with_tag
from kg.web.pictures.pages import KINDS
from kg.web.pictures.parameters import TOLD
from kg.web.service import service

endpoint = Blueprint("openapi", __name__)

_HTML = ("text/html",)
_RDF = tuple(f.media_types[0] for f in TRIPLES)
_ROWS = tuple(f.media_types[0] for f in ROWS)
_GRAPHS = tuple(f.media_types[0] for f in TRIPLES if f.name not in ("trig", "nq"))
_PARAMETER = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")


@dataclass(frozen=True)
class _Told:
    """What a route's function does not say of itself: statuses with their media types, and parameters of the query."""

    answers: dict[int, tuple[str, ...]]
    query: dict[str, str] = field(default_factory=dict)
    errors: tuple[int, ...] = ()
    body: tuple[str, ...] = ()
    #: Whether a POST changes nothing and needs no token.
    public: bool = False


_GRAPH = {
    "graph": "IRI of the graph; this or 'default', unless the address itself names the graph.",
    "default": "The default graph; needs no value.",
}
#: The parameters of all questions, each with what it is in the first that has it.
_PARAMETERS = {p.name: f"{p.kind}: {p.words}" for q in reversed(questions()) for p in q.parameters}
_PAGED = {"page": "Which page of the list, from 1."}
_LISTED = _PAGED | {
    "list": "Which list of the thing: events, said, here, people (where it has them), or links for what points to it.",
    "quad": "1 to 4 for the events of one class: verbal and material cooperation, verbal and material conflict.",
}
_WRITE = (400, 401, 403, 404, 412, 413, 415, 503, 504)
_DESCRIBED = tuple(f.media_types[0] for f in TRIPLES if f.name in ("ttl", "jsonld", "nt", "rdf"))
_QUADS = ("application/trig", "application/n-quads", "application/ld+json")
_PACKED = ("application/gzip", "application/zstd")
_PART = _Told({200: _DESCRIBED, 206: _DESCRIBED, 304: ()}, errors=(404, 416, 503, 507))
_ATOM = _Told({200: ("application/atom+xml",), 304: ()}, errors=(404,))
_SEE = _Told({303: ()}, errors=(404, 406, 410))
_SEARCH = {
    "q": "Words; those between quotation marks stand together.",
    "kind": "Kind: Person, State, Event, Sentence and so on.",
    "country": "ISO 3166-1 alpha-3 code of a state that a thing is, acts for or lies in, or that takes part in a fact.",
    "type": "Local name of an event's class, such as Meeting.",
    "topic": "Key of a topic, such as trade.",
    "outlet": "Name of the article's outlet.",
    "year": "Year of a fact's first day, of an article or of its sentences.",
    "group": "names, articles, facts or sentences: some kinds together.",
    "from": "First day, such as 2016-01-26.",
    "to": "Last day.",
    "page": "Number of the page, twenty hits each, from 1 to 500.",
}
_JSON = ("application/json",)
_BATCH = {
    "queries": "A batch of reconciliation queries as JSON: a name of your own for each, up to 100.",
    "extend": "A data extension as JSON: ids and properties. Without queries and extend the answer is the manifest.",
}
_PREFIX = {"prefix": "The beginning of a name.", "cursor": "How many suggestions to pass over, from 0."}
_THING = {"id": "A thing's IRI."}
_ROUTES: dict[str, _Told] = {
    "front.home": _Told({200: _HTML, 304: ()}),
    "front.about_page": _Told({200: _HTML, 304: ()}),
    "front.articles": _Told({200: _HTML, 304: ()}, _PAGED, (400, 404)),
    "query.query": _Told(
        {200: _HTML},
        {
            "query": "SPARQL to run and show.",
            "question": "Name of an example question, in place of a query.",
            "view": "How the editor shows the answer: table, chart, map, timeline or response.",
        },
        (400, 503, 504, 507),
    ),
    "query.offers": _Told({200: ("application/json",), 304: ()}),
    "ask.index": _Told({200: _HTML}),
    "ask.ask": _Told(
        {200: _HTML},
        {p: f"A value for the questions that have it; {about}" for p, about in _PARAMETERS.items()},
        (400, 404, 503, 504, 507),
    ),
    "named_queries.named_query": _Told(
        {200: (*_ROWS, *_RDF[:4]), 303: (), 304: ()},
        {"format": "Format by its ending or media type; the address may end in it too, as in /q/who-met-whom.csv."}
        | {p: f"A value for the questions that have it; {about}" for p, about in _PARAMETERS.items()},
        (400, 404, 406, 503, 504, 507),
    ),
    "fragments.fragment": _Told(
        {200: ("text/html", "application/trig", "application/n-quads", "text/turtle", "application/ld+json"), 304: ()},
        {
            "subject": "IRI; without it, or as ?name, anything.",
            "predicate": "IRI, likewise.",
            "object": 'IRI, or a literal as "words", "words"@en or "5"^^http://www.w3.org/2001/XMLSchema#integer.',
            "page": "Number of the page, from 1.",
        },
        (400, 406, 503, 504, 507),
    ),
    "ask.listed": _Told({200: (*_HTML, *_RDF)}, errors=(406,)),
    "assets.licences": _Told({200: _HTML}),
    "search.page": _Told({200: _HTML}, _SEARCH, (400, 404, 500)),
    "search.data": _Told({200: ("application/json",)}, _SEARCH, (400, 404, 500)),
    "search.suggest": _Told(
        {200: ("application/x-suggestions+json",)}, {"q": "The beginning of a name."}, (400, 404, 500)
    ),
    "search.description": _Told({200: ("application/opensearchdescription+xml",)}),
    "reconcile.by_get": _Told({200: _JSON, 304: ()}, _BATCH, (400, 404, 413, 500)),
    "reconcile.by_post": _Told(
        {200: _JSON}, errors=(400, 404, 413, 500), body=("application/x-www-form-urlencoded",), public=True
    ),
    "reconcile.suggest_entity": _Told({200: _JSON}, _PREFIX, (400, 404, 500)),
    "reconcile.suggest_type": _Told({200: _JSON}, _PREFIX, (400,)),
    "reconcile.suggest_property": _Told({200: _JSON}, _PREFIX, (400,)),
    "reconcile.propose": _Told(
        {200: _JSON}, {"type": "Id of a type, such as Person.", "limit": "How many properties at most."}, (400,)
    ),
    "reconcile.view": _Told({303: ()}, _THING, (404,)),
    "reconcile.preview": _Told({200: _HTML}, _THING, (404,)),
    "reconcile.flyout": _Told({200: _JSON}, {"id": "Id of a thing, type or property."}, (404,)),
    "widgets.picture": _Told(
        {200: _HTML, 304: ()},
        {n: TOLD[n] for kind in KINDS if kind.drawn for n in kind.taken},
        (400, 404, 503, 504, 507),
    ),
    "widgets.card": _Told({200: _HTML, 304: ()}, errors=(404,)),
    "widgets.table": _Told(
        {200: _HTML, 304: ()},
        {p: f"A value for the questions that have it; {about}" for p, about in _PARAMETERS.items()},
        (400, 404, 503, 504, 507),
    ),
    "widgets.oembed": _Told(
        {200: ("application/json", "text/xml")},
        {
            "url": "Address of a page here: a picture, a thing or a question.",
            "format": "json or xml.",
            "maxwidth": "Pixels that there is room for.",
            "maxheight": "Pixels that there is room for.",
        },
        (400, 404, 501),
    ),
    "things.thing_by_iri": _SEE,
    "things.graph_by_iri": _SEE,
    "things.page": _Told({200: _HTML, 303: (), 304: ()}, _LISTED, (400, 404, 410)),
    "things.topic": _Told({200: (*_HTML, *_RDF), 303: (), 304: ()}, _LISTED, (400, 404)),
    "things.data": _Told({200: _RDF, 303: (), 304: ()}, errors=(404, 410)),
    "ontology.page": _Told({200: (*_HTML, *_RDF), 304: ()}, errors=(406,)),
    "ontology.whole": _Told({200: _RDF, 304: ()}, errors=(404,)),
    "documents.index": _Told(
        {200: _HTML, 304: ()}, {"q": "Words to look for in the documents, up to 100 characters."}, (400,)
    ),
    "documents.page": _Told({200: _HTML, 304: ()}, errors=(404,)),
    "documents.picture": _Told({200: ("image/svg+xml", "image/png"), 304: ()}, errors=(404,)),
    "documents.file": _Told({200: ("text/plain", "application/x-ipynb+json"), 304: ()}, errors=(404,)),
    "sitemap.whole": _Told({200: ("application/xml",), 304: ()}),
    "sitemap.one": _Told({200: ("application/xml",), 304: ()}, errors=(404,)),
    "sitemap.robots": _Told({200: ("text/plain",)}),
    "views.in_other_terms": _Told(
        {200: _GRAPHS, 304: ()},
        {
            "graph": "IRI of a named graph, such as an article's: the view of what it says alone. May come more than once."
        },
        (400, 404, 503, 504, 507),
    ),
    "ontology.file": _Told({200: ("text/turtle", "application/ld+json", "application/sparql-query")}, errors=(404,)),
    "downloads.page": _Told({200: _HTML}),
    "downloads.manifest": _Told({200: ("application/json",), 304: ()}),
    "downloads.latest": _Told({302: ()}, errors=(404,)),
    "downloads.file": _Told({200: _PACKED, 206: _PACKED, 304: ()}, errors=(404, 416, 503)),
    "downloads.actor": _PART,
    "downloads.topic": _PART,
    "downloads.period": _PART,
    "downloads.kind": _PART,
    "catalogue.void": _Told({200: _DESCRIBED, 304: ()}, errors=(406,)),
    "catalogue.catalogue": _Told({200: _DESCRIBED, 303: (), 304: ()}, errors=(406,)),
    "catalogue.catalogue_file": _Told({200: _DESCRIBED, 304: ()}, errors=(404,)),
    "catalogue.package": _Told({200: ("application/json",), 304: ()}, errors=(404,)),
    "changes.root": _Told({200: _QUADS, 304: ()}, errors=(404, 406)),
    "changes.group": _Told({200: _QUADS, 304: ()}, errors=(404, 406, 410)),
    "changes.page": _Told({200: _QUADS, 304: ()}, errors=(404, 406, 410)),
    "feeds.newest": _ATOM,
    "feeds.actor": _ATOM,
    "feeds.topic": _ATOM,
    "observe.health": _Told({200: ("text/plain",)}),
    "observe.live": _Told({200: ("text/plain",)}),
    "observe.ready": _Told({200: ("text/plain",)}, errors=(503,)),
    "observe.metrics": _Told({200: ("text/plain",)}),
    "openapi.description": _Told({200: ("application/json",)}),
    "static": _Told({200: ("*/*",), 304: ()}, {"v": "Version of the file, which makes it one to be kept."}, (404,)),
    "graph_store.read": _Told({200: _GRAPHS, 304: ()}, _GRAPH, (400, 404, 406, 507)),
    "graph_store.put": _Told({201: (), 204: ()}, _GRAPH, _WRITE, _GRAPHS),
    "graph_store.post": _Told({201: (), 204: ()}, _GRAPH, _WRITE, (*_GRAPHS, "multipart/form-data")),
    "graph_store.delete": _Told({204: ()}, _GRAPH, (400, 401, 403, 404, 412, 503, 504)),
}
for _kind in KINDS:
    _asked, _failing = {name: TOLD[name] for name in _kind.taken}, (400, 503, 504, 507)
    _ROUTES[f"pictures.{_kind.name}"] = _Told({200: _HTML, 304: ()}, _asked, _failing)
    _ROUTES[f"pictures.{_kind.name}_csv"] = _Told({200: ("text/csv",), 304: ()}, _asked, _failing)
    if _kind.drawn:
        _ROUTES[f"pictures.{_kind.name}_svg"] = _Told({200: ("image/svg+xml",), 304: ()}, _asked, _failing)
_PHRASES = {
    200: "Here it is.",
    201: "A graph was made.",
    204: "Done.",
    206: "The range that was asked for.",
    302: "It is there now.",
    303: "See there.",
    304: "Not modified.",
}


def _responses(told: _Told) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(status): {"description": _PHRASES[status]} | ({"content": {m: {} for m in media}} if media else {})
        for status, media in told.answers.items()
    }
    return found | {str(status): {"$ref": "#/components/responses/Problem"} for status in told.errors}


def _operation(name: str, method: str, rule: str, told: _Told) -> dict[str, Any]:
    text = inspect.getdoc(current_app.view_functions[name]) or ""
    inner: list[dict[str, Any]] = [
        {"name": p, "in": "path", "required": True, "schema": {"type": "string"}} for p in _PARAMETER.findall(rule)
    ]
    inner += [
        {"name": p, "in": "query", "description": about, "schema": {"type": "string"}}
        for p, about in told.query.items()
        if not (inner and told.query is _GRAPH)
    ]
    found: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{method} {rule}").strip("_"),
        "summary": text.partition("\n")[0] or "A file of the pages.",
        "tags": [name.partition(".")[0]],
        "parameters": inner,
        "responses": _responses(told),
    }
    if told.body:
        found["requestBody"] = {"required": True, "content": {media: {} for media in told.body}}
    if method in ("put", "post", "delete") and not told.public:
        found["security"] = [{"token": []}]
    return found


def document() -> dict[str, Any]:
    """The description of the application that handles this request."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda r: r.rule):
        if rule.endpoint.startswith("sparql."):
            continue
        operations = paths.setdefault(_PARAMETER.sub(r"{\1}", rule.rule), {})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operations[method.lower()] = _operation(rule.endpoint, method.lower(), rule.rule, _ROUTES[rule.endpoint])
    problem = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "line": {"type": "integer"},
            "column": {"type": "integer"},
            "removed": {"type": "string", "format": "date-time"},
        },
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": {}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Diplomatic events",
            "version": kg.__version__,
            "description": "All but the SPARQL endpoint at /sparql, which describes itself when it is asked nothing.",
        },
        "servers": [{"url": service().settings.base_iri.rstrip("/")}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": problem},
            "responses": {"Problem": {"description": "What is wrong (RFC 9457).", "content": content}},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


@endpoint.get("/openapi.json")
def description() -> Response:
    """This description."""
    response = jsonify(document())
    return with_tag(response, tag_of(response.get_data(as_text=True)))
