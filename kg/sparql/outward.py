"""Asks the endpoints of the operator's list for queries that say SERVICE; nothing else, and nobody else.

The address asked is the operator's own. Redirects are not followed, all addresses of its host must be public unless the list
names one by its number (or the setting ``private_networks`` allows it), and time and size are limited.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import re
import threading
from urllib.parse import SplitResult, urlencode

from kg.config import Settings
from kg.errors import KgError, SourceError
from kg.sources.connection import PORTS, Answer, Exchange, checked_addresses, split
from kg.sparql.services import Asked

#: Queries that ask other endpoints, at once; and how often one query may ask.
MOST_ASKING, MOST_CALLS = 8, 20
#: Bytes of answers that are kept for one query: in EXISTS and LATERAL the engine asks the same again for every row.
_KEPT = 1_000_000
#: Seconds after the query's limit at which a call ends by itself, if nobody has ended it.
_GRACE = 2.0
_RESULTS = ("application/sparql-results+json", "application/sparql-results+xml")
_FORWARDED = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]+/(\d+)")
_LOG = logging.getLogger("kg.outward")


class EndpointError(KgError):
    """Another endpoint, which a query asks, gives no answer that can be used."""


class ManyCallsError(KgError):
    """A query asks other endpoints more often than it may."""


def own_addresses(url: SplitResult, settings: Settings) -> list[str]:
    """The addresses of a listed endpoint's host.

    Raises:
        SourceError: the host is not known, or its name leads to a private address.
    """
    host = url.hostname or ""
    if host == "localhost":
        return ["127.0.0.1", "::1"]
    try:
        return [str(ipaddress.ip_address(host))]  # the operator's list names it
    except ValueError:
        return checked_addresses(host, url.port or PORTS[url.scheme], settings)


class Call:
    """One request to an endpoint, under way in a thread of its own."""

    def __init__(self, endpoint: str, query: str, settings: Settings, seconds: float) -> None:
        self._settings, self._seconds = settings, seconds
        self._url, self._body = split(endpoint), urlencode({"query": query}).encode()
        self._exchange: Exchange | None = None
        self._left = False
        self._answer: Answer | None = None
        self._failure = ""
        #: A descriptor that can be read when the call has ended.
        self.ended, self._end = os.pipe()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            addresses = own_addresses(self._url, self._settings)
            self._exchange = Exchange(self._url, addresses, self._seconds, self._settings.service_max_bytes)
            if not self._left:
                headers = {
                    "Accept": ", ".join(_RESULTS),
                    "Content-Type": "application/x-www-form-urlencoded",
                    "User-Agent": self._settings.user_agent,
                }
                self._answer = self._exchange.run("POST", headers, self._body)
        except SourceError as error:
            self._failure = str(error)
        finally:
            os.close(self._end)

    def leave(self) -> None:
        """Nobody waits for it any more."""
        self._left = True
        if self._exchange:
            self._exchange.cancel()
        os.close(self.ended)

    def answer(self) -> tuple[str, bytes]:
        """Media type and body of the answer of a call that has ended. Raises EndpointError with a clause."""
        if self._answer is None:
            raise EndpointError(self._failure or "it was broken off")
        if 300 <= self._answer.status < 400:
            raise EndpointError("it leads to another address, which is not asked")
        if self._answer.status != 200:
            raise EndpointError(f"it answers with status {self._answer.status}")
        media_type = self._answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in _RESULTS:
            raise EndpointError(
                f"it answers in {media_type[:100] or 'no format'}, not in SPARQL results as JSON or XML"
            )
        return media_type, self._answer.body


class Calls:
    """What one query asks of other endpoints."""

    def __init__(self, settings: Settings, asked: tuple[Asked, ...]) -> None:
        self._settings = settings
        #: The endpoints; their numbers stand in what the worker asks.
        self._endpoints = [place.endpoint for place in asked]
        self._kept: dict[bytes, bytes] = {}
        self._room, self._number = _KEPT, 0
        self._failure: EndpointError | None = None

    def known(self, message: bytes) -> bytes | None:
        """The answer for the worker, where the same was asked before.

        Raises:
            ManyCallsError: no more may be asked.
        """
        if message in self._kept:
            return self._kept[message]
        self._number += 1
        if self._number > MOST_CALLS:
            raise ManyCallsError(f"The query asks other endpoints more than {MOST_CALLS} times, and was ended.")
        return None

    def start(self, message: bytes, seconds: float) -> Call:
        """Ask what a worker wants to know, for at most so many seconds."""
        number, query = json.loads(message)
        # the query's own limit comes first: with SILENT a call that ends a moment before it would pass for an empty answer
        return Call(self._endpoints[number], query, self._settings, seconds + _GRACE)

    def finish(self, message: bytes, call: Call) -> bytes:
        """The answer for the worker, of a call that has ended."""
        number, _ = json.loads(message)
        try:
            media_type, body = call.answer()
            answer = json.dumps([200, media_type]).encode() + b"\n" + body
        except EndpointError as error:
            self._failure = EndpointError(f"The endpoint <{self._endpoints[number]}> cannot be used: {error}.")
            _LOG.warning("%s", self._failure)
            answer = json.dumps([502, "text/plain"]).encode() + b"\n"
        if len(answer) <= self._room:
            self._room -= len(answer)
            self._kept[message] = answer
        return answer

    def error(self, message: str) -> EndpointError | None:
        """What a worker's message on a query that failed means, where it is about an endpoint."""
        if not self._number:
            return None
        if _FORWARDED.search(message) and self._failure:
            return self._failure
        which = f"The endpoint <{self._endpoints[0]}>" if len(set(self._endpoints)) == 1 else "One of the endpoints"
        names = _FORWARDED.sub(lambda match: f"<{self._endpoints[int(match[1])]}>", message)
        return EndpointError(f"{which} gives no answer that can be read: {names.partition(': ')[2] or names}")
