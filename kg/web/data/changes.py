"""``/changes``: the stream of changes, for programs that keep a copy. See ``kg.exports.stream``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response, abort, request

from kg.exports.stream import STREAM_PREFIXES, Fragment, Stream
from kg.sparql.formats import TRIPLES
from kg.web.data.exporting import exports
from kg.web.data.sending import FOR_EVER, tagged
from kg.web.http.caching import tag_of
from kg.web.http.errors import problem
from kg.web.http.negotiation import choose
from kg.web.service import service

endpoint = Blueprint("changes", __name__)

#: Members lie in graphs of their own: only formats that keep graphs apart.
_FORMATS = tuple(form for name in ("trig", "nq", "jsonld") for form in TRIPLES if form.name == name)
#: What still grows is asked for again after so many seconds.
_GROWS = "public, max-age=10"


def _stream() -> Stream:
    found = exports().stream
    if found is None:
        abort(HTTPStatus.NOT_FOUND, "This service keeps no log of changes (changes_page is 0).")
    return found


def _checked(epoch: str) -> Stream:
    found = _stream()
    if epoch != found.log.epoch:
        abort(HTTPStatus.GONE, "The log of changes was begun anew; start at /changes.")
    return found


def _send(make: Callable[[], Fragment | None]) -> Response:
    form = choose(_FORMATS)
    if form is None:
        offered = ", ".join(f.media_types[0] for f in _FORMATS)
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"The stream of changes can be had as {offered}.")
    # only what is full is kept: it stays as it is
    results, key = service().results, tag_of("changes", request.path, form.name)
    kept = results.get(key)
    body, full = kept[0] if kept else b"", kept is not None
    if not full:
        fragment = make()
        if fragment is None:
            abort(HTTPStatus.NOT_FOUND, "The stream has no such page; it starts at /changes.")
        assert isinstance(form.oxigraph, ox.RdfFormat)
        body = ox.serialize(fragment.quads, format=form.oxigraph, prefixes=STREAM_PREFIXES) or b""
        full = fragment.full
        if full:
            results.keep(key, (body, form.content_type), len(body))
    tag = hashlib.blake2b(body, digest_size=16).hexdigest()
    response = tagged(body, form.content_type, tag, FOR_EVER if full else _GROWS)
    response.vary.add("Accept")
    return response


@endpoint.get("/changes")
def root() -> Response:
    """The Linked Data Event Stream of the facts' versions: what it is, and the way to its pages by time."""
    return _send(_stream().root)


@endpoint.get("/changes/<epoch>/group/<int:number>")
def group(epoch: str, number: int) -> Response:
    """A hundred pages of the stream by time; a group that is full never changes."""
    stream = _checked(epoch)
    return _send(lambda: stream.group(number))


@endpoint.get("/changes/<epoch>/<int:number>")
def page(epoch: str, number: int) -> Response:
    """A page of the stream with its members; one that is full never changes."""
    stream = _checked(epoch)
    return _send(lambda: stream.page(number))
