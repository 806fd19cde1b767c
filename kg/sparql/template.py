"""One process that holds a snapshot in memory and forks workers, which share what it holds until they write to it.

Run as ``python -I template.py SNAPSHOT MEMORY MOST COPIES`` with a Unix socket of packets as standard input; like the workers
it imports nothing of the project but their file. It says ``ready`` with what it holds, or ``no`` and why not. Each packet that
comes then brings two descriptors, a worker's standard input and output; the answer is the worker's process with a descriptor
of it (pidfd_open(2)), or ``no``. When the socket ends, it stays until its workers have ended, and takes no new ones.

Nothing here starts a thread that is there when a worker is forked: no lock can be held by a thread that the worker lacks.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib.util
import io
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

#: Bytes that a quad takes in memory, a little more than was measured (330 to 460).
QUAD_BYTES = 500
_PAGE = os.sysconf("SC_PAGE_SIZE")
#: Where the system tells the limits of groups of processes: containers, units.
_GROUPS = Path("/sys/fs/cgroup")
#: Of loading, which can wait for those who ask.
_NICENESS = 5
_UNREAD = "its snapshot could not be read to its end"


class RefusedError(Exception):
    """The snapshot is not to be held in memory."""


def available() -> int:
    """Bytes of memory that can be had: what the machine has free, and what the group of this process may still take."""
    found = [int(line.split()[1]) * 1024 for line in _lines(Path("/proc/meminfo")) if line.startswith("MemAvailable:")]
    return min([*found, *_left_to_groups()], default=0)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _own_groups() -> list[str]:
    return _lines(Path("/proc/self/cgroup"))


def _left_to_groups() -> Iterator[int]:
    """What this process's control group and those around it leave it (version 2, or version 1's controller of memory)."""
    for line in _own_groups():
        number, controllers, name = line.split(":", 2)
        if number == "0":
            root, limit, used = _GROUPS, "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            root, limit, used = _GROUPS / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        group = root / name.strip("/")
        # in a container the name may be that of the world outside, and its own group is the root
        for folder in (group, *group.parents) if group.is_dir() else (root,):
            most, taken = _lines(folder / limit), _lines(folder / used)
            if most and taken and most[0].isdigit():
                cached = [int(n) for key, n in map(str.split, _lines(folder / "memory.stat")) if key == "inactive_file"]
                yield int(most[0]) - int(taken[0]) + sum(cached)
            if folder == root:
                break


def _pages(field: int) -> int:
    """Bytes of this process's memory, by their place in proc_pid_statm(5)."""
    return int(Path("/proc/self/statm").read_text().split()[field]) * _PAGE


def _resident() -> int:
    return _pages(1)


def _data() -> int:
    """What RLIMIT_DATA counts."""
    return _pages(5)


def _alone(control: socket.socket) -> bool:
    """Whether the service has gone."""
    poller = select.poll()
    poller.register(control.fileno(), 0)
    return bool(poller.poll(0))


class _Watched(io.RawIOBase):
    """A pipe that is read until the service goes: nobody needs what is being loaded then."""

    def __init__(self, descriptor: int, control: socket.socket) -> None:
        self._descriptor, self._control = descriptor, control

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if _alone(self._control):
            os._exit(0)
        return os.readv(self._descriptor, [buffer])


def _dump(snapshot: str, told: int, quads: int) -> None:
    """The number of quads, the quads, and the graphs: one that is empty has no quad that names it."""
    store = ox.Store.read_only(snapshot)
    os.write(told, b"%d\n" % len(store))
    with os.fdopen(quads, "wb", 1 << 20) as out:
        store.dump(out, format=ox.RdfFormat.N_QUADS)
    with os.fdopen(told, "wb", 1 << 20) as out:
        out.writelines(f"{graph}\n".encode() for graph in store.named_graphs())


@contextlib.contextmanager
def _dumped(snapshot: str, control: socket.socket) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """What ``_dump`` writes, of both; another process reads the files, and must have come to its end."""
    (told, tell), (quads, give) = os.pipe(), os.pipe()
    reader = os.fork()
    if not reader:
        try:
            control.close()
            os.close(told)
            os.close(quads)
            _dump(snapshot, tell, give)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(tell)
    os.close(give)
    status = 1
    try:
        with os.fdopen(told, "rb") as graphs, os.fdopen(quads, "rb", 0) as source:
            yield graphs, io.BufferedReader(_Watched(source.fileno(), control), 1 << 20)
            status = os.waitpid(reader, 0)[1]
            reader = 0
    finally:
        if reader:
            os.kill(reader, signal.SIGKILL)
            os.waitpid(reader, 0)
    if status:
        raise RefusedError(_UNREAD)


def _node(text: str) -> ox.NamedNode | ox.BlankNode:
    return ox.NamedNode(text[1:-1]) if text.startswith("<") else ox.BlankNode(text[2:])


def check(number: int, most: int, copies: int) -> None:
    """Raises RefusedError where so many quads are more than is to be held, or too much for so many copies of them."""
    if number > most:
        raise RefusedError(f"the store has {number:,} quads, more than memory_quads ({most:,})")
    if (needed := number * QUAD_BYTES * copies) > (free := available()):
        raise RefusedError(f"its workers may need {needed:,} bytes of memory, and {free:,} are free")


def load(snapshot: str, most: int, copies: int, control: socket.socket) -> ox.Store:
    """The snapshot in memory.

    The engine on disk leaves threads behind, and two processors are quicker than one: so it comes from another process.

    Raises:
        RefusedError: it is too large, or could not be read to its end.
    """
    try:
        with _dumped(snapshot, control) as (told, quads):
            number = int(told.readline() or -1)
            check(number, most, copies)
            store = ox.Store()
            # not bulk_load, which gives blank nodes other names; lenient: what the store took is not judged again
            store.bulk_extend(ox.parse(quads, format=ox.RdfFormat.N_QUADS, lenient=True))
            for line in told:
                store.add_graph(_node(line.decode().rstrip("\n")))
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedError(f"{_UNREAD}: {error}") from None
    if len(store) != number:
        raise RefusedError(_UNREAD)
    return store


def _quietly(load: Callable[[], ox.Store]) -> ox.Store:
    """Load with a low priority, which a process could not leave again: so in a thread that has ended before there are workers."""
    with ThreadPoolExecutor(1, initializer=_be_quiet) as thread:
        return thread.submit(load).result()


def _be_quiet() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _sign(store: ox.Store) -> str:
    """What the order of answers depends on besides the quads: that of graphs, which is another in each process."""
    found = hashlib.blake2b(digest_size=8)
    for graph in store.named_graphs():
        found.update(str(graph).encode())
    return f"memory-{found.hexdigest()}"


class Template:
    """Forks workers for a service, and lays them to rest."""

    def __init__(self, store: ox.Store, memory: int, control: socket.socket, worker: Any, apart: bool) -> None:
        self._store, self._memory, self._control, self._worker, self._apart = store, memory, control, worker, apart
        self._size = _resident()
        self._children: set[int] = set()
        # a child that ends wakes the loop below
        self._woken, wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._ends = (self._woken, wake)

    def serve(self) -> None:
        """Fork a worker for each packet; return when the service has gone and all workers have ended."""
        poller = select.poll()
        poller.register(self._woken, select.POLLIN)
        poller.register(self._control.fileno(), select.POLLIN)
        asked = True
        while asked or self._children:
            found = [descriptor for descriptor, _ in poller.poll()]
            if self._woken in found:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._woken, 4096)
                self._reap()
            if asked and self._control.fileno() in found and not self._asked():
                asked = False
                poller.unregister(self._control.fileno())

    def _asked(self) -> bool:
        """Do what a packet asks for; False where there will be none any more."""
        ends: list[int] = []
        try:
            packet, ends, *_ = socket.recv_fds(self._control, 16, 2)
            if len(ends) == 2:
                self._fork(ends)
            return bool(packet)
        except OSError:
            return False
        finally:
            for end in ends:
                os.close(end)

    def _fork(self, ends: list[int]) -> None:
        child = -1
        if available() > self._size:
            with contextlib.suppress(OSError):  # too many processes
                child = os.fork()
        if not child:
            self._become_worker(ends)
        if child < 0:
            self._control.send(b"no")
            return
        # not reaped before: this is the process that was forked, and no other with its number
        handle = os.pidfd_open(child)
        self._children.add(child)
        socket.send_fds(self._control, [b"%d %d" % (child, self._size)], [handle])
        os.close(handle)

    def _become_worker(self, ends: list[int]) -> None:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, end in enumerate(ends):
                os.dup2(end, number)
            for end in (*ends, *self._ends):
                os.close(end)
            self._control.close()
            limit = _data() + self._memory
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
            self._worker.Session(self._store, self._worker.Frames(sys.stdout.buffer), apart=self._apart).run()
        finally:
            os._exit(0)

    def _reap(self) -> None:
        for child in list(self._children):
            if os.waitpid(child, os.WNOHANG)[0]:
                self._children.discard(child)


def _beside(name: str) -> Any:
    """A file that lies beside this one, as a module: an isolated process does not look there."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Load, say so, and serve."""
    snapshot, (memory, most, copies) = sys.argv[1], map(int, sys.argv[2:5])
    began, worker = time.monotonic(), _beside("worker")
    apart = worker.leave_network()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # standard input becomes a worker's: the socket is kept beside it, for this process alone
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        store = _quietly(lambda: load(snapshot, most, copies, control))
    except RefusedError as error:
        control.send(f"no {error}".encode())
        return
    gc.collect()
    gc.freeze()  # a collection would write to all objects, and what is written to is not shared
    told = (len(store), _resident(), round(time.monotonic() - began, 3), _sign(store))
    template = Template(store, memory, control, worker, apart)
    control.send(f"ready {' '.join(map(str, told))}".encode())
    template.serve()


if __name__ == "__main__":
    main()
