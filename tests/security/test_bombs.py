"""Little that would become much: entities, nesting, packed data, expressions, forms. Each ends in a clear answer, soon."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import json
import time
import tracemalloc
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.errors import QueryError
from kg.imports.files import LONGEST, lines
from kg.pipeline import ingest
from kg.sources import Failure, read_articles
from kg.store.documents import MAX_DEPTH, MAX_ENTITY, parsed_graph
from tests.security.conftest import Exposed

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def xml(entities: str, value: str) -> bytes:
    description = f'<r:Description r:about="urn:a"><x:y>{value}</x:y></r:Description>'
    return f'<!DOCTYPE r [{entities}]><r:RDF xmlns:r="{RDF}" xmlns:x="urn:x:">{description}</r:RDF>'.encode()


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
BOMBS = {
    "a billion laughs": (xml(LAUGHS, "&a12;"), "stands for others"),
    "one long entity, often": (xml(f'<!ENTITY a "{"h" * 100_000}">', "&a;" * 10_000), "more than 1,000 characters"),
    "a short one, very often": (
        xml(f'<!ENTITY a "{"h" * MAX_ENTITY}">', "&a;" * 110_000),
        "more than 100,000,000 characters",
    ),
    "entities of characters": (xml('<!ENTITY a "&#38;b;"><!ENTITY b "&#38;a;">', "&a;"), "stands for others"),
    "entities of the DTD": (xml("<!ENTITY % a \"<!ENTITY b 'x'>\"> %a;", "&b;"), "which are not read"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="x-none"?>' + xml(LAUGHS, "&a12;"), "It is no XML"),
    "nesting": (
        f'<r:RDF xmlns:r="{RDF}" xmlns:x="urn:x:">'.encode()
        + b"<r:Description><x:p>" * 50_000
        + b"1"
        + b"</x:p></r:Description>" * 50_000
        + b"</r:RDF>",
        f"nests deeper than {MAX_DEPTH:,}",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_xml(name: str, exposed: Exposed) -> None:
    body, told = BOMBS[name]
    began = time.monotonic()
    with pytest.raises(QueryError, match=told):
        parsed_graph([(body, "application/rdf+xml")], "urn:base")
    assert time.monotonic() - began < 5
    reply = exposed.served.send("PUT", "/gsp?graph=urn:bomb", body, Content_Type="application/rdf+xml")
    assert reply.status == 400
    assert told in json.loads(reply.body)["detail"]
    part = (
        b"--B\r\nContent-Disposition: form-data; name=f; filename=f\r\nContent-Type: application/rdf+xml\r\n\r\n"
        + body
        + b"\r\n"
    )
    form = exposed.served.send(
        "PUT", "/gsp?graph=urn:bomb", part * 2 + b"--B--\r\n", Content_Type="multipart/form-data; boundary=B"
    )
    assert form.status == 400


def test_entities_that_shorten_namespaces_are_read() -> None:
    body = xml('<!ENTITY owl "http://www.w3.org/2002/07/owl#"><!ENTITY amp2 "a &#38;amp; b">', "&owl;Class &lt; &#65;")
    (triple,) = parsed_graph([(body, "application/rdf+xml")], "urn:base")
    assert triple.object.value == "http://www.w3.org/2002/07/owl#Class < A"  # type: ignore[union-attr]


#: What the engine overflows its stack with, or compares each with each; a fault, where it is read at all.
TRIPLE_IN_TRIPLE = b"<urn:a> <urn:b> " + b"<<( <urn:a> <urn:b> " * 20_000 + b'"1"' + b" )>>" * 20_000 + b" ."
CHAIN = b"".join(b'"t%d":"t%d:x",' % (n, n + 1) for n in range(20_000))
MANY = b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(20_000))


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/ld+json", b'{"@id":"urn:a","urn:p":' * 100_000 + b"1" + b"}" * 100_000),
        ("application/ld+json", b"[" * 500_000),
        ("application/ld+json", b'{"@context":' * 100_000),
        ("application/trig", b"{ " * 100_000),
        ("text/turtle", b"<urn:a> <urn:b> " + b"<< " * 100_000),
        ("text/turtle", b'<urn:a> <urn:b> """' + b"a" * 900_000),
        ("text/n3", b"{ " * 100_000),
        ("text/turtle", TRIPLE_IN_TRIPLE),
        ("application/n-triples", TRIPLE_IN_TRIPLE),
        ("text/turtle", TRIPLE_IN_TRIPLE.replace(b"<urn:b> ", b"<urn:#b> # )>>\n")),
        ("text/turtle", b'<urn:a> <urn:b> \'it\\\'s "\', """<<( \\" """ .' + TRIPLE_IN_TRIPLE),
        ("application/ld+json", b'{"@id":"urn:a","urn:p":' * 20_000 + b"1" + b"}" * 20_000),
        ("application/ld+json", b'{"@context":{"x":' + b"9" * 5_000 + b"," + CHAIN + b'"t20000":"urn:t"},"t0":1}'),
        ("application/ld+json", b'{"\\u0040context":{' + CHAIN + b'"t20000":"urn:t"},"t0":1}'),
        ("application/rdf+xml", f'<r:RDF xmlns:r="{RDF}"><r:Description '.encode() + MANY + b"/></r:RDF>"),
    ],
)
def test_documents_that_nest(media_type: str, body: bytes, exposed: Exposed) -> None:
    reply = exposed.served.send("PUT", "/gsp?graph=urn:nest", body, Content_Type=media_type)
    assert reply.status in (400, 415)
    assert (
        exposed.served.post(
            "/sparql", b"INSERT DATA { <urn:still> <urn:writes> 1 }", "application/sparql-update"
        ).status
        == 204
    )


@pytest.mark.parametrize(
    ("media_type", "body", "number"),
    [
        ("text/turtle", b"<urn:a> <urn:b> <<( <urn:c> <urn:d> 1 )>> ." * 1_000, 1_000),
        ("text/turtle", b"<urn:a> <urn:b> '<<( <<( )>>', <<( <urn:a> <urn:b> 1 )>> ." * 1_000, 2_000),
        ("application/ld+json", b'{"@id":"urn:a","urn:p":' * 40 + b'"[[[[{{{{"' + b"}" * 40, 40),
        (
            "application/ld+json",
            b'[{"@context":{"p":"urn:p"},"@id":"urn:a","p":"\\"{"}' + b',{"urn:p":1}' * 5_000 + b"]",
            5_001,
        ),
        (
            "application/rdf+xml",
            f'<r:RDF xmlns:r="{RDF}" '.encode()
            + b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(200))
            + b">"
            + b'<r:Description a1:p="1"/>' * 2_000
            + b"</r:RDF>",
            2_000,
        ),
    ],
)
def test_documents_that_only_look_so_are_read(media_type: str, body: bytes, number: int) -> None:
    assert len(parsed_graph([(body, media_type)], "urn:base")) == number


@pytest.mark.parametrize(
    ("path", "name"),
    [("/reconcile", "queries"), ("/reconcile", "extend"), ("/reconcile", "query"), ("/sparql", "query")],
)
def test_nested_json_and_brackets_in_forms(path: str, name: str, exposed: Exposed) -> None:
    for text in (
        '{"q":' * 20_000,
        "[" * 50_000,
        '{"q0":{"query":"x","limit":1e400}}',
        '{"q0":{"query":"x","limit":' + "9" * 5_000 + "}}",
    ):
        reply = exposed.served.post(
            path, urllib.parse.urlencode({name: text}).encode(), "application/x-www-form-urlencoded"
        )
        assert reply.status in (200, 400), text[:20]
        assert "Traceback" not in reply.text


def test_a_packed_request_is_not_unpacked(exposed: Exposed) -> None:
    for coding, packed in (
        ("gzip", gzip.compress(b"ASK {}" + b" " * 50_000_000)),
        ("deflate", zlib.compress(b"ASK {}")),
    ):
        for method, path, kind in (
            ("POST", "/sparql", "application/sparql-query"),
            ("PUT", "/gsp?graph=urn:p", "text/turtle"),
        ):
            reply = exposed.served.send(method, path, packed, Content_Type=kind, Content_Encoding=coding)
            assert reply.status in (400, 415)


def test_a_form_of_many_parts_and_one_of_long_heads(exposed: Exposed) -> None:
    part = b'--B\r\nContent-Disposition: form-data; name="f%d"; filename="f"\r\n\r\n<urn:a> <urn:b> 1 .\r\n'
    heads = b"--B\r\nContent-Disposition: form-data; name=f\r\n" + b"X: " + b"a" * 900_000 + b"\r\n\r\nx\r\n--B--\r\n"
    for body in (
        b"".join(part % n for n in range(5_000)) + b"--B--\r\n",
        heads,
        b"--B" * 100_000,
        b"--B\r\n" * 100_000,
    ):
        began = time.monotonic()
        reply = exposed.served.send("PUT", "/gsp?graph=urn:m", body, Content_Type="multipart/form-data; boundary=B")
        assert reply.status in (400, 413)
        assert time.monotonic() - began < 10
    boundary = "B" * 5_000
    reply = exposed.served.send(
        "PUT", "/gsp?graph=urn:m", b"x", Content_Type=f"multipart/form-data; boundary={boundary}"
    )
    assert reply.status == 400


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "(a|aa)+$", "(.*a){25}", "((a{1,100}){1,100}){1,100}", "[a-z]{1,9999}{1,9999}", "(?=a)a", "(" * 5_000],
)
def test_expressions_in_queries(pattern: str, exposed: Exposed) -> None:
    text = f'SELECT (REGEX("{"a" * 5_000}!", "{pattern}") AS ?x) (REPLACE("{"a" * 5_000}!", "{pattern}", "$1$1") AS ?y) {{}}'
    began = time.monotonic()
    reply = exposed.served.get("/sparql?" + urllib.parse.urlencode({"query": text}))
    assert reply.status in (200, 400, 504, 507)
    assert time.monotonic() - began < 6
    assert exposed.served.get("/sparql?query=ASK%7B%7D").status == 200


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s (<urn:p>|!<urn:q>)* ?o . ?o (<urn:p>|!<urn:q>)* ?z }",
        "SELECT * { VALUES ?x { " + "1 " * 100_000 + "} }",
        "SELECT (GROUP_CONCAT(?y) AS ?z) { ?a ?b ?c . ?d ?e ?f BIND(CONCAT(STR(?a), STR(?d)) AS ?y) }",
        "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?d ?c ?f",
        "SELECT (" + "(" * 3_000 + "1" + ")" * 3_000 + " AS ?x) {}",
        'ASK { FILTER("' + "\\\\" * 100_000 + '" = "") }',
    ],
)
def test_queries(text: str, exposed: Exposed) -> None:
    """Beside those of tests/sparql/test_guard.py and test_limits.py."""
    began = time.monotonic()
    # where rows were on their way when the time was up, the answer is broken off
    with contextlib.suppress(http.client.IncompleteRead):
        reply = exposed.served.post("/sparql", text.encode(), "application/sparql-query")
        assert reply.status in (200, 400, 413, 504, 507)
    assert time.monotonic() - began < 8
    assert exposed.served.get("/sparql?query=ASK%7B%7D").status == 200


# -- what is read from files --


def _warc(body: bytes, coding: str = "") -> bytes:
    http = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        + (f"Content-Encoding: {coding}\r\n" if coding else "").encode()
        + b"\r\n"
        + body
    )
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\nWARC-Date: 2021-03-04T00:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


@contextmanager
def within(most: int) -> Iterator[None]:
    """Python's own memory grows by no more than so many bytes within the block."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < most, f"{peak:,} bytes were held"


def test_archives_that_unpack_to_much(tmp_path: Path) -> None:
    zeros = b"<html>" + b" " * 120_000_000
    files = {"outer.warc.gz": gzip.compress(_warc(zeros)), "inner.warc": _warc(gzip.compress(zeros), "gzip")}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with within(80_000_000):  # what unpacks goes on in parts of some megabytes
            found = list(read_articles([tmp_path / name], Settings()))
        assert found
        assert all(isinstance(one, Failure) for one in found)


@pytest.mark.parametrize("packing", ["zip", "gz"])
def test_event_files_that_unpack_to_much(packing: str, tmp_path: Path) -> None:
    path, line = tmp_path / f"events.csv.{packing}", b"a" * 40_000_000
    if packing == "gz":
        path.write_bytes(gzip.compress(line))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../outside.csv", line)
            archive.writestr("/etc/outside.csv", b"x")
    number = 0
    with within(10_000_000):  # a line may have one
        for number, found in lines(path):  # noqa: B007 -- the last one counts
            assert len(found) <= LONGEST
    assert number in (1, 2)
    assert not list(tmp_path.parent.glob("**/outside*"))


def test_feeds_of_entities(tmp_path: Path) -> None:
    feed = (
        f'<?xml version="1.0"?><!DOCTYPE rss [{LAUGHS}]><rss version="2.0"><channel><title>&a12;</title><item>'
        "<title>&a12;</title><link>http://127.0.0.1:1/x</link><description>&a12;</description></item></channel></rss>"
    )
    (tmp_path / "feed.rss").write_text(feed)
    began = time.process_time()
    found = list(read_articles([tmp_path / "feed.rss"], Settings()))
    assert found
    assert all(isinstance(one, Failure) for one in found)
    assert time.process_time() - began < 5


def test_pages_and_lines_that_nest_or_repeat(tmp_path: Path) -> None:
    pages = {
        "deep.html": "<html><body>" + "<div>" * 100_000 + "x",
        "data.html": '<html><head><script type="application/ld+json">'
        + '{"a":' * 100_000
        + "</script></head><body><p>x</p></body></html>",
        "attributes.html": "<html><body><p " + " ".join(f'a{n}="x"' for n in range(100_000)) + ">x</p></body></html>",
        "deep.jsonl": '{"text":' * 100_000 + "\n" + '{"id": ' + "[" * 100_000 + "\n",
        "number.jsonl": '{"id": ' + "9" * 100_000 + ', "text": "x"}\n',
        "regex.txt": "The minister said " + "a, " * 20_000 + "b.",
        "encoding.html": "<html><head><meta charset='punycode'></head><body><p>"
        + "a-b c9 " * 100_000
        + "</p></body></html>",
        "date.html": "<html><head><meta property='article:published_time' content='"
        + "2" * 50_000
        + "'></head><body><p>x</p></body></html>",
    }
    for name, text in pages.items():
        (tmp_path / name).write_text(text)
        began = time.process_time()
        found = list(read_articles([tmp_path / name], Settings()))
        assert found, name
        assert name.endswith(".txt") or all(isinstance(one, Failure) for one in found), name
        assert time.process_time() - began < 5, name


def test_names_of_files_move_no_cursor(tmp_path: Path, filled: Settings) -> None:
    """Neither on the terminal nor in the report: a name cannot pass for what the program says."""
    name = "bad\x1b]0;owned\x07\x1b[2J\nok.txt: everything is well\u202e.xyz"
    (tmp_path / name).write_text("x")
    report = tmp_path / "report.jsonl"
    arguments = ["ingest", str(tmp_path / name), "--store", str(tmp_path / "store"), "--report", str(report)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "\\x1b[2J\\nok.txt" in done.output
    assert not any(mark in done.output for mark in ("\x1b", "\x07", "\u202e"))
    assert not [line for line in done.output.splitlines() if line.startswith("ok.txt")]
    (told,) = report.read_text().splitlines()
    assert json.loads(told)["given"].endswith(name)
    assert "\x1b" not in told


def test_an_article_s_words_move_no_cursor(tmp_path: Path, filled: Settings) -> None:
    text = "The minister \x1b[2Jof Japan met the minister of Kenya in Paris on Monday, and they spoke about trade for an hour."
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"id": "x[red]\x1b[31m", "title": "[link=http://x]T\x1b[5m", "text": text}) + "\n"
    )
    settings = replace(filled, store=tmp_path / "store", processes=1)
    ingest([tmp_path / "a.jsonl"], settings)
    query = "SELECT ?s ?o { ?s ?p ?o FILTER(isLiteral(?o)) }"
    for arguments in (
        ["query", query, "--store", str(settings.store)],
        ["extract", str(tmp_path / "a.jsonl"), "--format", "table"],
    ):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 0, done.output
        assert "\x1b" not in done.output


def test_a_zip_is_no_dump_and_a_damaged_one_is_told_of(tmp_path: Path) -> None:
    from kg.graph.opening import SourceError, loaded

    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb") as packed:
        packed.write(b"<urn:a> " * 1_000_000)
    (tmp_path / "bomb.nq.gz").write_bytes(made.getvalue())
    with within(5_000_000), pytest.raises(SourceError, match="cannot be read"):
        loaded(tmp_path / "bomb.nq.gz")
