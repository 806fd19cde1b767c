"""Brings the index up to date with a state of the store: only graphs that have changed are read."""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.errors import StoreError
from kg.search.documents import ENTITIES, Document, documents, wanted
from kg.search.entities import Entities
from kg.search.schema import open_file
from kg.search.words import words
from kg.store import State
from kg.store.base import content_print
from kg.triples.iris import Iris

#: Graphs that are written in one transaction, and triples after which it ends all the same.
AT_ONCE, TRIPLES_AT_ONCE = 200, 100_000
#: After so many graphs the words are put together anew, which makes questions faster.
MANY = 1_000
#: Larger graphs than this are not read whole.
MOST_TRIPLES = 5_000_000

_ADD_DOC = "INSERT OR IGNORE INTO docs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"
_ADD_WORD = (
    "INSERT INTO words VALUES (?, ?, ?) ON CONFLICT (word) DO UPDATE SET number = number + excluded.number, "
    "version = excluded.version"
)


@dataclass(frozen=True)
class Progress:
    """Graphs that were looked at, and all that are to be."""

    done: int
    of: int


class Builder:
    """One writer of the index. Use ``bring_up_to_date``."""

    def __init__(self, connection: sqlite3.Connection, iris: Iris) -> None:
        self._db, self._iris = connection, iris
        self._version = int(self._meta("version"))
        self._words: Counter[str] = Counter()
        self._entities = Entities(connection, iris.base, self._words)

    def _meta(self, name: str) -> str:
        found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def run(self, state: State, progress: Callable[[Progress], object]) -> int:
        """Read what has changed; the number of graphs that were."""
        at = (state.origin, str(state.generation))
        if (self._meta("origin"), self._meta("generation")) == at:
            return 0
        prints, names = self._changed(state)
        number = 0
        for batch in self._batches(state, names, prints):
            with self._transaction():
                self._version += 1
                number += self._write(batch)
            progress(Progress(number, len(names)))
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("origin", at[0]), ("generation", at[1])]
            )
        if number >= MANY:
            for table in ("name_words", "text_words"):
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        with contextlib.suppress(sqlite3.OperationalError):  # a reader may hold it: then it is done another time
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return number

    def _changed(self, state: State) -> tuple[dict[str, str], list[str]]:
        """What tells graphs' contents, as far as it is known without reading them, and the graphs to look at."""
        held = dict(self._db.execute("SELECT iri, print FROM graphs"))
        known = self._meta("origin") == state.origin and self._meta("generation").isdigit()
        changed = state.changed(int(self._meta("generation"))) if known else None
        if changed is not None:
            return {}, sorted(g for g in changed if g and wanted(g, self._iris))
        if not held and state.store is not None:
            # all of it is read anyway
            names = (graph.value for graph in state.store.named_graphs() if isinstance(graph, ox.NamedNode))
            return {}, sorted(name for name in names if wanted(name, self._iris))
        prints = state.prints()
        both = prints.keys() | held.keys()
        return prints, sorted(g for g in both if wanted(g, self._iris) and prints.get(g) != held.get(g))

    def _batches(
        self, state: State, names: Iterable[str], prints: dict[str, str]
    ) -> Iterator[list[tuple[str, str, list[Document] | None]]]:
        """Graph, what tells its content, and its documents (None: it is not there any more), so many at once."""

        def read() -> Iterator[tuple[int, tuple[str, str, list[Document] | None]]]:
            for name in names:
                triples = state.graph(ox.NamedNode(name), MOST_TRIPLES)
                if triples is None:
                    yield 1, (name, "", None)
                else:
                    told = prints.get(name) or content_print(triples)
                    yield len(triples), (name, told, documents(triples, self._iris))

        left = read()
        while some := list(islice(left, 1)):
            size, batch = some[0][0], [some[0][1]]
            while size < TRIPLES_AT_ONCE and len(batch) < AT_ONCE and (some := list(islice(left, 1))):
                size += some[0][0]
                batch.append(some[0][1])
            yield batch

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._words.clear()
            raise
        self._db.executemany(_ADD_WORD, ((word, n, self._version) for word, n in self._words.items() if n))
        self._words.clear()
        self._db.execute("UPDATE meta SET value = ? WHERE name = 'version'", (str(self._version),))
        self._db.execute("COMMIT")

    def _write(self, batch: Iterable[tuple[str, str, list[Document] | None]]) -> int:
        concerned, number = set[str](), 0
        for graph, told, found in batch:
            number += 1
            held = self._db.execute("SELECT id, print FROM graphs WHERE iri = ?", (graph,)).fetchone()
            if held and held[1] == told:
                continue
            if held:
                concerned |= self._forget(held[0])
            if found is None:
                self._db.execute("DELETE FROM graphs WHERE iri = ?", (graph,))
                continue
            self._db.execute(
                "INSERT INTO graphs (iri, print) VALUES (?, ?) ON CONFLICT (iri) DO UPDATE SET print = excluded.print",
                (graph, told),
            )
            (key,) = self._db.execute("SELECT id FROM graphs WHERE iri = ?", (graph,)).fetchone()
            article = graph.startswith(self._iris.article_graph("").value)
            concerned |= self._add(key, found, article=article)
        self._entities.renew(concerned, self._version)
        return number

    def _forget(self, graph: int) -> set[str]:
        """Take out what a graph said; the things it spoke of."""
        for number, label, text in self._db.execute(
            "SELECT id, label, text FROM docs WHERE graph = ?", (graph,)
        ).fetchall():
            self._put_words(number, f"{label} {text}", delete=True)
            self._db.execute("INSERT INTO gone VALUES (?, ?)", (number, self._version))
        self._db.execute("DELETE FROM docs WHERE graph = ?", (graph,))
        spoken = {iri for (iri,) in self._db.execute("SELECT iri FROM said WHERE graph = ?", (graph,))}
        self._db.execute("DELETE FROM said WHERE graph = ?", (graph,))
        return spoken

    def _add(self, graph: int, found: Iterable[Document], *, article: bool) -> set[str]:
        """Put in what a graph says; the things it speaks of."""
        spoken = set[str]()
        for one in found:
            if one.kind in ENTITIES or not one.kind:
                spoken.add(one.iri)
                self._db.execute(
                    "INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?)", (one.iri, one.body(), graph, article)
                )
                continue
            lists = [" ".join(values) for values in (one.type, one.countries, one.topics)]
            row = (one.iri, graph, one.kind, one.label, one.text, one.article, one.outlet, lists[0])
            added = self._db.execute(_ADD_DOC, (*row, one.first, one.last, *lists[1:], self._version))
            if added.rowcount and added.lastrowid:
                self._put_words(added.lastrowid, f"{one.label} {one.text}")
        return spoken

    def _put_words(self, number: int, text: str, *, delete: bool = False) -> None:
        found = words(text)
        values = (number, " ".join(found))
        if delete:
            self._db.execute("INSERT INTO text_words (text_words, rowid, body) VALUES ('delete', ?, ?)", values)
            self._words.subtract(set(found))
        else:
            self._db.execute("INSERT INTO text_words (rowid, body) VALUES (?, ?)", values)
            self._words.update(set(found))


def bring_up_to_date(
    path: Path,
    state: State,
    base: str,
    progress: Callable[[Progress], object] = lambda _: None,
) -> int:
    """Read into the index what has changed in the store; one process at a time, each batch of graphs in one transaction.

    Args:
        base: base IRI of what the program mints.
        progress: told after each batch.

    Returns:
        the number of graphs that were read.

    Raises:
        StoreError: the index cannot be written, or the store cannot be read.
    """
    with _alone(path):
        connection = open_file(path, base)
        try:
            return Builder(connection, Iris(base)).run(state, progress)
        except sqlite3.Error as error:
            raise StoreError(f"The search index {path} cannot be written: {error}.") from None
        finally:
            connection.close()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process writes the index."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}-lock").open("w")
    except OSError as error:
        raise StoreError(f"The search index {path} cannot be written: {error.strerror}.") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
