"""What is known of things under simple names: to be compared with a table's other columns, and to be added to a table.

Each property is one pattern of SPARQL over all the things that are asked about: one query, whatever their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from kg.errors import QueryError
from kg.store import State
from kg.triples.vocab import DIPL

#: Things that one query names, and rows that are read of its answer.
_LOT, MOST_ROWS = 200, 20_000
#: Virtuoso gives the one thing of a list back as text.
_THING = (ox.NamedNode, ox.Literal)
_ACROSS = ("/id/person-across/", "/id/event-across/")


@dataclass(frozen=True)
class Property:
    """One property.

    ``of`` are the types that have it (empty: all). Each of ``patterns`` leads from ?s to ?v. ``gives`` is the type of the
    things that it leads to; ``entity`` for things of several types, ``text``, ``date``, ``number`` and ``iri`` for values.
    """

    id: str
    name: str
    description: str
    of: tuple[str, ...]
    patterns: tuple[str, ...]
    gives: str

    @property
    def leads_to_things(self) -> bool:
        """Whether values are things that can be found here."""
        return self.gives not in ("text", "date", "number", "iri")

    def told(self) -> dict[str, str]:
        """As answers have it."""
        return {"id": self.id, "name": self.name, "description": self.description}


@dataclass(frozen=True)
class Value:
    """A value: its words, and its IRI where it is a thing."""

    text: str
    iri: str = ""


_ACTOR = ("Actor", "Person", "State", "Organization", "Group")
_FACT = ("Event", "Instrument")
_PROPERTIES = (
    Property("country", "Country", "The state that a thing acts for, belongs to or lies in, or that takes part in an event.",
             ("Person", "Organization", "Group", "Office", "Place", "Event"),
             tuple(f"{way} . ?v a dipl:State ." for way in (
                 "?s dipl:actsFor ?v", "?s schema:containedInPlace ?v", "?s dipl:officeOf ?v",
                 "?s dipl:participation ?part . ?part dipl:onBehalfOf ?v")), "State"),
    Property("actsFor", "Acts for", "The state or organisation that a person or group acts for.",
             ("Person", "Group", "Organization"), ("?s dipl:actsFor ?v .",), "entity"),
    Property("office", "Office", "An office that a person was seen in.", ("Person",),
             ("?tenure dipl:holder ?s ; dipl:office ?v .",), "Office"),
    Property("holder", "Holder", "A person who was seen in an office.", ("Office",),
             ("?tenure dipl:office ?s ; dipl:holder ?v .",), "Person"),
    Property("otherName", "Other name", "Another name or spelling.", (), ("?s foaf:name ?v .", "?s skos:altLabel ?v ."), "text"),
    Property("isoCode", "ISO code", "The ISO 3166-1 alpha-3 code of a state.", ("State",), ("?s dipl:isoCode ?v .",), "text"),
    Property("memberOf", "Member of", "An organisation that a state is a member of.", ("State",),
             ("?s dipl:memberOf ?v .",), "Organization"),
    Property("sameAs", "Same as", "The thing's address in Wikidata or GeoNames.", (), ("?s owl:sameAs ?v .",), "iri"),
    Property("latitude", "Latitude", "Degrees north.", ("Place",), ("?s geo:lat ?v .",), "number"),
    Property("longitude", "Longitude", "Degrees east.", ("Place",), ("?s geo:long ?v .",), "number"),
    Property("date", "Date", "The first day on which an event may have been, or the day of an article.", (*_FACT, "Article"),
             ("?s dipl:earliestDate ?v .", "?s schema:datePublished ?v ."), "date"),
    Property("lastDate", "Last date", "The last day on which an event may have been.", _FACT,
             ("?s dipl:latestDate ?v .",), "date"),
    Property("place", "Place", "Where an event was.", ("Event",), ("?s dipl:place ?v .",), "Place"),
    Property("actor", "Actor", "Who takes part in an event.", ("Event",),
             ("?s dipl:participation ?part . ?part dipl:actor ?v .",), "Actor"),
    Property("topic", "Topic", "What an event is about.", ("Event",), ("?s dipl:topic ?v .",), "Topic"),
    Property("outlet", "Outlet", "The newspaper or agency of an article.", ("Article",), ("?s schema:publisher ?v .",), "text"),
    Property("url", "Address", "Where an article can be read.", ("Article",), ("?s schema:url ?v .",), "iri"),
    Property("event", "Event", "An event in which somebody takes part, or whose place or topic a thing is.",
             (*_ACTOR, "Place", "Topic"),
             tuple(f"{way} . ?v a dipl:Event ." for way in (
                 "?part dipl:actor ?s . ?v dipl:participation ?part", "?part dipl:onBehalfOf ?s . ?v dipl:participation ?part",
                 "?v dipl:place ?s", "?v dipl:topic ?s")), "Event"),
)  # fmt: skip


@cache
def properties() -> dict[str, Property]:
    """All properties by id."""
    return {p.id: p for p in _PROPERTIES}


def asked_property(text: str) -> Property:
    """A property by its id or, where it is of the ontology, its IRI. Raises QueryError."""
    found = properties().get(text.removeprefix(DIPL))
    if found is None:
        raise QueryError(f"There is no property {text[:60]!r}; /reconcile/suggest/property lists them.")
    return found


def has(found: Property, line: Iterable[str]) -> bool:
    """Whether things with one of some types may have a property."""
    return not found.of or bool(set(found.of) & set(line))


def values(state: State, wanted: Property, things: Sequence[str]) -> dict[str, list[Value]]:
    """The values that things have, by IRI, each once and in a fixed order; those of a person across articles are all members'.

    Raises:
        KgError: the store cannot be asked.
    """
    members = _members(state, things)
    asked = sorted({member for thing in things for member in members.get(thing, (thing,))})
    held: dict[str, dict[str, str]] = {}
    for start in range(0, len(asked), _LOT):
        _take(state, wanted, asked[start : start + _LOT], held)
    found = {}
    for thing in dict.fromkeys(things):
        together = {k: t for member in members.get(thing, (thing,)) for k, t in held.get(member, {}).items()}
        made = (Value(t, k if wanted.leads_to_things else "") for k, t in together.items())
        found[thing] = sorted(made, key=lambda value: (value.text, value.iri))
    return found


def counts(state: State, wanted: Property, things: Sequence[str]) -> dict[str, int]:
    """How many values things have, by IRI; those of a person across articles are all members' together. Raises KgError."""
    members = _members(state, things)
    asked = sorted({member for thing in things for member in members.get(thing, (thing,))})
    held: dict[str, int] = {}
    for start in range(0, len(asked), _LOT):
        inner = _where(wanted, asked[start : start + _LOT])
        for row in state.rows(f"SELECT ?s (COUNT(DISTINCT ?v) AS ?number) {{ {inner} }} GROUP BY ?s"):
            if isinstance(row[0], _THING) and isinstance(row[1], ox.Literal):
                held[row[0].value] = int(row[1].value)
    return {thing: sum(held.get(m, 0) for m in members.get(thing, (thing,))) for thing in dict.fromkeys(things)}


def _where(wanted: Property, things: Sequence[str], more: str = "") -> str:
    """The ways from things to their values; each begins with the things, or Oxigraph would begin with everything."""
    listed = f"VALUES ?s {{ {_listed(things)} }}"
    return " UNION ".join(f"{{ {listed} {pattern} {more} }}" for pattern in wanted.patterns)


def _take(state: State, wanted: Property, things: Sequence[str], held: dict[str, dict[str, str]]) -> None:
    """Put in what one query finds: thing -> value as it stands -> its words."""
    label = "?v rdfs:label ?label ." if wanted.leads_to_things else ""
    names = "?s ?v ?label" if label else "?s ?v"
    for row in state.rows(f"SELECT DISTINCT {names} {{ {_where(wanted, things, label)} }} LIMIT {MOST_ROWS}"):
        thing, value = row[0], row[1]
        if not isinstance(thing, _THING) or not isinstance(value, ox.NamedNode | ox.Literal):
            continue
        words = row[2].value if label and isinstance(row[2], ox.Literal) else value.value
        some = held.setdefault(thing.value, {})
        # of several labels the first in the order of their text: the store's own order is none
        some[value.value] = min(some.get(value.value, words), words)


def _members(state: State, things: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The things of which those across articles are made, and they themselves."""
    across = sorted({thing for thing in things if any(part in thing for part in _ACROSS)})
    found: dict[str, list[str]] = {thing: [thing] for thing in across}
    if across:
        parts = "{ ?s dipl:knownAs ?m } UNION { ?s dipl:reportedAs ?m }"
        for row in state.rows(f"SELECT DISTINCT ?s ?m {{ VALUES ?s {{ {_listed(across)} }} {parts} }}"):
            found[row[0].value].append(row[1].value)
    return {thing: tuple(sorted(members)) for thing, members in found.items()}


def _listed(things: Iterable[str]) -> str:
    # a term's own string is N-Triples: nothing in it can end it
    return " ".join(str(ox.NamedNode(thing)) for thing in things)
