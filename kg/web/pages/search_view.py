"""What the search page shows: hits in words, facets and filters as links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from kg.search import FACETS, GROUPS, Filters, Found, Hit, Index, marked
from kg.triples.vocab import DIPL
from kg.web.service import service

#: Values of a facet that are shown.
VALUES = 10
_WORDS = {
    "kind": "Kind",
    "country": "Country",
    "type": "Type of event",
    "topic": "Topic",
    "outlet": "Outlet",
    "year": "Year",
}
KIND_WORDS = {
    "Person": ("person", "People"),
    "State": ("state", "States"),
    "Organization": ("organisation", "Organisations"),
    "Office": ("office", "Offices"),
    "Place": ("place", "Places"),
    "Topic": ("topic", "Topics"),
    "Group": ("group", "Groups"),
    "Article": ("article", "Articles"),
    "Event": ("event", "Events"),
    "Statement": ("statement", "Statements"),
    "Instrument": ("law or agreement", "Laws and agreements"),
    "Tenure": ("holding of an office", "Holdings of offices"),
    "Sentence": ("sentence", "Sentences"),
}
_GROUP_WORDS = {
    "names": "Names",
    "articles": "Headlines",
    "facts": "Events and statements",
    "sentences": "Sentences",
}


@dataclass(frozen=True)
class Row:
    """One hit as the page shows it."""

    hit: Hit
    named: bool
    link: str
    title: list[tuple[str, bool]]
    quote: list[tuple[str, bool]]
    kind: str
    when: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """One value of a facet: its words, how many hits have it, and the page of these (or, of a chosen one, without it)."""

    text: str
    number: int
    link: str
    chosen: bool


def address(**changes: str) -> str:
    """This search's address with some parameters changed (taken away where empty), from its first page on."""
    kept = {n: v for n in ("q", *FACETS, "group", "from", "to") if (v := request.args.get(n, "").strip())}
    return "/search?" + urlencode({n: v for n, v in (kept | changes).items() if v})


def _days(hit: Hit) -> str:
    if not hit.first:
        return ""
    first, last = (dt.date.fromordinal(day).isoformat() for day in (hit.first, hit.last))
    return first if first == last else f"{first} – {last}"


def labels_of(found: Found, index: Index) -> dict[str, str]:
    """The names of the countries and topics that a page speaks of, by code and key."""
    base = service().iris.base
    countries = {f"{base}id/state/{code}": code for code, _ in found.facets["country"]}
    countries |= {f"{base}id/state/{code}": code for hit in found.hits for code in hit.countries}
    topics = {f"{DIPL}topic-{key}": key for key, _ in found.facets["topic"]}
    both = countries | topics
    for code in (request.args.get("country", ""), request.args.get("topic", "")):
        both |= {f"{base}id/state/{code}": code, f"{DIPL}topic-{code}": code}
    return {both[iri]: label for iri, label in index.labels(both).items()}


def row_of(hit: Hit, labels: Mapping[str, str]) -> Row:
    kind = KIND_WORDS[hit.kind][0] if hit.kind != "Event" or not hit.type else hit.type
    # what a fact tells is shown where the words are in it and not in its label
    shown = hit.kind == "Sentence" or (hit.text_marks and not hit.marks)
    own = f"{service().iris.base}id/state/" if hit.kind == "State" else ""
    places = tuple(labels.get(c, c) for c in hit.countries if not own and hit.kind in GROUPS["names"])
    return Row(
        hit,
        hit.kind in GROUPS["names"],
        service().link(hit.iri),
        marked(hit.label, hit.marks),
        marked(hit.text, hit.text_marks) if shown else [],
        kind,
        _days(hit),
        places[:3],
    )


def _words_for(facet: str, value: str, labels: Mapping[str, str]) -> str:
    if facet == "kind":
        return KIND_WORDS[value][1]
    return labels.get(value, value) if facet in ("country", "topic") else value


def facets_of(found: Found, filters: Filters, labels: Mapping[str, str]) -> list[tuple[str, str, list[Value]]]:
    """Each facet with its values; a chosen value is there also where nothing has it."""
    shown = []
    for name, counted in found.facets.items():
        chosen = filters.values.get(name, "")
        few = counted[:VALUES]
        if chosen and chosen not in dict(few):
            few = [(chosen, dict(counted).get(chosen, 0)), *few]
        values = [
            Value(_words_for(name, v, labels), n, address(**{name: "" if v == chosen else v}), v == chosen)
            for v, n in few
        ]
        # one value that all hits have narrows nothing
        if values and (chosen or len(values) > 1 or values[0].number < found.total):
            shown.append((name, _WORDS[name], values))
    return shown


def chosen_of(filters: Filters, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the hits are narrowed to, with the addresses that take each away."""
    found = [(f"{_WORDS[n]}: {_words_for(n, v, labels)}", address(**{n: ""})) for n, v in filters.values.items()]
    if filters.group:
        found.append((_GROUP_WORDS[filters.group], address(group="")))
    for name, words in (("from", "Since"), ("to", "Until")):
        if day := request.args.get(name, "").strip():
            found.append((f"{words} {day}", address(**{name: ""})))
    return found


def groups_of(found: Found, rows: list[Row]) -> list[tuple[str, str, int, list[Row]]]:
    """The hits of each group that has any."""
    return [
        (name, _GROUP_WORDS[name], found.groups[name], [row for row in rows if row.hit.kind in kinds])
        for name, kinds in GROUPS.items()
        if any(row.hit.kind in kinds for row in rows)
    ]
