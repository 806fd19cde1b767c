"""Entries as they are shown: read by their numbers, with the words that were asked for marked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.search.documents import ENTITIES
from kg.search.words import Asked, quoted, words


@dataclass(frozen=True)
class Hit:
    """One entry that was found.

    ``marks`` and ``text_marks`` are the numbers of the words of ``label`` and ``text`` that were asked for; ``spelling`` is
    the name of a thing that was, where it is another than the label, and ``names`` are all its other names. ``headline``,
    ``outlet`` and ``day`` (ISO, or two with a slash) are those of the article that tells a fact or has a sentence.
    """

    iri: str
    kind: str
    label: str
    text: str = ""
    type: str = ""
    spelling: str = ""
    names: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    article: str = ""
    headline: str = ""
    outlet: str = ""
    first: int = 0
    last: int = 0
    weight: int = 0
    marks: tuple[int, ...] = ()
    text_marks: tuple[int, ...] = ()


_ROW = (
    "SELECT d.id, d.iri, d.kind, d.label, d.text, d.type, d.countries, d.article, a.label, d.outlet, d.first, d.last, d.weight "
    "FROM docs d LEFT JOIN docs a ON a.iri = d.article AND a.id != d.id WHERE d.id IN ({})"
)


def hits(db: sqlite3.Connection, numbers: Sequence[int], question: Asked) -> Iterator[Hit]:
    """Entries by their numbers, in the same order, with what was asked for marked in them."""
    rows = {row[0]: row for row in db.execute(_ROW.format(",".join(map(str, numbers))))}
    held = [rows[n] for n in numbers if n in rows]
    marks = _marks(db, [text for row in held for text in (row[3], row[4])], question)
    if any(row[2] in ENTITIES for row in held):
        # a name may have been found by its beginning
        begun = _marks(db, [row[3] if row[2] in ENTITIES else "" for row in held], question, prefix=True)
        marks[::2] = [begun[n] or marks[2 * n] for n in range(len(held))]
    for place, (
        number,
        iri,
        kind,
        label,
        text,
        event,
        countries,
        article,
        headline,
        outlet,
        first,
        last,
        weight,
    ) in enumerate(held):
        names = _names(db, number, label) if kind in ENTITIES else ()
        yield Hit(
            iri,
            kind,
            label,
            text,
            event.split(" ")[0] if kind == "Event" else "",
            _spelling(label, names, question) if names else "",
            names,
            tuple(countries.split()),
            article,
            headline or "",
            outlet,
            first,
            last,
            weight,
            marks[2 * place],
            marks[2 * place + 1],
        )


def _names(db: sqlite3.Connection, number: int, label: str) -> tuple[str, ...]:
    rows = db.execute("SELECT name FROM names WHERE doc = ? ORDER BY id", (number,))
    return tuple(name for (name,) in rows if name != label)


def _spelling(label: str, names: Sequence[str], question: Asked) -> str:
    """The name by which a thing was found, where it is not the label."""

    def fits(name: str) -> bool:
        held, *last = words(name), *question.words[-1:]
        return set(question.words[:-1]) <= set(held) and any(word.startswith(tuple(last)) for word in held)

    if fits(label):
        return ""
    return next((n for n in names if " ".join(words(n)) == question.key), next(filter(fits, names), ""))


def _marks(
    db: sqlite3.Connection, texts: Sequence[str], question: Asked, *, prefix: bool = False
) -> list[tuple[int, ...]]:
    """For each text the numbers of its words that FTS5 finds, with its own stemming; the last word may be a beginning."""
    if not question.words or not texts:
        return [() for _ in texts]
    asked_for = " OR ".join(quoted(word) for word in question.words) + "*" * prefix
    db.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.shown "
        "USING fts5(body, tokenize='porter unicode61 remove_diacritics 0')"
    )
    db.execute("DELETE FROM temp.shown")
    rows = [(n, " ".join(words(text))) for n, text in enumerate(texts)]
    db.executemany("INSERT INTO temp.shown (rowid, body) VALUES (?, ?)", rows)
    found = dict(
        db.execute("SELECT rowid, highlight(shown, 0, '\x02', '') FROM temp.shown WHERE shown MATCH ?", (asked_for,))
    )
    return [
        tuple(place for place, word in enumerate(found.get(n, "").split(" ")) if word.startswith("\x02"))
        for n in range(len(texts))
    ]
