"""What one client may have: requests a second, queries at once, and the time of a processor while others ask too.

Packages that limit rates (limits, throttled-py) were measured and left: they take whole numbers before something is done, and
what a query takes is known after it; of the clients of the first there is no bound. A bucket is one number for a client here.
Fields and problem type are those of draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from prometheus_client import Counter

from kg.config import Settings
from kg.web.http.errors import LimitError

#: Clients that are remembered; the one that has not come for longest is forgotten first.
MOST_CLIENTS = 10_000
#: An answer that is only given again costs a tenth of a request.
REPEATED = 0.1
#: Seconds for which a client that has asked a query counts as one that asks.
_PRESENT = 10.0
_MINUTE = 60.0


class Buckets:
    """A bucket of tokens for each client: full at first, refilled at a rate. Safe to use from several threads.

    What is kept of a client is the time at which its bucket is full again (the generic cell rate algorithm, ITU-T I.371).

    Args:
        rate: tokens a second.
        size: of a bucket.
    """

    def __init__(self, rate: float, size: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.size, self._clock = rate, size, clock
        self._full: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def clients(self) -> int:
        """How many are remembered."""
        return len(self._full)

    def take(self, client: str, number: float) -> float:
        """Take tokens where there are as many; else take none. Returns 0, or the seconds until there are."""
        with self._lock:
            now = self._clock()
            full = max(self._full.get(client, now), now) + number / self.rate
            wait = full - now - self.size / self.rate
            if wait > 1e-9:
                return wait
            self._set(client, full)
            return 0.0

    def charge(self, client: str, number: float) -> None:
        """Take tokens whether they are there or not; what was too much must be refilled first."""
        with self._lock:
            now = self._clock()
            self._set(client, max(self._full.get(client, now), now) + number / self.rate)

    def left(self, client: str) -> tuple[float, float]:
        """The tokens in a client's bucket, below 0 where it owes some, and the seconds until it is full."""
        with self._lock:
            until = max(0.0, self._full.get(client, 0.0) - self._clock())
        return self.size - until * self.rate, until

    def _set(self, client: str, full: float) -> None:
        self._full[client] = full
        self._full.move_to_end(client)
        if len(self._full) > MOST_CLIENTS:
            self._full.popitem(last=False)


class Limits:
    """The limits of one service. A client is a name (see ``kg.web.rsgi.clients``)."""

    def __init__(self, settings: Settings, refused: Counter, clock: Callable[[], float] = time.monotonic) -> None:
        rate, seconds = settings.client_rate, settings.client_query_seconds
        size = max(settings.client_burst, math.ceil(rate), 1)
        self._requests = Buckets(rate, size, clock) if rate else None
        self._seconds = Buckets(seconds / _MINUTE, seconds, clock) if seconds else None
        self._most, self._refused, self._clock = settings.client_queries, refused, clock
        self._under_way: dict[str, int] = {}
        #: The last two clients that asked a query, and when.
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()
        self.policy = self._policy()

    def _policy(self) -> str:
        told = []
        if self._requests:
            window = math.ceil(self._requests.size / self._requests.rate)
            told.append(f'"requests";q={math.ceil(self._requests.size)};w={window}')
        if self._most:
            told.append(f'"queries";q={self._most};qu="concurrent-requests"')
        if self._seconds:
            told.append(f'"query-seconds";q={math.ceil(self._seconds.size)};w={_MINUTE:.0f};qu="kg-processor-seconds"')
        return ", ".join(told)

    def fields(self, client: str, wait: int = 0, policy: str = "") -> list[tuple[str, str]]:
        """The fields of an answer's head that tell a client of its limits.

        Args:
            wait: seconds until a limit that was hit lets it come again, with its name as ``policy``.
        """
        told = []
        for name, buckets in (("requests", self._requests), ("query-seconds", self._seconds)):
            if buckets:
                left, until = buckets.left(client)
                until = wait if name == policy else math.ceil(until)
                told.append(f'"{name}";r={max(0, math.floor(left)) if name != policy else 0};t={until}')
        if self._most:
            told.append(f'"queries";r={max(0, self._most - self._under_way.get(client, 0))}')
        return [("RateLimit-Policy", self.policy), ("RateLimit", ", ".join(told))] if told else []

    def _error(self, told: str, policy: str, client: str, wait: float) -> LimitError:
        self._refused.labels(policy).inc()
        seconds = max(1, math.ceil(wait))
        return LimitError(told, policy, seconds, self.fields(client, seconds, policy))

    def request(self, client: str) -> LimitError | None:
        """A request has come, and costs what one costs that is answered again; the error where it may not be answered."""
        wait = self._requests.take(client, REPEATED) if self._requests else 0.0
        if not wait:
            return None
        return self._error("Too many requests have come from here; try again later.", "requests", client, wait)

    def asked(self, client: str) -> None:
        """The request goes to the application, and costs the rest."""
        if self._requests:
            self._requests.charge(client, 1 - REPEATED)

    def enter(self, client: str) -> None:
        """A query of a client begins. Raises LimitError where it may not."""
        with self._lock:
            number, others = self._under_way.get(client, 0), self._others(client)
            self._asked[client] = self._clock()
            self._asked.move_to_end(client)
            if len(self._asked) > 2:
                self._asked.popitem(last=False)
            if self._most and number >= self._most:
                told = (
                    f"At most {self._most} queries from one place are answered at once; try again when one has ended."
                )
                raise self._error(told, "queries", client, 1)
            left, _ = self._seconds.left(client) if self._seconds and others else (1.0, 0.0)
            if self._seconds and left <= 0:
                told = (
                    f"Queries from here have taken more than {self._seconds.size:g} seconds of a processor "
                    "within a minute, and others ask too; try again later."
                )
                raise self._error(told, "query-seconds", client, 1 - left / self._seconds.rate)
            self._under_way[client] = number + 1

    def _others(self, client: str) -> bool:
        """Whether another client has a query under way or asked one just now."""
        if any(name != client for name in self._under_way):
            return True
        since = self._clock() - _PRESENT
        return any(name != client and when > since for name, when in self._asked.items())

    def leave(self, client: str, seconds: float) -> None:
        """A query of a client has ended, after so many seconds of a processor."""
        with self._lock:
            number = self._under_way.get(client, 0) - 1
            if number > 0:
                self._under_way[client] = number
            else:
                self._under_way.pop(client, None)
        if self._seconds and seconds:
            self._seconds.charge(client, seconds)


class ClientAccount:
    """What the queries of one request are counted on."""

    def __init__(self, limits: Limits, client: str) -> None:
        self._limits, self._client = limits, client

    def enter(self) -> None:
        """See ``kg.sparql.accounts.Account``."""
        self._limits.enter(self._client)

    def leave(self, seconds: float) -> None:
        """See ``kg.sparql.accounts.Account``."""
        self._limits.leave(self._client, seconds)
