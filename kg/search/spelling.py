"""Words of the index that a mistyped word may stand for: those within one or two typing mistakes of it.

A mistake is a letter left out, put in, changed, or two that have changed places (optimal string alignment). Which words have
nearly the same letters is looked up in arrays first, so that few are compared letter by letter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

#: Shorter words are taken as they are written; from these lengths on one and two mistakes are looked for.
ONE_FROM, TWO_FROM = 3, 7


def mistakes(word: str) -> int:
    """How many mistakes are looked for in a word."""
    return 0 if len(word) < ONE_FROM or word.isdigit() else 1 if len(word) < TWO_FROM else 2


def _letters(word: str) -> int:
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) % 64)
    return found


class Speller:
    """The words of one state of the index, with the number of entries and spellings that have each."""

    def __init__(self, numbers: dict[str, int] | None = None) -> None:
        self.numbers = numbers or {}
        self._by_length: dict[int, tuple[list[str], NDArray[np.uint64]]] = {}
        self._file(self.numbers)

    def _file(self, words: Iterable[str]) -> None:
        new: dict[int, list[str]] = {}
        for word in words:
            new.setdefault(len(word), []).append(word)
        for length, some in new.items():
            held, letters = self._by_length.get(length, ([], np.zeros(0, np.uint64)))
            added = np.array([_letters(word) for word in some], np.uint64)
            self._by_length[length] = [*held, *some], np.concatenate([letters, added])

    def renewed(self, db: sqlite3.Connection, since: int) -> Speller:
        """The words of a later state, from what has been written since a version."""
        rows = dict(db.execute("SELECT word, number FROM words WHERE version > ?", (since,)).fetchall())
        if not rows:
            return self
        found = Speller()
        found.numbers = self.numbers | rows
        found._by_length = dict(self._by_length)
        found._file(word for word in rows if word not in self.numbers)
        return found

    def knows(self, word: str) -> bool:
        """Whether anything in the index has the word."""
        return self.numbers.get(word, 0) > 0

    def near(self, word: str, most: int = 6) -> list[str]:
        """The words that a word may stand for, the likeliest first: fewest mistakes, same first letter, commonest."""
        allowed = mistakes(word)
        if not allowed:
            return []
        signs, found = np.uint64(_letters(word)), list[tuple[int, bool, int, str]]()
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            held, letters = self._by_length.get(length, ([], np.zeros(0, np.uint64)))
            if not held:
                continue
            different = np.bitwise_count(letters ^ signs)
            close = [held[n] for n in np.flatnonzero(different <= 2 * allowed)]
            if not close:
                continue
            distances = cdist([word], close, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8)[0]
            for n in np.flatnonzero(distances <= allowed):
                other = close[n]
                if other != word and self.knows(other):
                    found.append((int(distances[n]), other[0] != word[0], -self.numbers[other], other))
        return [other for *_, other in sorted(found)[:most]]
