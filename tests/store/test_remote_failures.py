"""What remote servers do wrong, and what is told of it: they go, lie, cut their answers, or hide their graphs."""

import json
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import Settings, load_settings
from kg.errors import QueryError, SettingsError
from kg.sparql import check
from kg.sparql.formats import ROWS, TRIPLES
from kg.sparql.pool import QueryTimeoutError
from kg.sparql.remote import RemotePool
from kg.store import (
    AnswerSizeError,
    RemoteStore,
    StoreAnswerError,
    StoreGoneError,
    StoreTimeoutError,
    open_store,
)
from kg.store.endpoint import Endpoint
from kg.store.remote_service import RemoteStates, RemoteWriter
from tests.conftest import address, serving
from tests.store.servers import Answer, lying, oxigraph

G, H = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/h")
P = ox.NamedNode("https://example.org/p")
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
BROWSER = "text/html"


def test_a_server_that_goes(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "none")
    with oxigraph(tmp_path / "ox") as going, serving(settings, **going.environment) as service:
        assert service.get(address("ASK { ?s ?p ?o }")).status == 200
        going.process.kill()
        going.process.wait()
        for path in (address("SELECT * { ?s ?p ?o }"), "/data/state/USA.ttl", "/healthz", "/"):
            gone = service.get(path)
            assert gone.status == 503, path
            assert gone.headers["content-type"] == "application/problem+json"
            assert "cannot be reached" in json.loads(gone.body)["detail"]
            assert "retry-after" in gone.headers


def test_a_server_that_hides_its_graphs_is_refused(tmp_path: Path) -> None:
    rows = b'{"head":{},"boolean":%s}'
    answers = iter([b"true", b"false"])

    def answer(_: str) -> Answer:
        body = rows % next(answers)
        return {"Content-Type": "application/sparql-results+json", "Content-Length": str(len(body))}, body

    with lying(answer) as url:
        settings = Settings(remote_query=url)
        store = RemoteStore(settings)
        with pytest.raises(StoreAnswerError, match="not the union"):
            RemoteStates(settings, store, RemoteWriter(store))


JSON, NT = "application/sparql-results+json", "application/n-triples"
ROW = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:a"}}'
CUT: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "json without its end": (JSON, ROW, {}),
    "json with a sentence": (JSON, ROW + b",The query timed out", {}),
    "json shorter than said": (JSON, ROW, {"Content-Length": "400"}),
    "nothing": (JSON, b"", {}),
    "rows cut with a header": (JSON, ROW + b"]}}", {"X-SPARQL-MaxRows": "1"}),
    "part of the rows in time": (JSON, ROW + b"]}}", {"X-SQL-State": "S1TAT"}),
    "triples without a length": (NT, b"<urn:a> <urn:b> <urn:c> .\n", {}),
    "triples with a sentence": (NT, b"<urn:a> <urn:b> <urn:c> .\nThe query timed out", {"Content-Length": "45"}),
    "triples in a chunk that ends early": (NT, b"30\r\n<urn:a> <urn:b> <urn:c> .\n", {"Transfer-Encoding": "chunked"}),
    "a page": ("text/html", b"<p>Welcome</p>", {"Content-Length": "14"}),
}


@pytest.mark.parametrize("name", CUT)
def test_a_cut_body_with_status_200_is_no_answer(name: str) -> None:
    media, body, more = CUT[name]
    query = check("CONSTRUCT WHERE { ?s ?p ?o }" if media == NT else "SELECT ?s { ?s ?p ?o }")
    with lying(lambda _: ({"Content-Type": media} | more, body)) as url:
        settings = Settings(remote_query=url, query_timeout=5)
        pool = RemotePool(settings, Endpoint(settings))
        with pytest.raises((StoreAnswerError, AnswerSizeError, QueryTimeoutError)):
            pool.answer(query, TRIPLES[0] if query.gives_triples else ROWS[0])
        with open_store(settings) as store, pytest.raises((StoreAnswerError, AnswerSizeError, StoreTimeoutError)):
            store.query(query.text)
        pool.close()


def test_limits_of_time_and_size() -> None:
    def slow(_: str) -> Answer:
        time.sleep(1.5)
        return {"Content-Type": JSON}, ROW + b"]}}"

    with lying(slow) as url:
        settings = Settings(remote_query=url, query_timeout=0.3, remote_timeout=0.3)
        pool, started = RemotePool(settings, Endpoint(settings)), time.monotonic()
        with pytest.raises(QueryTimeoutError, match=r"longer than 0\.3 seconds"):
            pool.answer(check("ASK { ?s ?p ?o }"), ROWS[0])
        assert time.monotonic() - started < 1
        with pytest.raises(StoreTimeoutError):
            RemoteStore(settings).ask("ASK {}")
        pool.close()
    with lying(lambda _: ({"Content-Type": JSON}, ROW + b" " * 5_000 + b"]}}")) as url:
        small = Settings(remote_query=url, remote_max_bytes=2_000)
        with open_store(small) as store, pytest.raises(AnswerSizeError, match="2,000 bytes"):
            store.query("SELECT ?s { ?s ?p ?o }")


def test_a_server_that_says_when_to_come_again_is_asked_again_by_programs() -> None:
    asked = []

    def busy(_: str) -> Answer:
        asked.append(time.monotonic())
        if len(asked) % 3:
            return {"Status": "503", "Retry-After": "1"}, b"busy"
        return {"Content-Type": JSON}, b'{"head": {}, "boolean": true}'

    with lying(busy) as url:
        settings = Settings(remote_query=url)
        with open_store(settings) as store:
            assert store.query("ASK {}")
        assert len(asked) == 3 and asked[2] - asked[0] >= 2
        with pytest.raises(StoreGoneError, match="status 503"):
            RemoteStore(settings).query("ASK {}")  # as a service asks, which tells its own client so
        assert len(asked) == 4


def test_nobody_there() -> None:
    told = pytest.raises(StoreGoneError, match=r"^The remote store cannot be reached: Connection refused\.$")
    with open_store(Settings(remote_query="http://127.0.0.1:9/")) as store, told:
        store.query("ASK {}")


def test_places_in_messages_are_those_of_the_text(tmp_path: Path) -> None:
    with oxigraph(tmp_path / "ox") as server:
        settings = Settings(**server.settings)
        pool = RemotePool(settings, Endpoint(settings))
        for text, place in (("SELECT * {", "1:"), ("ASK {\n?s ?p }", "2:"), ("ASK { ?s a rdfs:Class\n", "")):
            with pytest.raises(QueryError, match=rf"at {place}"):
                pool.answer(check(text), ROWS[0])
        pool.close()


@pytest.mark.parametrize("given", [{"remote_query": "host"}, {"remote_update": "http://127.0.0.1/"}])
def test_settings_that_cannot_be(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="remote_query"):
        load_settings(environment={}, **given)
