"""Writing over HTTP: who may, what is refused, that no write is lost, and that readers see whole states."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socketserver
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.errors import QueryError
from kg.sparql import check_update
from kg.store import Writer, WriteTimeoutError, open_store
from tests.conftest import Reply, Served, serving

UPDATE, TURTLE = "application/sparql-update", "text/turtle"
G = "http://example.org/g"
GSP = f"/gsp?graph={urllib.parse.quote(G, safe='')}"
COUNTER = "http://example.org/counter"
INCREMENT = (
    f"DELETE {{ <{COUNTER}> <urn:value> ?old }} INSERT {{ <{COUNTER}> <urn:value> ?new }} "
    f"WHERE {{ <{COUNTER}> <urn:value> ?old BIND (?old + 1 AS ?new) }}"
)


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service on an empty store that takes writes of everybody."""
    folder = tmp_path_factory.mktemp("writable")
    with serving(Settings(store=folder / "store"), KG_WRITES="open", KG_WRITE_TIMEOUT="3") as served:
        yield served


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[tuple[Served, str, str]]:
    """A service with a token for updates and one for graphs."""
    settings = Settings(store=tmp_path / "store")
    environment = {"KG_TOKENS": str(tmp_path / "tokens")}
    made = []
    for name, scope in (("editor", "update"), ("robot", "graphs")):
        done = CliRunner(env=environment).invoke(main, ["token", "new", name, "--scope", scope])
        assert done.exit_code == 0, done.output
        made.append(done.output.strip())
    with serving(settings, **environment) as served:
        yield served, *made


def update(service: Served, text: str, **headers: str) -> Reply:
    return service.send("POST", "/sparql", text.encode(), Content_Type=UPDATE, **headers)


def ask(service: Served, text: str) -> bool:
    reply = service.send("POST", "/sparql", text.encode(), Content_Type="application/sparql-query")
    assert reply.status == 200, reply.text
    return bool(json.loads(reply.body)["boolean"])


def value(service: Served) -> int:
    query = f"SELECT ?v {{ <{COUNTER}> <urn:value> ?v }}"
    reply = service.send("POST", "/sparql", query.encode(), Content_Type="application/sparql-query")
    (row,) = json.loads(reply.body)["results"]["bindings"]
    return int(row["v"]["value"])


def test_an_update_is_seen_by_the_next_query(writable: Served) -> None:
    for n in range(5):
        assert update(writable, f"INSERT DATA {{ <urn:seen> <urn:n> {n} }}").status == 204
        assert ask(writable, f"ASK {{ <urn:seen> <urn:n> {n} }}")
    form = urllib.parse.urlencode({"update": "DELETE WHERE { <urn:seen> ?p ?o }"}).encode()
    assert writable.send("POST", "/sparql", form, Content_Type="application/x-www-form-urlencoded").status == 204
    assert not ask(writable, "ASK { <urn:seen> ?p ?o }")


def test_no_increment_is_lost(writable: Served) -> None:
    assert (
        update(writable, f"DELETE WHERE {{ <{COUNTER}> ?p ?o }}; INSERT DATA {{ <{COUNTER}> <urn:value> 0 }}").status
        == 204
    )
    with ThreadPoolExecutor(4) as clients:
        statuses = list(clients.map(lambda _: update(writable, INCREMENT).status, range(200)))
    assert statuses == [204] * 200
    assert value(writable) == 200


def test_a_request_is_one_transaction(writable: Served) -> None:
    reply = update(writable, "INSERT DATA { <urn:half> <urn:p> 1 }; DROP GRAPH <urn:no-such-graph>")
    assert reply.status == 409
    assert "does not exist" in reply.text
    assert "/store" not in reply.text, "the answer tells where files lie"
    assert not ask(writable, "ASK { <urn:half> ?p ?o }")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("INSERT DATA { <urn:a> <urn:b> }", "cannot be run"),
        ("LOAD <http://127.0.0.1:9/x>", "LOAD is not allowed"),
        ("load silent<http://127.0.0.1:9/x>", "LOAD is not allowed"),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE<http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE is not allowed"),
        ("INSERT { ?s ?p ?o } WHERE { service #x\n SILENT ?e { ?s ?p ?o } }", "SERVICE is not allowed"),
        ("DELETE WHERE " + "{" * 5000, "nests"),
    ],
)
def test_mistakes_are_told(text: str, reason: str, writable: Served) -> None:
    reply = update(writable, text)
    assert reply.status == 400
    assert reason in json.loads(reply.body)["detail"]


def test_a_service_prefix_is_no_offence() -> None:
    text = "PREFIX service: <urn:service#> INSERT DATA { service:load service:SERVICE 'SERVICE <x> LOAD' } # LOAD <y>"
    assert check_update(text) == text


def test_nothing_goes_out(writable: Served) -> None:
    hits: list[bytes] = []

    class Canary(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            hits.append(self.request.recv(100))

    with socketserver.TCPServer(("127.0.0.1", 0), Canary) as canary:
        threading.Thread(target=canary.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{canary.server_address[1]}/"
        query = "SELECT * {{ {} }}"
        for call in (
            "SERVICE <{0}> {{ ?s ?p ?o }}",
            "SERVICE SILENT<{0}>{{}}",
            "BIND(<{0}> AS ?e) SERVICE ?e {{ ?s ?p ?o }}",
        ):
            for sub in ("{}", "{{ SELECT * {{ {} }} }}", "OPTIONAL {{ {} }}"):
                text = query.format(sub.format(call.format(address)))
                assert (
                    writable.send("POST", "/sparql", text.encode(), Content_Type="application/sparql-query").status
                    == 400
                )
        for text in (f"LOAD <{address}>", f"LOAD SILENT <{address}> INTO GRAPH <urn:g>", f"#\nLoAd<{address}>"):
            assert update(writable, text).status == 400
        assert writable.send("GET", f"/sparql?query=ASK%7B%7D&default-graph-uri={address}").status == 200
        canary.shutdown()
    assert hits == []


def test_an_update_that_takes_too_long_is_ended(writable: Served) -> None:
    many = " ".join(f"<urn:s{n}> <urn:p> {n} ." for n in range(700))
    assert update(writable, f"INSERT DATA {{ GRAPH <urn:many> {{ {many} }} }}").status == 204
    cross = "GRAPH <urn:many> { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    started = time.monotonic()
    reply = update(writable, f"INSERT {{ <urn:x> <urn:y> ?c }} WHERE {{ {cross} FILTER (?c + ?f + ?i = -1) }}")
    assert reply.status == 504
    assert time.monotonic() - started < 5
    assert update(writable, "INSERT DATA { <urn:after> <urn:p> 1 }").status == 204
    assert ask(writable, "ASK { <urn:after> <urn:p> 1 }")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (
            "INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }",
            "INSERT { ?s ?p ?o } USING <urn:d> USING NAMED <urn:n> WHERE { ?s ?p ?o }",
        ),
        (
            "DELETE WHERE { ?s ?p 'WHERE }' }",
            "DELETE { ?s ?p 'WHERE }' } USING <urn:d> USING NAMED <urn:n> WHERE { ?s ?p 'WHERE }' }",
        ),
        ("CLEAR ALL", "CLEAR ALL"),
    ],
)
def test_the_dataset_of_the_protocol(text: str, result: str) -> None:
    assert check_update(text, ["urn:d"], ["urn:n"]) == result


@pytest.mark.parametrize(
    "text", ["WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "INSERT {} USING <urn:g> WHERE {}"]
)
def test_two_datasets_are_too_many(text: str) -> None:
    with pytest.raises(QueryError, match="one of the two"):
        check_update(text, ["urn:d"])


def test_tokens_and_scopes(tokens: tuple[Served, str, str]) -> None:
    service, editor, robot = tokens
    insert = "INSERT DATA { <urn:a> <urn:b> <urn:c> }"
    refused = update(service, insert)
    assert refused.status == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert update(service, insert, Authorization="Bearer nonsense").status == 401
    assert update(service, insert, Authorization=f"Basic {editor}").status == 401
    assert update(service, insert, Authorization=f"Bearer {robot}").status == 403
    assert not ask(service, "ASK { <urn:a> ?p ?o }")
    assert update(service, insert, Authorization=f"bearer {editor}").status == 204
    for method in ("PUT", "POST", "DELETE"):
        assert service.send(method, GSP, b"", Content_Type=TURTLE).status == 401
        assert service.send(method, GSP, b"", Content_Type=TURTLE, Authorization=f"Bearer {editor}").status == 403
    assert service.send("PUT", GSP, b"", Content_Type=TURTLE, Authorization=f"Bearer {robot}").status == 201


def test_only_the_digest_of_a_token_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "tokens"
    done = CliRunner(env={"KG_TOKENS": str(file)}).invoke(main, ["token", "new", "x", "--scope", "update"])
    assert done.output.strip() not in file.read_text()
    assert file.stat().st_mode & 0o77 == 0
    bad = CliRunner(env={"KG_TOKENS": str(file)}).invoke(main, ["token", "new", "x y", "--scope", "update"])
    assert bad.exit_code == 1
    assert "no name for a token" in bad.output


def test_writing_can_be_turned_off(settings: Settings) -> None:
    with open_store(settings):
        pass
    with serving(settings, KG_WRITES="off") as service:
        assert update(service, "INSERT DATA { <urn:a> <urn:b> 1 }").status == 403
        assert service.send("DELETE", GSP).status == 403


def test_graphs(writable: Served) -> None:
    writable.send("DELETE", GSP)
    assert writable.send("GET", GSP).status == 404
    assert writable.send("DELETE", GSP).status == 404
    made = writable.send("PUT", GSP, b"<urn:s> <urn:p> 1 .", Content_Type=f"{TURTLE}; charset=utf-8")
    assert (made.status, made.headers["location"]) == (201, G)
    assert writable.send("POST", GSP, b"<urn:s> <urn:p> 2 .", Content_Type=TURTLE).status == 204
    read = writable.send("GET", GSP, Accept="application/n-triples")
    assert sorted(read.text.splitlines()) == [
        f'<urn:s> <urn:p> "{n}"^^<http://www.w3.org/2001/XMLSchema#integer> .' for n in (1, 2)
    ]
    head = writable.send("HEAD", GSP, Accept="text/turtle; charset=utf-8")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == "text/turtle; charset=utf-8"
    assert (
        writable.send("PUT", GSP, b'{"@id": "urn:s", "urn:p": "x"}', Content_Type="application/ld+json").status == 204
    )
    assert '"x"' in writable.send("GET", GSP).text
    assert writable.send("DELETE", GSP).status == 204
    assert writable.send("GET", GSP).status == 404


def test_graphs_by_their_own_address_and_new_ones(writable: Served) -> None:
    assert writable.send("PUT", "/gsp/person/1.ttl", b"<> <urn:p> 1 .", Content_Type=TURTLE).status == 201
    assert "/gsp/person/1.ttl" in writable.send("GET", "/gsp/person/1.ttl", Accept="application/n-triples").text
    new = writable.send("POST", "/gsp", b"<urn:new> <urn:p> 1 .", Content_Type=TURTLE)
    assert new.status == 201
    again = writable.send("GET", f"/gsp?graph={urllib.parse.quote(new.headers['location'], safe='')}")
    assert "urn:new" in again.text
    assert writable.send("PUT", "/gsp?default", b"<urn:in-default> <urn:p> 1 .", Content_Type=TURTLE).status == 204
    assert "urn:in-default" in writable.send("GET", "/gsp?default").text


def test_a_form_of_several_documents(writable: Served) -> None:
    parts = [("a.ttl", TURTLE, "<urn:m> <urn:p> 1 ."), ("b.nt", "application/n-triples", "<urn:m> <urn:p> <urn:o> .")]
    body = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{n}"; filename="{n}"\r\nContent-Type: {t}\r\n\r\n{x}\r\n'
        for n, t, x in parts
    )
    reply = writable.send("PUT", GSP, f"{body}--B--\r\n".encode(), Content_Type="multipart/form-data; boundary=B")
    assert reply.status in (201, 204)
    assert len(writable.send("GET", GSP, Accept="application/n-triples").text.splitlines()) == 2
    broken = f"{body.replace('<urn:o>', '<urn:o').replace('urn:m', 'urn:half')}--B--\r\n".encode()
    assert writable.send("POST", GSP, broken, Content_Type="multipart/form-data; boundary=B").status == 400
    assert "urn:half" not in writable.send("GET", GSP).text, "the first document was written without the second"


@pytest.mark.parametrize(
    ("method", "path", "content_type", "body", "status"),
    [
        ("PUT", "/gsp?graph=no+iri", TURTLE, b"", 400),
        ("PUT", "/gsp", TURTLE, b"", 400),
        ("GET", "/gsp", TURTLE, b"", 400),
        ("PUT", "/gsp?default&graph=urn:x", TURTLE, b"", 400),
        ("PUT", GSP, TURTLE, b"<urn:s> <urn:p", 400),
        ("PUT", GSP, "application/pdf", b"%PDF", 415),
        ("PUT", GSP, "application/n-quads", b"<urn:s> <urn:p> <urn:o> <urn:g> .", 400),
    ],
)
def test_what_is_refused(method: str, path: str, content_type: str, body: bytes, status: int, writable: Served) -> None:
    reply = writable.send(method, path, body or None, Content_Type=content_type)
    assert reply.status == status
    assert json.loads(reply.body)["status"] == status


def test_conditions(writable: Served) -> None:
    writable.send("PUT", GSP, b"<urn:s> <urn:p> 1 .", Content_Type=TURTLE)
    tag = writable.send("GET", GSP).headers["etag"]
    assert writable.send("GET", GSP, If_None_Match=tag).status == 304
    assert writable.send("PUT", GSP, b"<urn:s> <urn:p> 2 .", Content_Type=TURTLE, If_None_Match="*").status == 412
    assert writable.send("PUT", GSP, b"<urn:s> <urn:p> 2 .", Content_Type=TURTLE, If_Match=tag).status == 204
    stale = writable.send("PUT", GSP, b"<urn:s> <urn:p> 3 .", Content_Type=TURTLE, If_Match=tag)
    assert stale.status == 412
    assert writable.send("DELETE", GSP, If_Match=tag).status == 412
    assert "2" in writable.send("GET", GSP).text
    assert writable.send("DELETE", GSP, If_Match=writable.send("GET", GSP).headers["etag"]).status == 204


def _holders(folder: Path) -> list[int]:
    """The processes that have a file of a folder open: the one that writes the store there."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            open_files = [str(f.readlink()) for f in (process / "fd").iterdir()] if process.name.isdigit() else []
            found += [int(process.name)] if any(f.startswith(str(folder)) for f in open_files) else []
    return found


def test_acknowledged_writes_survive_a_kill(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    with serving(settings, KG_WRITES="open") as service:
        for n in range(20):
            assert update(service, f"INSERT DATA {{ GRAPH <urn:kept> {{ <urn:s> <urn:p> {n} }} }}").status == 204
        for pid in _holders(settings.store / "data"):
            os.kill(pid, signal.SIGKILL)
        service.process.kill()
    deadline = time.monotonic() + 5
    while _holders(settings.store / "data"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with open_store(settings) as store:
        assert len(list(store.quads())) == 20


def test_the_command_line_can_write_while_the_service_rests(writable: Served, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    with serving(settings, KG_WRITES="open") as service:
        assert update(service, "INSERT DATA { <urn:a> <urn:b> 1 }").status == 204
        time.sleep(4)  # the writing process ends after three seconds without work
        with open_store(settings) as store:
            store.update("INSERT DATA { <urn:a> <urn:b> 2 }")
        deadline = time.monotonic() + 5
        while not ask(service, "ASK { <urn:a> <urn:b> 2 }"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with open_store(settings):
            busy = update(service, "INSERT DATA { <urn:a> <urn:b> 3 }")
        assert busy.status == 503
        assert "retry-after" in busy.headers


def test_the_writer_alone(tmp_path: Path) -> None:
    writer = Writer(tmp_path, 30)
    try:
        writer.update("INSERT DATA { <urn:a> <urn:b> 1 }", "http://example.org/")
        assert writer.checkpoint(tmp_path / "copy")
        with pytest.raises(QueryError):
            writer.update("INSERT", "http://example.org/")
        assert writer.acknowledged == 1
    finally:
        writer.close()
    assert not writer.checkpoint(tmp_path / "another"), "nobody is at work"
    impatient = Writer(tmp_path, 0.0)
    with pytest.raises(WriteTimeoutError):
        impatient.update("INSERT DATA { <urn:a> <urn:b> 2 }", "http://example.org/")
