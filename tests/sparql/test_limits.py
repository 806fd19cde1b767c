"""A query can hurt nobody: limits are told and never hidden, who leaves frees a worker, and nothing is left behind."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pyoxigraph as ox
import pytest
import SPARQLWrapper
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from kg.config import Settings
from kg.sparql.formats import ROWS
from kg.sparql.worker import Rows
from kg.store import open_store
from tests.conftest import Served, address, serving
from tests.sparql.processes import processes, until

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store whose cross joins never end."""
    settings = Settings(store=tmp_path_factory.mktemp("large") / "store")
    graph, predicate = ox.NamedNode("urn:g"), ox.NamedNode("urn:p")
    with open_store(settings) as store:
        quads = [
            ox.Quad(ox.NamedNode(f"urn:s{n}"), predicate, ox.Literal(f'"}},{{" {n}\r\n'), graph) for n in range(3_000)
        ]
        store.replace_graphs({graph: quads})
    return settings


@pytest.fixture(scope="module")
def patient(large: Settings) -> Iterator[Served]:
    """Time enough for any query, but little for a client that takes nothing."""
    with serving(large, KG_QUERY_TIMEOUT="120", KG_QUERY_MEMORY="1000000000", KG_STALL_TIMEOUT="4") as served:
        yield served


@dataclass(frozen=True)
class Census:
    """What a service holds."""

    workers: int
    threads: int
    handles: int
    memory: int


def _workers(service: Served) -> list[Path]:
    return [p.folder for p in processes(service) if p.works]


def census(service: Served) -> Census:
    """Counted over the service's own processes; workers apart, which come and go."""
    own = processes(service)
    workers = [p.folder for p in own if p.works]
    # what holds a state in memory is there or not; see test_memory.py
    rest = [p.folder for p in own if p.program != "template.py" and not p.works]
    pages = sum(int((p / "statm").read_text().split()[1]) for p in rest)
    return Census(
        len(workers),
        sum(len(list((p / "task").iterdir())) for p in rest),
        sum(len(list((p / "fd").iterdir())) for p in rest),
        pages * 4096,
    )


@pytest.mark.parametrize("form", ROWS, ids=lambda f: f.name)
def test_rows_are_counted_in_every_format(form: object) -> None:
    store = ox.Store()
    for n in range(500):
        store.add(
            ox.Quad(ox.NamedNode(f"urn:{n}"), ox.NamedNode("urn:p"), ox.Literal(f'}},{{"x" [{{ \\ \r\n<result>,"{n}'))
        )
    results = store.query("SELECT ?s ?o ?z { { ?s ?p ?o } UNION { BIND (1 AS ?y) } }")
    assert isinstance(results, ox.QuerySolutions)
    body = results.serialize(format=form.oxigraph)  # type: ignore[attr-defined]
    assert body is not None
    for size in (1, 3, 100, 8192):
        rows = Rows(form.media_types[0])  # type: ignore[attr-defined]
        for start in range(0, len(body), size):
            rows.see(body[start : start + size])
        assert rows.number == 501, size


def test_a_limit_on_rows_or_bytes_is_told(large: Settings) -> None:
    with serving(large, KG_MAX_ROWS="100", KG_MAX_ANSWER_BYTES="200000") as service:
        for query, media_type in (
            ("SELECT * { ?s ?p ?o }", "text/csv"),
            ("CONSTRUCT WHERE { ?s ?p ?o }", "text/turtle"),
        ):
            at, over = (service.get(address(f"{query} LIMIT {n}"), media_type) for n in (100, 101))
            assert at.status == 200
            assert (over.status, over.headers["content-type"]) == (507, "application/problem+json")
            assert "more than 100 rows" in json.loads(over.body)["detail"]
        wide = (
            "SELECT (CONCAT("
            + ", ".join(["?x"] * 100)
            + ') AS ?y) { BIND (STRUUID() AS ?z) BIND (CONCAT(STR(?z), "%s") AS ?x) }'
        )
        assert "200,000 bytes" in service.get(address(wide % ("x" * 3_000))).text
        assert service.get(address("ASK { ?s ?p ?o }")).status == 200


def test_a_limit_that_is_passed_midway_breaks_the_answer_off(large: Settings) -> None:
    with (
        serving(large, KG_MAX_ROWS="1000000", KG_QUERY_TIMEOUT="60") as service,
        pytest.raises((http.client.HTTPException, OSError)),
    ):
        service.get(address(ENDLESS), "text/csv")


def test_a_broken_off_answer_is_an_error_to_every_client(large: Settings) -> None:
    with serving(large, KG_MAX_ANSWER_BYTES="3000000", KG_QUERY_TIMEOUT="60") as service:
        curl = shutil.which("curl")
        for options in (["--http1.1"], ["--http1.0"], ["--http1.1", "--compressed"]) if curl else ():
            told = ["-sS", *options, "-o", "/dev/null", "-w", "%{http_code}", service.url + address(ENDLESS)]
            done = subprocess.run([str(curl), *told], capture_output=True, text=True, check=False)
            assert (done.stdout, done.returncode != 0) == ("200", True), (options, done)
        client = SPARQLWrapper.SPARQLWrapper(f"{service.url}/sparql")
        client.setQuery(ENDLESS)
        for form in (SPARQLWrapper.JSON, SPARQLWrapper.CSV, SPARQLWrapper.XML):
            client.setReturnFormat(form)
            with pytest.raises((http.client.HTTPException, OSError)):
                client.queryAndConvert()
        with pytest.raises((http.client.HTTPException, OSError)):
            list(SPARQLStore(f"{service.url}/sparql").query(ENDLESS))
        assert service.get(address("ASK {}")).status == 200


def _ask(service: Served, query: str) -> socket.socket:
    """A client that has asked and reads nothing."""
    client = socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])))
    client.sendall(f"GET {address(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return client


def test_a_broken_off_answer_is_an_error_to_aiohttp(large: Settings) -> None:
    """Its parser fails at what is no chunk, and its reader is not told."""

    async def read(url: str, coding: str) -> int:
        async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept-Encoding": coding}) as answer:
            return len(await answer.read())

    with serving(large, KG_QUERY_TIMEOUT="1") as service:
        for coding in ("identity", "gzip"):
            url = service.url + address(f"{ENDLESS} # {coding}")
            with pytest.raises(aiohttp.ClientPayloadError):
                asyncio.run(asyncio.wait_for(read(url, coding), 20))


@pytest.mark.parametrize("query", [CROSS, SORT, ENDLESS], ids=["count", "sort", "stream"])
def test_who_leaves_frees_a_worker(query: str, patient: Served) -> None:
    until(lambda: _at_work(patient) == 0)
    clients = [_ask(patient, f"{query} # {n}") for n in range(2)]
    until(lambda: _at_work(patient) == 2)
    for client in clients:
        client.close()
    until(lambda: _at_work(patient) == 0)


def test_workers_end_with_a_service_that_is_killed(large: Settings) -> None:
    with serving(large, KG_QUERY_TIMEOUT="120") as service:
        client = _ask(service, CROSS)
        until(lambda: _at_work(service) == 1)
        workers = _workers(service)
        for process in (p for p in processes(service) if not p.program):
            os.kill(process.pid, signal.SIGKILL)
        until(lambda: not any(process.exists() for process in workers), 10)
        client.close()


def _at_work(service: Served) -> int:
    """Queries that are being evaluated or sent."""
    found = re.search(r'kg_workers{state="busy"} (\S+)', service.get("/metrics").text)
    assert found
    return int(float(found[1]))


def test_the_first_row_of_a_slow_answer_does_not_wait(patient: Served) -> None:
    """The second row never comes."""
    # not a UNION: the engine takes its branches in any order
    never = '{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER (CONCAT(STR(?c), STR(?f), STR(?i)) = "never") }'
    query = f"SELECT ?x {{ VALUES ?x {{ 1 2 }} FILTER (?x = 1 || EXISTS {never}) }}"
    connection = http.client.HTTPConnection(patient.url.removeprefix("http://"), timeout=60)
    connection.request("GET", address(query), headers={"Accept": "text/csv"})
    answer = connection.getresponse()
    assert answer.read(6) == b"x\r\n1\r\n"
    connection.close()
    answer.close()


def test_a_slow_reader_gets_all(large: Settings) -> None:
    """It rests for longer than its query may take, while more waits for it than the system's buffers hold."""
    with serving(large, KG_QUERY_TIMEOUT="10") as service:
        with _ask(service, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000") as client:
            body = bytearray(client.recv(1_000))
            time.sleep(12)
            while part := client.recv(1_000_000):
                body += part
        assert body.startswith(b"HTTP/1.1 200")
        assert body.endswith(b"\r\n0\r\n\r\n")
        assert body.count(b"urn:s") >= 120_000 - 500  # a name that two chunks share is not seen


def test_a_stalled_reader_is_let_go(patient: Served) -> None:
    until(lambda: _at_work(patient) == 0)
    with _ask(patient, ENDLESS) as stalled:
        until(lambda: _at_work(patient) == 1)
        until(lambda: _at_work(patient) == 0)
        with pytest.raises(OSError, match="reset"):
            while stalled.recv(1_000_000):
                pass


def _hostile(service: Served, number: int) -> int:
    """One query that goes wrong in its own way: too long, too large, crashed, refused, broken off, or left."""
    query = (CROSS, SORT, ENDLESS, "SELECT * { FILTER(" + "!" * 15_000 + "1) }", "SELECT * {", "ASK {}")[number % 6]
    try:
        if number % 7 == 3:
            with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2]))) as client:
                client.sendall(f"GET {address(f'{query} # {number}')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                time.sleep(0.2)
            return 0
        return service.get(address(f"{query} # {number}")).status
    except (http.client.HTTPException, OSError):
        return -1


def test_nothing_is_left_behind(large: Settings) -> None:
    with serving(large, KG_QUERY_TIMEOUT="0.4", KG_QUERY_MEMORY="500000000", KG_RESULT_CACHE="0") as service:
        with ThreadPoolExecutor(12) as clients:
            list(clients.map(lambda n: _hostile(service, n), range(70)))
            until(lambda: census(service).workers <= 4)
            before = census(service)
            statuses = set(clients.map(lambda n: _hostile(service, n), range(200)))
        assert statuses <= {-1, 0, 200, 400, 503, 504, 507}
        until(lambda: census(service).workers <= 4)
        until(lambda: census(service).handles <= before.handles + 4)
        after = census(service)
        assert after.threads <= before.threads + 2
        assert after.memory < before.memory + 20_000_000, (before, after)
        until(lambda: service.get(address("ASK {}")).status == 200)
