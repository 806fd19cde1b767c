"""What the service says of its dataset: VoID, DCAT-AP, a Data Package, and JSON-LD for the front page."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response, abort, jsonify, redirect
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kg.exports.dataset import DESCRIPTION_PREFIXES, Dataset
from kg.exports.dcat import catalogue_triples
from kg.exports.json_descriptions import data_package, schema_org
from kg.exports.statistics import Statistics
from kg.exports.void import void_triples
from kg.sparql import Format
from kg.sparql.formats import TRIPLES
from kg.web.data.exporting import exports, state_key
from kg.web.data.sending import cached, same
from kg.web.http.caching import tag_of
from kg.web.http.errors import problem
from kg.web.http.negotiation import choose, wants_page
from kg.web.service import service

endpoint = Blueprint("catalogue", __name__)

_FORMATS = tuple(form for form in TRIPLES if form.name in ("ttl", "jsonld", "nt", "rdf"))
#: Not "public": what is remembered by the store's state alone would not see a new dump.
_POLICY = "no-cache"


def _described(describe: Callable[[Dataset, Statistics], list[ox.Triple]], form: Format | None) -> Response:
    """A description of the newest state in a format; made once for a state and a dump."""
    if form is None:
        offered = ", ".join(f.media_types[0] for f in _FORMATS)
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"The description of the dataset can be had as {offered}.")
    state, dataset = service().snapshots.current(), Dataset.of(service().settings)
    tag = tag_of(state_key(state), dataset.dump.name if dataset.dump else "", describe.__name__, form.name)
    if unchanged := same(tag, _POLICY):
        return unchanged
    known = service().results.get(tag)
    if known is None:
        assert isinstance(form.oxigraph, ox.RdfFormat)
        triples = describe(dataset, exports().statistics(state))
        body = ox.serialize(triples, format=form.oxigraph, prefixes=DESCRIPTION_PREFIXES) or b""
        known = body, form.content_type
        service().results.keep(tag, known, len(body))
    return cached(Response(known[0], content_type=known[1]), tag, _POLICY)


@endpoint.get("/.well-known/void")
def void() -> Response:
    """The dataset in VoID: counts by class and property, links to Wikidata and GeoNames, dumps, examples."""
    response = _described(void_triples, choose(_FORMATS))
    response.vary.add("Accept")
    return response


@endpoint.get("/catalog")
def catalogue() -> BaseResponse:
    """The dataset by DCAT-AP 3, in the format that the request prefers."""
    form = choose(_FORMATS)
    if form is None and wants_page():
        return redirect("/dumps/", HTTPStatus.SEE_OTHER)
    response = _described(catalogue_triples, form)
    response.vary.add("Accept")
    return response


@endpoint.get("/catalog.<ending>")
def catalogue_file(ending: str) -> Response:
    """The dataset by DCAT-AP 3, in the format that the address ends in: ttl, jsonld, nt, rdf."""
    form = next((f for f in _FORMATS if f.name == ending), None)
    if form is None:
        abort(HTTPStatus.NOT_FOUND, f"The catalogue can be had as {', '.join('/catalog.' + f.name for f in _FORMATS)}.")
    return _described(catalogue_triples, form)


@endpoint.get("/dumps/datapackage.json")
def package() -> Response:
    """The newest dump's table of events as a tabular Data Package: its columns, and where the rows are."""
    found = data_package(Dataset.of(service().settings))
    if found is None:
        abort(HTTPStatus.NOT_FOUND, "No dump has been made yet: 'kg dump' makes one, with the table of events.")
    response = jsonify(found)
    return cached(response, tag_of(response.get_data(as_text=True)), _POLICY)


@endpoint.app_template_global()
def dataset_json_ld() -> Markup:
    """The dataset as schema.org's JSON-LD, to stand in a page's script element (a block of data, which is never run)."""
    text = json.dumps(schema_org(Dataset.of(service().settings)), ensure_ascii=False, indent=1)
    # nothing in it may end the element
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
