"""Whole answers given again without asking the application: to the same request, as long as the store has not changed.

An answer is remembered where it says that it may be (``Cache-Control: public``), carries a strong entity tag, and depends on
nothing of the request but what stands in its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kg.store import State, States
from kg.web.http.caching import Bounded
from kg.web.operation.observe import Metrics, request_id

#: Headers that answers may depend on, and those that make a request one of its own.
DEPENDS_ON = ("host", "accept", "accept-encoding", "if-none-match", "origin")
OWN = ("authorization", "cookie", "range", "if-range", "if-match", "if-modified-since")
#: Headers of an answer that are of one request alone.
OF_ONE = ("x-request-id", "ratelimit", "ratelimit-policy")
#: Where a request may have a body, which then is a part of its key, and the most bytes of it: clients send queries by POST too.
_POSTED, _MOST_POSTED = "/sparql", 10_000
#: Views whose answers depend on what lies beside the store too: dumps, the log of changes, which is a step behind it, and the
#: documents, which are edited in a checkout.
_BESIDE = ("downloads.", "catalogue.", "changes.", "documents.")
#: What a remembered answer takes beside its body, in bytes.
_HEAD = 1_000

Key = tuple[object, ...]


@dataclass(frozen=True)
class Remembered:
    """An answer as it was sent, and the name of the view that made it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    view: str


class Repeats:
    """Remembers answers. Safe to use from several threads.

    Args:
        size: bytes that the answers may take together.
    """

    def __init__(self, states: States, size: int, metrics: Metrics) -> None:
        self._states, self._metrics = states, metrics
        self._answers: Bounded[Key, Remembered] = Bounded(size)
        metrics.caches["answers"] = self._answers

    def key(self, scope: Any, body: bytes, state: State | None = None) -> Key | None:
        """What a request's answer depends on; None where it must be asked anew.

        Args:
            body: of the request, as far as it was read; empty for one without.
            state: of the store; the newest, if it is known without looking, unless it is given.
        """
        headers = scope.headers
        posted = scope.method == "POST" and scope.path == _POSTED and 0 < len(body) <= _MOST_POSTED
        alone = scope.method == "GET" and headers.get("content-length") is None
        if not (posted or alone) or any(headers.get(name) is not None for name in OWN):
            return None
        known = state or self._states.settled()
        if known is None:
            return None
        # all lines of a header: the application sees them as one
        asked = tuple(",".join(headers.get_all(name)) if headers.get(name) is not None else None for name in DEPENDS_ON)
        whole = (body, headers.get("content-type")) if posted else ()
        return (known.origin, known.generation, scope.path, scope.query_string, *asked, *whole)

    def send(self, key: Key | None, scope: Any, protocol: Any) -> bool:
        """Answer with what is remembered; whether there was something."""
        found = self._answers.get(key) if key else None
        if found is None:
            return False
        own = request_id(scope.headers.get("x-request-id") or "")
        protocol.response_bytes(found.status, [*found.headers, ("x-request-id", own)], found.body)
        self._metrics.count(own, scope.method, found.view, found.status, 0.0)
        return True

    def remember(self, key: Key | None, status: int, headers: list[tuple[str, str]], body: bytes, view: str) -> None:
        """Keep an answer where it may be kept."""
        if key is None or status not in (200, 304) or view.startswith(_BESIDE):
            return
        told = {name.lower(): value for name, value in headers}
        varies = {name.strip().lower() for name in told.get("vary", "").split(",") if name.strip()}
        if (
            "public" in told.get("cache-control", "")
            and told.get("etag", "").startswith('"')
            and varies <= {*DEPENDS_ON}
        ):
            kept = tuple((name, value) for name, value in headers if name.lower() not in OF_ONE)
            own = sum(len(part) for part in key if isinstance(part, str | bytes))
            self._answers.keep(key, Remembered(status, kept, body, view), len(body) + own + _HEAD)
