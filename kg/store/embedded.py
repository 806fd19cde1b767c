"""Oxigraph in the process, on disk.

The folder of a store holds ``data/`` (Oxigraph's own files), ``generation`` (a number that rises before anything is
written, so that readers see that they are behind), ``changes`` (see ``kg.store.changes``) and ``snapshots/`` (see
``kg.store.snapshots``), and ``format`` (see ``kg.store.folder``). One process at a time has ``data/`` open; Oxigraph's lock
sees to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import QueryError, StoreError
from kg.store import asking, changes
from kg.store.base import GraphName, QueryResults, dropping, putting, replacing
from kg.store.folder import check_format, check_place, mark_format, written_format

#: Quads after which what Oxigraph holds in memory goes into files: unasked it holds a gigabyte and more of them.
_HELD = 100_000
#: So many are put into files when the store is closed: a damaged log is taken for a shorter one, files have checksums.
_WORTH_A_FILE = 1_000
#: Characters of an update that stand for a quad.
_QUAD = 100


def data_folder(store: Path) -> Path:
    """Where Oxigraph's files lie in a store's folder."""
    return store / "data"


def generation(store: Path) -> int:
    """How often the store has been opened for writing and written to; 0 for one that never was."""
    try:
        return int((store / "generation").read_text())
    except (FileNotFoundError, ValueError):
        return 0


def origin(store: Path) -> str:
    """Tells a store from another that is put in its place, also a copy or backup of itself: drawn for each folder of data."""
    path, inode = store / "origin", f"{data_folder(store).stat().st_ino:x}"
    with contextlib.suppress(OSError, ValueError):
        drawn, of = path.read_text().split()
        if of == inode:
            return drawn
    drawn = secrets.token_hex(6)
    try:
        aside = path.with_name(f".origin.{os.getpid()}")
        aside.write_text(f"{drawn} {inode}\n")
        aside.replace(path)
    except OSError:  # it can be read alone
        return inode
    return drawn


def _reason(error: Exception) -> str:
    """One clause for what Oxigraph or the system says, without the file names that RocksDB adds."""
    text = str(error)
    if "lock" in text.lower() and ("unavailable" in text or "No locks" in text):
        return "another process is using it"
    if "No space left" in text:
        return "the disk is full"
    if "Read-only file system" in text:
        return "the disk is read-only"
    if "Corruption" in text:
        return f"its files are damaged, and a backup is to be restored ({text.splitlines()[0].strip().rstrip('.')})"
    if "Permission denied" in text:
        return "there are no rights to it"
    if "Not a directory" in text or "File exists" in text:
        return "there is a file in its place"
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__


class EmbeddedStore:
    """One open store. Use ``open_store``, which closes it."""

    def __init__(self, store: ox.Store, folder: Path) -> None:
        self._store, self.folder, self.name = store, folder, str(folder)
        self._held = 0

    def close(self) -> None:
        """Give the store back; it may not be used any more."""
        if self._held >= _WORTH_A_FILE:
            with contextlib.suppress(OSError, RuntimeError):  # what was acknowledged is on the disk in any case
                self._store.flush()
        del self._store  # Oxigraph closes, and unlocks, with the last reference

    def update(self, text: str, base: str | None = None, graphs: Iterable[str] | None = None) -> None:
        """Run one SPARQL Update request: Oxigraph runs all of its operations in one transaction.

        Args:
            graphs: all that it may write, "" for the default graph; None where that is not known.

        Raises:
            SyntaxError: it is malformed.
            StoreError: nothing was written, and why.
        """
        self._update(text, [changes.ANY] if graphs is None else graphs, base)

    def _update(self, text: str, graphs: Iterable[str], base: str | None = None) -> None:
        try:
            _mark(self.folder, graphs)
            self._store.update(text, base_iri=base)
            self._written(len(text) // _QUAD)
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The store {self.folder} cannot be written: {_reason(error)}.") from error

    def _written(self, quads: int) -> None:
        self._sync()
        self._held += quads
        if self._held >= _HELD:
            self._store.flush()
            self._held = 0
        self.give_snapshots()

    def give_snapshots(self) -> None:
        """Make the snapshots that other processes ask for (see ``kg.store.asking``): after each write, and between them."""
        asking.give(self.folder, generation(self.folder), self._store.backup)

    def _sync(self) -> None:
        # Oxigraph does not sync its log for each commit: a power cut would lose what was acknowledged
        for log in data_folder(self.folder).glob("*.log"):
            descriptor = os.open(log, os.O_RDONLY)
            try:
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)

    def replace_graphs(self, graphs: Mapping[ox.NamedNode, Sequence[ox.Quad]]) -> None:
        """Put named graphs in the place of what they held before, all in one transaction; one without quads is dropped.

        Raises:
            StoreError: nothing was written, and why.
        """
        names = [graph.value for graph in graphs]
        if any(self._store.contains_named_graph(graph) for graph in graphs):
            self._update(replacing(graphs), names)
            return
        try:  # where there is nothing to take away, the quads need not go through the text of an update: half as fast again
            _mark(self.folder, names)
            self._store.extend(quad for quads in graphs.values() for quad in quads)
            self._written(sum(map(len, graphs.values())))
        except (OSError, RuntimeError) as error:
            raise StoreError(f"The store {self.folder} cannot be written: {_reason(error)}.") from error

    def remove_graphs(self, graphs: Sequence[ox.NamedNode]) -> None:
        """Drop named graphs, all in one transaction; those that are not there are passed over.

        Raises:
            StoreError: nothing was removed, and why.
        """
        self._update(";\n".join(map(dropping, graphs)), [graph.value for graph in graphs])

    def put(self, graph: GraphName, triples: Sequence[ox.Triple], *, replace: bool) -> None:
        """Put triples into a graph, or in the place of what it held, in one transaction.

        Raises:
            StoreError: nothing was written, and why.
        """
        if text := putting(graph, triples, replace=replace):
            self._update(text, [_name(graph)])

    def drop(self, graph: GraphName) -> None:
        """Drop a graph, or empty the default one. Raises StoreError."""
        self._update(dropping(graph), [_name(graph)])

    def has_graph(self, graph: GraphName) -> bool:
        """Whether there is such a graph; the default one always is."""
        return isinstance(graph, ox.DefaultGraph) or self._store.contains_named_graph(graph)

    def graph_triples(self, graph: GraphName) -> Iterator[ox.Triple]:
        """The triples of a graph, in no order."""
        return (quad.triple for quad in self._store.quads_for_pattern(None, None, None, graph))

    def graphs(self) -> list[ox.NamedNode]:
        """The named graphs, in the order of their IRIs."""
        found = (g for g in self._store.named_graphs() if isinstance(g, ox.NamedNode))
        return sorted(found, key=lambda graph: graph.value)

    def graph_quads(self, graph: ox.NamedNode) -> list[ox.Quad]:
        """The quads of a named graph in the order of their N-Quads lines; none where there is no such graph."""
        return sorted(self._store.quads_for_pattern(None, None, None, graph), key=str)

    def quads(self) -> Iterator[ox.Quad]:
        """All quads, graph by graph, in a fixed order."""
        for graph in self.graphs():
            yield from self.graph_quads(graph)

    def query(self, text: str, prefixes: Mapping[str, str] | None = None) -> QueryResults:
        """Evaluate a SPARQL query over the union of all graphs.

        Raises:
            QueryError: it is malformed; the message tells where.
        """
        return run_query(self._store, text, prefixes)

    def checkpoint(self, folder: Path) -> None:
        """Make a copy of the store's files that may be read while this one is written (hard links: fast and small).

        Raises:
            StoreError: it cannot be made.
        """
        try:
            self._store.backup(str(folder))
        except (OSError, RuntimeError) as error:
            raise StoreError(f"A snapshot of the store {self.folder} cannot be made: {_reason(error)}.") from error


def run_query(store: ox.Store, text: str, prefixes: Mapping[str, str] | None = None) -> QueryResults:
    """Evaluate a query over the union of a store's graphs.

    Raises:
        QueryError: it is malformed, or fails while it is evaluated.
    """
    try:
        return store.query(text, prefixes=dict(prefixes or {}), use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QueryError(f"The query is not SPARQL: {error.msg or error}.") from error
    except (OSError, RuntimeError, ValueError) as error:
        if "Corruption" in str(error):
            raise StoreError(f"The store cannot be read: {_reason(error)}.") from error
        raise QueryError(f"The query cannot be answered: {error}.") from error


def graph_digest(triples: Iterable[ox.Triple]) -> str:
    """32 hexadecimal digits that tell a graph's content, whatever the order of its triples: the sum of their digests.

    Sums of hashes are order-free (AdHash, Bellare and Micciancio 1997); this one guards against mistakes, not against forgers.
    """
    total = 0
    for triple in triples:
        total += int.from_bytes(hashlib.blake2b(str(triple).encode(), digest_size=16).digest())
    return f"{total % (1 << 128):032x}"


def _name(graph: GraphName) -> str:
    return graph.value if isinstance(graph, ox.NamedNode) else ""


def _mark(folder: Path, graphs: Iterable[str]) -> None:
    """Raise the generation before the first write: a process that is killed later has still told its readers."""
    number = generation(folder) + 1
    changes.note(folder, number, graphs)
    temporary = folder / "generation.new"
    temporary.write_text(f"{number}\n")
    temporary.replace(folder / "generation")


def _sweep(data: Path) -> None:
    """Take away what Oxigraph leaves for ever: files of bulk loads that were killed, and the old logs of its workings."""
    for pattern in ("bulk-*.sst", "LOG.old.*"):
        for left in data.glob(pattern):
            left.unlink(missing_ok=True)


@contextmanager
def open_store(settings: Settings, *, make: bool = True, older: bool = False) -> Iterator[EmbeddedStore]:
    """Open the store of the settings for reading and writing.

    Args:
        make: whether it is made where it is missing.
        older: whether it may be of an older format: to be read, or brought up to date.

    Raises:
        StoreError: it cannot be opened: in use, no rights, disk full, damaged, of another version, not a store.
    """
    folder = settings.store
    if settings.replica_of:
        raise StoreError(f"This is a read-only replica of {settings.replica_of}: use the store of its primary.")
    check_place(folder, make=make)
    check_format(folder, older=older)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data = data_folder(folder)
        store = ox.Store(str(data))
        _sweep(data)
        if written_format(folder) is None:
            mark_format(folder)
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"The store {folder} cannot be opened: {_reason(error)}.") from error
    opened = EmbeddedStore(store, folder)
    del store
    try:
        yield opened
    finally:
        opened.close()
