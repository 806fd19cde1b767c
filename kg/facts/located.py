"""Where a sentence names places: each with its words, the preposition before it, and the places around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kg.facts.reading import Reading
from kg.language.sentence import Sentence
from kg.mentions.names import Name
from kg.mentions.places import place_at
from kg.model import Place

_PLACE_NAMES = frozenset({"capital", "city", "region", "state", "place", "metonym"})
#: Nouns that stand for the place that is named after them: "in the port of Aden", "north of Mosul".
KINDS_OF_PLACE = frozenset(
    """town city village port capital province region district island state resort suburb valley border coast outskirts
    north south east west northeast northwest southeast southwest area part camp base governorate prefecture""".split()
)


@dataclass(frozen=True)
class Located:
    """A place in a sentence: its tokens, the words that name it, and the preposition before it."""

    first: int
    last: int
    place: Place
    text: str
    case: str


def places(reading: Reading, sentence: Sentence, prefer: frozenset[str]) -> Iterator[Located]:
    """The places of a sentence; "the Peace Palace in Phnom Penh, Cambodia" is one, the most exact part of it."""
    chain: list[tuple[int, int, Place, str]] = []
    for name in reading.cast.names[sentence.index]:
        if name.kind not in _PLACE_NAMES or _names_whose(sentence, name):
            continue
        found = place_at(sentence.words, name.first, prefer)
        last = found[0] - 1 if found else name.last
        place = found[1] if found else Place(sentence.span(name.first, name.last).text)
        if (
            name.kind == "place" and last < name.last
        ):  # "Camp David": the longer name is not the known place it begins with
            last, place = name.last, Place(sentence.span(name.first, name.last).text)
        if chain and chain[-1][1] >= name.first:
            continue
        joined = chain and (
            _continues(sentence, chain[-1][1], name.first) or _within_named(sentence, chain[-1][1], name.first)
        )
        if chain and not joined:
            yield _chained(sentence, chain)
            chain = []
        chain.append((name.first, last, place, sentence.span(name.first, last).text))
    if chain:
        yield _chained(sentence, chain)


def _names_whose(sentence: Sentence, name: Name) -> bool:
    """Whether a state's name tells whose something is, not where: "the Myanmar embassy"; "a Baghdad hotel" tells where."""
    token = sentence.tokens[name.last]
    return name.kind in ("state", "metonym") and token.dep in ("compound", "amod") and token.head > name.last


def _continues(sentence: Sentence, last: int, first: int) -> bool:
    between = [t.lower for t in sentence.tokens[last + 1 : first]]
    return between in ([","], ["in"], [",", "in"], ["in", "the"], [",", "the"], ["in", "the", "city", "of"])


def _within_named(sentence: Sentence, last: int, first: int) -> bool:
    """Whether the place before contains the one after: "Sudan's western Darfur region"."""
    owner, inner = sentence.tokens[last], sentence.tokens[first]
    between = sentence.tokens[last + 1 : first]
    possessive = bool(between) and between[0].lower in ("'s", "'") and owner.subtype == "poss"
    return possessive and len(between) < 5 and owner.head in (inner.i, inner.head)


def _case(sentence: Sentence, first: int) -> str:
    """The preposition before a place, over the words of its noun phrase and over a noun that it explains ("the town of")."""
    i = first - 1
    while i >= 0:
        token = sentence.tokens[i]
        inside = token.upos in ("DET", "ADJ", "NOUN", "PROPN") and token.dep in ("det", "amod", "compound")
        explained = token.lower == "of" and sentence.tokens[i - 1].lower in KINDS_OF_PLACE
        if not (inside and first - i < 6) and not explained:
            break
        i -= 2 if explained else 1
    return sentence.tokens[i].lower if i >= 0 else ""


def _chained(sentence: Sentence, chain: list[tuple[int, int, Place, str]]) -> Located:
    """The most exact place of a chain: the first, or the last where they are joined by possessives."""
    begin = chain[0][0]
    if len(chain) > 1 and _within_named(sentence, chain[0][1], chain[1][0]):
        chain = [chain[1], chain[0], *chain[2:]]
    first, last, place, text = chain[0]
    for _, later, outer, _ in reversed(chain[1:]):
        last = max(last, later)
        if place.within is None and place.state is None:
            place = replace(place, state=outer.state, within=_nested(outer, chain))
    return Located(first, last, place, text, _case(sentence, begin))


def _nested(outer: Place, chain: list[tuple[int, int, Place, str]]) -> Place:
    known = [place for _, _, place, _ in chain[1:]]
    return known[0] if known else outer
