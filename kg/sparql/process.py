"""A worker's process as the service sees it: asked one query at a time, watched, laid to rest, and ended.

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
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from kg.errors import QueryError
from kg.sparql.errors import AnswerTooLargeError, ClientGoneError, QueryCrashError
from kg.sparql.outward import Calls
from kg.sparql.turns import GONE, Turn
from kg.sparql.worker import FRAME, LENGTH
from kg.store import Snapshot

#: Bytes that are read at once: a small answer with all its frames.
_MOST_READ = 131_072
#: Bytes of an answer that are kept until somebody takes it: a larger one is for a thread.
_MOST_UNREAD = 65_536
#: Bytes of memory above which a worker is not used again after a slow query.
_SMALL = 300_000_000
_PROGRAM = Path(__file__).with_name("worker.py")


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
        #: What it is asked of next; another one is opened first, in a fourth of the time that a new process takes.
        self.snapshot = snapshot
        self.road, self._process, self._shared, self._opened = road, process, shared, snapshot
        #: When its last query ended, by the monotonic clock.
        self.idle_since = time.monotonic()
        #: Whether the system took the network away from it; None until it has said so.
        self.apart: bool | None = None
        self._thread = 0
        #: Seconds of a processor that it had taken when its query began.
        self._before = 0.0
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

    def spent(self) -> float:
        """Seconds of a processor that the query which it was asked last has taken; to be asked before it is killed."""
        return max(0.0, self._used() - self._before)

    def _used(self) -> float:
        try:
            # the clock of another process, as clock_getcpuclockid(3) makes its number on Linux
            return time.clock_gettime((~self._process.pid << 3) | 2)
        except OSError:
            return 0.0

    def end(self) -> None:
        """End it while another thread waits for its answer, which then finds out and cleans up."""
        self._process.kill()

    def kill(self) -> None:
        """End it, and give back what belongs to it."""
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
        """Let it go on, behind all that is quick."""
        self._lower(niceness)
        self._process.send_signal(signal.SIGCONT)

    def _lower(self, niceness: int) -> None:
        """Lower its priority. It cannot be taken back: the next query gets another thread."""
        with contextlib.suppress(OSError):  # on Linux each thread has its own, see setpriority(2)
            os.setpriority(os.PRIO_PROCESS, self._thread, niceness)

    def _ready(self, turn: Turn) -> bool:
        """Whether there is something to read; False where what is held must go out first."""
        assert self._process.stdout is not None
        own = self._process.stdout.fileno()
        while True:
            poller = select.poll()
            poller.register(own, select.POLLIN)
            if (client := turn.watched()) is not None:
                poller.register(client, GONE)
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

    def _tell(self, message: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(LENGTH.pack(len(message)) + message)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise QueryCrashError("The query's worker has ended.") from None

    def _outside(self, message: bytes, turn: Turn, calls: Calls) -> bytes:
        """Another endpoint's answer."""
        if (known := calls.known(message)) is not None:
            return known
        call = calls.start(message, turn.remaining())
        try:
            turn.outside(call, self)
            return calls.finish(message, call)
        finally:
            call.leave()

    def begin(self, request: bytes, turn: Turn) -> None:
        """Ask a query, whose answer ``parts`` gives. Raises QueryCrashError where the process has ended."""
        self._before, self.used = self._used(), True
        if self._opened is not self.snapshot:
            self._tell(json.dumps({"open": str(self.snapshot.folder.resolve())}).encode())
            self._opened = self.snapshot
        if self.apart is None:
            turn.wait_for_start()
        elif turn.niceness:
            self._lower(turn.niceness)
        self._tell(request)

    @property
    def output(self) -> int:
        """The descriptor that tells when ``read_on`` finds something."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def read_on(self) -> bool:
        """Read what is there; whether it is worth waiting for more of it without a thread: the answer is small so far, and
        nothing but an answer. What was read is kept for ``whole`` and ``parts``.
        """
        data = os.read(self.output, _MOST_READ)
        self._unread += data
        return bool(data) and len(self._unread) < _MOST_UNREAD and self._frames()[0] == b"d"

    def whole(self) -> bytes | None:
        """The answer, where all of it has been read; it counts as given then."""
        kind, body = self._frames()
        if kind != b"e":
            return None
        self._unread.clear()
        return body

    def _frames(self) -> tuple[bytes, bytes]:
        """The kind of the last frame that has begun, or of the first that is no part of an answer; and the parts before it."""
        body, at, kind = bytearray(), 0, b"d"
        while kind == b"d" and at + FRAME.size <= len(self._unread):
            kind, size = FRAME.unpack_from(self._unread, at)
            at += FRAME.size
            if kind == b"d":
                body += self._unread[at : at + size]
                at += size
        return kind, bytes(body)

    def parts(self, turn: Turn) -> Iterator[bytes]:
        """Parts of the answer to the query that was asked; an empty one where what is held must go out.

        Raises:
            QueryError, QueryTimeoutError, QueryCrashError, AnswerTooLargeError, ClientGoneError: as they say.
            EndpointError, ManyCallsError: another endpoint gives no answer, or the query asks too often.
        """
        while True:
            if not self._unread and not self._ready(turn):
                yield b""
                continue
            kind, size = FRAME.unpack(self._read(FRAME.size, turn))
            data = self._read(size, turn)
            if kind == b"d":
                began = time.monotonic()
                yield data
                turn.waited(time.monotonic() - began, self.spent())
            elif kind == b"n":
                apart, thread = map(int, data.split())
                self.apart, self._thread = bool(apart), thread
                self._before = self._used()
                turn.start()
                if turn.niceness:
                    self._lower(turn.niceness)
            elif kind == b"s" and turn.calls:
                self._tell(self._outside(data, turn, turn.calls))
            elif kind == b"e":
                return
            elif kind == b"l":
                raise AnswerTooLargeError(data.decode())
            else:
                told = data.decode()
                raise (turn.calls and turn.calls.error(told)) or QueryError(told)
