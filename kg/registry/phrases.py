"""Finds the longest known phrase that starts at a token.

A phrase is compared piece by piece. A token is split into pieces at hyphens, and its accents, full stops and curly
apostrophes are levelled, so that "Guinea-Bissau", "Guinea - Bissau" (three tokens) and "Guinea Bissau" are one phrase
and "U.S." is "US". Capitals count: a piece that the data write with a capital must have one ("Turkey", or all capitals,
never "turkey"); a piece with several capitals must be written just so ("US", never "us"; "Asean" beside "ASEAN" is in
the data); a piece in small letters may be written in any way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from kg.registry.entry import Entry
from kg.registry.vocabulary import phrases

_PIECE = re.compile(r"[^\s\-‐‑–—]+")
_POSSESSIVE = re.compile(r"'s$|(?<=s)'$", re.IGNORECASE)
#: Abbreviations that are also common words: nothing is read into them where the whole text is in capitals.
_ALSO_WORDS = frozenset({"US", "WHO", "AU", "EU", "CAR", "NAM", "ADB", "MEND", "QUAD", "AES"})


def fold(word: str) -> str:
    """The word without accents, with straight apostrophes; its case is kept.

    >>> fold("Élysée’s")
    "Elysee's"
    """
    if word.isascii():
        return word
    word = word.replace("’", "'").replace("‘", "'").replace("ʻ", "'")
    word = word.translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


#: Letters that do not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae", "Æ": "Ae"}
)


@lru_cache(maxsize=1 << 15)
def _pieces(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for piece in _PIECE.findall(fold(text)):
        bare = piece.replace(".", "")
        owner = _POSSESSIVE.search(bare)
        found += [bare[: owner.start()], owner.group()] if owner else [bare]
    return tuple(piece for piece in found if piece)


def _phrase_pieces(phrase: str) -> tuple[str, ...]:
    """Pieces of a phrase of the data, with commas and brackets as tokens of their own, as tokenisers have them."""
    return _pieces(re.sub(r"([,()])", r" \1 ", phrase))


def _written_so(pattern: str, piece: str) -> bool:
    if pattern == piece or pattern.islower():
        return True
    if sum(c.isupper() for c in pattern) > 1:
        return len(pattern) > 5 and piece.isupper()
    return piece[:1].isupper() and (piece[1:].islower() or piece.isupper() or len(piece) == 1)


@dataclass
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    readings: list[tuple[tuple[str, ...], Entry]] = field(default_factory=list)


@cache
def _root() -> _Node:
    root = _Node()
    for phrase, entry in phrases():
        pieces, node = _phrase_pieces(phrase), root
        for piece in pieces:
            node = node.children.setdefault(piece.lower(), _Node())
        node.readings.append((pieces, entry))
    return root


def _reading(node: _Node, seen: Sequence[str]) -> Entry | None:
    for pattern, entry in node.readings:
        if all(map(_written_so, pattern, seen)):
            return entry
    return None


def _all_capitals(words: Sequence[str]) -> bool:
    letters = [word for word in words if len(word) > 1 and word.isalpha()]
    return len(letters) > 2 and all(word.isupper() for word in letters)


def _matches(words: Sequence[str], start: int) -> Iterator[tuple[int, Entry]]:
    node, seen = _root(), list[str]()
    for i in range(start, len(words)):
        pieces = _pieces(words[i])
        if not pieces and i == start:
            return
        owner = len(pieces) > 1 and pieces[-1].startswith("'")
        for piece in pieces:
            if owner and piece is pieces[-1] and (entry := _reading(node, seen)):
                yield i + 1, entry  # a possessive that the tokeniser left on the word
            child = node.children.get(piece.lower())
            if child is None:
                return
            node = child
            seen.append(piece)
        entry = _reading(node, seen) if pieces else None
        if entry is not None:
            yield i + 1, entry


def match_at(words: Sequence[str], i: int, *, cities: bool = False) -> tuple[int, Entry] | None:
    """The longest known phrase that starts at token ``i``: the index after its last token, and what it stands for.

    Args:
        words: the tokens of a sentence, as written.
        i: index of the first token of the phrase.
        cities: look among the 33,000 cities as well (they are read from file at the first such call), after
            everything else; a city is one token or several with capitals.
    """
    best: tuple[int, Entry] | None = None
    for found in _matches(words, i):
        best = found
    if best and best[0] == i + 1 and "".join(_pieces(words[i])) in _ALSO_WORDS and _all_capitals(words):
        best = None
    if cities:
        from kg.registry.cities import city_at

        city = city_at(words, i)
        if city is not None and (best is None or city[0] > best[0]):
            return city
    return best


def lookup(words: Sequence[str], *, cities: bool = False) -> Entry | None:
    """What exactly these tokens stand for; a leading "the" and a closing "'s" are no part of a name.

    >>> lookup(["the", "United", "States", "'s"]).code
    'USA'
    """
    kept = list(words)
    if len(kept) > 1 and kept[0].lower() == "the":
        kept = kept[1:]
    if len(kept) > 1 and kept[-1] in ("'s", "’s", "'", "’"):
        kept = kept[:-1]
    found = match_at(kept, 0, cities=cities) if kept else None
    return found[1] if found and found[0] == len(kept) else None
