"""Between the server and the application: each request in a thread, with the connection that it came by.

https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md and PEP 3333. The server's WSGI does not name the
client's port, without which an answer that fails midway could not be broken off (see ``kg.web.rsgi.connection``).
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kg.errors import KgError
from kg.sparql.process import ClientGoneError
from kg.store import States
from kg.web.operation.observe import VIEW, Metrics
from kg.web.rsgi.connection import Connection, StalledError
from kg.web.rsgi.ending import Ending
from kg.web.rsgi.repeats import Key, Repeats

#: More than the queries that may run or wait at once (``kg.sparql.pool``): the rest are for what is quick.
THREADS = 64
#: Bodies up to this size are read before the application is asked.
_READ_BEFORE = 1_000_000
_LOG = logging.getLogger("kg.requests")
#: Bodies of more bytes than this are sent in parts though their length is known: a file of any size takes no memory.
_LARGE = 1_000_000
#: What stands in the environment of a request for its connection.
CONNECTION = "kg.connection"


class _Body(io.RawIOBase):
    """A request's body, read as it comes."""

    def __init__(self, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._parts, self._loop, self._kept = protocol.__aiter__(), loop, b""

    def readable(self) -> bool:
        return True

    async def _next(self) -> bytes:
        try:
            return bytes(await self._parts.__anext__())
        except StopAsyncIteration:
            return b""

    def readinto(self, buffer: Any) -> int:
        if not self._kept:
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
        ending: Ending,
        close: Callable[[], object],
    ) -> None:
        self._ending, self._close = ending, close
        self._application, self._states, self._repeats = application, states, repeats
        self._patience, self._metrics = stall_timeout, metrics
        self._threads = ThreadPoolExecutor(THREADS, "request")

    def __rsgi_init__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server before the first request."""
        self._ending.listen()

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server after the last request; its process does not come to what is registered for its exit."""
        self._threads.shutdown()
        self._close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer a request: what is remembered at once, the rest in a thread."""
        if self._repeats.send(self._repeats.key(scope), scope, protocol):
            return
        loop = asyncio.get_running_loop()
        length = scope.headers.get("content-length")
        if length is None and scope.headers.get("transfer-encoding") is None:
            body: Any = io.BytesIO()
        elif length is not None and length.isdigit() and int(length) <= _READ_BEFORE:
            body = io.BytesIO(await protocol())
        else:
            body = io.BufferedReader(_Body(protocol, loop), 65_536)
        await loop.run_in_executor(self._threads, self._answer, scope, protocol, body)

    def _answer(self, scope: Any, protocol: Any, body: Any) -> None:
        key = self._key(scope)
        if self._repeats.send(key, scope, protocol):
            return
        connection = Connection(scope.client, scope.server, self._ending.over)
        environ = _environment(scope, body) | {CONNECTION: connection}
        head: list[Any] = []
        parts: Any = ()
        try:
            parts = self._application(environ, lambda status, headers, _=None: head.extend((status, headers)))
            whole = self._send(scope, protocol, connection, head, parts)
            if whole is not None:
                self._repeats.remember(key, int(head[0][:3]), head[1], whole, environ.get(VIEW, "none"))
        except (ClientGoneError, StalledError) as error:
            self._metrics.broken.labels("stalled" if isinstance(error, StalledError) else "left").inc()
            _LOG.info("%s %s: %s", scope.method, scope.path, error)
        except (KgError, OSError) as error:
            self._metrics.broken.labels("failed").inc()
            _LOG.warning("%s %s was broken off: %s", scope.method, scope.path, error)
        finally:
            if close := getattr(parts, "close", None):
                close()
            connection.close()
            # where the connection has ended nothing is sent by this; elsewhere it has been called and does nothing
            protocol.response_empty(500, [])

    def _key(self, scope: Any) -> Key | None:
        try:
            return self._repeats.key(scope, self._states.current())
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
