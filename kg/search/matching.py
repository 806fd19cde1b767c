"""Which entries a question finds, and how well: a tier for each, the lowest first."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.search.columns import Columns
from kg.search.documents import GROUPS
from kg.search.spelling import Speller
from kg.search.words import Asked, asked, conjunction, quoted, spans

Tiers = NDArray[np.uint8]
#: Things whose name is the question, begins with it, has its words, or has words like them.
EXACT, BEGINS, HAS, LIKE = range(4)
#: Headlines, facts and sentences with the words; those that have them one after the other come a tier earlier.
TEXTS = {"articles": 5, "facts": 7, "sentences": 9}
#: What has only some of the words comes later by so many tiers for each of so many parts that it lacks.
SOME, MOST_MISSING = 10, 20
#: Shorter words are like too many others to be put in the place of one that nothing has.
CORRECTED_FROM = 4
#: What is not found.
LAST = 255


@dataclass(frozen=True)
class Matches:
    """Tiers by entry; ``question`` is the one that was answered, the other members are those of ``kg.search.find.Found``."""

    question: Asked
    tier: Tiers
    corrected: str = ""
    maybe: str = ""
    some: bool = False


class Matching:
    """Answers questions on one state of the index."""

    def __init__(self, db: sqlite3.Connection, columns: Columns, speller: Speller) -> None:
        self._db, self._columns, self._speller = db, columns, speller

    def run(self, question: Asked) -> Matches:
        """What has all words; else, of the words as they may be meant; else what has some of them."""
        if not question.words:
            nothing = np.full(self._columns.size, LAST, np.uint8)  # signs alone are no words
            return Matches(question, self._everything() if question.blank else nothing)
        tier = np.minimum(self.names(question), self._texts(question))
        other = self.corrected(question)
        if (tier < LIKE).any() or (tier[tier > LIKE] < LAST).any():
            maybe = other.text if other and not (tier < LIKE).any() and self._any(other) else ""
            return Matches(question, tier, maybe=maybe)
        if other and self._any(other):
            corrected = np.minimum(self.names(other), self._texts(other))
            return Matches(other, np.minimum(tier, corrected), corrected=other.text)
        if (tier < LAST).any():
            return Matches(question, tier)
        if question.phrases:  # who puts words together is not given others, but told that there are such
            apart = asked(" ".join(word for _, _, word in spans(question.text)))
            return Matches(question, tier, maybe=apart.text if self._any(apart) else "")
        meant = other or question
        return Matches(meant, self._some(meant), other.text if other else "", some=True)

    def _everything(self) -> Tiers:
        tier = np.full(self._columns.size, HAS, np.uint8)
        for group, number in TEXTS.items():
            tier[self._columns.in_group(group)] = number
        return tier

    def _ids(self, query: str, *values: str) -> NDArray[np.int64]:
        found = np.fromiter((n for (n,) in self._db.execute(query, values)), np.int64)
        return found[found < self._columns.size]

    def _named(self, query: str, *values: str) -> NDArray[np.int64]:
        return self._columns.docs_of_names(n for (n,) in self._db.execute(query, values))

    def names(self, question: Asked) -> Tiers:
        """Tiers of things by their names."""
        tier = np.full(self._columns.size, LAST, np.uint8)
        matching = "SELECT rowid FROM name_words WHERE name_words MATCH ?"
        # between quotation marks names are words, not beginnings
        tier[self._named(matching, conjunction(question, prefix=not question.phrases))] = HAS
        if not question.phrases:
            beginning = "SELECT id FROM names WHERE key >= ? AND key < ?"
            tier[self._named(beginning, question.key, question.key + "\U0010ffff")] = BEGINS
        tier[self._named("SELECT id FROM names WHERE key = ?", question.key)] = EXACT
        if not (tier < LAST).any() and not question.phrases:
            alternatives = [self._meant(word) for word in question.words]
            if all(alternatives):
                tier[self._named(matching, _any_of(alternatives))] = LIKE
        return tier

    def _meant(self, word: str) -> list[str]:
        known = [word] if self._speller.knows(word) else []
        return known + self._speller.near(word)

    def _texts(self, question: Asked) -> Tiers:
        """Tiers of headlines, facts and sentences by their words."""
        columns, tier = self._columns, np.full(self._columns.size, LAST, np.uint8)
        matching = "SELECT rowid FROM text_words WHERE text_words MATCH ?"
        found = self._ids(matching, conjunction(question))
        together = self._ids(matching, quoted(question.key)) if len(question.words) > 1 and len(found) else found[:0]
        for group, number in TEXTS.items():
            within = columns.in_group(group)
            tier[found[within[found]]] = number
            tier[together[within[together]]] = number - 1
        return tier

    def corrected(self, question: Asked) -> Asked | None:
        """The question with the likeliest word for each that nothing has; None where all are known or one has no like."""
        pieces, end = list[str](), 0
        for start, stop, word in spans(question.text):
            if self._speller.knows(word):
                continue
            near = self._speller.near(word, 1) if len(word) >= CORRECTED_FROM else []
            if not near:
                return None
            other = near[0].capitalize() if question.text[start].isupper() else near[0]
            pieces += [question.text[end:start], other]
            end = stop
        return asked("".join([*pieces, question.text[end:]])) if pieces else None

    def _any(self, question: Asked) -> bool:
        for table in ("name_words", "text_words"):
            query = f"SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT 1"
            if self._db.execute(query, (conjunction(question),)).fetchone():
                return True
        return False

    def _some(self, question: Asked) -> Tiers:
        """Tiers of what has some of the words: those that have more of them, and rarer ones, come first."""
        columns, held = self._columns, np.zeros(self._columns.size)
        named = "SELECT rowid FROM name_words WHERE name_words MATCH ?"
        for word in dict.fromkeys(question.words):
            here = np.zeros(columns.size, bool)
            here[self._ids("SELECT rowid FROM text_words WHERE text_words MATCH ?", quoted(word))] = True
            here[self._named(named, quoted(word))] = True
            held += here * math.log(2 + columns.size / (1 + np.count_nonzero(here)))
        missing = np.rint((1 - held / max(held.max(initial=0), 1)) * MOST_MISSING).astype(np.uint8)
        return np.where(held > 0, self._everything() + missing * SOME, LAST).astype(np.uint8)


def _any_of(alternatives: Iterable[Iterable[str]]) -> str:
    return " AND ".join("(" + " OR ".join(map(quoted, words)) + ")" for words in alternatives)


assert set(TEXTS) == set(GROUPS) - {"names"}
