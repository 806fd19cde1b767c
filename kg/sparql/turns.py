"""Whose turn it is: quick queries before those that take longer, these before slow ones, and each within its time."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Protocol

from kg.errors import EndingError
from kg.sparql.errors import ClientGoneError, QueryTimeoutError
from kg.sparql.lanes import LOOK, MIDDLING, QUICK, QUICK_BY_CLOCK, SLOW_FROM, Lane
from kg.sparql.outward import Call, Calls

if TYPE_CHECKING:
    from kg.sparql.process import Worker

#: Niceness (see nice(2)) of slow queries. Middling ones keep their priority: no more of them run than there are processors, and
#: one that was lowered costs its worker a thread.
SLOW_NICENESS = 10
#: Of those whose answer is being sent: they mostly wait for it to be taken.
STREAM_NICENESS = 3
#: How many times its limit a query may be under way in all, however slowly its answer is taken: else a few clients that read a
#: little now and then would keep all places of those that are sent for as long as they like.
MOST_LIMITS = 10
#: Seconds that a query which has not had its time with the quick ones gets at least.
_LEAST = 0.01
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

    quick: Lane
    middling: Lane
    slow: Lane
    streams: Lane

    @property
    def ending(self) -> bool:
        """Whether the service ends, and nobody is to wait for a place any more."""

    def replace(self) -> None:
        """A worker is no longer one of the quick ones."""


def look_after(client: Client | None, lanes: Lanes) -> None:
    """Raises ClientGoneError and EndingError, where a query is not to wait any more."""
    if lanes.ending:
        raise EndingError(ENDING)
    if client and (descriptor := client.watched()) is not None:
        poller = select.poll()
        poller.register(descriptor, GONE)
        if poller.poll(0):
            raise ClientGoneError("The client has left.")


class Turn:
    """How long a query may run: at first with the quick ones, then, as there is room, with the middling and the slow ones, up to
    the limit.

    Once its answer is sent in parts it has a place among the streams; the time for which its client lets it wait does not count.
    """

    def __init__(self, lanes: Lanes, limit: float, client: Client | None) -> None:
        self._lanes, self._client, self._limit = lanes, client, limit
        self._asked, self._ends, self._latest, self._deadline = time.monotonic(), 0.0, 0.0, 0.0
        #: Whether it is no longer quick, and whether it may yet become slower.
        self.slow, self._middling = False, False
        self.start()
        #: When what is held of the answer must go out.
        self.send_by = float("inf")
        #: The road of the worker that it was given; see ``Worker``.
        self.road = ""
        self.place: Lane | None = None
        #: What the query may ask of other endpoints.
        self.calls: Calls | None = None

    def enter(self, expected: float, patience: float) -> bool:
        """Wait for a place among those that take as long as expected; whether there was one.

        Args:
            expected: seconds of a processor.
            patience: seconds that a quick query waits; others wait as long as they might run.

        Raises:
            ClientGoneError, EndingError: nobody waits for it any more, or the service ends.
        """
        self.slow = expected >= SLOW_FROM
        self._middling = self.slow and expected < MIDDLING
        lane = (self._lanes.middling if self._middling else self._lanes.slow) if self.slow else self._lanes.quick
        if not lane.take(self._asked + (self._limit if self.slow else patience), self._wait):
            return False
        self.place = lane
        self.start()
        return True

    async def enter_soon(self, patience: float) -> bool:
        """Wait in an event loop for a place among the quick ones, at most so many seconds; whether there was one."""
        if not await self._lanes.quick.take_soon(patience):
            return False
        self.place = self._lanes.quick
        self.start()
        return True

    @property
    def niceness(self) -> int:
        """The priority that its worker gets from the start; 0 for the usual one."""
        return SLOW_NICENESS if self.slow and not self._middling else 0

    def left(self) -> float:
        """Seconds until something must be decided."""
        return min(self._deadline, self.send_by, self._ends if self._goes_on() else self._deadline) - time.monotonic()

    def _goes_on(self) -> bool:
        """Whether another lane comes after this one."""
        return self._middling or not self.slow

    def wait_for_start(self) -> None:
        """Its process is only starting: that makes no slow query of it, and does not count."""
        self._ends = self._deadline

    def start(self) -> None:
        """The process is there: the time begins; what stood in line for its place has had that of its limit."""
        now = time.monotonic()
        self._ends, self._latest = now + (MIDDLING if self.slow else QUICK), now + QUICK_BY_CLOCK
        self._deadline = (self._asked if self.slow else now) + self._limit

    def waited(self, seconds: float, spent: float = 0.0) -> None:
        """The client took its time, in which the query may have gone on: what it has ``spent`` of a processor counts.

        Raises:
            QueryTimeoutError: that is the whole limit, or all of it has taken many times as long.
        """
        latest = self._asked + MOST_LIMITS * self._limit
        if spent >= self._limit or time.monotonic() >= latest:
            raise QueryTimeoutError("")
        self._deadline = min(self._deadline + seconds, latest)
        self._ends += seconds
        self._latest += seconds

    def watched(self) -> int | None:
        """What tells that the client has left, for a query that is no longer quick."""
        return self._client.watched() if self._client and self.slow else None

    def over(self, worker: Worker) -> None:
        """The time in this lane is up: the query goes on in the next one, after a rest while that has no place for it.

        Raises:
            QueryTimeoutError: its whole time is up.
            ClientGoneError: nobody waits for it.
        """
        now = time.monotonic()
        if now >= self._deadline:
            raise QueryTimeoutError("")
        if not self._goes_on() or now < self._ends:
            return
        latest = self._deadline if self.slow else self._latest
        if (rest := (MIDDLING if self.slow else QUICK) - worker.spent()) > 0 and now < latest:
            self._ends = min(now + max(rest, _LEAST), latest)
            return
        worker.pause()
        if not self.slow:
            self._lanes.replace()
        self._middling, self.slow = not self.slow, True
        self._move(self._lanes.middling if self._middling else self._lanes.slow, self._deadline, QueryTimeoutError(""))
        self._ends = time.monotonic() + max(MIDDLING - worker.spent(), _LEAST)
        worker.resume(self.niceness)

    def stream(self, worker: Worker, patience: float) -> None:
        """The answer goes out in parts from now on. Raises BusyError's cause, TimeoutError, where no place becomes free."""
        worker.pause()
        if not self.slow:
            self._lanes.replace()
        self.slow, self._middling, self.send_by = True, False, float("inf")
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
            self._lanes.replace()
        self.slow, self._middling = True, False
        poller = select.poll()
        poller.register(call.ended, select.POLLIN)
        while not poller.poll(max(0.0, min(LOOK, self._deadline - time.monotonic())) * 1000):
            if time.monotonic() >= self._deadline:
                raise QueryTimeoutError("")
            self._wait()
        if not streams:
            self._move(self._lanes.slow, self._deadline, QueryTimeoutError(""))
            worker.resume(SLOW_NICENESS)

    def remaining(self) -> float:
        """Seconds until the limit."""
        return self._deadline - time.monotonic()

    def _move(self, lane: Lane, until: float, failure: Exception) -> None:
        self.give_back()
        if not lane.take(until, self._wait):
            raise failure
        self.place = lane

    def _wait(self) -> None:
        """Raises what ends the waiting for a place."""
        look_after(self._client if self.slow else None, self._lanes)

    def give_back(self) -> None:
        """Let another query have the place."""
        if self.place:
            self.place.release()
        self.place = None
