"""The texts of the articles that were read, for their pages: one SQLite file in the store's folder.

They are not in the graph: what is in it is published by every query and export, and articles belong to their publishers.
Beside it the operator can keep them, show those alone whose licence allows it, or have none (setting ``article_text``).
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kg.errors import StoreError
from kg.model import Article, BlockKind

FILE = "articles.sqlite"
_TABLE = "CREATE TABLE IF NOT EXISTS bodies (id TEXT PRIMARY KEY, license TEXT, blocks TEXT, text BLOB)"
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

    def put(self, article: Article) -> None:
        """Keep an article's text in the place of what it was before; it is on the disk when this returns.

        Raises:
            StoreError: the file cannot be written.
        """
        if self._mode == "off" or (self._mode == "licensed" and not is_free(article.license)):
            self.drop(article.id)
            return
        blocks = [(b.kind.value, b.start, b.end) for b in article.blocks if b.kind is not BlockKind.CLUTTER]
        values = (article.id, article.license, json.dumps(blocks), zlib.compress(article.text.encode()))
        with self._told():
            if self._open is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._open = sqlite3.connect(self._path, isolation_level=None, timeout=30)
                self._open.execute(_TABLE)
            self._open.execute("INSERT OR REPLACE INTO bodies VALUES (?, ?, ?, ?)", values)

    def drop(self, article: str) -> None:
        """Forget an article's text. Raises StoreError."""
        if not self._path.exists():
            return
        with self._told(), closing(sqlite3.connect(self._path, isolation_level=None, timeout=30)) as connection:
            connection.execute("DELETE FROM bodies WHERE id = ?", (article,))

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
        return {
            name: Body(zlib.decompress(text).decode(), tuple((k, s, e) for k, s, e in json.loads(blocks)))
            for name, license, blocks, text in rows  # noqa: A001
            if self._mode == "show" or is_free(license)
        }

    def close(self) -> None:
        """Close the file."""
        if self._open is not None:
            self._open.close()
            self._open = None
