"""Workers that evaluate strangers' queries: a query that takes too long is ended with its process.

pyoxigraph cannot stop a query, and threads cannot be stopped: only a process can (see ``kg.sparql.worker``).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.config import Settings
from kg.errors import KgError, QueryError
from kg.sparql.formats import Format
from kg.sparql.guard import Query
from kg.sparql.worker import FRAME, LENGTH
from kg.store import Snapshot, Snapshots
from kg.triples.vocab import PREFIXES

#: Seconds that a request waits for a worker to be free.
PATIENCE = 10.0
#: An answer up to this size is held until it is whole, so that a failure can still be told by the status.
HELD_BYTES = 1_000_000
#: Seconds that a query runs among the quick ones; those that take longer get their own, lower priority (see ``nice``).
QUICK, SLOW_NICENESS = 0.1, 10
_PROGRAM = Path(__file__).with_name("worker.py")


class QueryTimeoutError(KgError):
    """The query took longer than it may."""


class QueryCrashError(KgError):
    """The query brought its worker down: it was too deep or took too much memory."""


class BusyError(KgError):
    """Every worker is at work, and stayed so."""


class _Turn:
    """How long a query may run: at first with the quick ones, then, if there is room, with the slow ones, up to the limit."""

    def __init__(self, pool: Pool, limit: float) -> None:
        now = time.monotonic()
        self._pool, self._ends, self._deadline, self.slow = pool, now + QUICK, now + limit, False
        #: What the query holds of the pool, and gives back when it ends.
        self.place: threading.Semaphore | None = pool.quick

    def left(self) -> float:
        """Seconds until something must be decided."""
        return min(self._deadline, self._deadline if self.slow else self._ends) - time.monotonic()

    def over(self, worker: _Worker) -> None:
        """The time is up: the query becomes a slow one, after a rest while there are too many of these.

        Raises:
            QueryTimeoutError: it was slow already.
        """
        if self.slow or time.monotonic() >= self._deadline:
            raise QueryTimeoutError("")
        worker.pause()
        self.give_back()
        self.slow = True
        if not self._pool.slow.acquire(timeout=max(0.0, self._deadline - time.monotonic())):
            raise QueryTimeoutError("")
        self.place = self._pool.slow
        worker.resume()

    def give_back(self) -> None:
        """Let another query have the place."""
        if self.place:
            self.place.release()
        self.place = None


class _Worker:
    """One process and its pipes."""

    def __init__(self, snapshot: Snapshot, memory: int) -> None:
        self.snapshot = snapshot
        self._process = subprocess.Popen(
            # run as a file, isolated: it needs pyoxigraph alone, and starts in the blink of an eye
            [sys.executable, "-I", str(_PROGRAM), str(snapshot.folder.resolve()), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},  # the service's environment may hold secrets, and is no business of a stranger's query
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()

    def pause(self) -> None:
        """Let the process rest: it takes no processor time until ``resume``."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on, behind all that is quick."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, SLOW_NICENESS)
        self._process.send_signal(signal.SIGCONT)

    def _read(self, size: int, turn: _Turn) -> bytes:
        assert self._process.stdout is not None
        descriptor, parts = self._process.stdout.fileno(), bytearray()
        while len(parts) < size:
            if not select.select([descriptor], [], [], max(0.0, turn.left()))[0]:
                turn.over(self)
                continue
            data = os.read(descriptor, size - len(parts))
            if not data:
                raise QueryCrashError("The query needs more memory or depth than it may have.")
            parts += data
        return bytes(parts)

    def ask(self, request: bytes, turn: _Turn) -> Iterator[bytes]:
        """Parts of the answer. Raises QueryError, QueryTimeoutError, QueryCrashError."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(LENGTH.pack(len(request)) + request)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise QueryCrashError("The query's worker has ended.") from None
        while True:
            kind, size = FRAME.unpack(self._read(FRAME.size, turn))
            data = self._read(size, turn)
            if kind == b"d":
                yield data
            elif kind == b"e":
                return
            else:
                raise QueryError(data.decode())


@dataclass(frozen=True)
class Answer:
    """An answer's body: ``whole`` where it is small, else ``parts`` to be sent as they come."""

    whole: bytes | None
    parts: Iterator[bytes] | None


class Pool:
    """A fixed number of workers, started when first needed and started anew when the store has changed."""

    def __init__(self, settings: Settings, snapshots: Snapshots) -> None:
        self._settings, self._snapshots = settings, snapshots
        #: Turns of quick queries, and of those that have turned out to be slow.
        self.quick = threading.Semaphore(settings.query_workers)
        self.slow = threading.Semaphore(settings.slow_queries)
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    def _take(self, snapshot: Snapshot) -> _Worker:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker and worker.snapshot is not snapshot:
            worker.kill()
            worker = None
        return worker or _Worker(snapshot, self._settings.query_memory)

    def _give_back(self, worker: _Worker | None, turn: _Turn, healthy: bool) -> None:
        healthy = healthy and not turn.slow  # a process that was made slow stays so: quick ones get another
        if worker and healthy:
            with self._lock:
                self._idle.append(worker)
        elif worker:
            worker.kill()
        turn.give_back()

    def _stream(self, query: Query, form: Format, snapshot: Snapshot) -> Iterator[bytes]:
        limit = self._settings.query_timeout
        if not self.quick.acquire(timeout=PATIENCE):
            raise BusyError("The service is answering as many queries as it can; try again in a moment.")
        worker, healthy, turn = None, False, _Turn(self, limit)
        try:
            worker = self._take(snapshot)
            request = {
                "query": query.text,
                "format": form.media_types[0],
                "triples": query.gives_triples,
                "union": self._settings.default_graph == "union",
                "base": self._settings.base_iri + "sparql",
                "default_graphs": query.default_graphs,
                "named_graphs": query.named_graphs,
                "prefixes": PREFIXES,
            }
            yield from worker.ask(json.dumps(request).encode(), turn)
            healthy = True
        except QueryTimeoutError:
            raise QueryTimeoutError(f"The query took longer than {limit:g} seconds and was ended.") from None
        except QueryError:
            healthy = True
            raise
        finally:
            self._give_back(worker, turn, healthy)

    def answer(self, query: Query, form: Format, snapshot: Snapshot | None = None) -> Answer:
        """Evaluate a query; a small answer comes whole, a large one in parts, whose failure can only cut it off.

        Args:
            snapshot: the state of the store to ask; the newest unless it is given.

        Raises:
            QueryError: it is malformed or fails.
            QueryTimeoutError: it was ended at the limit.
            QueryCrashError: it brought its worker down.
            BusyError: no worker became free.
        """
        parts, held = self._stream(query, form, snapshot or self._snapshots.current()), bytearray()
        for part in parts:
            held += part
            if len(held) > HELD_BYTES:
                return Answer(None, _joined(bytes(held), parts))
        return Answer(bytes(held), None)

    def close(self) -> None:
        """End the idle workers."""
        with self._lock:
            while self._idle:
                self._idle.pop().kill()


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
