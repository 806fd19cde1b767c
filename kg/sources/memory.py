"""What was fetched before, so that a server is asked only whether it has changed: one SQLite file in the store's folder.

The bodies are kept too: a run that was killed, or a new version of the program, finds the page again although it has not changed.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

from kg.errors import StoreError

FILE = "fetched.sqlite"
#: What nobody has asked for in so many seconds is forgotten.
KEPT = 90 * 24 * 3600

_TABLE = """
CREATE TABLE IF NOT EXISTS pages (
    url TEXT PRIMARY KEY, final TEXT, etag TEXT, modified TEXT, stamp TEXT, type TEXT, charset TEXT, body BLOB, fetched TEXT,
    asked REAL
)
"""


_LOOK_UP = (
    "UPDATE pages SET asked = ? WHERE url = ? RETURNING final, type, charset, body, fetched, etag, modified, stamp"
)


@dataclass(frozen=True)
class Page:
    """One page as it was fetched; ``url`` is where it was found in the end, after redirects."""

    url: str
    type: str
    charset: str | None
    body: bytes
    fetched: dt.datetime
    etag: str | None = None
    modified: str | None = None
    #: What a feed said of it (when it was last changed) at that time.
    stamp: str = ""


class Memory:
    """Pages by the address that was asked for. Without a folder it remembers nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._open: sqlite3.Connection | None = None

    def _connection(self) -> sqlite3.Connection | None:
        # opened with the first page: a run over files alone leaves no file behind
        if self._open is None and self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._open = sqlite3.connect(self._folder / FILE, isolation_level=None, timeout=30)
                self._open.execute(_TABLE)
                self._open.execute("DELETE FROM pages WHERE asked < ?", (time.time() - KEPT,))
            except (OSError, sqlite3.OperationalError) as error:
                raise StoreError(f"{self._folder / FILE} cannot be written: {error}.") from None
            except sqlite3.Error as error:
                raise StoreError(f"{self._folder / FILE} is damaged and may be deleted: {error}.") from None
        return self._open

    def get(self, url: str) -> Page | None:
        """The page as it was fetched last."""
        connection = self._connection()
        if connection is None:
            return None
        try:
            row = connection.execute(_LOOK_UP, (time.time(), url)).fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"{self._folder}/{FILE} cannot be read: {error}; it may be deleted.") from None
        if row is None:
            return None
        final, kind, charset, body, fetched, etag, modified, stamp = row
        when = dt.datetime.fromisoformat(fetched)
        return Page(final, kind, charset, zlib.decompress(body), when, etag, modified, stamp)

    def put(self, url: str, page: Page) -> None:
        """Remember a page; each is written as a whole, and one that cannot be written is fetched again another time.

        Raises:
            StoreError: the file cannot be written.
        """
        connection = self._connection()
        if connection is None:
            return
        values = (url, page.url, page.etag, page.modified, page.stamp, page.type, page.charset)
        try:
            connection.execute(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, zlib.compress(page.body), page.fetched.isoformat(), time.time()),
            )
        except sqlite3.Error as error:
            raise StoreError(f"{self._folder}/{FILE} cannot be written: {error}.") from None

    def close(self) -> None:
        """Close the file."""
        if self._open is not None:
            self._open.close()
            self._open = None
