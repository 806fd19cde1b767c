"""Places for queries in the order of asking, and what queries like one have cost before."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Protocol

#: Seconds of a processor that a query may take among the quick ones. By the clock it has longer: on a busy machine a quick one
#: waits for a processor, and would wait for ever behind all.
QUICK, QUICK_BY_CLOCK = 0.1, 1.0
#: From how many expected seconds on a query does not begin among them: one that takes now a little more and now a little less
#: than quick ones may is not to change its lane each time.
SLOW_FROM = QUICK / 2
#: And until when it is among the middling ones, so that what takes half a second need not wait for what never ends.
MIDDLING = 1.0
#: Seconds between two looks at whether the client of a resting query is still there.
LOOK = 0.25
#: Kinds of queries whose cost is remembered.
MOST_SHAPES = 1000


class _Waiting(Protocol):
    """Somebody who waits for a place."""

    def set(self) -> None:
        """The place is given."""

    def is_set(self) -> bool:
        """Whether it has been."""


class _InLoop:
    """One who waits in an event loop, where no thread may."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.given, self._set = self._loop.create_future(), False

    def set(self) -> None:
        self._set = True
        self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if not self.given.done():
            self.given.set_result(None)

    def is_set(self) -> bool:
        return self._set


class Lane:
    """Places for so many queries at once, given in the order in which they are asked for. Safe to use from several threads."""

    def __init__(self, places: int) -> None:
        self._free, self._lock = places, threading.Lock()
        self._waiting: deque[_Waiting] = deque()

    def take(self, until: float, look: Callable[[], None] = lambda: None) -> bool:
        """Wait for a place; whether there was one until then, by the monotonic clock.

        Args:
            until: when to give up.
            look: called now and then; what it raises ends the waiting.
        """
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            while not mine.wait(max(0.0, min(LOOK, until - time.monotonic()))):
                if time.monotonic() >= until:
                    return not self._withdraw(mine)
                look()
        except BaseException:
            if not self._withdraw(mine):
                self.release()
            raise
        return True

    async def take_soon(self, patience: float) -> bool:
        """Wait for a place in an event loop, at most so many seconds; whether there was one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            mine = _InLoop()
            self._waiting.append(mine)
        try:
            found, _ = await asyncio.wait((mine.given,), timeout=patience)
        except BaseException:
            if not self._withdraw(mine):
                self.release()
            raise
        return bool(found) or not self._withdraw(mine)

    def _withdraw(self, waiting: _Waiting) -> bool:
        """Wait no longer; False where the place has just been given."""
        with self._lock:
            if waiting.is_set():
                return False
            self._waiting.remove(waiting)
            return True

    def release(self) -> None:
        """Leave a place to who has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Costs:
    """What queries of a shape have taken, so that the next one waits in the lane where it would come to anyway, and needs no
    worker until then. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[int, float] = OrderedDict()
        self._lock = threading.Lock()

    def expected(self, shape: int) -> float:
        """Seconds of a processor; 0 where nothing is known."""
        with self._lock:
            return self._known.get(shape, 0.0)

    def learn(self, shape: int, seconds: float, *, ended: bool) -> None:
        """A query has taken so many seconds of a processor; one that has not come to its ``ended`` would have taken more."""
        with self._lock:
            before = self._known.pop(shape, seconds)
            self._known[shape] = (before + seconds) / 2 if ended else max(before, seconds)
            if len(self._known) > MOST_SHAPES:
                self._known.popitem(last=False)
