"""The file of the index: SQLite with FTS5 (https://www.sqlite.org/fts5.html), its tables, and how it is opened.

``said`` holds what each graph says of each thing, ``docs`` what can be found: a fact or sentence as its one graph has it, a
thing as all graphs together have it; ``gone`` the numbers of those that are there no more. ``names`` are the spellings of
things, ``text_words`` the words of facts, headlines and sentences, ``words`` every word with the number of places that have
it, for spelling. ``version`` rises with each batch that is written, so that a reader takes over what has changed. Words
go into FTS5 as ``kg.search.words`` compares them, because the accents that its own tokenizer removes are not all.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from kg.errors import StoreError

#: Raised when the file is made in another way, so that it is made anew.
FORM = "1"
#: Marks the file as this program's (https://www.sqlite.org/pragma.html#pragma_application_id).
APPLICATION = 0x6B677372

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE graphs (id INTEGER PRIMARY KEY, iri TEXT UNIQUE, print TEXT);
CREATE TABLE said (iri TEXT, body TEXT, graph INTEGER, article INTEGER, PRIMARY KEY (iri, body, graph)) WITHOUT ROWID;
CREATE INDEX said_graph ON said (graph);
CREATE TABLE docs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, iri TEXT UNIQUE, graph INTEGER, kind TEXT, label TEXT, text TEXT, article TEXT,
    outlet TEXT, type TEXT, first INTEGER, last INTEGER, countries TEXT, topics TEXT, weight INTEGER, version INTEGER
);
CREATE INDEX docs_graph ON docs (graph);
CREATE INDEX docs_version ON docs (version);
CREATE TABLE gone (doc INTEGER, version INTEGER);
CREATE INDEX gone_version ON gone (version);
CREATE TABLE members (part TEXT, whole TEXT, PRIMARY KEY (part, whole)) WITHOUT ROWID;
CREATE INDEX members_whole ON members (whole);
CREATE TABLE names (id INTEGER PRIMARY KEY AUTOINCREMENT, doc INTEGER, name TEXT, key TEXT, version INTEGER);
CREATE INDEX names_key ON names (key);
CREATE INDEX names_doc ON names (doc);
CREATE INDEX names_version ON names (version);
CREATE VIRTUAL TABLE name_words USING fts5(
    key, content='names', content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='1 2 3'
);
CREATE VIRTUAL TABLE text_words USING fts5(body, content='', tokenize='porter unicode61 remove_diacritics 0');
CREATE TABLE words (word TEXT PRIMARY KEY, number INTEGER, version INTEGER) WITHOUT ROWID;
CREATE INDEX words_version ON words (version);
"""


def open_file(path: Path, base: str) -> sqlite3.Connection:
    """Open the index for writing; one that is damaged, another program's or of another form or base is made anew.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(sqlite3.DatabaseError):
            found = _open(path)
            if _fits(found, base):
                return found
            found.close()
        discard(path)
        made = _open(path)
        made.executescript(f"BEGIN; {_TABLES} PRAGMA application_id = {APPLICATION};")
        made.executemany("INSERT INTO meta VALUES (?, ?)", [("form", FORM), ("base", base), ("version", "0")])
        made.execute("COMMIT")
        return made
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"The search index {path} cannot be written: {error}.") from None


def discard(path: Path) -> None:
    """Take the file away, with what SQLite keeps beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    try:
        # readers see the state before while a batch is written; after a crash the last whole batch is there
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -64000")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _fits(connection: sqlite3.Connection, base: str) -> bool:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        return False
    held = dict(connection.execute("SELECT name, value FROM meta"))
    return held.get("form") == FORM and held.get("base") == base


def read_file(path: Path, base: str) -> sqlite3.Connection | None:
    """Open the index for reading, for use by one thread at a time; None where there is none of this form and base."""
    if not path.exists():
        return None
    try:
        address = f"{path.resolve().as_uri()}?mode=ro"
        found = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error:
        return None
    with contextlib.suppress(sqlite3.DatabaseError):
        found.execute("PRAGMA cache_size = -32000")
        found.execute("PRAGMA mmap_size = 1000000000")
        if _fits(found, base):
            return found
    found.close()
    return None
