"""Heads of requests and answers: nothing that is sent becomes a line of a head or of a log, or another client's answer."""

from __future__ import annotations

import re
import urllib.parse

import pytest

from tests.security.conftest import Exposed

INJECTED = "%0d%0aSet-Cookie:%20injected=1"
LABELS = "/sparql?" + urllib.parse.urlencode(
    {"query": "SELECT ?l { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l } ORDER BY ?l LIMIT 90"}
)


@pytest.mark.parametrize(
    "path",
    [
        f"/id/state/KHM{INJECTED}",
        f"/id/state/KHM?x={INJECTED}",
        f"/page/state/KHM?list={INJECTED}",
        f"/sparql{INJECTED}",
        f"/sparql?query=ASK%7B%7D&format={INJECTED}",
        f"/sparql?query=ASK%7B%7D&default-graph-uri=urn:x{INJECTED}",
        f"/query?query=ASK{INJECTED}",
        f"/search?q={INJECTED}",
        f"/search?q=Kerry&page=1{INJECTED}",
        f"/ask/who-met-whom?party={INJECTED}",
        f"/dumps/latest.{INJECTED}",
        f"/dumps/{INJECTED}",
        f"/data/actor/KHM.ttl{INJECTED}",
        f"/data/period/2016{INJECTED}.ttl",
        f"/feeds/state/KHM{INJECTED}.atom",
        f"/timeline.csv?from={INJECTED}",
        f"/tpf?subject={INJECTED}",
        f"/views/{INJECTED}",
        f"/static/{INJECTED}",
        f"/gsp?graph=urn:x{INJECTED}",
        f"/reconcile?queries={INJECTED}",
    ],
)
def test_line_ends_in_parameters_reach_no_head(path: str, exposed: Exposed) -> None:
    for accept in ("text/html", "text/turtle", "*/*"):
        reply = exposed.served.get(path, accept=accept)
        assert reply.status < 500, accept
        assert "set-cookie" not in reply.headers
        assert not any("\r" in value or "\n" in value for value in reply.headers.values())


def test_line_ends_in_what_is_created_reach_no_head(exposed: Exposed) -> None:
    path = f"/gsp/new{INJECTED}?x={INJECTED}"
    reply = exposed.served.send("PUT", path, b"<urn:a> <urn:b> 1 .", Content_Type="text/turtle")
    assert reply.status in (400, 404)
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("given", ["a b", "a%0d%0ab", "x" * 65, "<script>", "a;b", "ä", "a\tb"])
def test_a_request_s_id_is_taken_over_only_where_it_is_harmless(given: str, exposed: Exposed) -> None:
    answer = exposed.raw(f"GET /about HTTP/1.1\r\nHost: x\r\nX-Request-Id: {given}\r\n\r\n".encode("latin-1"))
    found = re.search(rb"\r\nx-request-id: ([^\r]*)\r\n", answer)
    assert found is None or re.fullmatch(rb"[0-9a-f]{32}", found[1])
    assert given not in exposed.said()


def test_a_header_with_another_spelling_is_no_other_client_s_answer(exposed: Exposed) -> None:
    """'If_None_Match' is not If-None-Match: an answer to it must not be remembered for those who sent neither."""
    plain = exposed.served.send("GET", LABELS, Accept="text/csv")
    assert plain.status == 200
    other = LABELS + "+"
    tag = exposed.served.send("GET", other, Accept="text/tab-separated-values").headers["etag"]
    for header in (f"If_None_Match: {tag}", "Accept_Encoding: gzip", "Accept_: text/html", "Range_: bytes=0-1"):
        for _ in range(2):
            answer = exposed.raw(
                f"GET {other} HTTP/1.1\r\nHost: y\r\nAccept: text/tab-separated-values\r\n{header}\r\n\r\n".encode()
            )
            assert answer.startswith(b"HTTP/1.1 200"), header
            assert b"content-encoding" not in answer.partition(b"\r\n\r\n")[0]
    answer = exposed.raw(f"GET {other} HTTP/1.1\r\nHost: y\r\nAccept: text/tab-separated-values\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.partition(b"\r\n\r\n")[2].startswith(b"?l")


def test_a_header_sent_twice_is_no_other_client_s_answer(exposed: Exposed) -> None:
    path = LABELS + "++"
    twice = f"GET {path} HTTP/1.1\r\nHost: z\r\nAccept: */*;q=0.1\r\nAccept: text/csv\r\n\r\n".encode()
    once = f"GET {path} HTTP/1.1\r\nHost: z\r\nAccept: */*;q=0.1\r\n\r\n".encode()
    for _ in range(2):
        assert b"content-type: text/csv" in exposed.raw(twice)
    for _ in range(2):
        assert b"content-type: application/sparql-results+json" in exposed.raw(once)


def test_lengths_that_contradict_are_refused(exposed: Exposed) -> None:
    head = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    for lengths in (
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: -1",
        "Content-Length: 0x5",
    ):
        assert exposed.raw(f"{head}{lengths}\r\n\r\nASK{{}}".encode()).startswith(b"HTTP/1.1 400"), lengths
    # both a length and chunks: the chunks are what counts, and nothing after them is taken for a request
    smuggled = f"{head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nASK{{}}\r\n0\r\n\r\n"
    answer = exposed.raw(smuggled.encode())
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("head", "statuses"),
    [
        (b"GET /about HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 2_000_000 + b"\r\n\r\n", (b"431",)),
        (
            b"GET /about HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(5_000)) + b"\r\n",
            (b"431",),
        ),
        (b"GET /about?" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (b"414",)),
        (b"GET /about HTTP/1.1\r\nHost: x\r\nCookie: " + b"a" * 50_000 + b"\r\n\r\n", (b"200", b"431")),
        (b"GET /about HTTP/1.1\r\nHost: x\r\nAccept: " + b"a/b;q=0.1," * 5_000 + b"\r\n\r\n", (b"200", b"431")),
        (b"GET /about HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + b"A" * 50_000 + b"\r\n\r\n", (b"200", b"431")),
        (b"GET /about HTTP/1.1\r\nHost: x\r\nRange: bytes=" + b"0-1," * 10_000 + b"\r\n\r\n", (b"200", b"416", b"431")),
        (b"GET /about HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + b'"a",' * 10_000 + b"\r\n\r\n", (b"200", b"431")),
        (b"GET /about HTTP/1.1\r\nX-A: \x1b[31m\r\n\r\n", (b"400",)),
        (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1", (b"400", b"")),
        (b"GET http://169.254.169.254/latest HTTP/1.1\r\nHost: x\r\n\r\n", (b"404", b"400")),
        (b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n", (b"404", b"405", b"400")),
        (b"TRACE /about HTTP/1.1\r\nHost: x\r\n\r\n", (b"405", b"501")),
    ],
    ids=lambda value: str(value[:30]),
)
def test_heads_that_are_too_much(head: bytes, statuses: tuple[bytes, ...], exposed: Exposed) -> None:
    answer = exposed.raw(head, 5)
    assert answer[9:12] in statuses
    assert exposed.served.get("/health/live").status == 200


def test_what_was_sent_stands_nowhere_in_the_log(exposed: Exposed) -> None:
    """Neither a line that looks like the service's own, nor colours, nor queries, tokens and addresses of clients."""
    forged = "%0aforged%20line%1b[31m"
    exposed.served.get(f"/page/{forged}")
    exposed.served.get("/sparql?query=" + urllib.parse.quote("SELECT ?planted {} #\nforged line"))
    exposed.served.send("GET", "/about", Authorization="Bearer planted-token", User_Agent="planted-agent")
    exposed.raw(b"GET /about\x1b[31mforged HTTP/1.1\r\nHost: x\r\n\r\n", 2)
    # an answer that is broken off is the one of which the log tells the path
    endless = "/sparql?query=" + urllib.parse.quote("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }") + "&x=" + forged
    exposed.raw(f"GET {endless} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.99\r\n\r\n".encode())
    said = exposed.said()
    assert "GET /sparql was broken off: " in said
    assert "forged" not in said.replace("%0Aforged", "")
    assert "\x1b" not in said
    assert "planted" not in said
    assert "192.0.2.99" not in said
