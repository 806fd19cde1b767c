"""Which back-end the settings name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kg.config import Settings
from kg.errors import StoreError
from kg.store import embedded
from kg.store.alone import alone
from kg.store.base import GraphWriter, States, Store
from kg.store.remote import RemoteStore
from kg.store.remote_service import RemoteStates, RemoteWriter
from kg.store.replica import ReadOnly, Replica
from kg.store.snapshots import Snapshots
from kg.store.writing import Writer

#: Seconds for which another process is waited for: a service has the store only for the moment of a snapshot.
PATIENCE = 1.0


@contextmanager
def open_store(settings: Settings, *, make: bool = True, writes_beside: bool = False) -> Iterator[Store]:
    """Open the store of the settings for reading and writing: the remote one, else the folder.

    Args:
        make: whether the folder's is made where it is missing; who only reads has nothing to look for in an empty one.
        writes_beside: whether what lies beside the store in the folder is written too, or what articles say is put together:
            then no other process may do so from the same folder, also where the store is a remote one.

    Raises:
        StoreError: it cannot be opened.
    """
    with ExitStack() as opened:
        store = (
            RemoteStore(settings, patient=True) if settings.remote_query else _opened_own(settings, opened, make=make)
        )
        # a folder of the engine's has its lock, and one that is missing has nothing in it that two could write
        if settings.remote_query and writes_beside and (make or settings.store.is_dir()):
            opened.enter_context(alone(settings.store, PATIENCE))
        yield store


def _opened_own(settings: Settings, opened: ExitStack, *, make: bool) -> Store:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return opened.enter_context(embedded.open_store(settings, make=make))
        except StoreError as error:
            if "another process" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def states_and_writer(settings: Settings, *, make: bool = True) -> tuple[States, GraphWriter]:
    """What a service reads from and writes with; with ``make`` a missing folder's store is made. Raises StoreError."""
    if settings.remote_query:
        remote = RemoteStore(settings)
        writer = RemoteWriter(remote)
        return RemoteStates(settings, remote, writer), writer
    if settings.replica_of:
        return Replica(settings), ReadOnly()
    own = Writer(settings.store, settings.write_timeout)
    return Snapshots(settings, own, make=make), own
