"""All quads of a store as N-Quads lines: in one order whatever the store's own, and in bounded memory."""

from __future__ import annotations

import heapq
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import BinaryIO

import pyoxigraph as ox

from kg.store import RemoteStore, Store
from kg.store.base import GraphName

#: Lines that are sorted in memory; a graph of more is sorted in lots on the disk.
IN_MEMORY = 200_000


def _spilled(lines: Iterable[bytes], file: BinaryIO) -> Iterable[bytes]:
    file.writelines(lines)
    file.seek(0)
    return file


def _sorted(lines: Iterable[bytes]) -> Iterator[bytes]:
    remaining = iter(lines)
    first = sorted(itertools.islice(remaining, IN_MEMORY))
    if len(first) < IN_MEMORY:
        yield from first
        return
    with ExitStack() as stack:
        lots = []
        lot = first
        while lot:
            lots.append(_spilled(lot, stack.enter_context(tempfile.TemporaryFile())))
            lot = sorted(itertools.islice(remaining, IN_MEMORY))
        del first
        yield from heapq.merge(*lots)


def sorted_lines(store: Store) -> Iterator[bytes]:
    """The default graph's lines, then each named graph's by its IRI; the lines of a graph sorted by their bytes."""
    graphs: list[GraphName] = [*store.graphs()]
    if not isinstance(store, RemoteStore) or store.has_default_graph():
        graphs.insert(0, ox.DefaultGraph())
    for graph in graphs:
        # a literal's line breaks are escaped, so that a quad is a line
        quads = (ox.Quad(t.subject, t.predicate, t.object, graph) for t in store.graph_triples(graph))
        for line, _ in itertools.groupby(_sorted(f"{quad} .\n".encode() for quad in quads)):
            yield line
