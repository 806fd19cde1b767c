"""The one process that writes for a service: it has the store open while it is needed, and can be ended like a query's.

Run as ``python -m kg.store.writer FOLDER``. A request on standard input is JSON and a body, each after its length (4 bytes,
big-endian); the answer on standard output is a kind (one byte), a length and as many bytes. ``k`` done, ``q`` a mistake in the
request, ``m`` the condition does not hold, ``c`` a graph is there or missing
against what the request supposes, ``b`` the store is in use elsewhere, ``f`` a failure, ``x`` "I am gone, ask another":
after some seconds without work it ends, so that others can open the store.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import struct
import sys
import time
from pathlib import Path
from typing import Any

from kg.config import Settings
from kg.errors import QueryError, StoreError
from kg.store.base import graph_name, unmet
from kg.store.documents import parsed_graph, split
from kg.store.embedded import EmbeddedStore, graph_digest, open_store

FRAME = struct.Struct(">cI")
LENGTH = struct.Struct(">I")
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
#: Seconds without a request after which it ends, and for which it waits for a store that is in use.
IDLE, PATIENCE = 3.0, 5.0
#: Seconds between two looks at whether somebody wants a snapshot.
LOOK_AFTER = 0.2


class _ConditionError(Exception):
    """What the client holds for the graph's state is not its state."""


def _check(store: EmbeddedStore, request: dict[str, Any], exists: bool) -> None:
    """If-Match and If-None-Match (RFC 9110, section 13.1) against the graph as it is now."""
    wanted, unwanted = request.get("if_match"), request.get("if_none_match")
    if wanted is None and unwanted is None:
        return
    tag = graph_digest(store.graph_triples(graph_name(request["graph"]))) if exists else None
    if why := unmet(wanted, unwanted, tag):
        raise _ConditionError(why)


def _write_graph(store: EmbeddedStore, request: dict[str, Any], body: bytes) -> dict[str, Any]:
    graph = graph_name(request["graph"])
    exists = store.has_graph(graph)
    _check(store, request, exists)
    if request["do"] == "delete":
        if exists:
            store.drop(graph)
        return {"existed": exists}
    documents = list(split(body, request["documents"]))
    store.put(graph, parsed_graph(documents, request["base"]), replace=request["do"] == "put")
    return {"existed": exists}


def _do(store: EmbeddedStore, request: dict[str, Any], body: bytes) -> dict[str, Any]:
    if request["do"] == "update":
        store.update(body.decode(), request["base"], request["graphs"])
        return {}
    if request["do"] == "checkpoint":
        store.checkpoint(Path(request["folder"]))
        return {}
    return _write_graph(store, request, body)


def _read(size: int) -> bytes:
    return sys.stdin.buffer.read(size)


def _next_request() -> tuple[dict[str, Any], bytes] | None:
    """A request and its body; None where the service has ended."""
    head = _read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    request = json.loads(_read(LENGTH.unpack(head)[0]))
    return request, _read(LENGTH.unpack(_read(LENGTH.size))[0])


def _send(kind: bytes, data: bytes = b"") -> None:
    sys.stdout.buffer.write(FRAME.pack(kind, len(data)) + data)
    sys.stdout.buffer.flush()


def _comes(store: EmbeddedStore) -> bool:
    """Whether a request comes before the time is up; meanwhile others may have snapshots."""
    deadline = time.monotonic() + IDLE
    while (left := deadline - time.monotonic()) > 0:
        if select.select([sys.stdin], [], [], min(left, LOOK_AFTER))[0]:
            return True
        store.give_snapshots()
    return False


def _serve(store: EmbeddedStore) -> None:
    """Answer requests until none comes for a while."""
    while _comes(store):
        asked = _next_request()
        if asked is None:
            return
        try:
            done = _do(store, *asked)
        except _ConditionError as error:
            _send(b"m", str(error).encode())
        except (QueryError, SyntaxError, ValueError) as error:
            _send(b"q", str(getattr(error, "msg", None) or error).encode())
        except (StoreError, OSError, RuntimeError) as error:
            # "already exists" and "does not exist" are about the request, not about the store
            cause = str(error).partition("cannot be written: ")[2]
            _send(*((b"c", cause.encode()) if " exist" in cause else (b"f", str(error).encode())))
        else:
            _send(b"k", json.dumps(done).encode())
    _send(b"x")


def _leave_network() -> None:
    """Take a network of its own, which leads nowhere, where the system allows it; as in ``kg.sparql.worker``."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None:
        unshare(_NEW_NET if os.geteuid() == 0 else _NEW_USER | _NEW_NET)


def main(folder: Path) -> None:
    """Open the store and serve."""
    _leave_network()  # before the engine starts threads of its own
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with open_store(Settings(store=folder)) as store:
                _serve(store)
            return
        except StoreError as error:
            if "another process" not in str(error):
                _send(b"f", str(error).encode())
                return
            if time.monotonic() > deadline:
                _send(b"b", str(error).encode())
                return
            time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
