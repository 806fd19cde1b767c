"""``/feeds/…``: what is new of an actor, a topic or everything, as Atom, for people's readers. Addresses are those of pages."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from flask import Blueprint, Response, abort

from kg.exports.atom import Feed, atom, items
from kg.exports.dataset import Dataset
from kg.exports.parts import Part, part
from kg.store import State
from kg.web.data.exporting import state_key
from kg.web.data.sending import cached, same
from kg.web.http.caching import tag_of
from kg.web.service import service
from kg.web.views.graph_view import local_name

endpoint = Blueprint("feeds", __name__)

#: Entries of a feed.
MOST = 50
_TYPE = "application/atom+xml; charset=utf-8"
_POLICY = "public, max-age=300"
#: Of a feed without entries.
_NEVER = "1970-01-01T00:00:00Z"


def _label(state: State, chosen: Part) -> str:
    """What people call the thing that a part is about."""
    if chosen.node is None:
        return chosen.name
    rows = state.rows(f"SELECT ?p ?name {{ VALUES ?p {{ skos:prefLabel rdfs:label }} {chosen.node} ?p ?name }}")
    # the curator's name for it before the articles', of several the first
    found = sorted((row["p"].value.endswith("#label"), row["name"].value) for row in rows)
    return found[0][1] if found else local_name(chosen.node.value)


def _feed(path: str, chosen: Part | None, page: str, title: str = "") -> Response:
    if chosen is None:
        abort(
            HTTPStatus.NOT_FOUND,
            "There is no such feed: /feeds/state/KHM.atom, /feeds/topic/trade.atom, /feeds/newest.atom.",
        )
    state, dataset = service().snapshots.current(), Dataset.of(service().settings)
    if chosen.node is not None and not state.knows(chosen.node):
        abort(HTTPStatus.NOT_FOUND, f"The graph says nothing about <{chosen.node.value}>.")
    tag = tag_of("atom", state_key(state), path)
    if unchanged := same(tag, _POLICY):
        return unchanged
    known = service().results.get(tag)
    if known is None:
        newest = chosen.newest(state, MOST)
        updated = max((time for _, time in newest), default=_NEVER)
        settings = dataset.settings
        shown = title or f"{_label(state, chosen)}: {settings.dataset_title}"
        address = f"{settings.base_iri}feeds/{path}.atom"
        head = Feed(address, shown, settings.base_iri + page, dataset.publisher, settings.dataset_license)
        # the time goes along, for the header
        known = updated.encode() + b"\n" + atom(head, items(state, newest), address, updated), _TYPE
        service().results.keep(tag, known, len(known[0]))
    time, _, body = known[0].partition(b"\n")
    response = Response(body, content_type=_TYPE)
    response.last_modified = dt.datetime.fromisoformat(time.decode())
    return cached(response, tag, _POLICY)


@endpoint.get("/feeds/newest.atom")
def newest() -> Response:
    """The newest facts of all as an Atom feed."""
    return _feed(
        "newest", part("type", "Event", service().iris), "", f"Newest events: {service().settings.dataset_title}"
    )


@endpoint.get("/feeds/<any(state, organization, person, group):kind>/<key>.atom")
def actor(kind: str, key: str) -> Response:
    """The newest facts that involve an actor as an Atom feed: state/KHM.atom, person/hun-sen-khm.atom."""
    return _feed(f"{kind}/{key}", part("actor", f"{kind}/{key}", service().iris), f"page/{kind}/{key}")


@endpoint.get("/feeds/topic/<key>.atom")
def topic(key: str) -> Response:
    """The newest facts about a topic and what lies under it as an Atom feed: trade.atom."""
    return _feed(f"topic/{key}", part("topic", key, service().iris), f"topic/{key}")
