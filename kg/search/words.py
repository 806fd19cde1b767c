"""Words as they are compared: without accents and case, letters and digits alone; and what a person asks, taken apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from kg.errors import QueryError
from kg.registry import fold

#: Longest text and most words of one question.
MOST_CHARACTERS, MOST_WORDS = 200, 16
_WORD = re.compile(r"[^\W_]+")
#: "U.S." is one word, as in the tables of the registry.
_ABBREVIATION = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_QUOTED = re.compile(r'["“”„]([^"“”„]+)["“”„]')


class QueryTextError(QueryError):
    """What was asked is too long, or no text."""


@lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    # a letter whose small form has an accent of its own (Turkish İ) is folded once more
    return fold(fold(unicodedata.normalize("NFC", word)).casefold()) or word


def spans(text: str) -> list[tuple[int, int, str]]:
    """Each word of a text: where it begins and ends, and the word as it is compared."""
    abbreviations = {a.start(): a.end() for a in _ABBREVIATION.finditer(text)} if "." in text else {}
    found: list[tuple[int, int, str]] = []
    inside = 0
    for word in _WORD.finditer(text):
        if word.start() < inside:
            continue
        start, inside = word.start(), word.end()
        if start in abbreviations:
            inside = abbreviations[start]
        written = text[start:inside]
        plain = written.lower() if written.isascii() else _folded(written)
        found.append((start, inside, plain.replace(".", "")))
    return found


def words(text: str) -> list[str]:
    """The words of a text as they are compared.

    >>> words("Bogotá’s U.S. Ambassador")
    ['bogota', 's', 'us', 'ambassador']
    """
    return [word for _, _, word in spans(unicodedata.normalize("NFC", text))]


def key(text: str) -> str:
    """A name as it is compared."""
    return " ".join(words(text))


@dataclass(frozen=True)
class Asked:
    """A question: all its words, and those that stood between quotation marks together; ``blank`` where nothing was asked."""

    text: str
    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...] = ()
    blank: bool = False

    @property
    def key(self) -> str:
        """The words as a name."""
        return " ".join(self.words)

    @property
    def loose(self) -> tuple[str, ...]:
        """The words outside quotation marks."""
        within = [word for phrase in self.phrases for word in phrase]
        left = []
        for word in self.words:
            if word in within:
                within.remove(word)
            else:
                left.append(word)
        return tuple(left)


def asked(text: str) -> Asked:
    """What a person asks, whatever the text holds.

    Raises:
        QueryTextError: it is longer than a question may be.
    """
    plain = unicodedata.normalize("NFC", "".join(c if c.isprintable() else " " for c in text)).strip()
    if len(plain) > MOST_CHARACTERS:
        raise QueryTextError(f"A search may have {MOST_CHARACTERS} characters, and this one has {len(plain):,}.")
    found = tuple(words(plain))
    if len(found) > MOST_WORDS:
        raise QueryTextError(f"A search may have {MOST_WORDS} words, and this one has {len(found)}.")
    quoted = (tuple(words(part)) for part in _QUOTED.findall(plain))
    return Asked(plain, found, tuple(phrase for phrase in quoted if phrase), not text.strip())


def quoted(word: str) -> str:
    """A word as FTS5 takes it for a word and nothing else."""
    return '"' + word.replace('"', '""').replace("\0", "") + '"'


def conjunction(question: Asked, *, prefix: bool = False) -> str:
    """All words and phrases of a question, in FTS5's language; with ``prefix`` the last word may be a beginning."""
    parts = [quoted(" ".join(phrase)) for phrase in question.phrases]
    parts += [quoted(word) for word in question.loose]
    return " AND ".join(parts) + ("*" if prefix and parts else "")


def marked(text: str, numbers: Iterable[int]) -> list[tuple[str, bool]]:
    """A text in pieces, of which those that are words of these numbers (from 0) are marked; neighbours are one piece."""
    wanted, pieces, end = set(numbers), list[tuple[str, bool]](), 0
    for number, (start, stop, _) in enumerate(spans(text)):
        if number not in wanted:
            continue
        between = text[end:start]
        if pieces and pieces[-1][1] and not between.strip():
            pieces[-1] = (pieces[-1][0] + between + text[start:stop], True)
        else:
            pieces += [(between, False)] if between else []
            pieces.append((text[start:stop], True))
        end = stop
    return [*pieces, (text[end:], False)] if text[end:] else pieces
