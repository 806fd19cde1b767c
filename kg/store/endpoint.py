"""Requests to a remote store, and answers that are whole or none.

What servers do when they come to a limit: Oxigraph's ``--timeout-s`` sends 200 and a body that is cut or ends in a sentence;
Virtuoso sends 200 with the rows it has, and tells of that in a header at most. So an answer counts only when its end is there:
JSON is parsed to its end, and lines of triples must come in a message that tells its own length.
"""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from SPARQLWrapper import POST, SPARQLWrapper

from kg.config import Settings
from kg.errors import QueryError, StoreError
from kg.store.base import AnswerSizeError, StoreAnswerError, StoreGoneError, StoreTimeoutError

ROWS, TRIPLES = "application/sparql-results+json", "application/n-triples"
_PART = 65_536
#: How often a server that is busy is asked, and the most seconds that are waited in between.
TRIES, LONGEST_WAIT = 20, 60.0
_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
#: What a server's message says when a query has run into its time limit.
_LATE = re.compile(r"S1TAT|S1T00|SR171|timed? ?out", re.IGNORECASE)
_PLACE = re.compile(r"\b(at |line )(\d+)")


@dataclass(frozen=True)
class Reply:
    """A whole answer; ``cut`` is the row limit that a server says it cut the rows at, 0 where it says nothing."""

    body: bytes
    media_type: str
    virtuoso: bool
    cut: int


class _Wrapper(SPARQLWrapper):  # type: ignore[misc]
    """Makes the requests; sent by ``Endpoint`` without the process-wide state that SPARQLWrapper keeps for passwords."""

    def request(self) -> urllib.request.Request:
        made = self._createRequest()
        assert isinstance(made, urllib.request.Request)
        return made


class Endpoint:
    """The addresses of a remote store. Safe to use from several threads.

    Args:
        patient: ask a server again that says when it may be (503 or 429 with Retry-After): for programs that nobody waits for.
    """

    def __init__(self, settings: Settings, *, patient: bool = False) -> None:
        self._settings, self._tries = settings, TRIES if patient else 1
        self.graphs = settings.remote_graphs

    def query(
        self,
        text: str,
        *,
        accept: str = ROWS,
        union: bool = True,
        timeout: float | None = None,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
    ) -> Reply:
        """Have a query answered.

        Raises:
            QueryError: the server says that it is malformed.
            StoreGoneError, StoreTimeoutError, StoreAnswerError, AnswerSizeError: there is no whole answer, and why.
        """
        limit = timeout or self._settings.remote_timeout
        wrapper = _Wrapper(self._settings.remote_query)
        wrapper.setOnlyConneg(True)
        wrapper.setMethod(POST)
        wrapper.setQuery(text)
        wrapper.queryType = "SELECT"  # it guesses by the words, and what it guesses is for its own conversion
        wrapper.addCustomHttpHeader("Accept", accept)
        for graph in default_graphs:
            wrapper.addDefaultGraph(graph)
        for graph in named_graphs:
            wrapper.addNamedGraph(graph)
        if union and not default_graphs and not named_graphs:
            wrapper.addParameter(
                "union-default-graph", "true"
            )  # Oxigraph's; others have the union or are set to have it
        wrapper.addParameter("timeout", str(int(limit * 1000)))  # Virtuoso's: what we no longer wait for need not go on
        return self._send(wrapper.request(), limit)

    def update(self, text: str) -> None:
        """Have an update run. Raises as ``query``, and StoreError where no address for updates is set."""
        if not self._settings.remote_update:
            raise StoreError("The remote store cannot be written: the setting remote_update is empty.")
        wrapper = _Wrapper(self._settings.remote_query, updateEndpoint=self._settings.remote_update)
        wrapper.setMethod(POST)
        wrapper.setQuery(text)
        wrapper.queryType = "INSERT"
        wrapper.addCustomHttpHeader("Accept", "*/*")
        self._send(wrapper.request(), self._settings.write_timeout)

    def write_graph(self, method: str, graph: str | None, triples: bytes) -> None:
        """PUT or POST N-Triples by the Graph Store Protocol. Raises as ``query``."""
        name = "default" if graph is None else "graph=" + urllib.parse.quote(graph, safe="")
        joint = "&" if "?" in self.graphs else "?"
        request = urllib.request.Request(f"{self.graphs}{joint}{name}", triples, method=method)
        request.add_header("Content-Type", TRIPLES)
        self._send(request, self._settings.write_timeout)

    def _authorize(self, request: urllib.request.Request, limit: float) -> None:
        """Say who we are as the server wants it, before a body is sent: one that is refused unread breaks the connection."""
        user, password = self._settings.remote_user, self._settings.remote_password
        if not user:
            if password:
                request.add_header("Authorization", f"Bearer {password}")
            return
        asked = urllib.request.Request(request.full_url, b"", method="POST")  # nothing is added to nothing
        asked.add_header("Content-Type", request.get_header("Content-type") or TRIPLES)
        try:
            with urllib.request.urlopen(asked, timeout=limit):
                return
        except urllib.error.HTTPError as error:
            with error:
                challenges = (error.headers.get_all("WWW-Authenticate") or []) if error.code == 401 else []
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, request.full_url, user, password)
        for challenge in challenges:
            scheme, _, details = challenge.partition(" ")
            if scheme.lower() == "digest":
                known = urllib.request.parse_keqv_list(urllib.request.parse_http_list(details))
                answer = urllib.request.AbstractDigestAuthHandler(passwords).get_authorization(request, known)
                request.add_header("Authorization", f"Digest {answer}")
            elif scheme.lower() == "basic":
                request.add_header("Authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode())

    def _send(self, request: urllib.request.Request, limit: float) -> Reply:
        left = self._tries
        while True:
            try:
                return self._sent(request, limit)
            except StoreGoneError as error:
                left -= 1
                if not left or error.again is None:
                    raise
                time.sleep(min(error.again, LONGEST_WAIT))

    def _sent(self, request: urllib.request.Request, limit: float) -> Reply:
        deadline = time.monotonic() + limit
        try:
            self._authorize(request, limit)
            with urllib.request.urlopen(request, timeout=limit) as response:
                return self._whole(response, deadline, limit)
        except urllib.error.HTTPError as error:
            with error:
                raise _failure(error, time.monotonic() >= deadline, limit) from None
        except TimeoutError:
            raise _late(limit) from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise _late(limit) from None
            reason = getattr(error.reason, "strerror", None) or error.reason
            raise StoreGoneError(f"The remote store cannot be reached: {reason}.") from None
        except http.client.IncompleteRead:
            raise _cut("its message ends early") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise StoreGoneError(f"The remote store broke off: {reason}.") from None

    def _whole(self, response: http.client.HTTPResponse, deadline: float, limit: float) -> Reply:
        most, body = self._settings.remote_max_bytes, bytearray()
        while part := response.read1(_PART):
            body += part
            if len(body) > most:
                raise AnswerSizeError(f"The answer has more than {most:,} bytes; ask for less of it.")
            if time.monotonic() > deadline:
                raise _late(limit)
        length, headers = response.headers["Content-Length"], response.headers
        if length is not None and int(length) != len(body):
            raise _cut("its message ends early")
        if headers.get("X-SQL-State") == "S1TAT":
            raise StoreTimeoutError("The remote store came to its own time limit and has only a part of the answer.")
        media_type = headers.get_content_type()
        chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        if body and length is None and not chunked and not media_type.endswith("json"):
            raise _cut("nothing tells where its message ends")
        cut = headers.get("X-SPARQL-MaxRows", "")
        virtuoso = headers.get("Server", "").startswith("Virtuoso")
        return Reply(bytes(body), media_type, virtuoso, int(cut) if cut.isdigit() else 0)


def _late(limit: float) -> StoreTimeoutError:
    return StoreTimeoutError(f"The remote store took longer than {limit:g} seconds.")


def _cut(why: str) -> StoreAnswerError:
    return StoreAnswerError(f"The remote store's answer is cut: {why}.")


def _failure(error: urllib.error.HTTPError, late: bool, limit: float) -> StoreError | QueryError:
    """What an answer with a status of 3xx, 4xx or 5xx means."""
    try:
        said = error.read(_PART).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        said = ""
    line = next((line.strip() for line in said.splitlines() if line.strip()), "")[:500].rstrip(".")
    if line.startswith("<"):
        line = ""  # a page for people
    told = f": {line}" if line else ""
    if error.code in (408, 504) or (error.code >= 500 and (late or _LATE.search(line))):
        return _late(limit)
    if error.code in (401, 403):
        return StoreError(
            f"The remote store refuses this user: see the settings remote_user and remote_password{told}."
        )
    if error.code in (400, 409, 413):
        return QueryError(f"{line or 'The remote store refuses it'}.")
    if error.code in (429, 502, 503):
        gone = StoreGoneError(f"The remote store cannot serve just now (status {error.code}){told}.")
        again = error.headers.get("Retry-After", "")
        gone.again = float(again) if again.isdigit() else None
        return gone
    return StoreAnswerError(f"The remote store failed with status {error.code}{told}.")


def mended(reply: Reply) -> bytes:
    """SPARQL JSON as the standard has it. Virtuoso gives ASK as a row of 1 or 0, and booleans as 1 and 0.

    Raises:
        StoreAnswerError: it is cut, or no result.
    """
    if not reply.virtuoso or (b"__ASK_RETVAL" not in reply.body and _BOOLEAN.encode() not in reply.body):
        return reply.body
    try:
        return _as_standard(json.loads(reply.body))
    except ValueError:
        raise _cut("its JSON has no end") from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise StoreAnswerError("The remote store's answer is JSON, but no result of a query.") from None


def _as_standard(document: dict[str, Any]) -> bytes:
    rows = document["results"]["bindings"]
    if document["head"]["vars"] == ["__ASK_RETVAL"]:
        return json.dumps({"head": {}, "boolean": bool(rows and rows[0]["__ASK_RETVAL"]["value"] == "1")}).encode()
    for value in (value for row in rows for value in row.values() if value.get("datatype") == _BOOLEAN):
        value["value"] = {"1": "true", "0": "false"}.get(value["value"], value["value"])
    return json.dumps(document).encode()


def with_prologue(prologue: str, text: str) -> str:
    """A query after one line of declarations; see ``moved``."""
    return f"{prologue.strip()}\n{text}"


def moved(error: QueryError) -> QueryError:
    """A server's message on a query ``with_prologue``, with the lines that the query's author counts."""
    return QueryError(_PLACE.sub(lambda m: f"{m[1]}{max(1, int(m[2]) - 1)}", str(error)))
