"""Whose turn it is: quick queries before slow ones, these before none, and each within its time."""

from __future__ import annotations

import select
import threading
import time
from typing import TYPE_CHECKING, Protocol

from kg.errors import EndingError
from kg.sparql.errors import ClientGoneError, QueryTimeoutError
from kg.sparql.outward import Call, Calls

if TYPE_CHECKING:
    from kg.sparql.process import Worker

#: Seconds of a processor that a query may take among the quick ones; those that take longer get their own, lower priority (see
#: ``nice``). By the clock it has longer: on a busy machine a quick one waits for a processor, and would wait for ever behind all.
QUICK, QUICK_BY_CLOCK, SLOW_NICENESS = 0.1, 1.0, 10
#: Of those whose answer is being sent: they mostly wait for it to be taken.
STREAM_NICENESS = 3
#: Seconds that a query which has not had its time with the quick ones gets at least.
_LEAST = 0.01
#: Seconds between two looks at whether the client of a resting query is still there.
_LOOK = 0.25
#: What is told of a query that the service's end has ended.
ENDING = "The service is ending, and the query with it; ask again in a moment."
#: What poll(2) says of a connection that has ended.
GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


class Client(Protocol):
    """Who waits for an answer."""

    def watched(self) -> int | None:
        """A descriptor that tells when the client leaves; None where there is none. Raises ClientGoneError."""


class Lanes(Protocol):
    """The places that queries take turns in."""

    quick: threading.Semaphore
    slow: threading.Semaphore
    streams: threading.Semaphore
    #: Whether the service ends, and nobody is to wait for a place any more.
    ending: bool

    def replace(self, worker: Worker) -> None:
        """A worker is no longer one of the quick ones."""


class Turn:
    """How long a query may run: at first with the quick ones, then, if there is room, with the slow ones, up to the limit.

    Once its answer is sent in parts it has a place among the streams; the time for which its client lets it wait does not count.
    """

    def __init__(self, lanes: Lanes, limit: float, client: Client | None) -> None:
        now = time.monotonic()
        self._lanes, self._client = lanes, client
        self._limit, self._ends, self._deadline, self.slow = limit, now + QUICK, now + limit, False
        self._latest = now + QUICK_BY_CLOCK
        #: When what is held of the answer must go out.
        self.send_by = float("inf")
        #: The road of the worker that it was given; see ``Worker``.
        self.road = ""
        self.place: threading.Semaphore | None = lanes.quick
        #: What the query may ask of other endpoints.
        self.calls: Calls | None = None

    def left(self) -> float:
        """Seconds until something must be decided."""
        return min(self._deadline, self.send_by, self._deadline if self.slow else self._ends) - time.monotonic()

    def wait_for_start(self) -> None:
        """Its process is only starting: that makes no slow query of it, and does not count."""
        self._ends = self._deadline

    def start(self) -> None:
        """The process is there."""
        now = time.monotonic()
        self._ends, self._deadline = now + QUICK, now + self._limit
        self._latest = now + QUICK_BY_CLOCK

    def waited(self, seconds: float) -> None:
        """The client took its time."""
        self._deadline += seconds
        self._ends += seconds
        self._latest += seconds

    def watched(self) -> int | None:
        """What tells that the client has left, for a query that is no longer quick."""
        return self._client.watched() if self._client and self.slow else None

    def over(self, worker: Worker) -> None:
        """The time is up: the query becomes a slow one, after a rest while there are too many of these.

        Raises:
            QueryTimeoutError: it was slow already.
            ClientGoneError: nobody waits for it.
        """
        if time.monotonic() >= self._deadline:
            raise QueryTimeoutError("")
        now = time.monotonic()
        if self.slow or now < self._ends:
            return
        if (rest := QUICK - worker.spent()) > 0 and now < self._latest:
            self._ends = min(now + max(rest, _LEAST), self._latest)
            return
        worker.pause()
        self.slow = True
        self._lanes.replace(worker)
        self._move(self._lanes.slow, self._deadline, QueryTimeoutError(""))
        worker.resume(SLOW_NICENESS)

    def stream(self, worker: Worker, patience: float) -> None:
        """The answer goes out in parts from now on. Raises BusyError's cause, TimeoutError, where no place becomes free."""
        worker.pause()
        if not self.slow:
            self._lanes.replace(worker)
        self.slow, self.send_by = True, float("inf")
        began = time.monotonic()
        self._move(self._lanes.streams, began + patience, TimeoutError())
        self.waited(time.monotonic() - began)
        worker.resume(STREAM_NICENESS)

    def outside(self, call: Call, worker: Worker) -> None:
        """Another endpoint is asked; until it has answered, the query is not among those that are evaluated.

        Raises:
            QueryTimeoutError: the query's time is up.
            ClientGoneError: nobody waits for it any more.
        """
        streams = self.place is self._lanes.streams
        if not streams:
            self.give_back()
        if not self.slow:
            self._lanes.replace(worker)
        self.slow = True
        poller = select.poll()
        poller.register(call.ended, select.POLLIN)
        while not poller.poll(max(0.0, min(_LOOK, self._deadline - time.monotonic())) * 1000):
            if time.monotonic() >= self._deadline:
                raise QueryTimeoutError("")
            self.look()
        if not streams:
            self._move(self._lanes.slow, self._deadline, QueryTimeoutError(""))
            worker.resume(SLOW_NICENESS)

    def remaining(self) -> float:
        """Seconds until the limit."""
        return self._deadline - time.monotonic()

    def _move(self, lane: threading.Semaphore, until: float, failure: Exception) -> None:
        self.give_back()
        while not lane.acquire(timeout=max(0.0, min(_LOOK, until - time.monotonic()))):
            if self._lanes.ending:
                raise EndingError(ENDING)
            if time.monotonic() >= until:
                raise failure
            self.look()
        self.place = lane

    def look(self) -> None:
        """Raises ClientGoneError where the client has left."""
        if (descriptor := self.watched()) is not None:
            poller = select.poll()
            poller.register(descriptor, GONE)
            if poller.poll(0):
                raise ClientGoneError("The client has left.")

    def give_back(self) -> None:
        """Let another query have the place."""
        if self.place:
            self.place.release()
        self.place = None
