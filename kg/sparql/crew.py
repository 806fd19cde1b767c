"""The workers that wait for queries: started ahead, given out, taken back where they are fit for the next one."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable

from kg.config import Settings
from kg.errors import StoreError
from kg.sparql.memory import Held, Memory
from kg.sparql.process import Worker, spawned
from kg.store import Replica, Snapshot, Snapshots

#: Seconds within which one that waits moves to another state of the store when it is asked.
MOVES_WITHIN = 10.0
#: Seconds for which a worker's start is waited for where somebody asks whether one can be started.
START_PATIENCE = 5.0
_LOG = logging.getLogger("kg.workers")


class Crew:
    """Workers on the newest state, started when first needed; one that waits moves to it when it is asked.

    Safe to use from several threads.

    Args:
        most: workers that are kept once they have been asked.
    """

    def __init__(self, settings: Settings, snapshots: Snapshots | Replica, most: int) -> None:
        self._settings, self._snapshots, self._most = settings, snapshots, most
        self._idle: list[Worker] = []
        self._at_work: set[Worker] = set()
        self._lock = threading.Lock()
        self.ending = self._closed = False
        self._memory = Memory(settings, self._go_over)
        #: Whether the system takes the network away from workers; None until one has said so.
        self.apart: bool | None = None
        #: How many were started so far.
        self.started = 0

    @property
    def idle(self) -> int:
        """How many wait for a query."""
        return len(self._idle)

    @property
    def held(self) -> Held | None:
        """The state in memory that workers are forked from, where there is one."""
        return self._memory.held

    def sign(self, snapshot: Snapshot) -> str:
        """What tells the answers on a state from memory; empty where there are none."""
        return self._memory.sign(snapshot)

    def take(self, snapshot: Snapshot) -> Worker:
        """A worker for a state, a new one where none waits. Raises OSError where none can be started."""
        newest = self._snapshots.current()
        self._memory.look(newest)
        with self._lock:
            stale = [w for w in self._idle if w.snapshot is not newest and not self._may_move(w, newest)]
            self._idle = [w for w in self._idle if w not in stale]
            worker = self._picked(snapshot, Worker.ready)
            if worker is None:  # one that is starting
                worker = next((w for w in self._idle if w.snapshot is snapshot), None)
                if worker:
                    self._idle.remove(worker)
        for one in stale:
            one.kill()
        return self._out(worker or self._new(snapshot))

    def at_hand(self, snapshot: Snapshot) -> Worker | None:
        """One that has been asked before and can be asked at once; None where that takes a look around, or a start."""
        if self._memory.due(snapshot):
            return None
        with self._lock:
            worker = self._picked(snapshot, lambda w: w.used)
        return self._out(worker) if worker else None

    def _picked(self, snapshot: Snapshot, fits: Callable[[Worker], bool]) -> Worker | None:
        """One of those who wait that has a state open, else one of another, which moves to it: who stood in line while the store
        was written asks one that is no longer the newest.

        One that is only starting has its own state yet to open, and cannot be moved.
        """
        waiting = list(reversed(self._idle))
        there = (w for w in waiting if w.snapshot is snapshot and fits(w))
        movable = (w for w in waiting if self._may_move(w, snapshot) and fits(w))
        worker = next(itertools.chain(there, movable), None)
        if worker:
            self._idle.remove(worker)
            worker.snapshot = snapshot
        return worker

    def _may_move(self, worker: Worker, snapshot: Snapshot) -> bool:
        """Whether one of another state is to answer on this one: not where workers are forked, and not after a long rest.

        Until it is asked it keeps the files of its own state, which take room on the disk.
        """
        rested = time.monotonic() - worker.idle_since
        return rested < MOVES_WITHIN and not worker.road and not self._memory.sign(snapshot)

    def _out(self, worker: Worker) -> Worker:
        with self._lock:
            self._at_work.add(worker)
            ending = self.ending
        if ending:
            worker.end()
        return worker

    def _new(self, snapshot: Snapshot) -> Worker:
        """Another worker for a state: forked from what is in memory, or one that reads it on disk."""
        with self._lock:
            self.started += 1
        if found := self._memory.fork(snapshot):
            process, shared, road = found
            return Worker(snapshot, process, road, shared)
        return Worker(snapshot, spawned(snapshot, self._settings.query_memory))

    def _go_over(self, snapshot: Snapshot) -> None:
        """A state is in memory now: have workers forked from it wait for queries in the place of those on disk."""
        with contextlib.suppress(OSError):
            for _ in range(self._settings.query_workers):
                if self._closed:
                    return
                worker = self._new(snapshot)
                with self._lock:
                    over = next((w for w in self._idle if w.road != worker.road), None)
                    self._idle = [w for w in self._idle if w is not over]
                if over:
                    over.kill()
                if not self._keep(worker):
                    worker.kill()

    def give_back(self, worker: Worker, *, healthy: bool, slow: bool) -> None:
        """A worker's query has ended: the worker waits for the next one, or ends.

        Args:
            healthy: whether it came to the end of its answer.
            slow: whether it took long, after which a worker may hold much memory.
        """
        with self._lock:
            self._at_work.discard(worker)
        if worker.apart is not None and self.apart is None:
            self.apart = worker.apart
            if not self.apart:
                _LOG.warning(
                    "The system does not take the network away from workers; the check of queries keeps them off it."
                )
        if healthy and (not slow or worker.small()) and self._keep(worker):
            return
        if healthy or self.ending:
            worker.kill()
            return
        worker.end()  # the system takes a tenth of a second to free some gigabytes, for which its client need not wait
        threading.Thread(target=self._bury, args=(worker,), daemon=True).start()

    def _keep(self, worker: Worker) -> bool:
        """Have a worker wait for the next query, unless there are as many as are used; of these, used ones go before new ones."""
        road, over = self._memory.sign(worker.snapshot), None
        with self._lock:
            if self._closed or worker.road != road:
                return False
            if len(self._idle) >= (self._most if worker.used else self._settings.query_workers):
                over = next((w for w in self._idle if not w.used), None) if worker.used else None
                if over is None:
                    return False
                self._idle.remove(over)
            worker.idle_since = time.monotonic()
            # the last ones are asked first
            self._idle.insert(len(self._idle) if worker.used else 0, worker)
        if over:
            over.kill()
        return True

    def replace(self) -> None:
        """Start another worker for one whose query goes on, so that the next quick query need not wait for its start.

        It takes some milliseconds, for which nothing waits: neither the query's next step nor the first bytes of an answer.
        """
        threading.Thread(target=self._add, daemon=True).start()

    def _bury(self, worker: Worker) -> None:
        worker.kill()
        self._add()

    def _add(self) -> None:
        with self._lock:
            enough = len(self._idle) >= self._settings.query_workers
        with contextlib.suppress(OSError, StoreError):  # the next query tries again, and tells
            if not enough and not self._keep(another := self._new(self._snapshots.current())):
                another.kill()

    def can_work(self) -> bool:
        """Whether a worker is there, or can be started within some seconds."""
        with self._lock:
            if any(worker.apart is not None and worker.alive() for worker in self._idle):
                return True
        worker = self._new(self._snapshots.current())
        started = worker.greeted(START_PATIENCE)
        self.apart = worker.apart if self.apart is None else self.apart
        if not (started and self._keep(worker)):
            worker.kill()
        return started

    def break_off(self) -> None:
        """End the workers that are at work, and those that begin later: the service ends."""
        with self._lock:
            self.ending = True
            for worker in self._at_work:
                worker.end()

    def close(self) -> None:
        """End the idle workers, and what they were forked from."""
        self._memory.close()
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().kill()
