"""The store: named graphs in a folder or behind SPARQL addresses, replaced and removed as a whole, asked in SPARQL."""

from kg.store.base import (
    AnswerSizeError,
    GraphWriter,
    State,
    States,
    Store,
    StoreAnswerError,
    StoreGoneError,
    StoreTimeoutError,
)
from kg.store.embedded import EmbeddedStore
from kg.store.opening import open_store, states_and_writer
from kg.store.remote import RemoteStore
from kg.store.replica import NothingPublishedError, ReadOnlyError, Replica
from kg.store.snapshots import Snapshot, Snapshots, newest_snapshot
from kg.store.writing import ConditionError, ConflictError, StoreInUseError, Writer, WriteTimeoutError

__all__ = [
    "AnswerSizeError",
    "ConditionError",
    "ConflictError",
    "EmbeddedStore",
    "GraphWriter",
    "NothingPublishedError",
    "ReadOnlyError",
    "RemoteStore",
    "Replica",
    "Snapshot",
    "Snapshots",
    "State",
    "States",
    "Store",
    "StoreAnswerError",
    "StoreGoneError",
    "StoreInUseError",
    "StoreTimeoutError",
    "WriteTimeoutError",
    "Writer",
    "newest_snapshot",
    "open_store",
    "states_and_writer",
]
