"""One process that evaluates queries on a snapshot, one after the other, until it is ended.

Run as ``python -I worker.py SNAPSHOT MEMORY``; it imports nothing of the project. A request on standard input is a length
(4 bytes, big-endian) and JSON; the answer on standard output is frames: a kind (one byte) with a length and as many bytes.
``d`` is a part of the answer, ``e`` its end, ``q`` a mistake in the query, ``f`` a failure of ours.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from typing import Any, BinaryIO

import pyoxigraph as ox

FRAME = struct.Struct(">cI")
LENGTH = struct.Struct(">I")
_PART = 65_536


class _Frames:
    """A file to write to that sends what it gets in frames of 64 KiB."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._kept = stream, bytearray()

    def write(self, data: bytes) -> int:
        self._kept += data
        if len(self._kept) >= _PART:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._kept:
            self.send(b"d", bytes(self._kept))
            self._kept.clear()

    def send(self, kind: bytes, data: bytes = b"") -> None:
        self._stream.write(FRAME.pack(kind, len(data)) + data)
        self._stream.flush()


def _format(request: dict[str, Any]) -> ox.QueryResultsFormat | ox.RdfFormat:
    kind: Any = ox.RdfFormat if request["triples"] else ox.QueryResultsFormat
    found = kind.from_media_type(request["format"])
    assert isinstance(found, ox.RdfFormat | ox.QueryResultsFormat)
    return found


def _answer(store: ox.Store, request: dict[str, Any], frames: Any) -> None:
    default: list[Any] = [ox.NamedNode(iri) for iri in request["default_graphs"]]
    named: list[Any] = [ox.NamedNode(iri) for iri in request["named_graphs"]]
    results = store.query(
        request["query"],
        base_iri=request["base"],
        use_default_graph_as_union=request["union"] and not default and not named,
        default_graph=default if default or named else None,
        named_graphs=named or None,
    )
    form = _format(request)
    if isinstance(results, ox.QueryTriples):
        assert isinstance(form, ox.RdfFormat)
        ox.serialize(results, frames, format=form, prefixes=request["prefixes"])
    else:
        assert isinstance(form, ox.QueryResultsFormat)
        results.serialize(frames, format=form)


def main() -> None:
    """Answer requests until standard input ends."""
    snapshot, memory = sys.argv[1], int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    store = ox.Store.read_only(snapshot)
    stream = sys.stdin.buffer
    while head := stream.read(LENGTH.size):
        request = json.loads(stream.read(LENGTH.unpack(head)[0]))
        frames = _Frames(sys.stdout.buffer)
        try:
            _answer(store, request, frames)
            frames.flush()
            frames.send(b"e")
        except SyntaxError as error:
            frames.send(b"q", f"The query is not SPARQL: {str(error.msg or error).rstrip('.')}.".encode())
        except (OSError, RuntimeError, ValueError) as error:
            frames.send(b"f", f"The query cannot be answered: {str(error).rstrip('.')}.".encode())


if __name__ == "__main__":
    main()
