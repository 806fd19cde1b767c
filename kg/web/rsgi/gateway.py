"""Between the server and the application: each request in a thread, with the connection that it came by.

https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md and PEP 3333. The server's WSGI does not name the
client's port, without which an answer that fails midway could not be broken off (see ``kg.web.rsgi.connection``).
"""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from kg.errors import KgError
from kg.sparql.accounts import asked_by
from kg.sparql.errors import ClientGoneError
from kg.store import State, States
from kg.web.http.errors import LimitError, StalledUploadError
from kg.web.operation.observe import VIEW, Metrics, request_id
from kg.web.rsgi.clients import Clients
from kg.web.rsgi.connection import Connection, StalledError
from kg.web.rsgi.ending import Ending
from kg.web.rsgi.incoming import PART, Body, environment
from kg.web.rsgi.lanes import Lanes
from kg.web.rsgi.limits import ClientAccount, Limits
from kg.web.rsgi.refusals import FullError, refusal
from kg.web.rsgi.repeats import Repeats
from kg.web.rsgi.straight import BEGUN, VIEWS, Begun, Ready, Straight

#: What is asked for to see whether the service is well is never refused; and where clients are told of their limits.
_UNLIMITED, _TOLD = "/health", "/sparql"
_LOG = logging.getLogger("kg.requests")
#: Bodies of more bytes than this are sent in parts though their length is known: a file of any size takes no memory.
_LARGE = 1_000_000
#: What stands in the environment of a request for its connection.
CONNECTION = "kg.connection"


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
        straight: Straight,
    ) -> None:
        self._ending, self._close = ending, close
        self._application, self._states, self._repeats = application, states, repeats
        self._patience, self._metrics, self._clients, self._limits = stall_timeout, metrics, clients, limits
        self._lanes, self._straight = Lanes(), straight

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
        try:  # who sends slowly holds no thread meanwhile
            coming = await Body.of(scope, protocol, self._patience)
        except StalledUploadError as error:
            self._metrics.broken.labels("stalled").inc()
            self._refuse(scope, protocol, HTTPStatus.REQUEST_TIMEOUT, error)
            return
        posted = coming.at_hand()
        if posted and self._repeats.send(self._repeats.key(scope, posted), scope, protocol):
            return
        if counts:
            self._limits.asked(client)
        await self._ask(scope, protocol, coming, posted, client)

    async def _ask(self, scope: Any, protocol: Any, coming: Body, posted: bytes, client: str) -> None:
        """Answer a request by what is known of others like it, or have the application answer it in a thread."""
        connection = Connection(scope.client, scope.server, self._ending.over)
        account, began, begun = ClientAccount(self._limits, client), time.monotonic(), None
        if coming.whole:
            try:
                begun = await self._straight.answer(scope, posted, account, connection)
            except LimitError as error:
                self._refuse(scope, protocol, HTTPStatus.TOO_MANY_REQUESTS, error, VIEWS[scope.method])
                return
        if isinstance(begun, Ready):
            self._send_ready(begun, scope, protocol, posted, client, began)
            return
        lane = self._lanes.of(scope.path)
        if lane.full():
            if begun:
                begun.give_up()
            self._refuse(scope, protocol, HTTPStatus.SERVICE_UNAVAILABLE, FullError(), "busy")
            return
        body = io.BufferedReader(coming, PART)
        await lane.run(self._answer, scope, protocol, body, posted, client, connection, begun)

    def _send_ready(self, ready: Ready, scope: Any, protocol: Any, posted: bytes, client: str, began: float) -> None:
        own, view = request_id(scope.headers.get("x-request-id") or ""), VIEWS[scope.method]
        protocol.response_bytes(200, [*ready.fields, ("x-request-id", own), *self._limits.fields(client)], ready.body)
        self._metrics.count(own, scope.method, view, 200, time.monotonic() - began)
        self._metrics.at_once.inc()
        self._repeats.remember(self._repeats.key(scope, posted, ready.state), 200, ready.fields, ready.body, view)

    def _refuse(self, scope: Any, protocol: Any, status: HTTPStatus, error: KgError, view: str = "none") -> None:
        """Answer in the application's place, at next to no cost."""
        own = request_id(scope.headers.get("x-request-id") or "")
        protocol.response_bytes(*refusal(status, error, own))
        self._metrics.count(own, scope.method, view, status, 0.0)

    def _answer(
        self,
        scope: Any,
        protocol: Any,
        body: Any,
        posted: bytes,
        client: str,
        connection: Connection,
        begun: Begun | None,
    ) -> None:
        # a query under way is answered on the state that it was begun on, though there may be a newer one by now
        state = begun.snapshot if begun else self._state()
        key = self._repeats.key(scope, posted, state) if state else None
        if begun is None and self._repeats.send(key, scope, protocol):
            return
        environ = environment(scope, body) | {CONNECTION: connection, BEGUN: begun}
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
                if head[0].startswith("200"):
                    self._straight.learn(scope, posted, state, environ, head[1])
        except (ClientGoneError, StalledError) as error:
            self._metrics.broken.labels("stalled" if isinstance(error, StalledError) else "left").inc()
            _LOG.info("%s %s: %s", scope.method, quote(scope.path), error)
        except (KgError, OSError) as error:
            self._metrics.broken.labels("failed").inc()
            _LOG.warning("%s %s was broken off: %s", scope.method, quote(scope.path), error)
        finally:
            if begun:
                begun.give_up()
            if close := getattr(parts, "close", None):
                close()
            connection.close()
            # where the connection has ended nothing is sent by this; elsewhere it has been called and does nothing
            protocol.response_empty(500, [])

    def _state(self) -> State | None:
        try:
            return self._states.current()
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
        agent = scope.headers.get("user-agent") or ""
        connection.send(status, headers, parts, self._patience, chunked=chunked, agent=agent)
        return None
