"""Which back-end the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kg.config import Settings
from kg.store import embedded
from kg.store.base import GraphWriter, States, Store
from kg.store.remote import RemoteStore
from kg.store.remote_service import RemoteStates, RemoteWriter
from kg.store.snapshots import Snapshots
from kg.store.writing import Writer


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Open the store of the settings for reading and writing: the remote one, else the folder, made where it is missing.

    Raises:
        StoreError: it cannot be opened.
    """
    if settings.remote_query:
        yield RemoteStore(settings)
    else:
        with embedded.open_store(settings) as store:
            yield store


def states_and_writer(settings: Settings) -> tuple[States, GraphWriter]:
    """What a service reads from and writes with. Raises StoreError."""
    if settings.remote_query:
        remote = RemoteStore(settings)
        writer = RemoteWriter(remote)
        return RemoteStates(settings, remote, writer), writer
    own = Writer(settings.store, settings.write_timeout)
    return Snapshots(settings, own), own
