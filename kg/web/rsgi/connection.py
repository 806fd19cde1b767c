"""A client's connection itself: whether the client is still there, and an answer in parts that can be broken off.

The server ends a body that it sends in parts as if it were whole, also when its source fails, and does not tell when the
client leaves. So the connection is looked up among the process's own by its two addresses, and an answer in parts is
written to it here: in chunks, each within a time limit. Where it fails, what follows is no chunk, or the connection is reset:
that there is no last chunk is not enough, as Node's fetch takes any end of a connection that is to be closed for the answer's.
To leave open whether it will be closed is no way out: requests would send its next one on it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import select
import socket
import stat
import struct
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from kg.errors import EndingError
from kg.sparql.errors import ClientGoneError

#: What can be no chunk's size.
_BROKEN = b"!broken off\r\n"
#: What names itself so in User-Agent waits for ever behind that, as 3.14 does, and takes note of a reset.
_NOTES_RESET = "aiohttp"
_RESET = struct.pack("ii", 1, 0)
_PART = 65_536
#: Seconds between two looks at whether the service ends while a client takes nothing.
_LOOK = 0.25


class StalledError(Exception):
    """The client does not take what it asked for."""


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return str(ipaddress.ip_address(host.strip("[]"))), int(port)


def _same(found: object, wanted: tuple[str, int]) -> bool:
    if not isinstance(found, tuple) or len(found) < 2 or found[1] != wanted[1]:
        return False
    return str(ipaddress.ip_address(str(found[0]).partition("%")[0])) == wanted[0]


def _open(peer: tuple[str, int], own: tuple[str, int]) -> socket.socket | None:
    """Another handle of the connection between two addresses."""
    for entry in Path("/dev/fd").iterdir():
        with contextlib.suppress(OSError, ValueError):
            number = int(entry.name)
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            found = socket.socket(fileno=os.dup(number))
            if found.family in (socket.AF_INET, socket.AF_INET6):
                with contextlib.suppress(OSError):
                    if _same(found.getpeername(), peer) and _same(found.getsockname(), own):
                        return found
            found.close()
    return None


class Connection:
    """One client's connection, looked up when it is first needed.

    Args:
        ending: set when answers in parts are to be broken off, as the service ends.
    """

    def __init__(self, client: str, server: str, ending: threading.Event | None = None) -> None:
        self._client, self._server, self._ending = client, server, ending or threading.Event()
        self._socket: socket.socket | None = None

    def _found(self) -> socket.socket:
        if self._socket is None:
            self._socket = _open(_address(self._client), _address(self._server))
        if self._socket is None:
            raise ClientGoneError("The client has left.")
        return self._socket

    def watched(self) -> int:
        """A descriptor that tells when the client leaves. Raises ClientGoneError."""
        return self._found().fileno()

    def send(
        self,
        status: str,
        headers: Iterable[tuple[str, str]],
        parts: Iterable[bytes],
        patience: float,
        *,
        chunked: bool = True,
        agent: str = "",
    ) -> None:
        """Send an answer in parts and end the connection; break it off where a part fails, so that no client takes it for whole.

        Args:
            patience: seconds that the client may take for 64 KiB.
            chunked: whether the client knows chunks (HTTP/1.1); else the end of the connection ends the answer.
            agent: the client as it names itself (User-Agent).
        """
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        lines += [*(["Transfer-Encoding: chunked"] if chunked else []), "Connection: close", "", ""]
        connection, ended, between = self._found(), False, False
        marked = chunked and _NOTES_RESET not in agent
        try:
            head = "\r\n".join(lines).encode("latin-1")
            for part in parts:
                if self._ending.is_set():
                    raise EndingError("The service is ending.")
                between = False
                framed = b"%x\r\n" % len(part) + part + b"\r\n" if chunked else part
                self._write(connection, head + framed, patience)
                head, between = b"", marked
            between = False
            self._write(connection, head + (b"0\r\n\r\n" if chunked else b""), patience)
            ended = True
        finally:
            ended = ended or (between and self._wrote(connection, _BROKEN))
            if not ended:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            with contextlib.suppress(OSError):
                # the server sees that the connection has ended, and lets go of it
                connection.shutdown(socket.SHUT_RDWR if ended else socket.SHUT_RD)

    def _wrote(self, connection: socket.socket, data: bytes) -> bool:
        """Whether the client's side took something at once or soon."""
        try:
            self._write(connection, data, 1.0)
        except (ClientGoneError, StalledError, EndingError):
            return False
        return True

    def _write(self, connection: socket.socket, data: bytes, patience: float) -> None:
        view, poller = memoryview(data), select.poll()
        poller.register(connection.fileno(), select.POLLOUT)
        until = time.monotonic() + patience
        taken = 0
        while view:
            try:
                sent = connection.send(view[:_PART], socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
            except BlockingIOError:
                left = until - time.monotonic()
                if left <= 0:
                    raise StalledError(f"The client took nothing for {patience:g} seconds.") from None
                if not poller.poll(min(left, _LOOK) * 1000) and self._ending.is_set():
                    raise EndingError("The service is ending.") from None
                continue
            except OSError:
                raise ClientGoneError("The client has left.") from None
            view, taken = view[sent:], taken + sent
            if taken >= _PART:
                until, taken = time.monotonic() + patience, 0

    def close(self) -> None:
        """Give the handle back."""
        if self._socket:
            self._socket.close()
        self._socket = None
