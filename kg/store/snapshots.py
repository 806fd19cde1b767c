"""What readers see: a copy of the store that follows it, without holding its lock.

The service opens the store only for the moments in which it takes a snapshot, so articles can be ingested while it runs;
it notices by the store's generation. Reading the live files beside a writer is undefined behaviour in Oxigraph.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import StoreError
from kg.store import asking, changes
from kg.store.base import GraphName, QueryResults, content_print
from kg.store.embedded import generation, open_store, origin, run_query
from kg.store.folder import check_place
from kg.store.writing import Writer
from kg.triples.vocab import PREFIXES

#: Seconds between two looks at the store's generation, and for which a writer is waited for at the start.
LOOK_AFTER = 0.5
PATIENCE = 30.0
#: Of snapshots, in one process.
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Snapshot:
    """One state of the store: its files, and the store opened on them for reading."""

    generation: int
    folder: Path
    store: ox.Store
    #: Tells this store from another that was put in its place.
    origin: str = ""
    #: Folder of what lies beside the store: that of the store it was taken of, or what was published with it.
    home: Path | None = None

    def query(self, text: str) -> QueryResults:
        """Evaluate one of the program's own queries, in this process, with the usual prefixes; strangers' go to workers.

        Raises:
            QueryError: it is malformed.
        """
        return run_query(self.store, text, PREFIXES)

    def triples(self, text: str) -> Iterator[ox.Triple]:
        """The rows of one of the program's own queries, SELECT ?s ?p ?o, over the union of all graphs."""
        found = run_query(self.store, text)
        assert isinstance(found, ox.QuerySolutions)
        for row in found:
            yield ox.Triple(row["s"], row["p"], row["o"])

    def rows(self, text: str) -> Iterator[ox.QuerySolution]:
        """The rows of one of the program's own queries, SELECT, over the union of all graphs; the usual prefixes are known."""
        found = run_query(self.store, text, PREFIXES)
        assert isinstance(found, ox.QuerySolutions)
        return found

    def graph(self, graph: GraphName, most: int) -> list[ox.Triple] | None:
        """A graph's triples, at most so many; None where there is no such graph."""
        if isinstance(graph, ox.NamedNode) and not self.store.contains_named_graph(graph):
            return None
        return [q.triple for q in itertools.islice(self.store.quads_for_pattern(None, None, None, graph), most)]

    def knows(self, node: ox.NamedNode) -> bool:
        """Whether anything is said about a thing, or it is a named graph."""
        said = next(self.store.quads_for_pattern(node, None, None, None), None) is not None
        return said or self.store.contains_named_graph(node)

    def changed(self, since: int) -> frozenset[str] | None:
        """The graphs written since a generation of the same store; None where that is not known."""
        return changes.changed(self.home, since, self.generation) if self.home else None

    def prints(self) -> dict[str, str]:
        """Each named graph with some signs that are others when its content is: a second or two for a million quads."""
        named = [graph for graph in self.store.named_graphs() if isinstance(graph, ox.NamedNode)]
        found = ((g, (q.triple for q in self.store.quads_for_pattern(None, None, None, g))) for g in named)
        return {graph.value: content_print(triples) for graph, triples in found}


class Snapshots:
    """Keeps the newest snapshot. Safe to use from several threads.

    Args:
        writer: of the same service, whose acknowledged writes are seen at once.
        make: whether the store is made where it is missing.

    Raises:
        StoreError: the store cannot be opened, or stays in use by a writer.
    """

    def __init__(self, settings: Settings, writer: Writer | None = None, *, make: bool = True) -> None:
        check_place(settings.store, make=make)
        self._settings, self._writer, self._seen = settings, writer, 0
        self._root = settings.store / "snapshots" / str(os.getpid())
        self._removals: list[weakref.finalize[..., Snapshot]] = []
        self._lock, self._looked = threading.Lock(), time.monotonic()
        remove_dead(self._root.parent)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._current = self._take()
                return
            except StoreError as error:
                if time.monotonic() > deadline or "another process" not in str(error):
                    raise
                time.sleep(0.2)

    def _take(self) -> Snapshot:
        folder = self._root / str(next(_NUMBERS))
        folder.parent.mkdir(parents=True, exist_ok=True)
        with self._writer.alone() if self._writer else contextlib.nullcontext():
            # no writer can raise the generation between the reading of it and the copy: its lock is held, or it is the one asked
            number = generation(self._settings.store)
            if self._writer is None or not self._writer.checkpoint(folder):
                with open_store(self._settings) as store:
                    number = generation(self._settings.store)
                    store.checkpoint(folder)
        home = self._settings.store
        taken = Snapshot(number, folder, ox.Store.read_only(str(folder)), origin(home), home)
        # its files stay as long as anybody has it: a worker that is starting has yet to open them, however long that takes
        removal = weakref.finalize(taken, shutil.rmtree, folder, ignore_errors=True)
        self._removals = [*(one for one in self._removals if one.alive), removal]
        return taken

    def current(self) -> Snapshot:
        """The newest state that could be had: that of the store, or the one before while a writer has it open.

        What this service itself has acknowledged is always in it.
        """
        if self._writer and self._writer.acknowledged != self._seen:
            with self._lock:
                if (acknowledged := self._writer.acknowledged) != self._seen:
                    self._renew()
                    self._seen = acknowledged
            return self._current
        if time.monotonic() - self._looked < LOOK_AFTER or not self._lock.acquire(blocking=False):
            return self._current
        try:
            self._looked = time.monotonic()
            if generation(self._settings.store) != self._current.generation:
                with contextlib.suppress(StoreError):  # a writer is at work; the next look comes soon
                    self._renew()
        finally:
            self._lock.release()
        return self._current

    def settled(self) -> Snapshot | None:
        """The newest state where it is known without looking at the store; None where that is due."""
        behind = self._writer is not None and self._writer.acknowledged != self._seen
        return None if behind or time.monotonic() - self._looked >= LOOK_AFTER else self._current

    def _renew(self) -> None:
        self._current = self._take()

    def close(self) -> None:
        """Remove its snapshots."""
        for removal in self._removals:
            removal()
        with contextlib.suppress(OSError):  # another one of this process has its own there
            self._root.rmdir()


@contextlib.contextmanager
def one_snapshot(settings: Settings, patience: float = PATIENCE) -> Iterator[ox.Store]:
    """The state that a store is in now, for a program that reads it and does not follow it.

    While a writer has the store open it is that of the newest snapshot of a service, where one is running.

    Raises:
        StoreError: the store cannot be opened, or stays in use by a writer.
    """
    root = settings.store / "snapshots"
    remove_dead(root)
    folder = root / f"{os.getpid()}-{secrets.token_hex(4)}"
    deadline = time.monotonic() + patience
    try:
        while True:
            try:
                check_place(settings.store, make=False)
                folder.mkdir(parents=True, exist_ok=True)
                with open_store(settings, make=False) as store:
                    store.checkpoint(folder / "0")
                break
            except OSError as error:
                raise StoreError(f"The store {settings.store} cannot be read: {error.strerror}.") from None
            except StoreError as error:
                if "another process" not in str(error):
                    raise
                if _copied(root, folder / "0"):
                    break
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield ox.Store.read_only(str(folder / "0"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def newest_snapshot(settings: Settings, patience: float = PATIENCE) -> Iterator[Snapshot]:
    """The state that a store is in now, with its generation, whoever writes: a writer is asked for it between two writes.

    The store may be of an older format: it is only read.

    Raises:
        StoreError: there is no store, it cannot be opened, or its writer wrote nothing for so many seconds.
    """
    check_place(settings.store, make=False)
    root = settings.store / "snapshots"
    remove_dead(root)
    folder = root / f"{os.getpid()}-{secrets.token_hex(4)}"
    try:
        try:
            folder.mkdir(parents=True)
            path, number = _newest(settings, folder, time.monotonic() + patience)
            store = ox.Store.read_only(str(path))
        except OSError as error:
            raise StoreError(f"The store {settings.store} cannot be read: {error.strerror or error}.") from None
        yield Snapshot(number, path, store, origin(settings.store), settings.store)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _newest(settings: Settings, folder: Path, deadline: float) -> tuple[Path, int]:
    asked = False
    while True:
        try:
            with open_store(settings, make=False, older=True) as store:
                number = generation(settings.store)
                store.checkpoint(folder / "own")
                return folder / "own", number
        except StoreError as error:
            if "another process" not in str(error):
                raise
            if found := asking.given(folder):
                return found
            if time.monotonic() > deadline:
                raise StoreError(
                    f"The store {settings.store} is in use by a writer that wrote nothing meanwhile."
                ) from None
        if not asked:
            asking.ask(folder)
            asked = True
        time.sleep(0.1)


def _copied(root: Path, target: Path) -> bool:
    """Link the files of the newest snapshot that a service has; False where there is none."""
    served = [path for path in root.glob("*/*") if path.parent.name.isdigit() and path.name.isdigit()]
    for newest in sorted(served, key=lambda path: path.stat().st_mtime, reverse=True)[:1]:
        try:
            shutil.copytree(newest, target, copy_function=os.link)
        except (OSError, shutil.Error):  # the service has just taken it away
            shutil.rmtree(target, ignore_errors=True)
            return False
        return True
    return False


def remove_dead(folder: Path, pattern: str = "*") -> None:
    """Remove what processes left that ended without doing so; their numbers stand in its name, where the pattern has a star."""
    for left in folder.glob(pattern):
        try:
            os.kill(int(left.name.removeprefix(pattern.rstrip("*")).partition("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except (PermissionError, ValueError):
            continue
