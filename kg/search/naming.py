"""The things that a name may mean, with a score: for joining lists of names to the graph."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from kg.search.spelling import Speller
from kg.search.words import key as key_of
from kg.search.words import quoted

#: Spellings that are compared with one name, and the lowest score that is worth telling.
MOST_COMPARED, LEAST = 400, 50
#: What a name scores at most that is not the very name: the same words in another order, a part of the words.
_OTHER_ORDER, _PART = 98, 0.85
_SPELLINGS = (
    "SELECT n.doc, n.name, n.key FROM name_words JOIN names n ON n.id = name_words.rowid "
    "WHERE name_words MATCH ? LIMIT ?"
)

_LABELS = (
    "SELECT d.id, d.label FROM text_words JOIN docs d ON d.id = text_words.rowid "
    "WHERE text_words MATCH ? AND d.kind IN ({}) LIMIT ?"
)


def candidates(db: sqlite3.Connection, speller: Speller, words: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """Number of each thing that a name may mean, the spelling that is most like it, and the score.

    Spellings are compared that have all the words, or words within one or two mistakes of them; where there are none, those
    that have the rarest of the words.
    """
    best, found = dict[int, tuple[int, str]](), _spellings(db, speller, words)
    scores = _scores(" ".join(words), [key for _, _, key in found])
    for (doc, spelling, _), score in zip(found, scores, strict=True):
        if score >= LEAST and score > best.get(doc, (0, ""))[0]:
            best[doc] = score, spelling
    for doc, (score, spelling) in best.items():
        yield doc, spelling, score


def _spellings(db: sqlite3.Connection, speller: Speller, words: Sequence[str]) -> list[tuple[int, str, str]]:
    exact = db.execute(
        "SELECT doc, name, key FROM names WHERE key = ? LIMIT ?", (" ".join(words), MOST_COMPARED)
    ).fetchall()
    meant = [([word] if speller.knows(word) else []) + speller.near(word) for word in words]
    together = " AND ".join("(" + " OR ".join(map(quoted, some)) + ")" for some in meant if some)
    found: list[tuple[int, str, str]] = exact
    if all(meant):
        found = exact + db.execute(_SPELLINGS, (together, MOST_COMPARED)).fetchall()
    if not found:
        known = [some for some in meant if some]
        rarest = sorted(known, key=lambda some: sum(speller.numbers[word] for word in some))[:2]
        for some in rarest:
            found += db.execute(_SPELLINGS, (" OR ".join(map(quoted, some)), MOST_COMPARED)).fetchall()
    return found


def told(
    db: sqlite3.Connection, speller: Speller, words: Sequence[str], kinds: Sequence[str]
) -> Iterator[tuple[int, str, int]]:
    """Number, label and score of each fact or article of some kinds whose label is like a text.

    Those with all the words are compared; where there are none, those that have the two rarest.
    """
    meant = [([word] if speller.knows(word) else []) + speller.near(word, 2) for word in words]
    known = [some for some in meant if some]
    query, text = _LABELS.format(",".join("?" * len(kinds))), " ".join(words)

    def matching(parts: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
        together = " AND ".join("(" + " OR ".join(map(quoted, some)) + ")" for some in parts)
        return db.execute(query, (together, *kinds, MOST_COMPARED)).fetchall() if parts else []

    found = matching(known)
    if not found:
        found = matching(sorted(known, key=lambda some: sum(speller.numbers.get(word, 0) for word in some))[:2])
    scores = _scores(text, [key_of(label) for _, label in found])
    for (number, label), score in zip(found, scores, strict=True):
        if score >= LEAST:
            yield number, label, score


def likeness(one: str, other: str) -> int:
    """How alike two names are, from 0 to 100 for the same but for accents, case and signs."""
    name, key = key_of(one), key_of(other)
    if name == key:
        return 100
    whole = min(fuzz.token_sort_ratio(name, key), _OTHER_ORDER)
    return round(max(whole, fuzz.token_set_ratio(name, key) * _PART))


def _scores(name: str, keys: Sequence[str]) -> list[int]:
    """How alike a name is to each of some: 100 for the same, 98 for the same words in another order, less for mistakes and
    missing words.
    """
    if not keys:
        return []
    in_order, of_parts = (
        cdist([name], keys, scorer=scorer, dtype=np.float64)[0]
        for scorer in (fuzz.token_sort_ratio, fuzz.token_set_ratio)
    )
    scores = np.rint(np.maximum(np.minimum(in_order, _OTHER_ORDER), of_parts * _PART)).astype(int).tolist()
    return [100 if key == name else score for key, score in zip(keys, scores, strict=True)]
