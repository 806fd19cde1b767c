"""An HTTP client that takes little of the processor it shares with the server: one connection, one request after the other."""

from __future__ import annotations

import socket


class Connection:
    """Kept open between requests as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """End it."""
        if self._socket:
            self._socket.close()
        self._socket = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a whole request; the status, and the body as it was sent (chunks with their lengths).

        Raises:
            OSError: the connection was broken off.
        """
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), 60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            self._more(data)
        head = bytes(data[:end]).lower()
        body = self._body(head, data[end + 4 :])
        if b"\r\nconnection: close" in head:
            self.close()
        return int(head[9:12]), bytes(body)

    def _body(self, head: bytes, body: bytearray) -> bytearray:
        if b"\r\ntransfer-encoding: chunked" in head:
            while not body.endswith(b"\r\n0\r\n\r\n") and body != b"0\r\n\r\n":
                self._more(body)
            return body
        at = head.find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].partition(b"\r\n")[0]) if at >= 0 else 0
        while len(body) < length:
            self._more(body)
        return body

    def _more(self, data: bytearray) -> None:
        assert self._socket
        part = self._socket.recv(262_144)
        if not part:
            self.close()
            raise ConnectionError("The server ended the connection.")
        data += part


def post(path: str, query: str, accept: str) -> bytes:
    """A request with a query as its body."""
    body = query.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\nAccept: {accept}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
