"""What identity is decided from: an event as one article tells it, and a person as one article names it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Days:
    """Bounds of a date, inclusive, and the local name of its precision ("day", "week", "month", "year", "range")."""

    earliest: dt.date
    latest: dt.date
    precision: str

    @property
    def exact(self) -> bool:
        """Whether the words name a day or a few days in a row."""
        return (self.latest - self.earliest).days <= 3


@dataclass(frozen=True)
class TellingArticle:
    """The article that tells: its IRI, the day it counts from, and who published it."""

    iri: str
    day: dt.date | None = None
    outlet: str | None = None


@dataclass(frozen=True)
class Told:
    """One event of one article.

    ``family`` is the class of its PLOVER type ("Consultation"), ``kind`` its most particular class ("Meeting").
    ``sources`` and ``targets`` are keys of states and bodies ("KHM"), both sides in ``sources`` where they are equals;
    ``people`` are pairs of party key ("" where unknown) and name; ``sizes`` pairs of party key and the words for how many.
    """

    iri: str
    article: TellingArticle
    family: str
    kind: str
    modality: str
    sources: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    people: frozenset[tuple[str, str]] = frozenset()
    sizes: frozenset[tuple[str, str]] = frozenset()
    actors: frozenset[str] = frozenset()
    days: Days | None = None
    place: str | None = None
    places: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    trigger: str = ""
    confidence: float = 0.5

    @property
    def parties(self) -> frozenset[str]:
        """All states and bodies in it."""
        return self.sources | self.targets


@dataclass(frozen=True)
class Named:
    """One person of one article; ``party`` is the key of the state or body, ``offices`` are titles in the article's words."""

    iri: str
    article: TellingArticle
    name: str
    party: str | None = None
    offices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Contents:
    """What one article asserts, as far as identity is concerned."""

    article: TellingArticle
    events: tuple[Told, ...] = ()
    persons: tuple[Named, ...] = field(default=())
