"""Finds texts that are the same or nearly so, across runs: a wire agency's story stands on many sites.

MinHash over word sequences (Broder 1997, On the resemblance and containment of documents) with bands of rows that are looked up
(Indyk and Motwani 1998; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3). Hashes are multiply-shift
(Dietzfelbinger et al. 1997). One SQLite file in the store's folder; without it duplicates are only not recognised.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.errors import StoreError
from kg.model import Article, BlockKind

FILE = "texts.sqlite"
#: Words in a sequence, and hashes of a signature: bands times rows. Of pairs that are alike by 0.7 one in a thousand is missed.
SHINGLE = 5
BANDS, ROWS = 25, 4
#: Shorter texts are the same only when they are equal: a changed number is much of them.
FEWEST_WORDS = 50
#: Texts that are nearly the same, but farther apart in days, are two articles made from one form.
FARTHEST = 3
#: More candidates than that are not compared.
_MOST = 50
#: Articles after which what is known is written.
_BATCH = 50

_TABLES = """
CREATE TABLE IF NOT EXISTS texts (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, digest BLOB, signature BLOB, published TEXT
);
CREATE INDEX IF NOT EXISTS by_digest ON texts (digest);
CREATE TABLE IF NOT EXISTS bands (hash INTEGER, number INTEGER, PRIMARY KEY (hash, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_number ON bands (number);
"""
_EQUAL = "SELECT id FROM texts WHERE digest = ? AND id != ? ORDER BY number"
_NEAR = (
    "SELECT id, signature, published FROM texts WHERE number IN "
    f"(SELECT DISTINCT number FROM bands WHERE hash IN ({{}}) LIMIT {_MOST}) AND id != ? ORDER BY number"
)
_ADD = "INSERT INTO texts (id, digest, signature, published) VALUES (?, ?, ?, ?)"
_ADD_BAND = "INSERT OR IGNORE INTO bands VALUES (?, ?)"

_Hashes = NDArray[np.uint64]


def _constants(what: str) -> _Hashes:
    made = b"".join(hashlib.sha256(f"{what} {n}".encode()).digest()[:8] for n in range(BANDS * ROWS))
    return np.frombuffer(made, dtype="<u8") | np.uint64(1)


_FACTORS, _SUMMANDS = _constants("factor"), _constants("summand")


def words(article: Article) -> list[str]:
    """The words of an article's paragraphs, without case and signs."""
    body = [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.PARAGRAPH]
    return re.findall(r"\w+", unicodedata.normalize("NFKC", "\n".join(body) or article.text).casefold())


@dataclass(frozen=True)
class Print:
    """What a text is recognised by."""

    digest: bytes
    signature: NDArray[np.uint32] | None
    published: dt.date | None

    @classmethod
    def of(cls, article: Article) -> Print:
        found = words(article)
        digest = hashlib.sha256(" ".join(found).encode()).digest()[:16]
        if len(found) < FEWEST_WORDS:
            return cls(digest, None, article.published)
        sequences = {" ".join(found[i : i + SHINGLE]) for i in range(len(found) - SHINGLE + 1)}
        raw = b"".join(hashlib.blake2b(s.encode(), digest_size=8).digest() for s in sequences)
        hashes = np.frombuffer(raw, dtype="<u8")
        least = np.array([(hashes * a + b).min() >> np.uint64(32) for a, b in zip(_FACTORS, _SUMMANDS, strict=True)])
        return cls(digest, least.astype(np.uint32), article.published)

    def bands(self) -> list[int]:
        if self.signature is None:
            return []
        rows = self.signature.reshape(BANDS, ROWS)
        made = (hashlib.blake2b(bytes([n]) + row.tobytes(), digest_size=8).digest() for n, row in enumerate(rows))
        return [int.from_bytes(hash_, "big", signed=True) for hash_ in made]


def resemblance(one: Print, other: NDArray[np.uint32]) -> float:
    """The share of word sequences that two texts have in common, estimated."""
    return 0.0 if one.signature is None else float(np.mean(one.signature == other))


class TextIndex:
    """The texts that were read, by what they are recognised by. Every method raises StoreError where its file is of no use."""

    def __init__(self, folder: Path, threshold: float) -> None:
        self._path, self._threshold, self._unsaved = folder / FILE, threshold, 0
        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._path, timeout=30)
            self._db.executescript(_TABLES)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            raise StoreError(f"{self._path} cannot be written: {error}.") from None
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} is damaged and may be deleted: {error}.") from None

    def find(self, article: str, known: Print) -> list[str]:
        """The ids of other articles with the same text, the most alike first."""
        bands = known.bands()
        marks = ",".join("?" * len(bands))
        with self._told():
            equal = self._db.execute(_EQUAL, (known.digest, article)).fetchall()
            near = self._db.execute(_NEAR.format(marks), (*bands, article)).fetchall()
        found = [(1.1, row[0]) for row in equal]
        for other, signature, published in near:
            share = resemblance(known, np.frombuffer(signature, dtype=np.uint32))
            if share >= self._threshold and not _far_apart(known.published, published):
                found.append((share, other))
        return list(dict.fromkeys(name for _, name in sorted(found, key=lambda pair: -pair[0])))

    def add(self, article: str, known: Print) -> None:
        """Remember an article's text in the place of what it was before."""
        self.drop(article)
        signature = None if known.signature is None else known.signature.tobytes()
        published = known.published.isoformat() if known.published else None
        with self._told():
            row = self._db.execute(_ADD, (article, known.digest, signature, published))
            self._db.executemany(_ADD_BAND, [(band, row.lastrowid) for band in known.bands()])
        self._unsaved += 1
        if self._unsaved >= _BATCH:
            self.save()

    def drop(self, article: str) -> None:
        """Forget an article."""
        with self._told():
            row = self._db.execute("SELECT number FROM texts WHERE id = ?", (article,)).fetchone()
            if row is not None:
                self._db.execute("DELETE FROM bands WHERE number = ?", row)
                self._db.execute("DELETE FROM texts WHERE number = ?", row)

    def save(self) -> None:
        """Write what is known and not yet on the disk."""
        if self._db.in_transaction:
            with self._told():
                self._db.commit()
        self._unsaved = 0

    def close(self) -> None:
        """Write what is known and close the file."""
        try:
            self.save()
        finally:
            self._db.close()


def _far_apart(one: dt.date | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    return abs((one - dt.date.fromisoformat(other)).days) > FARTHEST
