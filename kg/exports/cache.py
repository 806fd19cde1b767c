"""Files that were made on request and are kept for the next one, the least recently used forgotten first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kg.errors import KgError, StoreError
from kg.exports.files import sha256, whole_file

#: Seconds that a request waits for another's file to be made.
PATIENCE = 30.0


class MakingError(KgError):
    """Other files are being made, and stay so."""


@dataclass(frozen=True)
class Kept:
    """A file, and a digest of its content."""

    path: Path
    digest: str


class FileCache:
    """Files by the state of the store and their name. Safe to use from several threads; one file is made at a time.

    Args:
        folder: where they are kept; made when it is first needed.
        size: bytes that are kept in all; the newest is kept whatever its size.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder, self._size = folder, size
        self._lock = threading.Lock()

    def _find(self, key: str) -> Kept | None:
        for path in self._folder.glob(f"{key}-*"):
            with contextlib.suppress(OSError):
                os.utime(path)
                return Kept(path, path.name.rpartition("-")[2])
        return None

    def get(self, state: str, name: str, make: Callable[[BinaryIO], None]) -> Kept:
        """The file of a name for a state of the store, made where it is not there.

        Raises:
            MakingError: another one is being made for too long.
            StoreError: it cannot be written.
        """
        key = hashlib.blake2b(f"{state} {name}".encode(), digest_size=16).hexdigest()
        if found := self._find(key):
            return found
        if not self._lock.acquire(timeout=PATIENCE):
            raise MakingError("Another large file is being made; try again in a moment.")
        try:
            if found := self._find(key):
                return found
            self._folder.mkdir(parents=True, exist_ok=True)
            made = self._folder / f"{key}.new"
            with whole_file(made) as out:
                make(out)
            kept = Kept(self._folder / f"{key}-{sha256(made)[:32]}", sha256(made)[:32])
            made.replace(kept.path)
            self._forget(kept.path)
            return kept
        except OSError as error:
            raise StoreError(f"The file cannot be written below {self._folder}: {error.strerror or error}.") from None
        finally:
            self._lock.release()

    def _forget(self, newest: Path) -> None:
        files = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        held = newest.stat().st_size
        for path in files:
            if path == newest:
                continue
            held += path.stat().st_size
            if held > self._size:
                # who has it open reads it to its end
                path.unlink(missing_ok=True)
