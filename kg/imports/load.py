"""A file of event data into the store: row by row, in batches, the graph replaced, and what cannot be read kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from kg.errors import SourceError
from kg.imports import gdelt, icews
from kg.imports.files import cells, graph_key, lines
from kg.imports.record import Collection, ImportedEvent, RowError
from kg.imports.writer import ImportWriter
from kg.store import EmbeddedStore
from kg.triples.iris import Iris

#: Events that are written in one transaction.
BATCH = 1_000
COLLECTIONS: dict[str, Collection] = {c.name: c for c in (gdelt.COLLECTION, icews.COLLECTION)}
#: Bad rows that are told of by number; the file of rejected rows has all.
TOLD = 20


@dataclass
class Imported:
    """What an import did: its graph, how many events it holds, the bad rows and the file that keeps them."""

    graph: ox.NamedNode
    events: int = 0
    bad: int = 0
    reasons: list[str] = field(default_factory=list)
    rejected: Path | None = None


class _Rejects:
    """Keeps bad rows: line number, reason, and the row as it came."""

    def __init__(self, path: Path, file: Path, imported: Imported) -> None:
        self._path, self._file, self._imported = path, file, imported
        self._out: BinaryIO | None = None
        path.unlink(missing_ok=True)

    def add(self, number: int, reason: str, line: bytes) -> None:
        if self._out is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._out = self._path.open("wb")
            self._imported.rejected = self._path
        self._out.write(f"{number}\t{reason}\t".encode() + line + b"\n")
        self._imported.bad += 1
        if self._imported.bad <= TOLD:
            self._imported.reasons.append(f"{self._file}, line {number}: {reason}")

    def close(self) -> None:
        if self._out is not None:
            self._out.close()


def _reader(collection: Collection, rows: Iterator[tuple[int, bytes]]) -> Callable[[Sequence[str]], ImportedEvent]:
    if collection.name == "gdelt":
        return gdelt.read
    _, header = next(rows, (0, b""))
    return icews.Reader(cells(header)).read


def _events(path: Path, collection: Collection, rejects: _Rejects) -> Iterator[ImportedEvent]:
    rows = lines(path)
    try:
        read = _reader(collection, rows)
    except RowError as error:
        raise SourceError(f"{path}: {error}.") from None
    for number, line in rows:
        if not line.strip():
            continue
        try:
            yield read(cells(line))
        except RowError as error:
            rejects.add(number, str(error), line)


def import_file(
    path: Path,
    collection: Collection,
    store: EmbeddedStore,
    iris: Iris,
    license: str | None = None,  # noqa: A002 -- the option's own word
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Put the events of a file into its graph, in the place of what the graph held before.

    Args:
        license: the licence's address, where the collection's own is not known here.
        progress: called with the number of events of each batch that is written.

    Raises:
        SourceError: the file cannot be read, or no row of it can; the graph is as it was where nothing could be read.
        StoreError: the store cannot be written.
    """
    key = graph_key(path)
    imported = Imported(iris.imported_graph(collection.name, key))
    writer = ImportWriter(collection, imported.graph, iris)
    rejects = _Rejects(store.folder / "rejected" / collection.name / f"{key}.tsv", path, imported)
    batch: list[ImportedEvent] = []

    def write() -> None:
        store.put(imported.graph, writer.events(batch), replace=not imported.events)
        imported.events += len(batch)
        progress(len(batch))
        batch.clear()

    try:
        for event in _events(path, collection, rejects):
            batch.append(event)
            if len(batch) == BATCH:
                write()
        if batch:
            write()
    finally:
        rejects.close()
    if not imported.events:
        first = f"; {imported.reasons[0]}" if imported.reasons else ""
        raise SourceError(f"{path}: no row of it is an event of {collection.title}{first}.")
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    store.put(imported.graph, writer.description(path.name, imported.events, now, license), replace=False)
    return imported
