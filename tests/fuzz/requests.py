"""Requests as Hypothesis makes them, and what holds of the answer to any of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from flask import Flask
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from tests.fuzz import queries, texts

#: Failures that an answer may tell of: no room, not in time, too much, what there is not here.
_ALLOWED = {501, 503, 504, 507}
_THINGS = (
    "state/KHM",
    "state/USA",
    "person/hun-sen-khm",
    "x",
    "..%2f..",
    "graph/x",
    "event/x",
    "a b",
    "é",
    "%00",
    "%ff",
    "topic/trade",
)
_PATHS = (
    "/", "/about", "/articles", "/sparql", "/query", "/ask", "/search", "/search.json", "/search/suggest", "/opensearch.xml", "/tpf",
    "/reconcile", "/reconcile/properties", "/reconcile/view", "/reconcile/preview", "/reconcile/suggest/entity",
    "/reconcile/suggest/type", "/reconcile/suggest/property", "/reconcile/flyout/entity", "/reconcile/flyout/type", "/timeline",
    "/timeline.csv", "/timeline.svg", "/network", "/map", "/compare", "/calendar", "/disagreements", "/gsp", "/gsp/x", "/q/who-met-whom",
    "/q/who-met-whom.csv", "/questions", "/feeds/all.atom", "/changes", "/catalog", "/.well-known/void", "/dumps/", "/sitemap.xml",
    "/robots.txt", "/ontology", "/ontology.ttl", "/openapi.json", "/oembed", "/embed/timeline", "/static/style.css", "/datapackage.json",
    "/view/schema-org", "/health/live", "/licences",
)  # fmt: skip
_WAYS = (
    "/id/",
    "/page/",
    "/data/",
    "/topic/",
    "/embed/thing/",
    "/feeds/",
    "/data/actor/",
    "/changes/",
    "/ontology/",
    "/static/",
    "/q/",
    "/",
)
_NAMES = (
    "query", "update", "format", "output", "default-graph-uri", "named-graph-uri", "explain", "subject", "predicate", "object", "page",
    "q", "kind", "country", "type", "topic", "outlet", "year", "group", "from", "to", "queries", "extend", "prefix", "cursor", "limit",
    "id", "actor", "with", "a", "b", "by", "until", "least", "modality", "month", "list", "quad", "url", "maxwidth", "question", "view",
    "graph", "default", "v", "using-graph-uri", "about", "callback",
)  # fmt: skip
VALUES = (
    "1", "0", "-1", "2", "²", "000000001" + "9" * 40, "1" * 5_000, "1e-99999999", "NaN", "inf", "0.5", "KHM", "USA", "Hun Sen", "state/KHM",
    "2016", "2016-01", "2016-01-26", "9999", "0000-00-00", "9999-12", "any", "month", "Meeting", "trade", "json", "csv", "text/csv",
    "http://a.invalid/ b", "urn:x", "a:\r\nb", "\0", "\ufffd", "?x", '"a"@en', "SELECT * { ?s ?p ?o } LIMIT 3", "ASK {}",
    "DESCRIBE <urn:x>", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 2", '{"q": {"query": "Hun Sen"}}', '{"q": {"query": "\\ud800"}}',
    '{"ids": ["http://127.0.0.1:8000/id/state/KHM"], "properties": [{"id": "otherName", "settings": {"limit": "²"}}]}', "[", "{}", "",
    "../../etc/passwd", "<script>alert(1)</script>", "'; DROP TABLE docs; --", '"', "*", "NEAR(", "a" * 300, "true", "events", "said",
    "Person", "names", "ontology#x", "http://127.0.0.1:8000/timeline?actor=KHM", "http://127.0.0.1:8000/id/state/KHM",
)  # fmt: skip
ACCEPT = (
    "*/*", "text/html", "text/turtle", "application/ld+json", 'application/ld+json;profile="http://www.w3.org/ns/json-ld#framed"',
    "application/ld+json;q=1;profile=\"", "text/html;q=.5, text/turtle;q=0.5", "text/*;q=0", "application/json", "application/trig;q=1.0001",
    "text/turtle;q=-1", ";", ",,,", "a/b/c", "text/csv", "application/rdf+xml;q=nan", "*", "text/html;level=1;q=1e9", "image/svg+xml", "",
)  # fmt: skip
_HEADERS: dict[str, tuple[str, ...]] = {
    "Accept": ACCEPT,
    "Accept-Encoding": (
        "gzip",
        "br",
        "zstd",
        "gzip;q=0, *",
        "*;q=0",
        "identity;q=0",
        "gzip;q=x",
        ",",
        "br;q=1,gzip;q=1",
    ),
    "Accept-Language": ("en", "*", ";q="),
    "If-None-Match": ("*", '"x"', 'W/"x"', '"x', '"-gzip"', ",", '"a","b"', "x" * 300),
    "If-Match": ("*", '"x"', "x", ""),
    "If-Modified-Since": ("Tue, 26 Jan 2016 10:00:00 GMT", "x", "Tue, 99 Jan 99999 10:00:00 GMT"),
    "If-Range": ('"x"', "x", "Tue, 26 Jan 2016 10:00:00 GMT", "*"),
    "Range": (
        "bytes=0-",
        "bytes=0-9",
        "bytes=-5",
        "bytes=5-2",
        "bytes=0-0,2-3",
        "bytes=-",
        "bytes=",
        "x=1-2",
        "bytes=99999999999-",
        "bytes=a-b",
        "bytes=0-" + "9" * 50,
        "bytes=-0",
        "bytes=1-1",
    ),
    "Authorization": ("Bearer x", "Bearer", "Basic x", "Bearer \u00e9", "Bearer " + "x" * 2_000),
    "Content-Type": (
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/sparql-query",
        "application/sparql-update",
        "text/turtle",
        "application/n-quads",
        "application/ld+json",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "a",
        "",
        'text/turtle; charset="',
    ),
    "Host": ("a.invalid", "a\\b", "[::1", "a:99999"),
    "Origin": ("null", "http://a.invalid"),
    "X-Forwarded-For": ("1.2.3.4", "x"),
    "X-Request-Id": ("x", "a" * 500),
}
_BODIES = (
    b"", b"query=ASK{}", b"update=x", b"queries=%7B%7D", b"queries=%7B%22q%22%3A%7B%22query%22%3A%22%5Cud800%22%7D%7D", b"query=%ff",
    b"<urn:a> <urn:b> <urn:c> .", b"@base <http://[> .", b'{"@context": "http://a.invalid/", "a": 1}', b"ASK {}", b"\xff\xfe", b"INSERT DATA {}",
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="../b"\r\nContent-Type: text/turtle\r\n\r\n<urn:a> a <urn:b> .\r\n--x--\r\n',
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def _asked_of(parts: tuple[str, str, list[tuple[str, str]], dict[str, str], bytes]) -> Asked:
    method, path, parameters, headers, body = parts
    query = "&".join(f"{quote(name)}={quote(value, errors='surrogatepass')}" for name, value in parameters)
    return Asked(method, path + (f"?{query}" if query else ""), headers, body if method in ("POST", "PUT") else b"")


def headers() -> st.SearchStrategy[dict[str, str]]:
    """Headers that the service reads, most of them wrong in some way."""
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.one_of(st.sampled_from(values), st.text('abc=;,"*-/0 q.', max_size=12))
            for name, values in _HEADERS.items()
        },
    )


def requests() -> st.SearchStrategy[Asked]:
    """Requests of every kind to every kind of address, most of them wrong in some way."""
    rest = st.one_of(st.sampled_from(_THINGS), st.text(max_size=8).map(lambda t: quote(t, errors="replace")))
    ending = st.sampled_from(("", "", ".ttl", ".jsonld", ".csv", ".atom", ".x", "/", "/1"))
    path = st.one_of(
        st.sampled_from(_PATHS), st.sampled_from(_PATHS), st.tuples(st.sampled_from(_WAYS), rest, ending).map("".join)
    )
    value = st.one_of(
        st.sampled_from(VALUES), st.sampled_from(VALUES), texts.any_text(), queries.sparql().map(queries.harmless)
    )
    parameters = st.lists(st.tuples(st.sampled_from(_NAMES), value), max_size=4)
    method = st.sampled_from(("GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
    return st.tuples(method, path, parameters, headers(), st.sampled_from(_BODIES)).map(_asked_of)


def answered_well(app: Flask, asked: Asked) -> None:
    """No failure but a deliberate one; errors are told; ranges, tags and links are what they say."""
    client = app.test_client()
    # the client of tests would take what stands behind two slashes for a host
    asked = replace(asked, target="/" + asked.target.lstrip("/"))
    reply = client.open(asked.target, method=asked.method, headers=asked.headers, data=asked.body)
    assert reply.status_code < 500 or reply.status_code in _ALLOWED, (reply.status_code, reply.text[:300])
    body = reply.data
    for name, value in reply.headers:
        assert not re.search(r"[\r\n\0]", name + value), (name, value)
        value.encode("latin-1")
    if reply.status_code == 304 or asked.method == "HEAD":
        assert not body
    if reply.status_code >= 400 and asked.method != "HEAD":
        kind = parse_options_header(reply.headers.get("Content-Type", ""))[0]
        assert kind in ("application/problem+json", "text/html"), (reply.status_code, kind, body[:100])
        if kind == "application/problem+json":
            assert json.loads(body)["detail"], asked
        else:
            assert b"<script>alert(1)" not in body
    location = reply.headers.get("Location", "")
    assert not re.match(r"(?!http://127\.0\.0\.1:8000/|http://localhost/|/(?!/)|\?)", location) or not location, (
        location
    )
    if reply.status_code == 206:
        _range(client, asked, reply.headers["Content-Range"], body)


def _range(client: object, asked: Asked, told: str, body: bytes) -> None:
    """A part is the part of the whole that its header says."""
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", told)
    assert found, told
    first, last, length = map(int, found.groups())
    headers = {name: value for name, value in asked.headers.items() if name not in ("Range", "If-Range")}
    whole = client.open(asked.target, method=asked.method, headers=headers, data=asked.body).data  # type: ignore[attr-defined]
    assert len(whole) == length
    assert body == whole[first : last + 1]
