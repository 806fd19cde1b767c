"""Between the server and the application: each request in a thread, with the connection that it came by.

https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md and PEP 3333. The server's WSGI does not name the
client's port, without which an answer that fails midway could not be broken off (see ``kg.web.rsgi.connection``).
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from kg.errors import KgError
from kg.sparql.accounts import asked_by
from kg.sparql.errors import ClientGoneError
from kg.store import States
from kg.web.http.errors import StalledUploadError
from kg.web.operation.observe import VIEW, Metrics, request_id
from kg.web.rsgi.clients import Clients
from kg.web.rsgi.connection import Connection, StalledError
from kg.web.rsgi.ending import Ending
from kg.web.rsgi.lanes import Lanes
from kg.web.rsgi.limits import ClientAccount, Limits
from kg.web.rsgi.refusals import FullError, refusal
from kg.web.rsgi.repeats import Key, Repeats

#: Bodies up to this size are read before the application is asked.
_READ_BEFORE = 1_000_000
_PART = 65_536
#: What is asked for to see whether the service is well is never refused; and where clients are told of their limits.
_UNLIMITED, _TOLD = "/health", "/sparql"
_LOG = logging.getLogger("kg.requests")
#: Bodies of more bytes than this are sent in parts though their length is known: a file of any size takes no memory.
_LARGE = 1_000_000
#: What stands in the environment of a request for its connection.
CONNECTION = "kg.connection"


class _Body(io.RawIOBase):
    """A request's body, read as it comes.

    Args:
        patience: seconds that the client may take for 64 KiB of it.
    """

    def __init__(self, protocol: Any, loop: asyncio.AbstractEventLoop, patience: float) -> None:
        self._parts, self._loop, self._kept = protocol.__aiter__(), loop, b""
        self._patience, self._taken, self._left = patience, 0, patience
        #: Whether it has come to its end.
        self.whole = False

    def readable(self) -> bool:
        return True

    async def _next(self) -> bytes:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                part = bytes(await self._parts.__anext__())
        except StopAsyncIteration:
            self.whole = True
            return b""
        except TimeoutError:
            told = f"The rest of the body has not come: 64 KiB of one may take {self._patience:g} seconds."
            raise StalledUploadError(told) from None
        self._taken += len(part)
        self._left = max(0.0, self._left - (time.monotonic() - began))
        if self._taken >= _PART:
            self._taken, self._left = 0, self._patience
        return part

    async def read_ahead(self, most: int) -> None:
        """Read up to so many bytes and a part before anybody asks for them. Raises StalledUploadError."""
        kept = bytearray()
        while len(kept) <= most and not self.whole:
            kept += await self._next()
        self._kept = bytes(kept)

    def at_hand(self) -> bytes:
        """The body, where all of it has been read ahead."""
        return self._kept if self.whole else b""

    def readinto(self, buffer: Any) -> int:
        if not self._kept and not self.whole:
            self._kept = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
        number = min(len(buffer), len(self._kept))
        buffer[:number], self._kept = self._kept[:number], self._kept[number:]
        return number


def _environment(scope: Any, body: Any) -> dict[str, Any]:
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # it would pass for the header whose name has hyphens, past what looks at that one
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]}, {value}" if key in environ else value
    return environ


class Gateway:
    """The application as the server calls it."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        states: States,
        repeats: Repeats,
        stall_timeout: float,
        metrics: Metrics,
        clients: Clients,
        limits: Limits,
        ending: Ending,
        close: Callable[[], object],
    ) -> None:
        self._ending, self._close = ending, close
        self._application, self._states, self._repeats = application, states, repeats
        self._patience, self._metrics, self._clients, self._limits = stall_timeout, metrics, clients, limits
        self._lanes = Lanes()

    def __rsgi_init__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server before the first request."""
        self._ending.listen()

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server after the last request; its process does not come to what is registered for its exit."""
        self._lanes.close()
        self._close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer a request: what is remembered at once, the rest in a thread, as much as its client may have."""
        client, counts = self._clients.of(scope), not scope.path.startswith(_UNLIMITED)
        if counts:
            if error := self._limits.request(client):
                self._refuse(scope, protocol, HTTPStatus.TOO_MANY_REQUESTS, error)
                return
            if self._repeats.send(self._repeats.key(scope, b""), scope, protocol):
                return
        coming = _Body(protocol, asyncio.get_running_loop(), self._patience)
        if scope.headers.get("content-length") is not None or scope.headers.get("transfer-encoding") is not None:
            try:  # who sends slowly holds no thread meanwhile
                await coming.read_ahead(_READ_BEFORE)
            except StalledUploadError as error:
                self._metrics.broken.labels("stalled").inc()
                self._refuse(scope, protocol, HTTPStatus.REQUEST_TIMEOUT, error)
                return
        else:
            coming.whole = True
        posted = coming.at_hand()
        if posted and self._repeats.send(self._repeats.key(scope, posted), scope, protocol):
            return
        if counts:
            self._limits.asked(client)
        lane = self._lanes.of(scope.path)
        if lane.full():
            self._refuse(scope, protocol, HTTPStatus.SERVICE_UNAVAILABLE, FullError(), "busy")
            return
        await lane.run(self._answer, scope, protocol, io.BufferedReader(coming, _PART), posted, client)

    def _refuse(self, scope: Any, protocol: Any, status: HTTPStatus, error: KgError, view: str = "none") -> None:
        """Answer in the application's place, at next to no cost."""
        own = request_id(scope.headers.get("x-request-id") or "")
        protocol.response_bytes(*refusal(status, error, own))
        self._metrics.count(own, scope.method, view, status, 0.0)

    def _answer(self, scope: Any, protocol: Any, body: Any, posted: bytes, client: str) -> None:
        key = self._key(scope, posted)
        if self._repeats.send(key, scope, protocol):
            return
        connection = Connection(scope.client, scope.server, self._ending.over)
        environ = _environment(scope, body) | {CONNECTION: connection}
        head: list[Any] = []
        parts: Any = ()
        try:
            with asked_by(ClientAccount(self._limits, client)):
                parts = self._application(environ, lambda status, headers, _=None: head.extend((status, headers)))
                if scope.path.startswith(_TOLD) and "RateLimit" not in dict(head[1]):
                    head[1].extend(self._limits.fields(client))
                whole = self._send(scope, protocol, connection, head, parts)
            if whole is not None:
                self._repeats.remember(key, int(head[0][:3]), head[1], whole, environ.get(VIEW, "none"))
        except (ClientGoneError, StalledError) as error:
            self._metrics.broken.labels("stalled" if isinstance(error, StalledError) else "left").inc()
            _LOG.info("%s %s: %s", scope.method, quote(scope.path), error)
        except (KgError, OSError) as error:
            self._metrics.broken.labels("failed").inc()
            _LOG.warning("%s %s was broken off: %s", scope.method, quote(scope.path), error)
        finally:
            if close := getattr(parts, "close", None):
                close()
            connection.close()
            # where the connection has ended nothing is sent by this; elsewhere it has been called and does nothing
            protocol.response_empty(500, [])

    def _key(self, scope: Any, posted: bytes) -> Key | None:
        try:
            return self._repeats.key(scope, posted, self._states.current())
        except KgError:  # the application is asked, and tells
            return None

    def _send(
        self, scope: Any, protocol: Any, connection: Connection, head: list[Any], parts: Iterable[bytes]
    ) -> bytes | None:
        """Send an answer; its body, where it went out as a whole."""
        status, headers = head
        number = int(status[:3])
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
        small = length is not None and length <= _LARGE
        if scope.method == "HEAD" or number in (204, 304) or small:
            body = b"".join(parts) if scope.method != "HEAD" else b""
            protocol.response_bytes(number, headers, body)
            return body
        chunked = length is None and scope.http_version == "1.1"
        connection.send(status, headers, parts, self._patience, chunked=chunked)
        return None
