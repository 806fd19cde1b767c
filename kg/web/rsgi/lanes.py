"""Threads for requests: few for what keeps the processor busy, many for what mostly waits, and never a queue without end.

Python runs one thread at a time, and the server's loop is one among them: with dozens of threads that make pages it would come
to its turn too seldom to take, or to refuse, what comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

#: Paths of pages that are made here, by the program's own queries, and begin to leave when they are whole.
_PAGES = ("/page/", "/id/", "/topic/", "/articles", "/about", "/ontology", "/search", "/static/")
#: What asks whether the service is well is never refused.
_ALWAYS = "/health"


class Lane:
    """Some threads, and a bound on what they do and what waits for them. To be used in the server's loop alone.

    Args:
        threads: how many requests are answered at once.
        most: how many are answered or wait for it.
    """

    def __init__(self, name: str, threads: int, most: int) -> None:
        self._threads, self._most, self._under_way = ThreadPoolExecutor(threads, name), most, 0

    def full(self) -> bool:
        """Whether another request would wait too long."""
        return self._under_way >= self._most

    def close(self) -> None:
        """Wait for what is under way."""
        self._threads.shutdown()

    async def run(self, work: Callable[..., None], *given: Any) -> None:
        """Have a thread do something, and wait for its end."""
        self._under_way += 1
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        finally:
            self._under_way -= 1


class Lanes:
    """The lanes of one service."""

    def __init__(self) -> None:
        self._pages = Lane("page", 8, 100)
        # more threads than queries may run or wait at once (``kg.sparql.pool``): the rest are for what is refused, or written
        self._others = Lane("request", 64, 100)
        self._always = Lane("health", 2, 1_000)

    def of(self, path: str) -> Lane:
        """Where a request for a path goes."""
        if path.startswith(_ALWAYS):
            return self._always
        return self._pages if path == "/" or path.startswith(_PAGES) else self._others

    def close(self) -> None:
        """Wait for what is under way in all of them."""
        for lane in (self._pages, self._others, self._always):
            lane.close()
