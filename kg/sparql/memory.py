"""The newest state of the store in memory, once it has stayed the newest for a while: workers are forked from it.

See ``kg.sparql.template`` for the process that holds it. Until it is there, and wherever it does not fit, workers read the
snapshot on disk; a worker is always one of the state that was asked for.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kg.config import Settings
from kg.sparql.template import RefusedError, check
from kg.store import Snapshot

_PROGRAM = Path(__file__).with_name("template.py")
#: A state is loaded when it has been the newest for so many seconds, or for so many times as long as loading took before:
#: where one is written again and again, a small part of one processor's time is lost to loading at most.
SETTLED, _PART = 1.0, 4
#: Seconds after which one that could not be held is tried again.
RETRY = 60.0
#: Seconds within which a process that holds a state forks; one that takes longer is taken for dead.
_PATIENCE = 5.0
_LOG = logging.getLogger("kg.workers")


def supported() -> bool:
    """Whether the system has what this needs: processes by descriptors, and these sent through sockets (Linux 5.3)."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and hasattr(socket, "SOCK_SEQPACKET")


def copies(settings: Settings) -> int:
    """How often the quads may come to be in memory: a worker that reads all of them has a copy of its own at last."""
    return 1 + settings.query_workers + settings.slow_queries


def refusal(quads: int, settings: Settings) -> str:
    """Why a store of so many quads would not be held in memory now; empty where it would be."""
    if not settings.memory_quads:
        return "memory_quads is 0"
    if not supported():
        return "this system has no descriptors of processes"
    try:
        check(quads, settings.memory_quads, copies(settings))
    except RefusedError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Held:
    """What is held in memory: its quads, the bytes of the process, and the seconds that loading took."""

    quads: int
    bytes: int
    seconds: float


class Forked:
    """A process that another one forked, used as one of ``subprocess``."""

    def __init__(self, pid: int, handle: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid, self.stdin, self.stdout, self._handle = pid, stdin, stdout, handle

    def _ended(self, seconds: float | None) -> bool:
        if self._handle < 0:
            return True
        poller = select.poll()
        poller.register(self._handle, select.POLLIN)
        return bool(poller.poll(seconds if seconds is None else seconds * 1000))

    def poll(self) -> int | None:
        """None while it has not ended; how it ended is not known."""
        return 0 if self._ended(0) else None

    def wait(self) -> int:
        """Wait for its end."""
        self._ended(None)
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1
        return 0

    def send_signal(self, number: int) -> None:
        """Nothing where it has ended."""
        if self._handle >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)  # type: ignore[attr-defined,unused-ignore]

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class _Template:
    """A process that holds one state, and the way to it."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self.snapshot = snapshot
        self.held: Held | None = None
        #: What tells answers in its order from others; empty until it is there.
        self.sign = ""
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        numbers = map(str, (settings.query_memory, settings.memory_quads, copies(settings)))
        with theirs:
            try:
                self.process = subprocess.Popen(
                    [sys.executable, "-I", str(_PROGRAM), str(snapshot.folder.resolve()), *numbers],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env={},
                )
            except OSError:
                self._control.close()
                raise

    def greeted(self) -> bool:
        """Wait until it has loaded; whether it has. ``held`` and ``sign`` are known then."""
        told = self._control.recv(4096).decode()
        kind, _, rest = told.partition(" ")
        if kind != "ready":
            _LOG.info("The store is not held in memory: %s.", rest or "loading it failed")
            return False
        quads, size, seconds, sign = rest.split()
        self.held, self.sign = Held(int(quads), int(size), float(seconds)), sign
        _LOG.info("%s quads are held in memory after %s seconds.", f"{int(quads):,}", seconds)
        return True

    def fork(self) -> tuple[Forked, int] | None:
        """A new worker and the bytes that it holds as all of them do; None where memory is short.

        Raises:
            OSError: the process is gone.
        """
        (their_input, our_output), (our_input, their_output) = os.pipe(), os.pipe()
        ours = os.fdopen(our_output, "wb"), os.fdopen(our_input, "rb")
        handles: list[int] = []
        try:
            with self._lock:
                self._control.settimeout(_PATIENCE)
                socket.send_fds(self._control, [b"fork"], [their_input, their_output])
                told, handles, *_ = socket.recv_fds(self._control, 64, 1)
            if not told:
                raise ConnectionResetError
            if handles:
                pid, shared = map(int, told.split())
                return Forked(pid, handles[0], *ours), shared
        finally:
            os.close(their_input)
            os.close(their_output)
            if not handles:
                for end in ours:
                    end.close()
        return None

    def retire(self) -> None:
        """Let it end when its workers have."""
        self._control.close()

    def end(self) -> None:
        """End it now; its workers end with their pipes."""
        self.process.kill()
        self.process.wait()


class Memory:
    """Follows the store at a distance. Safe to use from several threads.

    Args:
        ready: called in a thread of its own when another state is there, to have workers forked ahead.
    """

    def __init__(self, settings: Settings, ready: Callable[[Snapshot], None]) -> None:
        self._settings, self._ready = settings, ready
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None
        self._since = self._not_before = 0.0
        self._took = 0.0
        self._template: _Template | None = None
        self._retired: list[_Template] = []
        self._on = settings.memory_quads > 0 and supported()

    @property
    def held(self) -> Held | None:
        """What is there; None where nothing is, or not yet."""
        template = self._template
        return template.held if template else None

    def sign(self, snapshot: Snapshot) -> str:
        """What tells answers of workers forked from a state from those of workers on disk; empty where there are none."""
        template = self._template
        return template.sign if template and template.snapshot is snapshot else ""

    def due(self, newest: Snapshot) -> bool:
        """Whether ``look`` would do something, which takes its time."""
        return self._on and (newest is not self._newest or (self._template is None and time.monotonic() >= self._due()))

    def _due(self) -> float:
        return max(self._since + max(SETTLED, self._took * _PART), self._not_before)

    def look(self, newest: Snapshot) -> None:
        """Hear which state is the newest: another one's process is let go, and one for this state started in its time."""
        if not self._on or not self._lock.acquire(blocking=False):
            return
        try:
            now = time.monotonic()
            if newest is not self._newest:
                self._newest, self._since = newest, now
                self._retired = [t for t in self._retired if t.process.poll() is None]
                self._let_go()
            elif (there := self._template) and there.held and there.process.poll() is not None:
                # killed, for its memory perhaps: what was forked from it is not the state in memory any more
                self._not_before = now + SETTLED
                self._let_go()
            if self._template is None and now >= self._due():
                self._start(newest)
        finally:
            self._lock.release()

    def _start(self, snapshot: Snapshot) -> None:
        try:
            self._template = _Template(snapshot, self._settings)
        except OSError:
            self._not_before = time.monotonic() + RETRY
            return
        threading.Thread(target=self._bring_up, args=(self._template,), daemon=True).start()

    def _bring_up(self, template: _Template) -> None:
        began, greeted = time.monotonic(), False
        with contextlib.suppress(OSError):
            greeted = template.greeted()
        if greeted:
            self._took = time.monotonic() - began
            self._ready(template.snapshot)
        else:
            self._forget(template)

    def _forget(self, template: _Template) -> None:
        """One that could not load, or is gone."""
        template.end()
        with self._lock:
            self._not_before = time.monotonic() + (SETTLED if template.held else RETRY)
            if self._template is template:
                self._template = None
                template.retire()

    def _let_go(self) -> None:
        template, self._template = self._template, None
        if template is None:
            return
        if not template.sign:
            template.end()  # it is loading what nobody will ask for
        template.retire()
        # each keeps the files of its state
        self._retired = [t for t in (*self._retired, template) if t.process.poll() is None]

    def fork(self, snapshot: Snapshot) -> tuple[Forked, int, str] | None:
        """A worker for a state, the bytes that it shares, and the sign of its answers; None where it is to be one on disk."""
        template = self._template
        if template is None or template.snapshot is not snapshot or not template.sign:
            return None
        try:
            found = template.fork()
        except (OSError, ValueError):
            self._forget(template)
            return None
        return (*found, template.sign) if found else None

    def close(self) -> None:
        """End what is held; workers end by themselves."""
        with self._lock:
            self._on = False
            self._let_go()
            for template in self._retired:
                template.end()
