"""The store: named graphs on disk, replaced and removed as a whole, asked in SPARQL."""

from kg.store.embedded import EmbeddedStore, open_store
from kg.store.snapshots import Snapshot, Snapshots
from kg.store.writing import ConditionError, ConflictError, StoreInUseError, Writer, WriteTimeoutError

__all__ = [
    "ConditionError",
    "ConflictError",
    "EmbeddedStore",
    "Snapshot",
    "Snapshots",
    "StoreInUseError",
    "WriteTimeoutError",
    "Writer",
    "open_store",
]
