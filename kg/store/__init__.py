"""The store: named graphs on disk, replaced and removed as a whole, asked in SPARQL."""

from kg.store.embedded import EmbeddedStore, open_store
from kg.store.snapshots import Snapshot, Snapshots

__all__ = ["EmbeddedStore", "Snapshot", "Snapshots", "open_store"]
