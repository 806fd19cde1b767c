"""Opens what a graph is read from: a store's folder, a dump's file, or the address of a SPARQL endpoint."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pyoxigraph as ox
import zstandard

from kg.config import Settings
from kg.errors import KgError
from kg.store import RemoteStore
from kg.store.base import QueryResults
from kg.store.embedded import data_folder, run_query
from kg.store.snapshots import one_snapshot
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
        self.store = store

    def query(self, text: str, prefixes: Mapping[str, str] | None = None) -> QueryResults:
        """Evaluate a query over the union of all graphs. Raises QueryError."""
        return run_query(self.store, text, prefixes)


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
        return Opened(stack.enter_context(one_snapshot(Settings(store=path), PATIENCE)))
    if path.is_dir():
        raise SourceError(f"The folder {path} holds no store; 'kg ingest --store {path}' makes one.")
    if not path.exists():
        raise SourceError(f"There is no store and no dump at {path}.")
    return Opened(loaded(path))


def loaded(path: Path) -> ox.Store:
    """A dump in memory: about 350 bytes a quad.

    Raises:
        SourceError: it cannot be read, and why.
    """
    endings = [ending.lower() for ending in path.suffixes]
    packing = endings.pop() if endings and endings[-1] in _PACKINGS else ""
    form = _DUMPS.get(endings[-1]) if endings else None
    if form is None:
        known = ", ".join(_DUMPS)
        raise SourceError(f"{path} is no dump: its name ends in none of {known}, with .gz or .zst behind them or not.")
    store = ox.Store()
    try:
        with _PACKINGS[packing](path) as stream:
            store.bulk_load(stream, format=form)
    except SyntaxError as error:
        raise SourceError(f"The dump {path} cannot be read: {error.msg or error}.") from None
    except (OSError, EOFError, ValueError, zstandard.ZstdError) as error:
        raise SourceError(f"The dump {path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    return store


def _zstd(path: Path) -> Any:
    return zstandard.open(path, "rb")


#: Ending of a packed dump -> how it is read.
_PACKINGS: dict[str, Callable[[Path], Any]] = {"": lambda path: path.open("rb"), ".gz": gzip.open, ".zst": _zstd}


def base_of(reading: Reading) -> str:
    """What the IRIs of a graph begin with: the ontology's graph stands right below it.

    Raises:
        SourceError: it is no graph of this project.
    """
    found = reading.query(_BASE)
    assert isinstance(found, ox.QuerySolutions)
    for row in found:
        name = row["g"].value
        if name.endswith(_ONTOLOGY):
            return str(name.removesuffix(_ONTOLOGY))
    raise SourceError("This is no graph of diplomatic events: the graph with the ontology is not in it.")
