"""The same query asked by several at once is evaluated once, and nobody notices but by the time."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.store import open_store
from tests.conftest import Reply, Served, address, serving
from tests.sparql.processes import until

#: Takes some seconds; a number makes it another one.
SLOW = "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f FILTER (CONTAINS(CONCAT(STR(?c), STR(?f)), '{}')) }}"
NEVER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
QUADS = 2_000


def _made(settings: Settings) -> Settings:
    graph, predicate = ox.NamedNode("urn:g"), ox.NamedNode("urn:p")
    with open_store(settings) as store:
        store.replace_graphs(
            {graph: [ox.Quad(ox.NamedNode(f"urn:{n}"), predicate, ox.Literal(n), graph) for n in range(QUADS)]}
        )
    return settings


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = _made(Settings(store=tmp_path_factory.mktemp("many") / "store"))
    with serving(settings, KG_QUERY_TIMEOUT="60", KG_WRITES="open") as service:
        yield service


@pytest.fixture
def clients() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def figure(service: Served, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", service.get("/metrics").text, re.MULTILINE)
    assert found, name
    return float(found[1])


def busy(service: Served) -> float:
    return figure(service, 'kg_workers{state="busy"}')


def waiting(service: Served) -> float:
    return figure(service, "kg_queries_waiting")


def ask(service: Served, query: str) -> Callable[[], Reply]:
    return lambda: service.get(address(query), "text/csv")


def _under_way(service: Served, number: int) -> None:
    """One is being evaluated, and so many wait for it."""
    until(lambda: (busy(service), waiting(service)) == (1, number))


def test_one_evaluation_answers_all_who_ask_meanwhile(patient: Served, clients: ThreadPoolExecutor) -> None:
    before = figure(patient, "kg_queries_joined_total")
    asked = [clients.submit(ask(patient, SLOW.format(1))) for _ in range(6)]
    _under_way(patient, 5)
    replies = [one.result() for one in asked]
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == len({reply.headers["etag"] for reply in replies}) == 1
    assert len({reply.headers["x-request-id"] for reply in replies}) == 6
    assert figure(patient, "kg_queries_joined_total") == before + 5
    assert (busy(patient), waiting(patient)) == (0, 0)


def test_when_the_first_client_leaves_the_others_are_answered(patient: Served, clients: ThreadPoolExecutor) -> None:
    query = SLOW.format(2)
    host, _, port = patient.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as first:
        first.sendall(f"GET {address(query)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
        _under_way(patient, 0)
        others = [clients.submit(ask(patient, query)) for _ in range(3)]
        _under_way(patient, 3)
    replies = [one.result() for one in others]
    assert [reply.status for reply in replies] == [200] * 3
    assert len({reply.body for reply in replies}) == 1


def test_who_waits_may_leave_and_is_not_waited_for(patient: Served, clients: ThreadPoolExecutor) -> None:
    query = SLOW.format(3)
    first = clients.submit(ask(patient, query))
    _under_way(patient, 0)
    host, _, port = patient.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as other:
        other.sendall(f"GET {address(query)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
        _under_way(patient, 1)
    _under_way(patient, 0)
    assert first.result().status == 200


def test_the_limit_ends_it_for_all(patient: Served, clients: ThreadPoolExecutor, tmp_path: Path) -> None:
    del patient  # one service at a time
    settings = _made(Settings(store=tmp_path / "store"))
    with serving(settings, KG_QUERY_TIMEOUT="3") as service:
        began = time.monotonic()
        replies = [one.result() for one in [clients.submit(ask(service, NEVER)) for _ in range(6)]]
        assert [reply.status for reply in replies] == [504] * 6
        assert all("took longer than 3 seconds" in reply.text for reply in replies)
        assert time.monotonic() - began < 3 + 3, "none has a time of its own after the first"
        assert service.get(address("ASK {}")).status == 200


def test_an_answer_in_parts_is_each_client_s_own(patient: Served, clients: ThreadPoolExecutor) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000"
    replies = [one.result() for one in [clients.submit(ask(patient, query)) for _ in range(4)]]
    assert [(reply.status, reply.body.count(b"\n")) for reply in replies] == [(200, 100_001)] * 4


def test_after_a_write_nobody_gets_the_answer_of_the_state_before(patient: Served, clients: ThreadPoolExecutor) -> None:
    query = SLOW.format("")
    before: Future[Reply] = clients.submit(ask(patient, query))
    _under_way(patient, 0)
    written = patient.post(
        "/sparql", b"INSERT DATA { GRAPH <urn:h> { <urn:new> <urn:p> 1 } }", "application/sparql-update"
    )
    assert written.status == 204
    after = ask(patient, query)()
    assert before.result().text.split() == ["n", str(QUADS**2)]
    assert after.text.split() == ["n", str((QUADS + 1) ** 2)]
    assert before.result().headers["etag"] != after.headers["etag"]


def test_what_is_another_each_time_is_evaluated_for_each(patient: Served, clients: ThreadPoolExecutor) -> None:
    query = SLOW.format(4).replace("(COUNT", "(SAMPLE(STRUUID()) AS ?u) (COUNT")
    replies = [one.result() for one in [clients.submit(ask(patient, query)) for _ in range(2)]]
    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].body != replies[1].body
