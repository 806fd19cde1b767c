"""Where a query's SERVICE leads to in its worker: to a listener on the loopback, which hands what is asked to the service.

The engine asks whatever address stands in a query and follows redirects. So it is given this one, in a worker that has no other
network, and the service's process, which knows the operator's list, asks the endpoint itself (see ``kg.sparql.outward``). Run
inside workers: this imports the standard library alone.
"""

from __future__ import annotations

import fcntl
import json
import re
import secrets
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

#: Of what the engine asks an endpoint, in bytes.
_LONGEST = 4_000_000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_PLACE = re.compile(r"\bat (\d+):(\d+)")

#: Hands over the number of an endpoint and a query; gives status, media type and body.
_Ask = Callable[[int, str], tuple[int, str, bytes]]


def raise_loopback() -> None:
    """Bring up the one interface of a network namespace that was just made; does nothing where it is up. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        found = fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack("16sH14x", b"lo", 0))
        flags: int = struct.unpack("16sH14x", found)[1]
        if not flags & _UP:
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


class Rewritten:
    """A query with other IRIs in the place of its endpoints'.

    Args:
        places: start, end and number of each endpoint's token, in their order.
        address: what is put in the place of the endpoint of a number.
    """

    def __init__(self, text: str, places: list[tuple[int, int, int]], address: Callable[[int], str]) -> None:
        parts, copied = [], 0
        #: Line, first column and length of each IRI as written now, and how many characters it is longer than it was.
        self._moved: list[tuple[int, int, int, int]] = []
        for start, end, number in places:
            parts.append(text[copied:start])
            before, new = "".join(parts), f"<{address(number)}>"
            column = len(before) - before.rfind("\n")
            self._moved.append((before.count("\n") + 1, column, len(new), len(new) - (end - start)))
            parts.append(new)
            copied = end
        self.text = "".join([*parts, text[copied:]])

    def place(self, message: str) -> str:
        """A message on this query with the line and column that the query's author counts."""
        return _PLACE.sub(lambda match: f"at {match[1]}:{self._column(int(match[1]), int(match[2]))}", message)

    def _column(self, line: int, column: int) -> int:
        before = [(first, length, more) for at, first, length, more in self._moved if at == line and first < column]
        for first, length, _ in before:
            if column < first + length:
                return first - sum(more for other, _, more in before if other < first)
        return column - sum(more for _, _, more in before)


class Forwarder:
    """The listener of one worker; its address holds a secret, for where the loopback is not the worker's own.

    Args:
        send: sends a frame of a kind to the service.
        receive: reads the service's answer to it.
    """

    def __init__(self, send: Callable[[bytes, bytes], None], receive: Callable[[], bytes]) -> None:
        raise_loopback()
        self._send, self._receive = send, receive
        self._secret = secrets.token_urlsafe(16)
        self._server = HTTPServer(("127.0.0.1", 0), self._handler(self._ask))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _ask(self, number: int, query: str) -> tuple[int, str, bytes]:
        self._send(b"s", json.dumps([number, query]).encode())
        head, _, body = self._receive().partition(b"\n")
        status, media_type = json.loads(head)
        return status, media_type, body

    def rewritten(self, text: str, places: list[tuple[int, int, int]]) -> Rewritten:
        """A query whose endpoints lead here; see ``Rewritten``."""
        return Rewritten(text, places, self._address)

    def _address(self, number: int) -> str:
        """Where the engine finds the endpoint of a number."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{self._secret}/{number}"

    def _handler(self, ask: _Ask) -> type[BaseHTTPRequestHandler]:
        secret = self._secret

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                _, given, number = [*self.path.split("/", 2), "", ""][:3]
                length = self.headers.get("Content-Length", "")
                if not (secrets.compare_digest(given, secret) and number.isdecimal()):
                    self._reply(404, "text/plain", b"")
                elif not length.isdecimal() or int(length) > _LONGEST:
                    self._reply(413, "text/plain", b"")
                else:
                    self._reply(*ask(int(number), self.rfile.read(int(length)).decode()))

            def _reply(self, status: int, media_type: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        return Handler
