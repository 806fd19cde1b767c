"""The texts of the articles that were read, for their pages: one SQLite file in the store's folder.

They are not in the graph: what is in it is published by every query and export, and articles belong to their publishers.
Beside it the operator can keep them, show those alone whose licence allows it, or have none (setting ``article_text``).

This file and the store are two, and no transaction holds both. So what is to change here is written down before the store is
written (``put``, ``leave``), and done after it (``settle``); what was broken off between is decided by what the store holds
then (``recover``).
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kg.errors import StoreError
from kg.model import Article, BlockKind

FILE = "articles.sqlite"
#: ``coming`` holds texts whose articles are on their way, and (without a text) articles that are being taken out.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS bodies (id TEXT PRIMARY KEY, license TEXT, blocks TEXT, text BLOB)",
    "CREATE TABLE IF NOT EXISTS coming (id TEXT PRIMARY KEY, license TEXT, blocks TEXT, text BLOB)",
)
_SETTLE = (
    "INSERT OR REPLACE INTO bodies SELECT * FROM coming WHERE id = :id AND text IS NOT NULL",
    "DELETE FROM bodies WHERE id = :id AND EXISTS (SELECT 1 FROM coming WHERE id = :id AND text IS NULL)",
    "DELETE FROM coming WHERE id = :id",
)
#: Licences that let anybody show the text, by what their names and addresses have in them.
_FREE = re.compile(
    r"creativecommons\.org|\bcc[\s-]?(?:by|0)\b|public[\s-]?domain|open government licen[cs]e", re.IGNORECASE
)


@dataclass(frozen=True)
class Body:
    """An article's text, and its blocks that are no clutter: kind, first and last position (in characters)."""

    text: str
    blocks: tuple[tuple[str, int, int], ...]


def is_free(license: str | None) -> bool:  # noqa: A002 -- the record's own word
    """Whether a licence, by its name or address, lets anybody show the text."""
    return bool(license and _FREE.search(license))


class Bodies:
    """Texts by the article's id.

    Args:
        folder: the store's folder.
        mode: the setting ``article_text``: "show", "licensed" or "off", which neither keeps nor shows any.
    """

    def __init__(self, folder: Path, mode: str) -> None:
        self._path, self._mode = folder / FILE, mode
        self._open: sqlite3.Connection | None = None
        self._settled: list[str] = []

    def beside(self, folder: Path | None) -> Bodies:
        """The texts in another folder, by the same mode; these where there is none."""
        return Bodies(folder, self._mode) if folder and folder != self._path.parent else self

    @property
    def at_hand(self) -> bool:
        """Whether there is a file of texts: it may be deleted, and pages are others then."""
        return self._mode != "off" and self._path.exists()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            raise StoreError(f"{self._path} cannot be used: {error}.") from None
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} is damaged and may be deleted: {error}.") from None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._open = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            for table in _TABLES:
                self._open.execute(table)
        return self._open

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction, in which what is settled is done first: that costs no transaction of its own."""
        with self._told():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                for article in self._settled:
                    for step in _SETTLE:
                        connection.execute(step, {"id": article})
                yield connection
                connection.execute("COMMIT")
                self._settled.clear()
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def put(self, article: Article) -> None:
        """Keep an article's text from when ``settle`` says that the store has it; it is on the disk when this returns.

        Raises:
            StoreError: the file cannot be written.
        """
        if self._mode == "off" or (self._mode == "licensed" and not is_free(article.license)):
            self.drop(article.id)
            return
        blocks = [(b.kind.value, b.start, b.end) for b in article.blocks if b.kind is not BlockKind.CLUTTER]
        values = (article.id, article.license, json.dumps(blocks), zlib.compress(article.text.encode()))
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO coming VALUES (?, ?, ?, ?)", values)

    def leave(self, article: str) -> None:
        """Forget an article's text when ``settle`` says that the store has it no more. Raises StoreError."""
        if self._path.exists():
            with self._transaction() as connection:
                connection.execute("INSERT OR REPLACE INTO coming VALUES (?, NULL, NULL, NULL)", (article,))

    def settle(self, article: str) -> None:
        """What ``put`` or ``leave`` wrote down has come to be: it is done with the next change, or when this is closed."""
        self._settled.append(article)

    def drop(self, article: str) -> None:
        """Forget an article's text at once. Raises StoreError."""
        if self._path.exists():
            with self._transaction() as connection:
                for table in ("bodies", "coming"):
                    connection.execute(f"DELETE FROM {table} WHERE id = ?", (article,))

    def recover(self, held: Callable[[str], str]) -> None:
        """Decide what was broken off before it was settled. Only for who alone writes the store.

        Args:
            held: the SHA-256 (hexadecimal) of the text from which the store holds an article; empty where it has none.

        Raises:
            StoreError: the file cannot be written.
        """
        if self._path.exists():
            with self._told():
                recover(self._connection(), held)

    def drop_others(self, holds: Callable[[str], bool]) -> int:
        """Forget the texts of articles that the store does not hold; how many there were. Raises StoreError."""
        if not self._path.exists():
            return 0
        with self._transaction() as connection:
            lost = [(a,) for (a,) in connection.execute("SELECT id FROM bodies").fetchall() if not holds(a)]
            connection.executemany("DELETE FROM bodies WHERE id = ?", lost)
        return len(lost)

    def get(self, articles: Iterable[str]) -> dict[str, Body]:
        """The texts of some articles that may be shown: one look into the file, whatever their number."""
        wanted = sorted(set(articles))
        if self._mode == "off" or not wanted or not self._path.exists():
            return {}
        marks = ",".join("?" * len(wanted))
        # not "ro": what a killed writer left half done could then not be rolled back, and nothing be read
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        with self._told(), closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            rows = connection.execute(f"SELECT * FROM bodies WHERE id IN ({marks})", wanted).fetchall()
        try:
            return {
                name: Body(zlib.decompress(text).decode(), tuple((k, s, e) for k, s, e in json.loads(blocks)))
                for name, license, blocks, text in rows  # noqa: A001
                if self._mode == "show" or is_free(license)
            }
        except (zlib.error, ValueError, TypeError):
            raise StoreError(f"{self._path} is damaged and may be deleted: a text in it cannot be read.") from None

    def close(self) -> None:
        """Do what is settled, and close the file. Raises StoreError."""
        if self._open is not None:
            try:
                if self._settled:
                    with self._transaction():
                        pass
            finally:
                self._open.close()
                self._open = None


def recover(connection: sqlite3.Connection, held: Callable[[str], str]) -> None:
    """Decide by the store what was broken off: see ``Bodies.recover``. Raises sqlite3.Error."""
    for table in _TABLES:
        connection.execute(table)
    for article, packed in connection.execute("SELECT id, text FROM coming").fetchall():
        digest = held(article)
        # a text is kept where the store was written with it, and one is dropped where the article is gone
        done = _digest(packed) == digest if packed is not None else not digest
        for step in _SETTLE if done else _SETTLE[-1:]:
            connection.execute(step, {"id": article})


def _digest(packed: bytes) -> str:
    """Of a text as it is kept; of none where it is damaged."""
    try:
        return hashlib.sha256(zlib.decompress(packed)).hexdigest()
    except zlib.error:
        return "damaged"
