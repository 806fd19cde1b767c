"""Opens what a graph is read from: a store's folder, a dump's file, or the address of a SPARQL endpoint."""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

import pyoxigraph as ox
import zstandard

from kg.config import Settings
from kg.errors import KgError, StoreError
from kg.store import RemoteStore
from kg.store.base import QueryResults
from kg.store.embedded import data_folder, run_query
from kg.store.snapshots import take_snapshot
from kg.triples.vocab import DIPL

#: Seconds for which a writer that has the store open is waited for.
PATIENCE = 20.0
#: Ending of a dump -> its format: those that keep the named graphs apart.
_DUMPS = {
    ".nq": ox.RdfFormat.N_QUADS,
    ".nquads": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
_BASE = f"SELECT ?g {{ GRAPH ?g {{ <{DIPL}Event> a <http://www.w3.org/2002/07/owl#Class> }} }} ORDER BY ?g"
_ONTOLOGY = "graph/ontology"


class SourceError(KgError):
    """There is no graph where one was to be opened."""


class Reading(Protocol):
    """What is asked: SPARQL over the union of all graphs, whichever place they are in."""

    def query(self, text: str, prefixes: Mapping[str, str] | None = None) -> QueryResults:
        """Evaluate a query. Raises QueryError, StoreError."""


class Opened:
    """A store in memory or a snapshot of one."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def query(self, text: str, prefixes: Mapping[str, str] | None = None) -> QueryResults:
        """Evaluate a query over the union of all graphs. Raises QueryError."""
        return run_query(self._store, text, prefixes)


def is_address(source: str) -> bool:
    """Whether a source is the address of an endpoint."""
    return urlsplit(source).scheme in ("http", "https")


def open_source(source: str, stack: ExitStack, timeout: float) -> Reading:
    """What a source holds, read-only; what must be given back when it is closed goes on the stack.

    Raises:
        SourceError: there is no store, dump or endpoint.
        StoreError: the store stays in use by a writer.
    """
    if is_address(source):
        return RemoteStore(Settings(remote_query=source, remote_timeout=timeout, remote_max_bytes=1_000_000_000))
    path = Path(source).expanduser()
    if data_folder(path).is_dir():
        return Opened(stack.enter_context(_snapshot(path)))
    if path.is_dir():
        raise SourceError(f"The folder {path} holds no store; 'kg ingest --store {path}' makes one.")
    if not path.exists():
        raise SourceError(f"There is no store and no dump at {path}.")
    return Opened(loaded(path))


@contextmanager
def _snapshot(folder: Path) -> Iterator[ox.Store]:
    """The state that a store is in; a service may go on writing it."""
    settings = Settings(store=folder)
    with tempfile.TemporaryDirectory(prefix="kg-", dir=_beside(folder)) as place:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                yield take_snapshot(settings, Path(place) / "snapshot")
                return
            except StoreError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
