"""What HTTP clients rely on: entity tags, compression, request ids, counters, and the service's description of itself."""

from __future__ import annotations

import gzip
import json
import urllib.parse
from collections.abc import Callable

import brotli
import pytest
import zstandard
from rdflib import RDF, Graph, Namespace, URIRef

from kg.config import Settings
from kg.store import open_store
from kg.web.http.caching import ResultCache
from tests.conftest import Served, serving

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")


def path(query: str, **more: str) -> str:
    return "/sparql?" + urllib.parse.urlencode({"query": query} | more)


ROWS = path("SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 50")


def test_an_answer_is_not_sent_twice(service: Served) -> None:
    first = service.get(ROWS)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert first.headers["cache-control"] == "public, no-cache"
    assert {"Accept", "Accept-Encoding"} <= {v.strip() for v in first.headers["vary"].split(",")}
    again = service.send("GET", ROWS, If_None_Match=tag)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert service.send("GET", ROWS, If_None_Match='"another"').status == 200
    assert service.get(ROWS).body == first.body


def test_tags_differ_by_query_format_and_dataset(service: Served) -> None:
    tags = {
        service.get(ROWS).headers["etag"],
        service.get(ROWS, accept="text/csv").headers["etag"],
        service.get(ROWS + "&default-graph-uri=urn:x").headers["etag"],
        service.get(ROWS + "&named-graph-uri=urn:x").headers["etag"],
        service.get(path("ASK {}")).headers["etag"],
    }
    assert len(tags) == 5


@pytest.mark.parametrize("function", ["NOW()", "rand()", "UUID()", "StrUUID()", "BNODE()"])
def test_what_changes_by_itself_is_not_kept(function: str, service: Served) -> None:
    reply = service.get(path(f"SELECT ({function} AS ?x) {{}}"))
    assert reply.headers["cache-control"] == "no-store"
    assert "etag" not in reply.headers


def test_a_write_makes_the_tag_another(settings: Settings) -> None:
    with open_store(settings):
        pass
    with serving(settings, KG_WRITES="open") as service:
        count = path("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        before = service.get(count)
        body = b"INSERT DATA { <urn:a> <urn:b> 1 }"
        assert service.send("POST", "/sparql", body, Content_Type="application/sparql-update").status == 204
        after = service.send("GET", count, If_None_Match=before.headers["etag"])
        assert after.status == 200
        assert after.body != before.body


@pytest.mark.parametrize(
    ("coding", "decode"),
    [("gzip", gzip.decompress), ("br", brotli.decompress), ("zstd", zstandard.decompress)],
)
def test_compression(coding: str, decode: object, service: Served) -> None:
    plain = service.get(ROWS)
    packed = service.send("GET", ROWS, Accept_Encoding=coding)
    assert packed.headers["content-encoding"] == coding
    assert decode(packed.body) == plain.body  # type: ignore[operator]
    assert packed.headers["etag"] != plain.headers["etag"]
    assert service.send("GET", ROWS, If_None_Match=packed.headers["etag"]).status == 304


@pytest.mark.parametrize(
    ("coding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("zstd", lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body)),
    ],
)
def test_a_stream_is_compressed_as_it_goes(coding: str, decode: Callable[[bytes], bytes], service: Served) -> None:
    # what asks for the time is not kept, so it goes out in parts each time
    query = path("SELECT ?s ?p ?o ?t { ?s ?p ?o . ?t a ?u FILTER (YEAR(NOW()) > 2000) } LIMIT 20000", format="csv")
    plain = service.get(query)
    assert "content-length" not in plain.headers and len(plain.body) > 1_000_000
    packed = service.send("GET", query, Accept_Encoding=coding)
    assert packed.headers["content-encoding"] == coding and packed.headers["vary"] == plain.headers["vary"]
    assert "content-length" not in packed.headers and len(packed.body) < len(plain.body) / 4
    assert decode(packed.body) == plain.body


@pytest.mark.parametrize(
    ("wanted", "status", "piece"),
    [
        ("bytes=10-29", 206, slice(10, 30)),
        ("bytes=-15", 206, slice(-15, None)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=0-0,5-9", 200, slice(None)),
        ("rows=1-2", 200, slice(None)),
        ("bytes=99999999-", 416, None),
    ],
)
def test_a_range_of_an_answer(wanted: str, status: int, piece: slice | None, service: Served) -> None:
    whole = service.get(ROWS)
    assert whole.headers["accept-ranges"] == "bytes"
    part = service.send("GET", ROWS, Range=wanted, Accept_Encoding="gzip")
    assert part.status == status
    if piece is not None:
        assert part.body == whole.body[piece]
        assert "content-encoding" not in part.headers
    if status == 206:
        start = len(whole.body[: piece.start if piece else 0])
        end = start + len(part.body) - 1
        assert part.headers["content-range"] == f"bytes {start}-{end}/{len(whole.body)}"
    # what has changed since is sent whole
    changed = service.send("GET", ROWS, Range="bytes=0-9", If_Range='"another"')
    assert (changed.status, changed.body) == (200, whole.body)


@pytest.mark.parametrize("wanted", ["identity", "gzip;q=0", "unknown", "zstd;q=0, br;q=0, gzip;q=0"])
def test_what_is_not_wanted_is_not_compressed(wanted: str, service: Served) -> None:
    assert "content-encoding" not in service.send("GET", ROWS, Accept_Encoding=wanted).headers


def test_the_preferred_coding_wins(service: Served) -> None:
    assert service.send("GET", ROWS, Accept_Encoding="br;q=0.2, gzip;q=0.9").headers["content-encoding"] == "gzip"


def test_the_cache_keeps_within_its_size() -> None:
    cache = ResultCache(1_000)
    for n in range(30):
        cache.keep(str(n), (b"x" * 100, "text/plain"), 100)
    assert cache.get("0") is None
    assert cache.get("29") == (b"x" * 100, "text/plain")
    cache.keep("large", (b"x" * 500, "text/plain"), 500)
    assert cache.get("large") is None
    assert sum(cache.get(str(n)) is not None for n in range(30)) == 10


def test_errors_tell_where(service: Served) -> None:
    reply = service.get(path("SELECT * {\n  ?s ?p }"))
    problem = json.loads(reply.body)
    assert (reply.status, problem["line"]) == (400, 2)
    assert problem["column"] > 0


def test_the_description_of_the_service(service: Served) -> None:
    for accept, form in (("text/turtle", "turtle"), ("application/rdf+xml", "xml"), ("*/*", "turtle")):
        reply = service.get("/sparql", accept=accept)
        assert reply.status == 200
        graph = Graph().parse(data=reply.text, format=form)
        (this,) = graph.subjects(RDF.type, SD.Service)
        assert [str(e) for e in graph.objects(this, SD.endpoint)] == ["http://127.0.0.1:8000/sparql"]
        assert SD.UnionDefaultGraph in set(graph.objects(this, SD.feature))
        assert {SD.SPARQL11Query, SD.SPARQL11Update} == set(graph.objects(this, SD.supportedLanguage))
        assert URIRef("http://www.w3.org/ns/formats/Turtle") in set(graph.objects(this, SD.resultFormat))
        assert graph.value(graph.value(this, SD.defaultDataset), SD.defaultGraph)


def test_the_description_follows_its_schema(service: Served) -> None:
    """Domains and ranges of the vocabulary (section 3 of the recommendation)."""
    graph = Graph().parse(data=service.get("/sparql").text, format="turtle")
    (this,) = graph.subjects(RDF.type, SD.Service)
    assert all(
        isinstance(o, URIRef) for p in (SD.endpoint, SD.feature, SD.resultFormat) for o in graph.objects(this, p)
    )
    assert all((d, RDF.type, SD.Dataset) in graph for d in graph.objects(this, SD.defaultDataset))
    assert all((g, RDF.type, SD.Graph) in graph for g in graph.objects(None, SD.defaultGraph))
    assert {p for p in graph.predicates() if str(p).startswith(str(SD))} <= {
        SD[n] for n in "endpoint feature resultFormat supportedLanguage defaultDataset defaultGraph".split()
    }


def test_counters_and_ids(service: Served) -> None:
    assert service.get("/health").text == "ok\n"
    assert service.send("GET", "/health", X_Request_Id="abc-1").headers["x-request-id"] == "abc-1"
    assert service.send("GET", "/health", X_Request_Id="a b\t<c>").headers["x-request-id"] != "a b\t<c>"
    service.get(path("ASK {}"))
    text = service.get("/metrics").text
    assert 'kg_requests_total{endpoint="sparql.query_by_get",method="GET",status="200"}' in text
    assert "kg_store_generation" in text


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("format", "csv"), ("output", "csv"), ("results", "text/csv"), ("format", "TEXT/CSV")],
)
def test_formats_by_parameter(parameter: str, value: str, service: Served) -> None:
    reply = service.get(path("SELECT ?s { ?s ?p ?o } LIMIT 1", **{parameter: value}))
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (
            "application/sparql-results+json, application/sparql-results+xml;q=0.9, */*;q=0.1",
            "application/sparql-results+json",
        ),
        ("text/turtle, application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/n-quads,application/trig;q=0.95,text/csv;q=0.4,*/*;q=0.05", "text/csv"),
        ("text/html, application/xhtml+xml, image/jxr, */*", "application/sparql-results+json"),
        ("application/sparql-results+json;charset=utf-8", "application/sparql-results+json"),
    ],
)
def test_lists_that_real_clients_send(accept: str, given: str, service: Served) -> None:
    reply = service.get(path("SELECT ?s { ?s ?p ?o } LIMIT 1"), accept=accept)
    assert reply.headers["content-type"].partition(";")[0] == given
