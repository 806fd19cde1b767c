"""Nothing goes out: a listener gets no hit, whatever is sent, by every way in; and workers have no network of their own."""

from __future__ import annotations

import json
import os
import socketserver
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.config import Settings
from tests.conftest import Served, serving
from tests.store.servers import lying

FORM, QUERY, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}


def corpus(kind: str, address: str, listed: str = "http://127.0.0.1:9/") -> list[str]:
    """The lines of one kind, with the listener's address and that of an endpoint which the operator lists."""
    lines = (Path(__file__).parent / "hostile.txt").read_text(encoding="utf-8").splitlines()
    texts = [line.partition("\t")[2] for line in lines if line.startswith(f"{kind}\t")]
    assert texts
    for written, meant in (
        ("\\\\", "\0"),
        *list(_ESCAPES.items())[1:],
        ("\0", "\\"),
        ("{0}", address),
        ("{1}", listed),
    ):
        texts = [text.replace(written, meant) for text in texts]
    return texts


class Listener(socketserver.ThreadingTCPServer):
    """Counts who calls."""

    daemon_threads = True

    def __init__(self) -> None:
        self.hits: list[bytes] = []
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)

    def finish_request(self, *_: object) -> None:
        self.hits.append(b"called")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture(scope="module")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(Settings(store=tmp_path_factory.mktemp("open") / "store"), KG_WRITES="open") as served:
        yield served


def _form(name: str, text: str) -> bytes:
    return urllib.parse.urlencode({name: text}).encode()


def test_queries(open_service: Served, listener: Listener) -> None:
    address = f"http://127.0.0.1:{listener.server_address[1]}/"
    for kind, status in (("query", 400), ("harmless", 200)):
        for text in corpus(kind, address):
            replies = [
                open_service.get("/sparql?" + urllib.parse.urlencode({"query": text})),
                open_service.post("/sparql", text.encode(), QUERY),
                open_service.post("/sparql", _form("query", text), FORM),
                open_service.get("/sparql?" + urllib.parse.urlencode({"query": text, "explain": "true"})),
                open_service.get("/query?" + urllib.parse.urlencode({"query": text})),
            ]
            assert {reply.status for reply in replies} == {status}, text
    assert listener.hits == []


def test_queries_where_an_endpoint_is_listed(tmp_path: Path, listener: Listener) -> None:
    """What is listed is asked, by its IRI alone, and nothing else; where it leads to is not followed."""
    address = f"http://127.0.0.1:{listener.server_address[1]}/"
    rows = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'
    with lying(lambda _: ({"Content-Type": "application/sparql-results+json"}, rows)) as listed:
        endpoints, settings = f"{listed} http://127.0.0.1:9/sparql", Settings(store=tmp_path / "store")
        with serving(settings, KG_WRITES="open", KG_SERVICE_ENDPOINTS=endpoints) as service:
            for kind, status in (("query", 400), ("listed", 400), ("harmless", 200), ("asked", 200)):
                for text in corpus(kind, address, listed):
                    replies = [
                        service.get("/sparql?" + urllib.parse.urlencode({"query": text})),
                        service.post("/sparql", text.encode(), QUERY),
                        service.get("/query?" + urllib.parse.urlencode({"query": text})),
                    ]
                    assert {reply.status for reply in replies} == {status}, text
            for text in corpus("update", address, listed):
                assert service.post("/sparql", text.encode(), UPDATE).status == 400, text
    assert listener.hits == []


def test_updates(open_service: Served, listener: Listener) -> None:
    address = f"http://127.0.0.1:{listener.server_address[1]}/"
    for text in corpus("update", address) + corpus("query", address):
        assert open_service.post("/sparql", text.encode(), UPDATE).status == 400, text
        assert open_service.post("/sparql", _form("update", text), FORM).status == 400, text
    assert listener.hits == []
    empty = open_service.get("/sparql?" + urllib.parse.urlencode({"query": "ASK { ?s ?p ?o }"}))
    assert json.loads(empty.body)["boolean"] is False, "of a refused update something was done"


def test_documents_and_graphs(open_service: Served, listener: Listener) -> None:
    address = f"http://127.0.0.1:{listener.server_address[1]}/"
    documents = {
        "text/turtle": f"@base <{address}> . <> <http://www.w3.org/2002/07/owl#imports> <{address}x> .",
        "application/ld+json": json.dumps({"@context": f"{address}context.jsonld", "name": "x"}),
        "application/rdf+xml": f'<!DOCTYPE r [<!ENTITY e SYSTEM "{address}e">]>'
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description r:about="urn:a">&e;</r:Description></r:RDF>',
    }
    for media_type, text in documents.items():
        for method in ("PUT", "POST"):
            target = f"/gsp?graph={urllib.parse.quote(address, safe='')}"
            assert open_service.send(method, target, text.encode(), Content_Type=media_type).status < 500
    assert open_service.get(f"/gsp?graph={urllib.parse.quote(address, safe='')}").status in (200, 404)
    for parameter in ("default-graph-uri", "named-graph-uri"):
        assert open_service.get(f"/sparql?query=ASK%7B%7D&{parameter}={address}").status == 200
    using = f"/sparql?using-graph-uri={address}"
    assert open_service.post(using, b"INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }", UPDATE).status == 204
    assert listener.hits == []


def test_workers_have_no_network(open_service: Served) -> None:
    """Where the system allows it (as root, or with user namespaces), each has one of its own, with nothing in it."""
    open_service.post("/sparql", b"INSERT DATA { GRAPH <urn:x> { <urn:x> <urn:y> 1 } }", UPDATE)
    open_service.get("/sparql?query=ASK%7B%7D")
    told = [line for line in open_service.get("/metrics").text.splitlines() if line.startswith("kg_workers_without")]
    if told == ["kg_workers_without_network 0.0"]:
        pytest.skip("the system does not take the network away")
    assert told == ["kg_workers_without_network 1.0"]
    own = Path("/proc/self/ns/net").readlink()
    # a worker that was slow has ended; of those that are there, none has the service's network
    assert own not in _networks(open_service, "worker.py") | _networks(open_service, "kg.store.writer")


def _networks(service: Served, name: str) -> set[Path]:
    """The networks of the service's processes whose command line holds a name."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            ours = name in (process / "cmdline").read_text() and _descends(int(process.name), service.process.pid)
            found |= {(process / "ns" / "net").readlink()} if ours else set()
        except OSError:
            continue
    return found


def _descends(process: int, ancestor: int) -> bool:
    while process > 1 and process != ancestor:
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return process == ancestor and os.getpid() != process
