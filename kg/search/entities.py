"""Things as all graphs together name them: one entry each, with every spelling."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from kg.search.aliases import aliases
from kg.search.documents import ENTITIES, Document
from kg.search.words import key, words

_ADD_DOC = (
    "INSERT INTO docs (iri, kind, label, text, article, outlet, type, first, last, countries, topics, weight, version) "
    "VALUES (?, ?, ?, '', '', '', '', 0, 0, ?, '', ?, ?) ON CONFLICT (iri) DO UPDATE SET kind = excluded.kind, "
    "label = excluded.label, countries = excluded.countries, weight = excluded.weight, version = excluded.version"
)
_Said = list[tuple[Document, int]]


class Entities:
    """Writes the entries of things. ``counted`` takes up the words that come and go."""

    def __init__(self, connection: sqlite3.Connection, base: str, counted: Counter[str]) -> None:
        self._db, self._aliases, self._words = connection, aliases(base), counted

    def renew(self, concerned: Iterable[str], version: int) -> None:
        """Make the entries anew of the things that some graphs speak of, or spoke of before.

        A person across articles is one entry with the names of all its members, which have none of their own then.
        """
        things = set(concerned)
        wholes, parts = set[str](), set[str]()
        for iri in things:
            said = self._said(iri)
            members = {m for one, _ in said for m in one.members}
            before = {p for (p,) in self._db.execute("SELECT part FROM members WHERE whole = ?", (iri,))}
            if members != before:
                self._db.execute("DELETE FROM members WHERE whole = ?", (iri,))
                self._db.executemany("INSERT INTO members VALUES (?, ?)", [(m, iri) for m in members])
            parts |= members | before
        for iri in things | parts:
            wholes |= {w for (w,) in self._db.execute("SELECT whole FROM members WHERE part = ?", (iri,))}
        for iri in sorted(things | parts | wholes):
            self._renew(iri, version)

    def _said(self, iri: str) -> _Said:
        """What is said of a thing, each with the number of articles that say so, the commonest first."""
        rows = self._db.execute("SELECT body, SUM(article) FROM said WHERE iri = ? GROUP BY body", (iri,))
        return [(Document.said(iri, body), n) for body, n in sorted(rows, key=lambda row: (-row[1], row[0]))]

    def _renew(self, iri: str, version: int) -> None:
        said = self._said(iri)
        parts = [p for (p,) in self._db.execute("SELECT part FROM members WHERE whole = ? ORDER BY part", (iri,))]
        of_parts = [item for part in parts for item in self._said(part)]
        within = self._db.execute("SELECT 1 FROM members WHERE part = ?", (iri,)).fetchone()
        kinds = [one.kind for one, _ in said if one.kind]
        if within or not kinds:
            self._drop(iri, version)
            return
        main = iri.replace("/id/person-across/", "/id/person/")
        preferred = [one.preferred for one, _ in (*said, *(s for s in of_parts if s[0].iri == main)) if one.preferred]
        label = (sorted(preferred) or sorted(one.label for one, _ in said if one.label) or [iri.rsplit("/", 1)[-1]])[0]
        known = [label, *(self._aliases.get(iri, ()))]
        for one, _ in (*said, *of_parts):
            known += [one.preferred, one.label, *one.names]
        countries = sorted({c for one, _ in (*said, *of_parts) for c in one.countries})
        weight = sum(n for one, n in (of_parts or said) if one.kind)
        kind = next(kind for kind in ENTITIES if kind in kinds)
        self._put(iri, (kind, label, " ".join(countries), weight), [name for name in known if name], version)

    def _put(self, iri: str, values: tuple[str, str, str, int], known: list[str], version: int) -> None:
        self._db.execute(_ADD_DOC, (iri, *values, version))
        (number,) = self._db.execute("SELECT id FROM docs WHERE iri = ?", (iri,)).fetchone()
        spelled: dict[str, str] = {}
        for name in known:
            spelled.setdefault(key(name), name)
        spelled.pop("", None)
        held = {k: (i, n) for i, k, n in self._db.execute("SELECT id, key, name FROM names WHERE doc = ?", (number,))}
        if {k: n for k, (_, n) in held.items()} == spelled:
            return
        self._forget([(i, k) for k, (i, _) in held.items()])
        for each, name in spelled.items():
            row = self._db.execute("INSERT INTO names VALUES (NULL, ?, ?, ?, ?)", (number, name, each, version))
            self._db.execute("INSERT INTO name_words (rowid, key) VALUES (?, ?)", (row.lastrowid, each))
            self._words.update(set(words(each)))

    def _drop(self, iri: str, version: int) -> None:
        row = self._db.execute("SELECT id FROM docs WHERE iri = ? AND graph IS NULL", (iri,)).fetchone()
        if row:
            held = self._db.execute("SELECT id, key FROM names WHERE doc = ?", row).fetchall()
            self._forget(held)
            self._db.execute("DELETE FROM docs WHERE id = ?", row)
            self._db.execute("INSERT INTO gone VALUES (?, ?)", (*row, version))

    def _forget(self, names: Iterable[tuple[int, str]]) -> None:
        for number, each in names:
            self._db.execute("INSERT INTO name_words (name_words, rowid, key) VALUES ('delete', ?, ?)", (number, each))
            self._db.execute("DELETE FROM names WHERE id = ?", (number,))
            self._words.subtract(set(each.split()))
