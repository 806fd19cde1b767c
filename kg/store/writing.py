"""How a service writes: one request after the other, to a process that is ended when a write takes too long."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import kg
from kg.errors import EndingError, KgError, QueryError, StoreError
from kg.store.documents import Document
from kg.store.writer import FRAME, LENGTH


class WriteTimeoutError(KgError):
    """The write took longer than it may; nothing of it was written."""


class StoreInUseError(KgError):
    """Another process has the store open for writing, and kept it."""


class ConflictError(KgError):
    """The update supposes a graph that is missing, or that one is missing that is there."""


class ConditionError(KgError):
    """If-Match or If-None-Match does not hold."""


class Writer:
    """Serialises writes: each sees what the one before it wrote, and none is lost. Safe to use from several threads."""

    def __init__(self, folder: Path, timeout: float) -> None:
        self._folder, self._timeout = folder, timeout
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        #: Number of acknowledged writes: readers that want to see their own compare it.
        self.acknowledged = 0
        self._ending = False

    def update(self, text: str, base: str, graphs: Sequence[str] | None = None) -> None:
        """Run a SPARQL Update request in one transaction.

        Args:
            graphs: all that it may write, "" for the default graph; None where that is not known.

        Raises:
            QueryError: it is malformed.
            WriteTimeoutError, StoreInUseError, StoreError: nothing was written, and why.
        """
        self._write({"do": "update", "base": base, "graphs": graphs}, text.encode())

    def put(
        self,
        graph: str | None,
        documents: Sequence[Document],
        base: str,
        *,
        replace: bool,
        if_match: Sequence[str] | None = None,
        if_none_match: Sequence[str] | None = None,
    ) -> bool:
        """Put triples into a graph (None: the default one), or in the place of what it holds; whether it was there before.

        Raises:
            ConditionError: a condition does not hold; besides those of ``update``.
        """
        request = {
            "do": "put" if replace else "post",
            "graph": graph,
            "documents": [(len(body), media_type) for body, media_type in documents],
            "base": base,
            "if_match": if_match,
            "if_none_match": if_none_match,
        }
        return bool(self._write(request, b"".join(body for body, _ in documents))["existed"])

    def delete(self, graph: str | None, *, if_match: Sequence[str] | None = None) -> bool:
        """Drop a graph; whether it was there. Raises as ``put``."""
        return bool(self._write({"do": "delete", "graph": graph, "if_match": if_match}, b"")["existed"])

    def checkpoint(self, folder: Path) -> bool:
        """Have the writing process make a snapshot; False where none is at work and the store may be opened."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                return False
            return self._ask({"do": "checkpoint", "folder": str(folder.resolve())}, b"") is not None

    def alone(self) -> threading.RLock:
        """The lock under which no write of this service starts."""
        return self._lock

    def break_off(self) -> None:
        """End the write that is under way, unacknowledged, and let none begin: the service ends."""
        self._ending = True
        if process := self._process:
            process.kill()

    def close(self) -> None:
        """End the writing process; what it acknowledged is on disk."""
        with self._lock:
            self._end()

    def _write(self, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        with self._lock:
            if self._ending:
                raise EndingError("The service is ending; nothing was written.")
            for _ in range(3):  # a process that was about to end asks for another
                if self._process is None or self._process.poll() is not None:
                    self._start()
                done = self._ask(request, body)
                if done is not None:
                    self.acknowledged += 1
                    return done
        raise StoreError("The process that writes the store ends at once, again and again.")

    def _start(self) -> None:
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kg.store.writer", str(self._folder.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(Path(kg.__file__).parent.parent)},
        )

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream:
                    stream.close()
            self._process = None

    def _ask(self, request: dict[str, Any], body: bytes) -> dict[str, Any] | None:
        """The answer; None where the process had ended before it read the request."""
        process = self._process
        assert process and process.stdin and process.stdout
        head = json.dumps(request).encode()
        try:
            process.stdin.write(LENGTH.pack(len(head)) + head + LENGTH.pack(len(body)) + body)
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it says why before it ends
        try:
            kind, data = self._answer(process.stdout.fileno(), time.monotonic() + self._timeout)
        except (WriteTimeoutError, StoreError):
            self._end()
            if self._ending:
                raise EndingError("The service ended before it was known whether this is written.") from None
            raise
        if kind == b"k":
            found: dict[str, Any] = json.loads(data)
            return found
        if kind in (b"x", b"b"):
            self._end()
        if kind == b"x":
            return None
        errors = {b"c": ConflictError, b"q": QueryError, b"m": ConditionError, b"b": StoreInUseError}
        raise errors.get(kind, StoreError)(data.decode())

    def _answer(self, descriptor: int, deadline: float) -> tuple[bytes, bytes]:
        kind, size = FRAME.unpack(self._read(descriptor, FRAME.size, deadline))
        return kind, self._read(descriptor, size, deadline)

    def _read(self, descriptor: int, size: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise WriteTimeoutError(f"The write took longer than {self._timeout:g} seconds and was ended.")
            data = os.read(descriptor, size - len(found))
            if not data:
                raise StoreError("The write brought its process down; nothing of it was written.")
            found += data
        return bytes(found)
