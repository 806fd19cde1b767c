"""The actors of one article while it is being read: they gather names, offices and a party until they are final."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kg.language.sentence import Sentence
from kg.mentions.offices import Title
from kg.model import Actor, ActorKind
from kg.registry import fold, organization, party_name

_PARTICLES = frozenset("al el bin ibn abu de del della der den van von da di dos la le ben mac st ul ur".split())


def slug(text: str) -> str:
    """Lower-case ASCII letters and digits with hyphens between words."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text).encode("ascii", "ignore").decode().lower()).strip("-") or "x"


@dataclass(eq=False)
class Draft:
    """One actor in the making."""

    key: str
    kind: ActorKind
    name: str
    party: str | None = None
    curated: bool = False
    size: str | None = None
    plural: bool = False
    home: str | None = None
    names: Counter[str] = field(default_factory=Counter)
    titles: list[tuple[Title, Sentence]] = field(default_factory=list)

    def final(self) -> Actor:
        others = sorted(n for n in self.names if n != self.name)
        return Actor(self.key, self.kind, self.name, self.party, tuple(others), self.size, self.curated)


@dataclass(eq=False)
class Raw:
    """A mention of a draft: tokens ``first`` to ``last`` of a sentence, ``head`` its syntactic head."""

    sentence: Sentence
    first: int
    last: int
    head: int
    draft: Draft
    kind: str
    title: Title | None = None
    party: str | None = None


def _parts(name: str) -> tuple[str, ...]:
    return tuple(w for w in re.split(r"[\s\-]+", fold(name).replace(".", "").lower()) if w)


class Drafts:
    """All actors of one article, by what tells them apart."""

    def __init__(self) -> None:
        self._by_key: dict[str, Draft] = {}
        self._people: dict[tuple[str, ...], Draft] = {}
        #: The full names that begin or end with a word, each with its number: shorter forms are looked for among them.
        self._with_word: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        self._bodies: dict[str, Draft] = {}
        self._groups: dict[tuple[str, str | None], Draft] = {}

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._by_key.values())

    def _new(self, key: str, kind: ActorKind, name: str, **more: object) -> Draft:
        free, n = key, 2
        while free in self._by_key:
            free, n = f"{key}-{n}", n + 1
        self._by_key[free] = draft = Draft(free, kind, name, **more)  # type: ignore[arg-type]
        return draft

    def party(self, code: str) -> Draft:
        """The curated state or organisation with this code."""
        key = slug(code)
        if key in self._by_key and self._by_key[key].curated:
            return self._by_key[key]
        kind = ActorKind.ORGANIZATION if organization(code) else ActorKind.STATE
        return self._new(key, kind, party_name(code) or code, party=code, curated=True)

    def body(self, name: str, home: str | None) -> Draft:
        """An organisation that the registry does not know, by its name."""
        plain = re.sub(r"^the\s+", "", name, flags=re.IGNORECASE)
        key = slug(plain)
        if key not in self._bodies:
            self._bodies[key] = self._new(key, ActorKind.ORGANIZATION, plain, home=home)
        return self._bodies[key]

    def group(self, name: str, party: str | None) -> Draft:
        """An unnamed group or person, by the words that describe it."""
        key = name.lower(), party
        if key not in self._groups:
            self._groups[key] = self._new(slug(name), ActorKind.GROUP, name, party=party)
        return self._groups[key]

    def people(self, names: Iterable[str]) -> None:
        """Make a person of each full name; shorter forms of a full name are the same person."""
        counted = Counter(" ".join(name.split()) for name in names)
        ordered = sorted(counted, key=lambda n: (-len(_parts(n)), n))
        for name in ordered:
            parts = _parts(name)
            if parts and self.person(name) is None:
                number = len(self._people)
                self._people[parts] = self._new(slug(name), ActorKind.PERSON, name)
                for word in {parts[0], parts[-1]}:
                    self._with_word.setdefault(word, []).append((number, parts))

    def person(self, name: str) -> Draft | None:
        """The person of this name, or of whose full name this is the end or the beginning; None where it fits nobody."""
        parts = _parts(name)
        if parts in self._people:
            return self._people[parts]
        known = (self._with_word.get(word, ()) for word in {*parts[:1], *parts[-1:]})
        fits = [entry for entries in known for entry in entries if _short_for(parts, entry[1])]
        return self._people[min(fits)[1]] if fits else None


def _short_for(parts: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether some words are how news call a person of this full name after the first time."""
    n = len(parts)
    if not n or n > len(full):
        return False
    if full[-n:] == parts:
        return True
    if n > 1:  # "Hugo Chavez" for "Hugo Rafael Chavez"; "George Bush" for "George W. Bush"
        return full[0] == parts[0] and full[-1] == parts[-1]
    return full[0] == parts[0] and parts[0] not in _PARTICLES and len(parts[0]) > 2
