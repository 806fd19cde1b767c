"""A worker's process as the service sees it: asked one query at a time, watched, laid to rest, and ended.

pyoxigraph cannot stop a query, and threads cannot be stopped: only a process can (see ``kg.sparql.worker``).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from kg.errors import KgError, QueryError
from kg.sparql.worker import FRAME, LENGTH
from kg.store import Snapshot

#: Seconds that a query runs among the quick ones; those that take longer get their own, lower priority (see ``nice``).
QUICK, SLOW_NICENESS = 0.1, 10
#: Of those whose answer is being sent: they mostly wait for it to be taken.
STREAM_NICENESS = 3
#: Seconds between two looks at whether the client of a resting query is still there.
_LOOK = 0.25
#: Bytes that are read at once: a small answer with all its frames.
_MOST_READ = 131_072
#: Bytes of memory above which a worker is not used again after a slow query.
_SMALL = 300_000_000
_GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR
_PROGRAM = Path(__file__).with_name("worker.py")


class QueryTimeoutError(KgError):
    """The query took longer than it may."""


class QueryCrashError(KgError):
    """The query brought its worker down: it was too deep or took too much memory."""


class AnswerTooLargeError(KgError):
    """The answer has more rows or bytes than the operator allows."""


class ClientGoneError(KgError):
    """Nobody waits for the answer any more."""


class Client(Protocol):
    """Who waits for an answer."""

    def watched(self) -> int | None:
        """A descriptor that tells when the client leaves; None where there is none. Raises ClientGoneError."""


class Lanes(Protocol):
    """The places that queries take turns in."""

    quick: threading.Semaphore
    slow: threading.Semaphore
    streams: threading.Semaphore

    def replace(self, worker: Worker) -> None:
        """A worker is no longer one of the quick ones."""


class Process(Protocol):
    """A process with pipes, whoever started it."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """What it reads."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """What it writes."""

    def poll(self) -> int | None:
        """None while it has not ended."""

    def wait(self) -> int:
        """Wait for its end."""

    def send_signal(self, number: int, /) -> None:
        """Nothing where it has ended."""

    def kill(self) -> None:
        """End it at once."""


class Turn:
    """How long a query may run: at first with the quick ones, then, if there is room, with the slow ones, up to the limit.

    Once its answer is sent in parts it has a place among the streams; the time for which its client lets it wait does not count.
    """

    def __init__(self, lanes: Lanes, limit: float, client: Client | None) -> None:
        now = time.monotonic()
        self._lanes, self._client = lanes, client
        self._limit, self._ends, self._deadline, self.slow = limit, now + QUICK, now + limit, False
        #: When what is held of the answer must go out.
        self.send_by = float("inf")
        #: The road of the worker that it was given; see ``Worker``.
        self.road = ""
        self.place: threading.Semaphore | None = lanes.quick

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

    def waited(self, seconds: float) -> None:
        """The client took its time."""
        self._deadline += seconds
        self._ends += seconds

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
        if self.slow or time.monotonic() < self._ends:
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

    def _move(self, lane: threading.Semaphore, until: float, failure: Exception) -> None:
        self.give_back()
        while not lane.acquire(timeout=max(0.0, min(_LOOK, until - time.monotonic()))):
            if time.monotonic() >= until:
                raise failure
            self.look()
        self.place = lane

    def look(self) -> None:
        """Raises ClientGoneError where the client has left."""
        if (descriptor := self.watched()) is not None:
            poller = select.poll()
            poller.register(descriptor, _GONE)
            if poller.poll(0):
                raise ClientGoneError("The client has left.")

    def give_back(self) -> None:
        """Let another query have the place."""
        if self.place:
            self.place.release()
        self.place = None


def spawned(snapshot: Snapshot, memory: int) -> Process:
    """A process that reads a snapshot on disk."""
    return subprocess.Popen(
        # run as a file, isolated: it needs pyoxigraph alone, and starts in the blink of an eye
        [sys.executable, "-I", str(_PROGRAM), str(snapshot.folder.resolve()), str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},  # the service's environment may hold secrets, and is no business of a stranger's query
    )


class Worker:
    """One process and its pipes.

    Args:
        road: empty for a snapshot on disk; else a sign of the order in which a state in memory gives its answers.
        shared: bytes that it holds in common with others.
    """

    def __init__(self, snapshot: Snapshot, process: Process, road: str = "", shared: int = 0) -> None:
        self.snapshot, self.road, self._process, self._shared = snapshot, road, process, shared
        #: Whether the system took the network away from it; None until it has said so.
        self.apart: bool | None = None
        self._thread = 0
        #: Whether it was asked before. One in memory has its own copies of what it read then, which took it their time.
        self.used = False
        #: Bytes of frames that came with those before them.
        self._unread = bytearray()

    def ready(self) -> bool:
        """Whether it has started."""
        if self.apart is not None:
            return True
        assert self._process.stdout is not None
        poller = select.poll()
        poller.register(self._process.stdout.fileno(), select.POLLIN)
        return bool(poller.poll(0))

    def alive(self) -> bool:
        """Whether its process has not ended."""
        return self._process.poll() is None

    def greeted(self, patience: float) -> bool:
        """Wait for its start, at most so many seconds; whether it can be asked. Then ``apart`` is known."""
        assert self._process.stdout is not None
        descriptor, greeting, deadline = self._process.stdout.fileno(), bytearray(), time.monotonic() + patience
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        while self.apart is None:
            if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return False
            data = os.read(descriptor, 64)  # it says nothing more until it is asked
            greeting += data
            if len(greeting) >= FRAME.size and len(greeting) == FRAME.size + FRAME.unpack(greeting[: FRAME.size])[1]:
                apart, self._thread = map(int, greeting[FRAME.size :].split())
                self.apart = bool(apart)
            elif not data:
                return False
        return self.alive()

    def small(self) -> bool:
        """Whether it holds little memory, so that the next query has what it may have."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError, ValueError):
            return False
        return pages * os.sysconf("SC_PAGE_SIZE") - self._shared < _SMALL

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(BrokenPipeError):  # of a request that was never read
                    stream.close()

    def pause(self) -> None:
        """Let the process rest: it takes no processor time until ``resume``."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self, niceness: int) -> None:
        """Let it go on, behind all that is quick. It cannot be taken back: the next query gets another thread."""
        with contextlib.suppress(OSError):  # on Linux each thread has its own, see setpriority(2)
            os.setpriority(os.PRIO_PROCESS, self._thread, niceness)
        self._process.send_signal(signal.SIGCONT)

    def _ready(self, turn: Turn) -> bool:
        """Whether there is something to read; False where what is held must go out first."""
        assert self._process.stdout is not None
        own = self._process.stdout.fileno()
        while True:
            poller = select.poll()
            poller.register(own, select.POLLIN)
            if (client := turn.watched()) is not None:
                poller.register(client, _GONE)
            found = [descriptor for descriptor, _ in poller.poll(max(0.0, turn.left()) * 1000 + 1)]
            if client in found:
                raise ClientGoneError("The client has left.")
            if found:
                return True
            if time.monotonic() >= turn.send_by:
                return False
            turn.over(self)

    def _read(self, size: int, turn: Turn) -> bytes:
        assert self._process.stdout is not None
        while len(self._unread) < size:
            if not self._ready(turn):
                continue
            data = os.read(self._process.stdout.fileno(), _MOST_READ)
            if not data:
                raise QueryCrashError("The query needs more memory or depth than it may have.")
            self._unread += data
        found = bytes(self._unread[:size])
        del self._unread[:size]
        return found

    def ask(self, request: bytes, turn: Turn) -> Iterator[bytes]:
        """Parts of the answer; an empty one where what is held must go out.

        Raises:
            QueryError, QueryTimeoutError, QueryCrashError, AnswerTooLargeError, ClientGoneError: as they say.
        """
        assert self._process.stdin is not None
        self.used = True
        if self.apart is None:
            turn.wait_for_start()
        try:
            self._process.stdin.write(LENGTH.pack(len(request)) + request)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise QueryCrashError("The query's worker has ended.") from None
        while True:
            if not self._unread and not self._ready(turn):
                yield b""
                continue
            kind, size = FRAME.unpack(self._read(FRAME.size, turn))
            data = self._read(size, turn)
            if kind == b"d":
                began = time.monotonic()
                yield data
                turn.waited(time.monotonic() - began)
            elif kind == b"n":
                apart, thread = map(int, data.split())
                self.apart, self._thread = bool(apart), thread
                turn.start()
            elif kind == b"e":
                return
            else:
                raise AnswerTooLargeError(data.decode()) if kind == b"l" else QueryError(data.decode())
