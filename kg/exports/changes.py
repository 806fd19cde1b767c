"""The log of changes: every version of every fact that was seen, in the order in which it was seen.

The store holds the newest state alone. Beside it ``changes.sqlite`` keeps, for each fact of an article (see
``kg.exports.facts``), the versions it had and when it was seen to be gone. Entries are only ever added; one article's
changes are one transaction with one time, and the times rise strictly. Entries lie on pages: a page takes no more once it
holds so many and another time begins, and stays as it is from then on.

An article is looked at again when its graph (in a remote store the record of its ingestion) has changed. So a process that
was killed, or a service that was down, catches up; what came and went between two looks is not known. One process at a time
writes the log.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import zstandard

from kg.errors import StoreError

FILE = "changes.sqlite"
CREATE, UPDATE, DELETE = "Create", "Update", "Delete"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS stream (epoch TEXT NOT NULL, began TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS graph (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (iri TEXT PRIMARY KEY, graph TEXT NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fact_graph ON fact (graph);
CREATE TABLE IF NOT EXISTS page (number INTEGER PRIMARY KEY, first TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
  number INTEGER PRIMARY KEY, page INTEGER NOT NULL, time TEXT NOT NULL, change TEXT NOT NULL,
  fact TEXT NOT NULL, graph TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS entry_page ON entry (page);
CREATE TABLE IF NOT EXISTS reached (origin TEXT NOT NULL, generation INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Entry:
    """One version: ``change`` is Create, Update or Delete, ``body`` the fact's triples (empty where it is gone)."""

    number: int
    time: str
    change: str
    fact: str
    graph: str
    body: bytes

    def triples(self) -> Iterator[ox.Triple]:
        """What the fact was."""
        for quad in ox.parse(zstandard.decompress(self.body) if self.body else b"", format=ox.RdfFormat.N_TRIPLES):
            yield quad.triple


@dataclass(frozen=True)
class Page:
    """``first`` is the time of its first entry, ``until`` that of the next page's, None where it is the last."""

    number: int
    first: str
    until: str | None
    length: int


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _stamp(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ChangeLog:
    """The log in a folder. Each call opens it for itself: safe to use from several threads and processes.

    Args:
        folder: that of the store; for a remote one, the one that holds what is known of sources.
        page: entries after which a page takes no more.

    Raises:
        StoreError: it cannot be read or made.
    """

    def __init__(self, folder: Path, page: int) -> None:
        self._path, self._page = folder / FILE, page
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._open() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
                connection.execute("BEGIN IMMEDIATE")
                if not connection.execute("SELECT 1 FROM stream").fetchone():
                    began = _stamp(_now())
                    # a log that is begun anew has other addresses: what was fetched from the one before stays true
                    epoch = f"{began[:10]}-{secrets.token_hex(4)}"
                    connection.execute("INSERT INTO stream VALUES (?, ?)", (epoch, began))
                connection.execute("COMMIT")
                self.epoch, self.began = connection.execute("SELECT epoch, began FROM stream").fetchone()
        except OSError as error:
            raise StoreError(
                f"The log of changes {self._path} cannot be made: {error.strerror or error}; with changes_page = 0 none is kept."
            ) from None

    @classmethod
    def held(cls, folder: Path, page: int) -> ChangeLog | None:
        """A log that another process keeps, and that is only read here; None where there is none."""
        log = cls.__new__(cls)
        log._path, log._page = folder / FILE, page
        if not log._path.is_file():
            return None
        with log._open() as connection:
            log.epoch, log.began = connection.execute("SELECT epoch, began FROM stream").fetchone()
        return log

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as connection:
                connection.execute(
                    "PRAGMA synchronous = FULL"
                )  # a page that was given out must not come back otherwise
                yield connection
        except sqlite3.Error as error:
            hint = (
                ""
                if isinstance(error, sqlite3.OperationalError)
                else "; take it from a backup, or away to begin another"
            )
            raise StoreError(f"The log of changes {self._path} cannot be used: {error}{hint}.") from None

    def graphs(self) -> dict[str, str]:
        """The graphs that the log knows, each with what tells whether it has changed."""
        with self._open() as connection:
            return dict(connection.execute("SELECT name, record FROM graph"))

    def reached(self, origin: str) -> int | None:
        """The generation of a store that the log has caught up with; None where that is not known."""
        with self._open() as connection:
            found = connection.execute("SELECT generation FROM reached WHERE origin = ?", (origin,)).fetchone()
            return int(found[0]) if found else None

    def reach(self, origin: str, generation: int) -> None:
        """Note that all of a state is in the log."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM reached")
            connection.execute("INSERT INTO reached VALUES (?, ?)", (origin, generation))
            connection.execute("COMMIT")

    def write(
        self,
        graph: str,
        record: str | None,
        facts: Iterable[tuple[str, Sequence[ox.Triple]]],
        now: dt.datetime | None = None,
    ) -> int:
        """Add what has changed in a graph, in one transaction; how many entries that made.

        Args:
            record: what tells whether the graph has changed; None where it is gone.
            facts: what the graph tells now, all of it.
            now: time of the look.
        """
        bodies = {iri: "".join(f"{t} .\n" for t in triples).encode() for iri, triples in facts}
        digests = {iri: hashlib.blake2b(body, digest_size=16).digest() for iri, body in bodies.items()}
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            held = dict(connection.execute("SELECT iri, digest FROM fact WHERE graph = ?", (graph,)))
            changes = [(iri, DELETE) for iri in sorted(held.keys() - digests.keys())]
            changes += [
                (iri, UPDATE if iri in held else CREATE) for iri in sorted(digests) if held.get(iri) != digests[iri]
            ]
            if changes:
                time, page = self._place(connection, now or _now())
                connection.executemany(
                    "INSERT INTO entry (page, time, change, fact, graph, body) VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        (
                            page,
                            time,
                            change,
                            iri,
                            graph,
                            b"" if change == DELETE else zstandard.compress(bodies[iri], 9),
                        )
                        for iri, change in changes
                    ),
                )
            connection.executemany(
                "DELETE FROM fact WHERE iri = ?", ((i,) for i, change in changes if change == DELETE)
            )
            connection.executemany(
                "REPLACE INTO fact VALUES (?, ?, ?)",
                ((iri, graph, digests[iri]) for iri, change in changes if change != DELETE),
            )
            if record is None:
                connection.execute("DELETE FROM graph WHERE name = ?", (graph,))
            else:
                connection.execute("REPLACE INTO graph VALUES (?, ?)", (graph, record))
            connection.execute("COMMIT")
        return len(changes)

    def _place(self, connection: sqlite3.Connection, now: dt.datetime) -> tuple[str, int]:
        """The time and page of a transaction's entries: later than all before, on a page that still takes some."""
        last = connection.execute("SELECT time, page FROM entry ORDER BY number DESC LIMIT 1").fetchone()
        if last is None:
            time, page, full = _stamp(now), 0, True
        else:
            after = dt.datetime.fromisoformat(last[0]) + dt.timedelta(milliseconds=1)
            time, page = _stamp(max(now, after)), last[1]
            held = connection.execute("SELECT COUNT(*) FROM entry WHERE page = ?", (page,)).fetchone()[0]
            full = held >= max(1, self._page)
        if full:
            page += 1
            connection.execute("INSERT INTO page VALUES (?, ?)", (page, time))
        return time, page

    def pages(self, first: int, last: int) -> list[Page]:
        """The pages from one number to another, both included, as far as they are there."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT number, first, (SELECT first FROM page AS next WHERE next.number = page.number + 1),"
                " (SELECT COUNT(*) FROM entry WHERE entry.page = page.number)"
                " FROM page WHERE number BETWEEN ? AND ? ORDER BY number",
                (first, last),
            )
            return [Page(*row) for row in rows]

    def starts(self, step: int) -> list[tuple[int, str]]:
        """Every so-many-th page's number and first time, from the first page."""
        with self._open() as connection:
            return list(
                connection.execute("SELECT number, first FROM page WHERE (number - 1) % ? = 0 ORDER BY number", (step,))
            )

    def entries(self, page: int) -> list[Entry]:
        """The entries of a page, in their order."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT number, time, change, fact, graph, body FROM entry WHERE page = ? ORDER BY number", (page,)
            )
            return [Entry(*row) for row in rows]

    def last(self) -> tuple[int, str]:
        """Number and time of the newest entry; 0 and the time of the beginning where there is none."""
        with self._open() as connection:
            row = connection.execute("SELECT number, time FROM entry ORDER BY number DESC LIMIT 1").fetchone()
            return row or (0, self.began)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether this process may write the log for as long as the block runs: only where no other one may."""
        descriptor = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)
