"""Matches persons against an extract of Wikidata, and links only where one item alone fits.

The extract is a file that the operator names: JSON Lines, or tab-separated with a header, with ``id`` (Q42), ``label`` and,
where known, ``aliases`` ('|' between), ``country`` (an ISO 3166-1 alpha-3 or alpha-2 code, a name, or the country's own item),
``born``, ``died``, ``from`` and ``to`` (years or days; of an office, where there is one). Or it is the address of a SPARQL
endpoint, asked for some names at once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import CurationError
from kg.identity.clusters import decimal
from kg.identity.names import name_keys, same_name, tokens
from kg.identity.persons import Person
from kg.registry import states
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris

WIKIDATA = "http://www.wikidata.org/entity/"
#: A link is written from this confidence on.
LEAST = 0.8
#: Nobody is in the news for more years than this, nor before this age.
_LONGEST_LIFE, _YOUNGEST = 105, 16


@dataclass(frozen=True)
class Item:
    """One item of the extract; the years bound when it can be in the news."""

    id: str
    names: tuple[str, ...]
    country: str | None = None
    earliest: int | None = None
    latest: int | None = None


@dataclass(frozen=True)
class Found:
    """A person and the item that it is, with how sure that is and on what ground."""

    person: Person
    item: Item
    confidence: float
    ground: str


def _country_codes() -> dict[str, str]:
    found = {}
    for state in states():
        for name in (state.code, state.alpha2, state.name, state.wikidata):
            if name:
                found[name.casefold()] = state.code
    return found


def _year(value: Any) -> int | None:
    text = str(value or "").lstrip("+")[:4]
    return int(text) if text.isdigit() else None


def item(record: Mapping[str, Any], where: str, countries: Mapping[str, str]) -> Item:
    """An item from one record of an extract.

    Raises:
        CurationError: it has no identifier or no label.
    """
    key = str(record.get("id") or "").removeprefix(WIKIDATA)
    label = str(record.get("label") or "").strip()
    if not (key.startswith("Q") and key[1:].isdigit()) or not label:
        raise CurationError(f"{where}: an item needs an id such as Q42 and a label.")
    aliases = record.get("aliases") or []
    names = aliases.split("|") if isinstance(aliases, str) else [str(alias) for alias in aliases]
    country = str(record.get("country") or "").removeprefix(WIKIDATA)
    born, died = _year(record.get("born")), _year(record.get("died"))
    first, last = _year(record.get("from")), _year(record.get("to"))
    earliest = first - 10 if first else born + _YOUNGEST if born else None
    latest = died or (last + 25 if last else None) or (born + _LONGEST_LIFE if born else None)
    return Item(key, (label, *(n for n in names if n)), countries.get(country.casefold()), earliest, latest)


def read_items(path: Path) -> Iterator[Item]:
    """The items of a file, one after the other.

    Raises:
        CurationError: it cannot be read, or a line of it is no item; the message names the line.
    """
    countries, header = _country_codes(), list[str]()
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                where = f"{path}, line {number}"
                if not line.strip() or line.startswith("#"):
                    continue
                if line.lstrip().startswith("{"):
                    yield item(_json(line, where), where, countries)
                elif not header:
                    header = line.rstrip("\n").split("\t")
                    if not {"id", "label"} <= set(header):
                        raise CurationError(f"{where}: the header names no columns 'id' and 'label'.")
                else:
                    yield item(dict(zip(header, line.rstrip("\n").split("\t"), strict=False)), where, countries)
    except (OSError, UnicodeDecodeError) as error:
        raise CurationError(f"The extract {path} cannot be read: {error}.") from None


def _json(line: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise CurationError(f"{where}: this is not JSON: {error.msg}.") from None
    if not isinstance(found, dict):
        raise CurationError(f"{where}: a record is a JSON object.")
    return found


def _confidence(person: Person, candidate: Item) -> tuple[float, str]:
    """How surely a person is an item by name, country and time; 0 where one of them speaks against it."""
    exact = any(set(tokens(person.name)) == set(tokens(name)) for name in candidate.names)
    if not exact and not any(same_name(person.name, name) for name in candidate.names):
        return 0.0, ""
    sure, ground = (0.75, ["name"]) if exact else (0.6, ["name cut short"])
    if person.party and candidate.country:
        if person.party != candidate.country:
            return 0.0, ""
        sure, ground = sure + 0.15, [*ground, "country"]
    span = person.span
    if span and (candidate.earliest or candidate.latest):
        if span[1].year < (candidate.earliest or 0) or span[0].year > (candidate.latest or 9999):
            return 0.0, ""
        sure, ground = sure + 0.08, [*ground, "time"]
    return round(sure, 2), ", ".join(ground)


def match(people: Iterable[Person], items: Iterable[Item]) -> list[Found]:
    """The persons that one item alone fits; an item that fits less well than another still makes it doubtful."""
    by_key: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        for key in name_keys(person.name):
            by_key[key].append(person)
    fits: dict[str, dict[str, Found]] = defaultdict(dict)
    for candidate in items:
        near = {p.iri: p for name in candidate.names for key in name_keys(name) for p in by_key.get(key, ())}
        for iri, person in near.items():
            sure, ground = _confidence(person, candidate)
            if sure:
                fits[iri][candidate.id] = Found(person, candidate, sure, ground)
    alone = [next(iter(found.values())) for _, found in sorted(fits.items()) if len(found) == 1]
    return [found for found in alone if found.confidence >= LEAST]


def link_quads(found: Iterable[Found], origin: str, iris: Iris) -> list[ox.Quad]:
    """The graph of links; none where nothing was found."""
    graph = GraphBuilder(iris.identity_graph("wikidata"))
    for one in found:
        here, there = ox.NamedNode(one.person.iri), ox.NamedNode(WIKIDATA + one.item.id)
        node = ox.NamedNode(f"{graph.graph.value}#{one.person.iri.rpartition('/')[2]}")
        graph.thing(node, "IdentityLink", f"{one.person.name} is {one.item.id} by {one.ground}")
        graph.add(node, "dipl:linkedFrom", here)
        graph.add(node, "dipl:linkedTo", there)
        graph.add(node, "dipl:confidence", decimal(one.confidence))
        graph.add(node, "dcterms:source", origin)
        graph.add(here, "owl:sameAs", there)
    return graph.quads()
