"""Counts ahead of the first reader what is dearest: the overview, and the lists of the parties that act most.

When the store has changed nothing is kept of what pages count. One thread at a time counts it anew, not more often than every
half minute, so that articles that come one by one do not keep it at work. Pages are the same with and without it.
"""

from __future__ import annotations

import contextlib
import threading
import time

from kg.errors import KgError
from kg.web.views.actors import count_party
from kg.web.views.overview import overview
from kg.web.views.reader import Reader

#: Seconds between two starts.
PAUSE = 30.0


class Ahead:
    """Starts the thread where there is something to count."""

    def __init__(self) -> None:
        self._lock, self._seen, self._began = threading.Lock(), ("", -1), -PAUSE

    def look(self, reader: Reader) -> None:
        """Count in the background where the store is in another state than the last time.

        For embedded stores alone: a remote one has no state that is known, and its processor is not ours to use.
        """
        state = reader.state
        name = (state.origin, state.generation)
        if state.store is None or name == self._seen or not self._lock.acquire(blocking=False):
            return
        if time.monotonic() - self._began < PAUSE:
            self._lock.release()
            return
        self._seen, self._began = name, time.monotonic()
        # a reader of its own: that of the page goes on gathering
        threading.Thread(target=self._count, args=(reader.again(),), daemon=True, name="ahead").start()

    def _count(self, reader: Reader) -> None:
        try:
            with contextlib.suppress(KgError):
                for party, _ in overview(reader).parties:
                    count_party(reader, party)
        finally:
            self._lock.release()
