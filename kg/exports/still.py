"""A store that stands still while it is read from one end to the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from kg.config import Settings
from kg.store import EmbeddedStore, Snapshots, State, Store, open_store


@contextmanager
def still_store(settings: Settings) -> Iterator[Store]:
    """One state of the store, while others may write: a snapshot of an own one; a remote one as it is, graph by graph.

    Raises:
        StoreError: it cannot be opened.
    """
    if settings.remote_query:
        with open_store(settings) as remote:
            yield remote
        return
    with closing(Snapshots(settings, make=False)) as snapshots:
        snapshot = snapshots.current()
        yield EmbeddedStore(snapshot.store, snapshot.folder)


@contextmanager
def store_of(state: State, settings: Settings) -> Iterator[Store]:
    """A service's state, read as a store."""
    if state.store is not None:
        yield EmbeddedStore(state.store, settings.store)
    else:
        with open_store(settings) as remote:
            yield remote
