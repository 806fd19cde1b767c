"""Who sends or takes slowly holds no thread for ever, and keeps nobody else from being answered."""

from __future__ import annotations

import contextlib
import socket
import time

import pytest

from tests.security.conftest import Exposed

HEAD = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
UPLOAD = b"PUT /gsp?graph=urn:slow HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"Content-Length: 100\r\n\r\nASK",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n",
        UPLOAD + b"Content-Length: 50000000\r\n\r\n" + b"# nothing\n" * 200_000,
        UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"fffff\r\n" + b"#" * 0xFFFFF + b"\r\n" + b"fffff\r\n###",
    ],
    ids=["a length", "chunks", "a large upload", "a large upload in chunks"],
)
def test_a_body_that_stops_coming_is_given_up(sent: bytes, exposed: Exposed) -> None:
    began = time.monotonic()
    answer = exposed.raw(sent)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"64 KiB of one may take 1 seconds" in answer
    assert time.monotonic() - began < 10


def test_a_body_that_trickles_is_given_up(exposed: Exposed) -> None:
    """Each byte is in time, and the whole is not."""
    with socket.create_connection(("127.0.0.1", exposed.port), timeout=10) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        began, answer = time.monotonic(), b""
        connection.settimeout(0.1)
        while not answer and time.monotonic() - began < 10:
            with contextlib.suppress(TimeoutError, OSError):
                connection.sendall(b"1\r\n \r\n")
                answer = connection.recv(100)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert 0.5 < time.monotonic() - began < 6


def test_a_body_that_is_slow_and_steady_is_taken(exposed: Exposed) -> None:
    with socket.create_connection(("127.0.0.1", exposed.port), timeout=10) as connection:
        connection.sendall(UPLOAD + b"Content-Length: 2000000\r\n\r\n")
        for _ in range(20):  # 100 kB in each tenth of a second, for longer than a pause may be
            connection.sendall(b"# remark.\n" * 10_000)
            time.sleep(0.1)
        assert connection.recv(100).startswith(b"HTTP/1.1 20")


def test_many_that_do_not_go_on_keep_nobody_waiting(exposed: Exposed) -> None:
    """More of them than there are threads; others are answered meanwhile."""
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", exposed.port), timeout=10))
            connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n")
        began = time.monotonic()
        assert exposed.served.get("/about").status == 200
        assert exposed.served.post("/sparql", b"ASK { ?slow ?p ?o }", "application/sparql-query").status == 200
        assert time.monotonic() - began < 10, "others waited"
    assert 'kg_broken_off_total{reason="stalled"}' in exposed.served.get("/metrics").text
