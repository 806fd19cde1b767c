"""Finds the names in a sentence: what the registry knows, and what the language model takes for a name.

Where both speak about the same words, the longer one wins: "Cambodian Labor Confederation" is one organisation, not a
nationality; "Michael Jordan" a person, not a state. Of two that are equally long the registry's is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.language.sentence import Sentence, Token
from kg.mentions.wordlists import longest_title, outlets, titles
from kg.registry import Entry, match_at

#: Registry kinds that name a party to an event.
PARTIES = ("state", "demonym", "capital", "metonym", "organization")


@dataclass(frozen=True)
class Name:
    """A name from token ``first`` to ``last``, both included.

    ``kind`` is ``person``, ``organization``, ``place`` where only the model knows it, else that of the registry's
    ``entry`` (see ``kg.registry.Entry``). ``home`` is the state that an unknown organisation's name tells.
    """

    first: int
    last: int
    kind: str
    entry: Entry | None = None
    home: str | None = None

    @property
    def party(self) -> str | None:
        """The code of the state or organisation that this name itself stands for."""
        return self.entry.code if self.entry and self.kind in PARTIES else None

    def covers(self, i: int) -> bool:
        return self.first <= i <= self.last


def _known(sentence: Sentence) -> list[Name]:
    words = [token.lower if token.text in ("’s", "’") else token.text for token in sentence.tokens]
    found, i = [], 0
    while i < len(words):
        match = match_at(words, i)
        if match is None:
            i += 1
            continue
        end, entry = match
        found.append(Name(i, end - 1, entry.kind, entry))
        i = end
    return found


def _spans(tokens: tuple[Token, ...]) -> list[tuple[int, int, str]]:
    """The model's names: first and last token, and label; those of one label that touch at a hyphen stay apart."""
    found: list[tuple[int, int, str]] = []
    for token in tokens:
        if token.entity and not token.begins and found and found[-1][1] == token.i - 1:
            found[-1] = (found[-1][0], token.i, found[-1][2])
        elif token.entity:
            found.append((token.i, token.i, token.entity))
    return found


def _trimmed(sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    """Without what the model sometimes takes in: a possessive, punctuation, a word that is no name."""
    tokens = sentence.tokens
    # "Chen Shui-bian": the tokeniser parts it and the model loses the rest
    while last + 2 < len(tokens) and tokens[last + 1].text == "-" and tokens[last].end + 1 == tokens[last + 2].start:
        last += 2
    edge = ("'s", "'", ",", ".", '"', "-", "the")
    while first < last and sentence.tokens[first].lower in edge:
        first += 1
    while last > first and sentence.tokens[last].lower in edge:
        last -= 1
    return first, last


def _titled_person(sentence: Sentence, first: int, last: int) -> int | None:
    """Where a person's name begins in "UN High Commissioner for Refugees X Y", which the model takes for one organisation."""
    words = [t.lower for t in sentence.tokens]
    for begin in range(first, last):
        for end in range(min(last, begin + longest_title()), begin, -1):
            title = titles().get(tuple(words[begin:end]))
            rest = sentence.tokens[end : last + 1]
            if title and title.rank == "office" and len(rest) in (2, 3) and all(t.upos == "PROPN" for t in rest):
                return end
    return None


def _merge(sentence: Sentence, known: list[Name], first: int, last: int, label: str) -> tuple[list[Name], Name | None]:
    """What of the known names stays beside a name of the model, and that name where it stays itself."""
    over = [n for n in known if n.first <= last and n.last >= first]
    kind = {"PER": "person", "ORG": "organization", "LOC": "place"}[label]
    if any(n.first <= first and n.last >= last for n in over):
        return known, None
    if kind == "person" and over and over[0].first <= first and over[0].kind == "demonym":
        return known, Name(over[0].last + 1, last, kind)  # "Cambodian Hun Sen"
    inside = next((n.entry for n in over if n.entry), None)
    if kind == "place" and inside is not None:
        return known, None  # "southern Gaza Strip": what is known of it is enough
    if kind == "organization" and over and over[0].kind == "organization" and over[-1].last < last:
        follows = sentence.tokens[over[-1].last + 1].lower
        if follows in ("'s", "'", ",", "and"):
            return known, None
    if kind == "organization" and (person := _titled_person(sentence, first, last)):
        return [n for n in known if n.last < person or n.first > last], Name(person, last, "person")
    home = (inside.home or inside.code) if inside and inside.kind != "organization" else None
    return [n for n in known if n not in over], Name(first, last, kind, None, home)


def _outlets(sentence: Sentence) -> list[Name]:
    """News outlets, with the language of a service behind the name ("BBC Persian")."""
    words, found, i = [t.lower for t in sentence.tokens], list[Name](), 0
    while i < len(words):
        end = next((j for j in range(min(len(words), i + 5), i, -1) if " ".join(words[i:j]) in outlets()), None)
        if end is None or not sentence.words[i][:1].isupper():
            i += 1
            continue
        service = match_at(sentence.words, end) if end < len(words) else None
        if service and service[1].kind in ("demonym", "people") and words[service[0] : service[0] + 1] != ["service"]:
            following = sentence.tokens[service[0]] if service[0] < len(words) else None
            end = service[0] if following is None or not following.is_nominal else end
        found.append(Name(i, end - 1, "organization"))
        i = end
    return found


def find_names(sentence: Sentence) -> tuple[Name, ...]:
    """The names of a sentence in their order, none overlapping another."""
    known, found = _known(sentence), _outlets(sentence)
    known = [n for n in known if not any(o.first <= n.last and n.first <= o.last for o in found)]
    taken = {i for o in found for i in range(o.first, o.last + 1)}
    for first, last, label in _spans(sentence.tokens):
        first, last = _trimmed(sentence, first, last)
        if taken & set(range(first, last + 1)):
            continue
        known, name = _merge(sentence, known, first, last, label)
        if (
            name is not None
            and name.first <= name.last
            and any(w[:1].isupper() for w in sentence.words[first : last + 1])
        ):
            found.append(name)
    return tuple(sorted([*known, *found], key=lambda n: n.first))
