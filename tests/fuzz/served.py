"""What needs the whole application: requests of all kinds, addresses as its description has them, uploads and updates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
from flask import Flask
from hypothesis import strategies as st

from kg.store.documents import Document
from kg.web.openapi import document
from tests.fuzz import documents, queries, requests, texts
from tests.fuzz.requests import Asked, answered_well
from tests.fuzz.target import Target

_FILLED = re.compile(r"\{(\w+)\}")
#: What an upload may be answered with: written, no document, no format, too large, too slow.
_UPLOADED = (201, 204, 400, 413, 415, 504)
_UPDATED = (204, 400, 409, 504)


def _things(app: Flask) -> tuple[str, ...]:
    """What stands behind ``/id/`` in the addresses of things that there are."""
    service = app.extensions["kg"]
    begun = f"{service.settings.base_iri}id/"
    rows = service.snapshots.current().rows("SELECT DISTINCT ?s { ?s a ?class } ORDER BY ?s")
    nodes = (row["s"] for row in rows)
    named = [node.value for node in nodes if isinstance(node, ox.NamedNode) and node.value.startswith(begun)]
    return tuple(iri.removeprefix(begun) for iri in named)[::7] or ("state/KHM",)


def described(app: Flask) -> st.SearchStrategy[Asked]:
    """Requests to the addresses of the description, with the parameters that each has, for things that there are or not."""
    things = _things(app)
    base = app.extensions["kg"].settings.base_iri
    with app.test_request_context("/openapi.json"):
        paths = document()["paths"]
    found = [
        (method.upper(), path, tuple(p["name"] for p in operation["parameters"] if p["in"] == "query"))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in ("get", "post")
    ]
    known = st.one_of(st.sampled_from(things), st.sampled_from(things).map(lambda t: f"{base}id/{t}"))
    value = st.one_of(
        known,
        st.sampled_from(requests.VALUES),
        st.sampled_from(requests.VALUES),
        texts.any_text(),
        queries.sparql().map(queries.harmless),
    )

    @st.composite
    def made(draw: st.DrawFn) -> Asked:
        method, path, names = draw(st.sampled_from(found))
        target = _FILLED.sub(lambda _: quote(draw(st.one_of(st.sampled_from(things), value)), errors="replace"), path)
        some = draw(st.lists(st.sampled_from(names), max_size=4, unique=True)) if names else []
        query = "&".join(f"{quote(name)}={quote(draw(value), errors='surrogatepass')}" for name in some)
        headers = draw(requests.headers())
        if method == "POST":
            return Asked(
                method, target, headers | {"Content-Type": "application/x-www-form-urlencoded"}, query.encode()
            )
        return Asked(method, target + (f"?{query}" if query else ""), headers)

    return made()


def _uploaded(app: Flask, document: Document) -> None:
    """A document is written or refused in words, and the writing process goes on."""
    body, media_type = document
    reply = app.test_client().put("/gsp?graph=urn:g", data=body, content_type=media_type)
    assert reply.status_code in _UPLOADED, (reply.status_code, reply.text[:300])
    read = app.test_client().get("/gsp?graph=urn:g", headers={"Accept": "application/n-triples"})
    assert read.status_code in ((200,) if reply.status_code < 300 else (200, 404)), (read.status_code, read.text[:300])


def _updated(app: Flask, text: str) -> None:
    """An update is run or refused in words; nothing that was asked of others, and the writing process goes on."""
    body = text.encode(errors="replace")
    reply = app.test_client().post("/sparql", data=body, content_type="application/sparql-update")
    assert reply.status_code in _UPDATED, (reply.status_code, reply.text[:300])


def targets(app: Flask) -> Iterator[tuple[str, Target]]:
    """What can be done without a token, by its name."""
    yield "http", (requests.requests(), lambda asked: answered_well(app, asked))
    yield "described", (described(app), lambda asked: answered_well(app, asked))


def writing_targets(app: Flask) -> Iterator[tuple[str, Target]]:
    """What is written to an application that lets everybody write, on a store of its own."""
    yield "upload", (documents.documents(), lambda document: _uploaded(app, document))
    yield "update", (queries.updates(), lambda text: _updated(app, text))


#: Names of all of these.
READING, WRITING = ("http", "described"), ("upload", "update")
