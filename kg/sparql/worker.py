"""One process that evaluates queries on a snapshot, one after the other, until it is ended.

Run as ``python -I worker.py SNAPSHOT MEMORY``; it imports nothing of the project. A request on standard input is a length
(4 bytes, big-endian) and JSON; the answer on standard output is frames: a kind (one byte) with a length and as many bytes.
``d`` is a part of the answer, ``e`` its end, ``q`` a mistake in the query, ``f`` a failure of ours, ``l`` a limit on rows or
bytes that was passed. Before the first answer of each thread comes ``n``: 1 where the system took the network away, else 0,
and the thread's number, by which it may be given a lower priority; then another thread answers what comes next. ``s`` is what a
query wants to know of another endpoint (see ``kg.sparql.forwarder``); a length and that endpoint's answer come as the next input.
A request of ``open`` alone names another snapshot, which all that comes after it is asked of; nothing is answered.
"""

from __future__ import annotations

import ctypes
import os
import sys

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000


def leave_network() -> bool:
    """Give this process a network of its own, which leads nowhere; False where the system does not allow it.

    To be called before any thread is started.
    """
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    return unshare is not None and unshare(_NEW_NET if os.geteuid() == 0 else _NEW_USER | _NEW_NET) == 0


# before the engine is there: nothing of it may come to hold a socket
_APART = leave_network() if __name__ == "__main__" else False

import functools  # noqa: E402
import itertools  # noqa: E402
import json  # noqa: E402
import pathlib  # noqa: E402
import re  # noqa: E402
import resource  # noqa: E402
import select  # noqa: E402
import struct  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from typing import Any, BinaryIO  # noqa: E402

import pyoxigraph as ox  # noqa: E402

FRAME = struct.Struct(">cI")
LENGTH = struct.Struct(">I")
_PART = 65_536
#: Seconds between two looks at whether the service is still there.
_LOOK = 1.0
#: Seconds for which a part that is not full is kept back.
_FLUSH_AFTER = 0.03
#: What stands after the rows or triples of a document, by the format's media type; the others have nothing there.
_FEET = {"application/sparql-results+json": b"]}}", "application/sparql-results+xml": b"</results></sparql>"}
#: Formats of triples in which one document may be continued by another's lines.
_LINES = {"text/turtle", "application/n-triples", "application/trig", "application/n-quads", "text/n3"}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ROW = re.compile(rb"[\[,]\{")


class LimitError(Exception):
    """The answer has more rows or bytes than the operator allows."""


class Rows:
    """Counts the rows of a document in a format of SPARQL results, as its bytes go by."""

    def __init__(self, media_type: str) -> None:
        kind = media_type.rpartition("/")[2].rpartition("+")[2]
        self._count = {"json": self._json, "xml": self._xml, "csv": self._csv}.get(kind, self._tsv)
        # the first line of CSV and TSV names the variables
        self.number = 0 if kind in ("json", "xml") else -1
        self._tail, self._quoted = b"", False

    def see(self, data: bytes) -> None:
        """Count the rows that begin (in CSV and TSV: end) in some bytes."""
        self._count(self._tail + data)

    def _json(self, data: bytes) -> None:
        bare = _STRING.sub(b"", data)
        complete, quote, rest = bare.partition(b'"')
        self.number += len(_ROW.findall(complete))
        # of an unfinished string only its being one matters, and whether the next character is escaped
        escaped = b"\\" * ((len(rest) - len(rest.rstrip(b"\\"))) % 2)
        self._tail = quote + escaped if quote else complete[-1:]

    def _xml(self, data: bytes) -> None:
        self.number += data.count(b"<result>")
        self._tail = data[-7:]

    def _csv(self, data: bytes) -> None:
        for n, piece in enumerate(data.split(b'"')):
            if n:
                self._quoted = not self._quoted
            if not self._quoted:
                self.number += piece.count(b"\n")

    def _tsv(self, data: bytes) -> None:
        self.number += data.count(b"\n")


class Frames:
    """A file to write to that sends what it gets in frames of 64 KiB, and what is less after a moment."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._kept, self._skip, self._joint = stream, bytearray(), 0, b""
        self._lock, self._began = threading.Lock(), threading.Event()
        self._rows: Rows | None = None
        self._most_rows = self._most_bytes = self._bytes = 0
        threading.Thread(target=self._flush_on_time, daemon=True).start()

    def begin(self, request: dict[str, Any], rows: Rows | None) -> None:
        """Another answer comes, with its limits."""
        self._skip, self._joint, self._bytes = 0, b"", 0
        self._rows, self._most_rows, self._most_bytes = rows, request["most_rows"], request["most_bytes"]

    def skip(self, number: int, joint: bytes = b"") -> None:
        """Leave out the next bytes: they were written already; ``joint`` comes in their place, unless the list ends there."""
        self._skip, self._joint = number, joint

    def write(self, data: bytes) -> int:
        length = len(data)
        if self._skip:
            data, self._skip = data[self._skip :], max(0, self._skip - length)
        if data and self._joint:
            data, self._joint = (data if data[:1] == b"]" else self._joint + data), b""
        with self._lock:
            if not self._kept and data:
                self._began.set()
            self._kept += data
            full = len(self._kept) >= _PART
        self._bytes += len(data)
        if self._rows:
            self._rows.see(data)
        self.check(self._rows.number if self._rows else 0)
        if full:
            self.flush()
        return length

    def check(self, rows: int) -> None:
        """Raises LimitError where the answer is too large."""
        if self._most_rows and rows > self._most_rows:
            raise LimitError(f"The answer has more than {self._most_rows:,} rows, the most that this service gives.")
        if self._most_bytes and self._bytes > self._most_bytes:
            raise LimitError(f"The answer has more than {self._most_bytes:,} bytes, the most that this service gives.")

    def flush(self) -> None:
        with self._lock:
            if self._kept:
                self._send(b"d", bytes(self._kept))
                self._kept.clear()

    def _flush_on_time(self) -> None:
        while self._began.wait():
            self._began.clear()
            time.sleep(_FLUSH_AFTER)
            self.flush()

    def send(self, kind: bytes, data: bytes = b"") -> None:
        with self._lock:
            # what is left goes out with the end of the answer, so that who reads it wakes once
            left = self._framed(b"d", bytes(self._kept)) if kind in b"es" and self._kept else b""
            self._kept.clear()
            self._send(kind, data, left)

    def _framed(self, kind: bytes, data: bytes) -> bytes:
        return FRAME.pack(kind, len(data)) + data

    def _send(self, kind: bytes, data: bytes, before: bytes = b"") -> None:
        self._stream.write(before + self._framed(kind, data))
        self._stream.flush()


def _term(term: Any) -> dict[str, Any]:
    """A term in SPARQL 1.1 Query Results JSON."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _term(part) for name, part in parts.items()}}
    found = {"type": "literal", "value": term.value}
    if not term.language:
        return found | {"datatype": term.datatype.value}
    direction = getattr(term, "direction", None)
    return found | {"xml:lang": term.language} | ({"its:dir": str(direction.value)} if direction else {})


def _document(names: tuple[str, ...], rows: list[Any], form: ox.QueryResultsFormat, foot: bytes) -> bytes:
    """The document of some rows without its foot, exactly as the engine would write it."""
    bindings = [{name: _term(row[name]) for name in names if row[name] is not None} for row in rows]
    text = json.dumps({"head": {"vars": names}, "results": {"bindings": bindings}}).encode()
    found: Any = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
    return bytes(found.serialize(format=form)).removesuffix(foot)


@functools.lru_cache(maxsize=256)
def _head(names: tuple[str, ...], media_type: str) -> bytes:
    form: Any = ox.QueryResultsFormat.from_media_type(media_type)
    return _document(names, [], form, _FEET.get(media_type, b""))


def _write_rows(solutions: ox.QuerySolutions, media_type: str, frames: Any) -> None:
    """All rows. The engine keeps eight kilobytes back: the first row is written by itself, so that it need not wait."""
    form: Any = ox.QueryResultsFormat.from_media_type(media_type)
    foot, names = _FEET.get(media_type, b""), tuple(v.value for v in solutions.variables)
    head, first = _head(names, media_type), next(solutions, None)
    if first is None:
        frames.write(head + foot)
        return
    frames.write(_document(names, [first], form, foot))
    frames.skip(len(head), b"," if foot == b"]}}" else b"")
    solutions.serialize(frames, format=form)


def _counted(triples: Any, frames: Frames) -> Iterator[Any]:
    for number, triple in enumerate(triples, 1):
        frames.check(number)
        yield triple


@functools.lru_cache(maxsize=16)
def _length_of_prefixes(form: Any, prefixes: tuple[tuple[str, str], ...]) -> int:
    some = [ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.NamedNode("urn:o"))]
    bare = ox.serialize(some, format=form) or b""
    return len(ox.serialize(some, format=form, prefixes=dict(prefixes)) or b"") - len(bare)


def _write_document(triples: Any, request: dict[str, Any], frames: Any) -> None:
    """All triples as one JSON-LD document in the form that was asked for, which must be at hand as a whole."""
    # the package that this file is of: an isolated process does not look for it, and no other one may be taken for it
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from kg.jsonld.document import document
    from kg.jsonld.profiles import MOST_COMPACTED

    every = list(itertools.islice(triples, MOST_COMPACTED + 1))
    if len(every) > MOST_COMPACTED:
        raise LimitError(f"Of more than {MOST_COMPACTED:,} triples there is expanded JSON-LD alone.")
    frames.write(document(every, request["profile"], request["context"]))


def _write_triples(triples: Any, request: dict[str, Any], frames: Any) -> None:
    """All triples; the first by itself, as with rows, where the format is one of lines."""
    media_type, prefixes = request["format"], request["prefixes"]
    form: Any = ox.RdfFormat.from_media_type(media_type)
    found = _counted(triples, frames) if request["most_rows"] else triples
    if request["profile"] and not request["profile"].endswith("#expanded"):
        _write_document(found, request, frames)
        return
    if media_type in _LINES and (first := next(found, None)) is not None:
        frames.write(ox.serialize([first], format=form, prefixes=prefixes) or b"")
        frames.skip(_length_of_prefixes(form, tuple(prefixes.items())))
    ox.serialize(found, frames, format=form, prefixes=prefixes)


def _results(store: ox.Store, request: dict[str, Any]) -> Any:
    default: list[Any] = [ox.NamedNode(iri) for iri in request["default_graphs"]]
    named: list[Any] = [ox.NamedNode(iri) for iri in request["named_graphs"]]
    return store.query(
        request["query"],
        base_iri=request["base"],
        use_default_graph_as_union=request["union"] and not default and not named,
        default_graph=default if default or named else None,
        named_graphs=named or None,
    )


def beside(name: str) -> Any:
    """A file that lies beside this one, as a module: an isolated process does not look there, and seldom wants it."""
    import importlib.util

    spec = importlib.util.spec_from_file_location(name, pathlib.Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _forwarder(frames: Frames, source: BinaryIO) -> Any:
    """What the engine finds in the place of other endpoints."""
    read = lambda: source.read(LENGTH.unpack(source.read(LENGTH.size))[0])  # noqa: E731
    return beside("forwarder").Forwarder(frames.send, read)


def _answer(store: ox.Store, request: dict[str, Any], frames: Frames) -> None:
    if request["explain"]:
        frames.write(beside("explaining").explained(lambda: _results(store, request), request, frames.check))
        return
    results, stream = _results(store, request), frames
    if isinstance(results, ox.QuerySolutions):
        _write_rows(results, request["format"], stream)
    elif isinstance(results, ox.QueryTriples):
        _write_triples(results, request, stream)
    else:
        form: Any = ox.QueryResultsFormat.from_media_type(request["format"])
        results.serialize(stream, format=form)


class Session:
    """Answers requests in a thread of its own. One that was made slow stays slow: another thread takes its place."""

    def __init__(self, store: ox.Store, frames: Frames, *, apart: bool) -> None:
        self._store, self._frames, self._input, self._apart = store, frames, sys.stdin.buffer, apart
        self._ended = False
        self._forwarding: Any = None

    def run(self) -> None:
        """Answer requests until standard input ends."""
        while not self._ended:
            thread = threading.Thread(target=self._requests)
            thread.start()
            while thread.is_alive():
                thread.join(_LOOK)
                if self._alone():
                    os._exit(0)  # nobody waits for the query that runs

    def _alone(self) -> bool:
        """Whether the service has ended: a query that runs does not notice by itself."""
        poller = select.poll()
        poller.register(self._input.fileno(), 0)  # what is always told is that the other end has closed
        return any(event & select.POLLHUP for _, event in poller.poll(0))

    def _requests(self) -> None:
        self._frames.send(b"n", b"%d %d" % (self._apart, threading.get_native_id()))
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        while os.getpriority(os.PRIO_PROCESS, 0) == niceness:
            head = self._input.read(LENGTH.size)
            if not head:
                self._ended = True
                return
            request = json.loads(self._input.read(LENGTH.unpack(head)[0]))
            if "open" in request:
                self._open(request["open"])
            else:
                self._answer(request)

    def _open(self, snapshot: str) -> None:
        try:
            self._store = ox.Store.read_only(snapshot)
        except (OSError, RuntimeError, ValueError):
            os._exit(1)  # the query that comes next is told that its worker has ended

    def _answer(self, request: dict[str, Any]) -> None:
        counts = request["most_rows"] and not request["triples"] and not request["explain"] and request["form"] != "ASK"
        frames = self._frames
        frames.begin(request, Rows(request["format"]) if counts else None)
        rewritten = None
        try:
            if request["asked"]:
                self._forwarding = self._forwarding or _forwarder(frames, self._input)
                rewritten = self._forwarding.rewritten(request["query"], request["asked"])
                request |= {"query": rewritten.text, "written": request["query"]}
            _answer(self._store, request, frames)
            frames.send(b"e")
        except SyntaxError as error:
            told = str(error.msg or error).rstrip(".")
            frames.send(b"q", f"The query is not SPARQL: {rewritten.place(told) if rewritten else told}.".encode())
        except LimitError as error:
            frames.send(b"l", str(error).encode())
        except (OSError, RuntimeError, ValueError) as error:
            frames.send(b"f", f"The query cannot be answered: {str(error).rstrip('.')}.".encode())


def main() -> None:
    """Answer requests until standard input ends."""
    snapshot, memory = sys.argv[1], int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Session(ox.Store.read_only(snapshot), Frames(sys.stdout.buffer), apart=_APART).run()


if __name__ == "__main__":
    main()
