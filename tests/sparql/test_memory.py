"""Workers forked from a state in memory: the same answers as on disk, the same limits, and never those of another state."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg.config import Settings
from kg.sparql import template
from kg.sparql.memory import refusal, supported
from kg.sparql.questions import fill, questions
from kg.store import open_store
from kg.web.pictures.asking import bound
from tests.conftest import Reply, Served, serving
from tests.sparql.processes import processes, until

pytestmark = pytest.mark.skipif(not supported(), reason="this system has no descriptors of processes")

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ROWS = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i"
UPDATE = "application/sparql-update"
#: Seconds that a query may take.
LIMIT = 4
_numbers = itertools.count()


def ask(service: Served, query: str, accept: str = "text/csv", *, anew: bool = True, **headers: str) -> Reply:
    """A query's answer; one that nothing kept can give, unless told otherwise."""
    asked = f"{query} # {next(_numbers)}" if anew else query
    return service.send("GET", "/sparql?" + urllib.parse.urlencode({"query": asked}), Accept=accept, **headers)


def quads(service: Served) -> float:
    """Those that are held in memory."""
    found = re.search(r"^kg_memory_quads (\S+)$", service.get("/metrics").text, re.MULTILINE)
    assert found
    return float(found[1])


def holds(service: Served) -> None:
    """Wait until the newest state is in memory, and workers forked from it wait for queries."""

    def there() -> bool:
        assert ask(service, "ASK {}").status == 200
        return quads(service) > 0 and len(templates(service)) == 1 and len(forked(service)) >= 4

    until(there)


def templates(service: Served) -> list[int]:
    """The processes that hold a state."""
    return [p.pid for p in processes(service) if p.program == "template.py" and p.parent_program != "template.py"]


def forked(service: Served) -> list[int]:
    """The workers that were forked from it."""
    return [p.pid for p in processes(service) if p.program == "template.py" == p.parent_program]


@pytest.fixture(scope="module")
def stored(filled: Settings) -> Settings:
    """The seeds, and what engines differ in: blank nodes, an empty graph, odd numbers, triples in several graphs."""
    settings = replace(filled, store=filled.store.parent / "memory")
    with open_store(filled) as source, open_store(settings) as store:
        graphs = {graph: source.graph_quads(graph) for graph in source.graphs()}
        store.replace_graphs(graphs)
        store.update(
            """CREATE GRAPH <urn:empty>; INSERT DATA {
            GRAPH <urn:a> { _:x <urn:p> 1, "01"^^<http://www.w3.org/2001/XMLSchema#integer>, "é\\n\\"x"@en, <urn:ü>, _:y, 1e0 }
            GRAPH <urn:b> { <urn:s> <urn:p> 1, "a" . _:z <urn:p> _:z } <urn:s> <urn:p> 1 .
            <urn:s> <urn:q> <<( <urn:a> <urn:b> 2 )>> }"""
        )
    return settings


@pytest.fixture(scope="module")
def disk(stored: Settings) -> Iterator[Served]:
    """A service that holds nothing in memory."""
    with serving(stored, KG_MEMORY_QUADS="0", KG_QUERY_TIMEOUT="60") as service:
        yield service


@pytest.fixture(scope="module")
def memory(stored: Settings) -> Iterator[Served]:
    """A service whose newest state is in memory."""
    with serving(stored, KG_QUERY_TIMEOUT=f"{LIMIT}", KG_QUERY_MEMORY="200000000") as service:
        holds(service)
        yield service


def test_answers_are_the_same(disk: Served, memory: Served) -> None:
    """Byte for byte where their order is asked for, as in all of the program's own queries: the tags of pages name no road."""
    pictures = "dealings disagreements events periods places plan-months plans".split()
    ordered = [fill(q, {}) for q in questions()] + [bound(name, {}) for name in pictures]
    ordered += [
        f"{ROWS[:-1]} FILTER (!isBlank(?s) && !isBlank(?o)) }} ORDER BY ?g ?s ?p ?o",
        "SELECT ?g { GRAPH ?g {} } ORDER BY ?g",
        COUNT,
    ]
    for query in ordered:
        one, other = ask(disk, query), ask(memory, query)
        assert (one.status, other.status) == (200, 200), query
        assert one.body == other.body, query
    for query, accept in (
        (ROWS, "text/tab-separated-values"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/n-triples"),
    ):
        one, other = ask(disk, query, accept), ask(memory, query, accept)
        assert sorted(one.text.splitlines()) == sorted(other.text.splitlines())
        assert len(one.text.splitlines()) > 1_000
    assert ask(disk, COUNT).body == ask(disk, COUNT).body != ask(disk, f"{COUNT} LIMIT 0").body
    assert quads(disk) == 0 < quads(memory)


def test_a_tag_is_of_one_order(disk: Served, memory: Served) -> None:
    """The two services read the same state; what differs is the road."""
    one, other = ask(disk, ROWS, anew=False), ask(memory, ROWS, anew=False)
    assert one.headers["etag"] != other.headers["etag"]
    assert ask(memory, ROWS, anew=False).body == other.body
    # what the client holds is an answer on the same state, whichever road it came by
    for tag in (one.headers["etag"], other.headers["etag"]):
        again = ask(memory, ROWS, anew=False, If_None_Match=tag)
        assert (again.status, again.headers["etag"]) == (304, tag)
    # but its parts go together with those of the same order alone
    part = ask(memory, COUNT, anew=False, Range="bytes=0-2", If_Range=ask(memory, COUNT, anew=False).headers["etag"])
    assert (part.status, part.body) == (206, b"n\r\n")
    whole = ask(memory, COUNT, anew=False, Range="bytes=0-2", If_Range=ask(disk, COUNT, anew=False).headers["etag"])
    assert whole.status == 200


def test_another_process_gives_the_same_order(memory: Served, stored: Settings) -> None:
    """So that a tag outlives a restart, and is that of replicas too; of graphs alone the order is another each time."""
    unordered = (
        "SELECT ?s ?p ?o { ?s ?p ?o }",
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
        "SELECT DISTINCT ?t { ?s a ?t ; ?p [] }",
        "CONSTRUCT WHERE { ?s a ?t ; ?p ?o }",
    )
    before = [ask(memory, query, "text/csv, text/turtle", anew=False) for query in unordered]
    graphs = ask(memory, "SELECT ?g { GRAPH ?g {} }", anew=False)
    with serving(stored) as other:
        holds(other)
        for query, first in zip(unordered, before, strict=True):
            again = ask(other, query, "text/csv, text/turtle", anew=False)
            assert (again.headers["etag"], again.body) == (first.headers["etag"], first.body), query
        again = ask(other, "SELECT ?g { GRAPH ?g {} }", anew=False)
        assert (again.headers["etag"] == graphs.headers["etag"]) == (again.body == graphs.body)


def test_limits_hold(memory: Served) -> None:
    began = time.monotonic()
    assert ask(memory, CROSS).status == 504
    assert LIMIT < time.monotonic() - began < LIMIT + 2
    assert ask(memory, SORT).status in (504, 507)
    assert ask(memory, "SELECT * { FILTER(" + "!" * 15_000 + "1) }").status in (400, 507)
    assert ask(memory, "SELECT * {").status == 400
    doubled = " ".join(f"BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(19))
    grown = f'SELECT (STRLEN(?x19) AS ?n) {{ BIND (CONCAT(STR(NOW()), "{"x" * 1_000}") AS ?x0) {doubled} }}'
    assert ask(memory, grown).status == 507, "memory beyond what is shared"
    assert ask(memory, "ASK {}").status == 200
    assert quads(memory) > 0


def test_who_leaves_frees_a_worker(memory: Served) -> None:
    import socket

    def busy() -> float:
        found = re.search(r'kg_workers{state="busy"} (\S+)', memory.get("/metrics").text)
        return float(found[1]) if found else -1

    until(lambda: busy() == 0)
    with socket.create_connection(("127.0.0.1", int(memory.url.rpartition(":")[2]))) as client:
        path = "/sparql?" + urllib.parse.urlencode({"query": f"{CROSS} # left"})
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: busy() == 1)
    until(lambda: busy() == 0, LIMIT - 1)


def test_forked_workers_have_no_network_and_no_secrets(memory: Served) -> None:
    assert ask(memory, "ASK {}").status == 200
    if "kg_workers_without_network 1.0" not in memory.get("/metrics").text:
        pytest.skip("the system does not take the network away")
    own = Path("/proc/self/ns/net").readlink()
    for pid in templates(memory) + forked(memory):
        with contextlib.suppress(FileNotFoundError):  # one that has just ended
            assert Path(f"/proc/{pid}/ns/net").readlink() != own
            assert Path(f"/proc/{pid}/environ").read_bytes() == b""
            assert len(list(Path(f"/proc/{pid}/task").iterdir())) <= 4


def test_one_that_is_killed_is_made_anew(memory: Served) -> None:
    (before,) = templates(memory)
    os.kill(before, signal.SIGKILL)
    assert ask(memory, CROSS).status == 504  # its worker is ended, and another one is needed
    assert {ask(memory, COUNT).status for _ in range(20)} == {200}
    holds(memory)
    assert templates(memory) != [before]


def test_writes_are_seen_at_once(tmp_path: Path) -> None:
    """By the very next query, whichever state is in memory; then the new state comes there."""
    settings = Settings(store=tmp_path / "store")
    with open_store(settings) as store:
        store.update("INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 0 } }")
    with serving(settings, KG_WRITES="open") as service:
        for number in range(1, 3):
            holds(service)
            assert quads(service) == 4 * number - 3
            for step in range(4):
                text = f"INSERT DATA {{ GRAPH <urn:g> {{ <urn:s> <urn:p> '{number} {step}' }} }}"
                assert service.post("/sparql", text.encode(), UPDATE).status == 204
                assert ask(service, COUNT, anew=False).text == f"n\r\n{4 * number - 2 + step}\r\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left(stored: Settings, number: int) -> None:
    with serving(stored, KG_QUERY_TIMEOUT="20") as service:
        holds(service)
        own = [p.pid for p in processes(service)]
        ours = [p.pid for p in processes(service) if p.program not in ("template.py", "worker.py")]
        assert len(own) >= 6
        for pid in ours if number == signal.SIGKILL else [service.process.pid]:
            os.kill(pid, number)
        until(lambda: not any(_lives(pid) for pid in own), 10)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_does_not_fit_is_read_on_disk(stored: Settings) -> None:
    with serving(stored, KG_MEMORY_QUADS="100") as service:
        for _ in range(12):
            assert ask(service, COUNT).status == 200
            time.sleep(0.2)
        assert quads(service) == 0
        assert templates(service) == forked(service) == []


def test_what_is_in_the_way_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path, memory_quads=1_000)
    assert refusal(1_000, settings) == ""
    assert "more than memory_quads (1,000)" in refusal(1_001, settings)
    assert refusal(1, Settings(memory_quads=0)) == "memory_quads is 0"
    # a group of processes that may take little, within one that may take more
    groups, own = tmp_path / "cgroup", tmp_path / "cgroup" / "service"
    own.mkdir(parents=True)
    for folder, most in ((groups, "max"), (own, "3000000")):
        (folder / "memory.max").write_text(f"{most}\n")
        (folder / "memory.current").write_text("2000000\n")
        (folder / "memory.stat").write_text("anon 5\ninactive_file 500000\n")
    monkeypatch.setattr(template, "_GROUPS", groups)
    monkeypatch.setattr(template, "_own_groups", lambda: ["0::/service"])
    assert template.available() == 1_500_000
    assert "1,500,000 are free" in refusal(1_000, settings)
    (own / "memory.max").write_text("9000000\n")
    assert refusal(1_000, settings) == ""
