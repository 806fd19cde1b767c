"""The cities of 15,000 inhabitants and more, from ``kg/data/cities.tsv.gz`` (GeoNames), read when first asked for."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kg.registry.entry import Entry
from kg.registry.phrases import fold
from kg.registry.tables import rows, several

#: Words in the longest city name that is looked for.
_LONGEST = 5


@dataclass(frozen=True)
class City:
    """One city; ``state`` is an ISO 3166-1 alpha-3 code, ``division`` the postal code of a US state, else None."""

    name: str
    state: str
    division: str | None
    latitude: float
    longitude: float
    geonames: str
    population: int


def _key(name: str) -> str:
    return " ".join(fold(name).replace("-", " ").replace(".", "").split()).lower()


def _cities() -> Iterator[City]:
    packed = (resources.files("kg") / "data" / "cities.tsv.gz").read_bytes()
    for line in gzip.decompress(packed).decode().splitlines():
        name, state, division, latitude, longitude, geonames, population = line.split("\t")
        yield City(name, state, division or None, float(latitude), float(longitude), geonames, int(population))


@cache
def _by_name() -> dict[str, tuple[City, ...]]:
    found: dict[str, tuple[City, ...]] = {}
    for city in _cities():
        key = _key(city.name)
        found[key] = (*found.get(key, ()), city)
    for row in rows("city_names.tsv"):
        named = tuple(city for city in found.get(_key(row["name"]), ()) if city.state == row["state"])[:1]
        for alias in several(row["aliases"]):
            found[_key(alias)] = (*named, *found.get(_key(alias), ()))
    return found


def cities(name: str) -> tuple[City, ...]:
    """All cities of this name (case, accents and hyphens do not count), the most populous first."""
    return _by_name().get(_key(name), ())


def city_at(words: Sequence[str], i: int) -> tuple[int, Entry] | None:
    """The longest city name that starts at token ``i``, written with a capital; see ``kg.registry.match_at``."""
    if not words[i][:1].isupper():
        return None
    for end in range(min(len(words), i + _LONGEST), i, -1):
        if not words[end - 1][:1].isalpha():
            continue
        found = cities(" ".join(words[i:end]))
        if found:
            return end, Entry("city", found[0].state, found[0].name)
    return None
