"""Many clients at once: who rests keeps nobody out, and who comes when all is taken is told to come again."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from tests.conftest import Served


def _sent(service: Served, stack: ExitStack, path: str) -> socket.socket:
    """A connection on which a page was asked for, and which stays open."""
    client = stack.enter_context(socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), 30))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n".encode())
    return client


def _head(client: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(65_536)
        assert part, "the connection was broken off"
        data += part
    return data.partition(b"\r\n\r\n")[0].decode("latin-1").lower()


def test_connections_that_rest_keep_nobody_out(service: Served) -> None:
    with ExitStack() as stack:
        resting = [_sent(service, stack, "/health/live") for _ in range(400)]
        assert all(" 200 " in _head(client) for client in resting)
        another = _sent(service, stack, "/health/live")
        another.settimeout(10)
        assert " 200 " in _head(another)


def test_a_crowd_is_told_to_come_again(service: Served) -> None:
    with ExitStack() as stack:
        crowd = [_sent(service, stack, f"/page/person/nobody-{n}") for n in range(900)]
        well = _sent(service, stack, "/health/live")
        heads = [_head(client) for client in crowd]
        assert " 200 " in _head(well)
    statuses = [head.split()[1] for head in heads]
    assert set(statuses) == {"404", "503"}
    refused = [head for head in heads if head.split()[1] == "503"]
    assert all("retry-after: 5" in head and "content-type: application/problem+json" in head for head in refused)
    assert statuses.count("404") >= 100
    assert service.get("/page/person/nobody-1", "text/html").status == 404
