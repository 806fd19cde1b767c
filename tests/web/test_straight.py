"""Queries answered in the server's loop: with the answer and the head that the application gives, and only what is ordinary."""

from __future__ import annotations

import itertools
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.config import Settings
from kg.store import open_store
from tests.conftest import Reply, Served, serving

QUERY, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
ROWS = "SELECT ?n ?s { VALUES (?n ?s) { (1 'one, two') (%d <urn:s>) (UNDEF 'x'@en) } }"
SOME = "CONSTRUCT { <urn:s> <urn:p> ?n } { VALUES ?n { 1 2 %d } }"
_ROWS = " ".join(f"VALUES ?{v} {{ {' '.join(map(str, range(80)))} }}" for v in "abc")
#: Takes some hundredths of a second, which is too long for the loop.
LONGER = f"SELECT (COUNT(*) AS ?n) {{ {_ROWS} }}"
_numbers = itertools.count()
KINDS = [
    (query, accept)
    for query, accepts in (
        ("ASK { ?s ?p %d }", ("*/*", "application/sparql-results+json", "application/sparql-results+xml")),
        (
            ROWS,
            ("*/*", "text/csv", "text/tab-separated-values;q=0.9, text/csv;q=0.2", "application/sparql-results+xml"),
        ),
        (SOME, ("*/*", "text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")),
    )
    for accept in accepts
]


def sent(service: Served, how: str, query: str, accept: str, **headers: str) -> Reply:
    """A query that nobody has asked before, by GET, as a body or as a form."""
    text = f"{query} # {next(_numbers)}"
    form = urllib.parse.urlencode({"query": text})
    if how == "get":
        return service.send("GET", f"/sparql?{form}", Accept=accept, **headers)
    kind, body = (QUERY, text) if how == "body" else (FORM, form)
    return service.send("POST", "/sparql", body.encode(), Accept=accept, Content_Type=kind, **headers)


def at_once(service: Served) -> float:
    """How many queries were answered in the loop so far."""
    found = re.search(r"^kg_queries_at_once_total (\S+)$", service.get("/metrics").text, re.MULTILINE)
    assert found
    return float(found[1])


def told(reply: Reply) -> dict[str, str]:
    """What a head says but for what is of one request, or one query's text."""
    own = ("x-request-id", "date", "ratelimit", "ratelimit-policy", "etag")
    return {k: v for k, v in reply.headers.items() if k not in own}


@pytest.fixture
def quick(service: Served) -> Iterator[Served]:
    """The service, where at least one query is answered in the loop during the test."""
    before = at_once(service)
    yield service
    assert at_once(service) > before


def some_at_once(service: Served, ask: Callable[[], Reply]) -> list[Reply]:
    """Answers to a query that is asked until some came from the loop; on a busy machine a thread goes on with many."""
    before, replies = at_once(service), [ask()]
    while at_once(service) < before + 3:
        assert len(replies) < 100
        replies.append(ask())
    return replies


@pytest.mark.parametrize("how", ["get", "body", "form"])
@pytest.mark.parametrize(("query", "accept"), KINDS)
def test_answers_and_heads_are_the_application_s(quick: Served, how: str, query: str, accept: str) -> None:
    # a header that none has sent before: the first answer is the application's
    origin, text = f"http://{next(_numbers)}.example", query % 5
    replies = some_at_once(quick, lambda: sent(quick, how, text, accept, Origin=origin))
    assert {r.status for r in replies} == {200}
    assert {r.body for r in replies} == {replies[0].body}
    assert all(told(r) == told(replies[0]) for r in replies)
    assert (
        len({r.headers["etag"] for r in replies}) == len({r.headers["x-request-id"] for r in replies}) == len(replies)
    )


def test_what_was_answered_is_known_by_its_tag(quick: Served) -> None:
    for number in range(6):
        path = "/sparql?" + urllib.parse.urlencode({"query": f"ASK {{ ?s ?p {number} }}"})
        reply = quick.send("GET", path, Accept="*/*", Origin="http://tags.example")
        held = quick.send("GET", path, Accept="*/*", Origin="http://tags.example", If_None_Match=reply.headers["etag"])
        assert (reply.status, held.status) == (200, 304)


def test_the_query_s_own_numbers(quick: Served) -> None:
    """The length, and the coding of what is long enough for one."""
    for number in (1, 3, 600, 2):
        rows = f"SELECT ?n {{ VALUES ?n {{ {' '.join(map(str, range(number)))} }} }}"
        for _ in range(3):
            plain = sent(quick, "body", rows, "text/csv")
            coded = sent(quick, "body", rows, "text/csv", Accept_Encoding="gzip")
            assert int(plain.headers["content-length"]) == len(plain.body)
            assert plain.body.count(b"\n") == number + 1
            assert (coded.headers.get("content-encoding") == "gzip") == (len(plain.body) >= 1000)


def test_mistakes_are_told_as_ever(quick: Served) -> None:
    assert {sent(quick, "body", "ASK { ?s ?p 1 }", "*/*").status for _ in range(4)} == {200}
    replies = [sent(quick, "body", "ASK { ?s ?p 1 ", "*/*") for _ in range(3)]
    assert {r.status for r in replies} == {400}
    assert {r.headers["content-type"] for r in replies} == {"application/problem+json"}
    assert b'"line": 1' in replies[0].body
    for wrong, status in (
        ("SELECT ?x { SERVICE <http://127.0.0.1:9/> { ?x ?y ?z } }", 400),
        ("DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", 400),
        ("", 400),
    ):
        assert sent(quick, "body", wrong, "*/*").status == status
    volatile = sent(quick, "body", "SELECT (RAND() AS ?r) {}", "*/*")
    assert volatile.headers["cache-control"] == "no-store"
    assert quick.send("POST", "/sparql", b"ASK {} # \xff", Accept="*/*", Content_Type=QUERY).status == 400
    both = urllib.parse.urlencode([("query", "ASK {}"), ("query", "ASK { ?s ?p 3 }")])
    assert quick.send("POST", "/sparql", both.encode(), Accept="*/*", Content_Type=FORM).status == 400


def test_parameters_beside_the_query(quick: Served) -> None:
    for _ in range(4):
        form = [("query", f"ASK {{}} # {next(_numbers)}")]
        replies = [
            quick.get("/sparql?" + urllib.parse.urlencode(form + more))
            for more in ([], [("format", "xml")], [("default-graph-uri", "urn:none")], [("explain", "true")])
        ]
        kinds = [r.headers["content-type"].partition(";")[0].rpartition("/")[2] for r in replies]
        assert kinds == ["sparql-results+json", "sparql-results+xml", "sparql-results+json", "json"]
        assert [b"true" in r.body for r in replies[:3]] == [True, True, True]
    path = "/sparql?" + urllib.parse.urlencode([("query", "ASK { ?s ?p ?o }"), ("default-graph-uri", "urn:none")])
    assert b"false" in quick.get(path).body


def test_a_query_in_the_address_of_one_that_is_sent_is_not_taken_for_it(quick: Served) -> None:
    for kind in (FORM, f"{FORM}; charset=utf-8"):
        for number in range(5):
            path = "/sparql?" + urllib.parse.urlencode({"query": f"SELECT (0 AS ?n) {{}} # {number}"})
            body = urllib.parse.urlencode({"query": f"SELECT ({number} AS ?n) {{}}"}).encode()
            reply = quick.send("POST", path, body, Accept="text/csv", Content_Type=kind, Origin="http://two.example")
            assert reply.body == b"n\r\n%d\r\n" % number
            assert sent(quick, "form", "ASK { ?s ?p 7 }", "*/*").status == 200


def test_what_takes_longer_goes_on_in_a_thread(quick: Served) -> None:
    assert {sent(quick, "get", LONGER, "text/csv").body for _ in range(6)} == {b"n\r\n%d\r\n" % 80**3}
    assert {sent(quick, "get", "ASK { ?s ?p 4 }", "*/*").status for _ in range(4)} == {200}


def test_many_at_once_each_get_their_own(quick: Served) -> None:
    wrong: list[object] = []

    def ask(client: int) -> None:
        for number in range(25):
            want = client * 1000 + number
            reply = sent(quick, "body", f"SELECT ({want} AS ?n) {{}}", "text/csv")
            if (reply.status, reply.body) != (200, b"n\r\n%d\r\n" % want):
                wrong.append((want, reply))

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_write_is_seen_by_the_next_query(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(store=tmp_path_factory.mktemp("straight") / "store")
    with open_store(settings) as store:
        store.update("INSERT DATA { <urn:s> <urn:p> 0 }")
    count = "SELECT (COUNT(*) AS ?n) { ?s <urn:p> ?o }"
    with serving(settings, KG_WRITES="open") as service:
        for number in range(2, 6):
            update = f"INSERT DATA {{ <urn:s> <urn:p> {number} }}".encode()
            assert service.post("/sparql", update, "application/sparql-update").status == 204
            found = {sent(service, "body", count, "text/csv").body for _ in range(5)}
            assert found == {b"n\r\n%d\r\n" % number}
        assert at_once(service) > 0


def test_what_was_under_way_at_a_write_is_not_remembered_for_what_came_after(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    with open_store(settings) as store:
        store.update("INSERT DATA { <urn:s> <urn:p> 0 }")
    rows = " ".join(f"VALUES ?{v} {{ {' '.join(map(str, range(140)))} }}" for v in "abc")
    with serving(settings, KG_WRITES="open") as service:
        for number in range(1, 4):
            # a name of its own makes it another kind of query, of which nobody knows that it takes long
            query = f"SELECT (COUNT(*) AS ?n{number}) {{ ?s <urn:p> ?o {rows} }}".encode()
            some_at_once(service, lambda: sent(service, "body", "SELECT (1 AS ?n) {}", "text/csv"))
            asked = threading.Thread(target=service.post, args=("/sparql", query, QUERY, "text/csv"))
            asked.start()
            time.sleep(0.05)
            update = f"INSERT DATA {{ <urn:s> <urn:p> {number} }}".encode()
            assert service.post("/sparql", update, "application/sparql-update").status == 204
            asked.join()
            found = service.post("/sparql", query, QUERY, "text/csv")
            assert found.body.split()[1] == b"%d" % (140**3 * (number + 1))


def test_nothing_is_given_where_reading_needs_a_token(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(store=tmp_path_factory.mktemp("closed") / "store")
    with open_store(settings) as store:
        store.update("INSERT DATA { <urn:s> <urn:p> 0 }")
    with serving(settings, KG_READS="token") as service:
        assert {sent(service, "body", "ASK {}", "*/*").status for _ in range(4)} == {401}
