"""Turns the name of a place into a place that nests: city in state, capital in state, part of a state in the state."""

from __future__ import annotations

from collections.abc import Sequence

from kg.model import Place
from kg.registry import City, Entry, cities, identifiers, match_at, state


def _state_place(code: str | None) -> Place | None:
    known = state(code) if code else None
    return Place(known.name, known.code, None, known.geonames) if known else None


def _city_place(city: City) -> Place:
    within = _state_place(city.state)
    return Place(city.name, city.state, within, city.geonames, city.latitude, city.longitude)


def _chosen(name: str, prefer: frozenset[str], code: str | None = None) -> City | None:
    """The city that is meant: in the state it must lie in, else in a state of the article, else the largest."""
    found = [c for c in cities(name) if code is None or c.state == code]
    return next((c for c in found if c.state in prefer), found[0] if found else None)


def _region(entry: Entry) -> Place:
    _, geonames = identifiers(f"{entry.code}/{entry.name}") if entry.code else (None, None)
    return Place(entry.name, entry.code, _state_place(entry.code), geonames)


def _place(entry: Entry, prefer: frozenset[str]) -> Place | None:
    if entry.kind == "state":
        return _state_place(entry.code)
    if entry.kind == "region":
        return _region(entry)
    if entry.kind in ("capital", "metonym"):
        name = entry.place or entry.name
        city = _chosen(name, prefer, entry.code)
        return _city_place(city) if city else Place(name, entry.code, _state_place(entry.code))
    if entry.kind == "city":
        city = _chosen(entry.name, prefer)
        return _city_place(city) if city else None
    return None


def place_at(words: Sequence[str], i: int, prefer: frozenset[str] = frozenset()) -> tuple[int, Place] | None:
    """The longest place name that begins at token ``i``: the index after it, and the place.

    Args:
        words: the tokens of a sentence, as written.
        i: index of the name's first token.
        prefer: states (ISO 3166-1 alpha-3) of the article: of several cities of one name the one there is taken.
    """
    found = match_at(words, i, cities=True)
    place = _place(found[1], prefer) if found else None
    return (found[0], place) if found and place else None


def capital_of(code: str) -> Place | None:
    """The seat of government of a state (ISO 3166-1 alpha-3), None where it is not known."""
    from kg.registry.tables import rows, several

    for row in rows("states.tsv"):
        if row["code"] == code and row["capitals"]:
            name = several(row["capitals"])[0]
            city = _chosen(name, frozenset(), code)
            return _city_place(city) if city else Place(name, code, _state_place(code))
    return None
