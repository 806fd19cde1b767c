"""Nothing goes out: a listener hears nothing of any query, update, upload, parameter or article, whatever address it holds."""

from __future__ import annotations

import gzip
import json
import socket
import urllib.parse
from dataclasses import replace
from pathlib import Path

import pytest

from kg.config import Settings
from kg.errors import SourceError
from kg.pipeline import ingest
from kg.sources import Memory, read_articles
from kg.sources.fetch import Fetcher
from tests.security.conftest import Canary, Exposed

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TEXT = (
    "Foreign Minister Ann Example of Japan met her counterpart Bo Sample of Kenya in Paris on Monday. They spoke about trade "
    "between the two countries, about fishing and about visas for students, and agreed to meet again within the year. "
) * 3


def documents(address: str) -> list[tuple[str, str]]:
    """Media types and documents that name an address which a reader of them might ask."""
    entity = f'<!ENTITY e SYSTEM "{address}entity">'
    rdf = (
        f'<r:RDF xmlns:r="{RDF}" xmlns:x="urn:x:"><r:Description r:about="urn:a"><x:y>&e;</x:y></r:Description></r:RDF>'
    )
    contexts: list[object] = [
        f"{address}context.jsonld",
        [{"name": "urn:name"}, f"{address}context.jsonld"],
        {"@import": f"{address}context.jsonld"},
        {"name": {"@id": "urn:name", "@context": f"{address}context.jsonld"}},
    ]
    found = [("application/ld+json", json.dumps({"@context": c, "@id": "urn:a", "name": "x"})) for c in contexts]
    found += [("application/ld+json", json.dumps({"@id": "urn:a", "urn:p": {"@context": contexts[0], "name": "x"}}))]
    found += [
        ("application/rdf+xml", f"<!DOCTYPE r [{entity}]>{rdf}"),
        ("application/rdf+xml", f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{address}dtd"> %p;]>{rdf}'),
        ("application/rdf+xml", f'<!DOCTYPE r SYSTEM "{address}dtd">{rdf.replace("&e;", "x")}'),
        ("application/rdf+xml", f'<?xml-stylesheet href="{address}xsl" type="text/xsl"?>{rdf.replace("&e;", "x")}'),
        (
            "text/turtle",
            f"@base <{address}> . @prefix owl: <http://www.w3.org/2002/07/owl#> . <> owl:imports <ontology> .",
        ),
    ]
    return found


def test_uploads(exposed: Exposed, canary: Canary) -> None:
    for media_type, text in documents(canary.url):
        replies = [
            exposed.served.send(
                method, f"/gsp?graph={urllib.parse.quote(canary.url, safe='')}", text.encode(), Content_Type=media_type
            )
            for method in ("PUT", "POST")
        ]
        form = f"--B\r\nContent-Disposition: form-data; name=f\r\nContent-Type: {media_type}\r\n\r\n{text}\r\n"
        replies.append(
            exposed.served.send(
                "POST",
                "/gsp?graph=urn:form",
                f"{form}{form}--B--\r\n".encode(),
                Content_Type="multipart/form-data; boundary=B",
            )
        )
        assert {reply.status for reply in replies} <= {201, 204, 400}, text
        if "SYSTEM" in text and "&e;" in text:
            assert {reply.status for reply in replies} == {400}
    assert canary.silent()


def test_no_document_s_entity_reads_a_file(exposed: Exposed) -> None:
    text = (
        f'<!DOCTYPE r [<!ENTITY e SYSTEM "file://{exposed.folder}/tokens">]><r:RDF xmlns:r="{RDF}" xmlns:x="urn:x:">'
        '<r:Description r:about="urn:a"><x:y>&e;</x:y></r:Description></r:RDF>'
    )
    reply = exposed.served.send("PUT", "/gsp?graph=urn:file", text.encode(), Content_Type="application/rdf+xml")
    assert reply.status == 400
    assert "entity 'e'" in json.loads(reply.body)["detail"]
    assert exposed.served.get("/gsp?graph=urn:file").status == 404


def test_queries_and_updates(exposed: Exposed, canary: Canary) -> None:
    """More ways in are in tests/sparql/hostile.txt; these are the ones by each address that takes a query."""
    service = f"SELECT * {{ SERVICE SILENT <{canary.url}> {{ ?s ?p ?o }} }}"
    quoted = urllib.parse.quote(service)
    for path in (f"/sparql?query={quoted}", f"/query?query={quoted}", f"/sparql?query={quoted}&explain=true"):
        assert exposed.served.get(path).status == 400
    for text in (
        f"LOAD <{canary.url}>",
        f"LOAD SILENT <{canary.url}> INTO GRAPH <urn:x>",
        f"INSERT {{ ?s ?p ?o }} WHERE {service[9:]}",
    ):
        assert exposed.served.post("/sparql", text.encode(), "application/sparql-update").status == 400
    # addresses where an address may stand, but nothing is fetched
    for path in (
        f"/sparql?query=ASK%7B%7D&default-graph-uri={canary.url}&named-graph-uri={canary.url}",
        f"/gsp?graph={canary.url}",
        f"/tpf?subject={canary.url}&object={canary.url}",
        f"/reconcile/preview?id={canary.url}",
        f"/reconcile/view?id={canary.url}",
        f"/search?q={canary.url}",
        f"/ask/who-met-whom?party={canary.url}",
        f"/compare?a={canary.url}&b={canary.url}",
        f"/resource?uri={canary.url}",
    ):
        assert exposed.served.get(path).status < 500, path
    profile = f'application/ld+json;profile="{canary.url}context.jsonld"'
    assert exposed.served.get("/data/state/KHM.jsonld", accept=profile).status < 500
    assert (
        exposed.served.send(
            "GET", "/about", Referer=canary.url, Origin=canary.url, Forwarded=f"host={canary.url}"
        ).status
        == 200
    )
    assert canary.silent()


def _page(address: str) -> str:
    """A page with an address in each place that something might be loaded from."""
    data = {
        "@context": f"{address}context",
        "@type": "NewsArticle",
        "headline": "x",
        "url": f"{address}url",
        "datePublished": "2021-03-04",
    }
    return "".join(
        (
            f'<!DOCTYPE html SYSTEM "{address}dtd"><html><head><base href="{address}">',
            f'<link rel="canonical" href="{address}canonical"><link rel="stylesheet" href="{address}css">',
            f'<script src="{address}js"></script><meta property="og:url" content="{address}og">',
            f'<meta http-equiv="refresh" content="0; url={address}refresh">',
            f'<script type="application/ld+json">{json.dumps(data)}</script></head><body><article><h1>Ministers meet</h1>',
            f'<img src="{address}img"><iframe src="{address}iframe"></iframe><object data="{address}object"></object>',
            f'<p>{TEXT}</p><p>{TEXT}</p><a href="{address}link">more</a></article></body></html>',
        )
    )


def _feed(address: str, link: str) -> str:
    return (
        f'<?xml version="1.0"?><?xml-stylesheet href="{address}xsl"?><!DOCTYPE rss [<!ENTITY e SYSTEM "{address}entity">'
        f'<!ENTITY % p SYSTEM "{address}dtd"> %p;]><rss version="2.0"><channel><title>&e;</title><link>{address}</link>'
        f"<item><title>One &e;</title><link>{link}</link><description>{TEXT}</description>"
        f'<enclosure url="{address}enclosure" type="text/html"/></item></channel></rss>'
    )


def test_articles_are_read_without_asking_anybody(canary: Canary, tmp_path: Path, filled: Settings) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "page.html").write_text(_page(canary.url))
    (folder / "feed.xml").write_text(_feed(canary.url, f"{canary.url}article"))
    (folder / "plain.xml").write_text(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>One</title><item><title>One</title>'
        f"<link>{canary.url}article</link><description>Short.</description></item></channel></rss>"
    )
    (folder / "lines.jsonl").write_text(
        json.dumps({"id": canary.url, "url": canary.url, "text": TEXT, "image": canary.url}) + "\n"
    )
    (folder / "text.txt").write_text(f"{canary.url}\n\n{TEXT}\nhttp://169.254.169.254/latest/meta-data\n")
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {canary.url}\r\nWARC-Date: 2021-03-04T00:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\nContent-Type: application/http; msgtype=response\r\n"
    )
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nLocation: {canary.url}\r\n\r\n{_page(canary.url)}"
    record = f"{head}Content-Length: {len(http.encode())}\r\n\r\n{http}\r\n\r\n"
    (folder / "archive.warc.gz").write_bytes(gzip.compress(record.encode()))
    settings = replace(filled, store=tmp_path / "store", near_duplicate=2.0, processes=1)
    summary = ingest([folder], settings)
    assert summary.ingested + summary.duplicates >= 3
    # what a saved feed links to is not fetched: its entry holds no article
    assert any("plain.xml" in failure.source for failure in summary.failures)
    assert canary.silent()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{}/",
        "http://localhost:{}/",
        "http://127.1:{}/",
        "http://0x7f000001:{}/",
        "http://0177.0.0.1:{}/",
        "http://2130706433:{}/",
        "http://[::1]:{}/",
        "http://[::ffff:127.0.0.1]:{}/",
        "http://[::]:{}/",
        "http://0:{}/",
        "http://１２７.0.0.1:{}/",
        "http://127.0.0.1:{}@example.org/",
        "http://example.org@127.0.0.1:{}/",
        "http://example.org#@127.0.0.1:{}/",
        "http://example.invalid\\@127.0.0.1:{}/",
        "http://127.0.0.1:{}\\.example.org/",
        "gopher://127.0.0.1:{}/",
        "file:///etc/passwd#{}",
        "HTTP://127.0.0.1:{}/",
        " http://127.0.0.1:{}/",
        "http://127.0.0.1.:{}/",
    ],
)
def test_addresses_of_this_machine_in_every_spelling(url: str, canary: Canary) -> None:
    with pytest.raises(SourceError):
        Fetcher(Settings(fetch_timeout=2), Memory(None)).fetch(url.format(canary.port))
    (found,) = read_articles([url.format(canary.port)], Settings(fetch_timeout=2))
    assert not hasattr(found, "text")
    assert canary.silent(0.02)


def test_a_name_that_stands_for_a_private_address(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of a name's addresses is enough; and what is checked is what is asked, not what the name is a moment later."""
    real, asked = socket.getaddrinfo, []

    def poisoned(host: str | bytes | None, port: int, *args: int, **kwargs: int) -> list[object]:
        if host != "poisoned.example":
            return list(real(host, port, *args, **kwargs))
        asked.append(host)
        return [*real("93.184.215.14", port, *args, **kwargs), *real("127.0.0.1", port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", poisoned)
    with pytest.raises(SourceError, match=r"private address 127\.0\.0\.1"):
        Fetcher(Settings(fetch_timeout=2), Memory(None)).fetch(f"http://poisoned.example:{canary.port}/")
    assert asked
    assert canary.silent(0.05)
