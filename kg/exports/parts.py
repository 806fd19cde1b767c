"""Parts of the data by what they are about: the facts of an actor, a topic, a period or a class, in one file.

========  =============================================  =====================================================
part      key                                            facts
========  =============================================  =====================================================
actor     ``KHM``, ``ASEAN``, ``person/hun-sen-khm``     in which it takes part, or somebody on its behalf;
                                                         offices that it holds or has; instruments it is party
                                                         to, supports, opposes or debates
topic     ``trade``                                      about it or what lies under it
period    ``2016``, ``2016-01``, ``2016-01-26``          that may have been then, by their days
type      ``Meeting``, ``Statement``, ``Event``          of this class or one under it
========  =============================================  =====================================================
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.exports.facts import KINDS, Graphs
from kg.registry import state as state_of
from kg.store import State
from kg.triples.iris import Iris
from kg.triples.vocab import DIPL, named, ontology, term, with_superclasses

#: The parts that there are.
PARTS = ("actor", "topic", "period", "type")
_ACTORS = ("state", "organization", "person", "group")
_KEY = re.compile(r"[\w.-]{1,200}")
_PERIOD = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")

#: Patterns of the facts ?s of a part, what is known first: the engine takes them in this order.
_ACTOR = (
    "?part dipl:actor %(node)s . ?s dipl:participation ?part",
    "?part dipl:onBehalfOf %(node)s . ?s dipl:participation ?part",
    "?s dipl:holder %(node)s",
    "?office dipl:officeOf %(node)s . ?s dipl:office ?office",
    "?s dipl:party %(node)s",
    "?s dipl:supportedBy %(node)s",
    "?s dipl:opposedBy %(node)s",
    "?s dipl:underDebateAt %(node)s",
)
_THEN = 'FILTER (?from <= "%(last)s"^^xsd:date && ?until >= "%(first)s"^^xsd:date)'
_PERIODS = (
    f"?s dipl:earliestDate ?from ; dipl:latestDate ?until {_THEN}",
    f"?s dipl:observedFrom ?from ; dipl:observedUntil ?until {_THEN}",
)
#: Facts with the graphs that tell them.
_SELECT = """
SELECT DISTINCT ?s ?g {
  GRAPH ?g { %(pattern)s }
  FILTER (?kind IN (%(kinds)s) && STRSTARTS(STR(?g), "%(articles)s"))
}"""
#: The newest of them by when their article was read.
_NEWEST = """
SELECT DISTINCT ?s ?g ?when {
  GRAPH ?g { %(pattern)s }
  FILTER (?kind IN (%(kinds)s) && STRSTARTS(STR(?g), "%(articles)s"))
  ?g prov:generatedAtTime ?when
} ORDER BY DESC(?when) ?s LIMIT %(most)d"""

Fact = tuple[ox.NamedNode, ox.NamedNode]


class Part:
    """One part: its name, the patterns of its facts ``?s`` within a graph, and the thing that it is about."""

    def __init__(self, name: str, patterns: Iterable[str], iris: Iris, node: ox.NamedNode | None = None) -> None:
        self.name, self.node = name, node
        self._values: dict[str, object] = {
            # the class within each: joined with their union it would be looked up for every fact there is
            "pattern": " UNION ".join(f"{{ {pattern} . ?s a ?kind }}" for pattern in patterns),
            "kinds": ", ".join(f"dipl:{kind}" for kind in KINDS),
            "articles": f"{iris.base}graph/article/",
        }

    def facts(self, state: State, most: int) -> list[Fact] | None:
        """The facts with their graphs, by graph and IRI; None where there are more than so many."""
        found: set[Fact] = set()
        for row in state.rows(_SELECT % self._values):
            found.add((row["s"], row["g"]))
            if len(found) > most:
                return None
        return sorted(found, key=lambda fact: (fact[1].value, fact[0].value))

    def newest(self, state: State, most: int) -> list[tuple[Fact, str]]:
        """The facts of the articles that were read last, each with that time (xsd:dateTime)."""
        rows = state.rows(_NEWEST % (self._values | {"most": most}))
        return list(dict.fromkeys(((row["s"], row["g"]), row["when"].value) for row in rows))

    def triples(self, state: State, facts: list[Fact]) -> Iterator[ox.Triple]:
        """Everything about the facts, as it comes; see ``kg.exports.facts``."""
        return Graphs(state).triples(facts)


def actor_node(key: str, iris: Iris) -> ox.NamedNode | None:
    """The IRI of an actor by the key of its part: a state's or body's code, or kind and key as in its IRI."""
    kind, slash, inner = key.partition("/")
    if not slash:
        kind, inner = "state" if state_of(key) else "organization", key
    return ox.NamedNode(f"{iris.base}id/{kind}/{inner}") if kind in _ACTORS and _KEY.fullmatch(inner) else None


def _below(topic: ox.NamedNode) -> list[ox.NamedNode]:
    """A topic and all topics below it."""
    found, broader = [topic], named("skos:broader")
    for node in found:  # grows
        found += [
            t.subject
            for t in ontology()
            if t.predicate == broader and t.object == node and isinstance(t.subject, ox.NamedNode)
        ]
    return sorted(set(found), key=lambda node: node.value)


def days_of(key: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of a year, month or day; None for what is none of them."""
    found = _PERIOD.fullmatch(key)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = dt.date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    last_month = month or 12
    return first, dt.date(first.year, last_month, calendar.monthrange(first.year, last_month)[1])


def _defined(name: str) -> ox.NamedNode | None:
    node = ox.NamedNode(DIPL + name) if _KEY.fullmatch(name) else None
    return node if node and any(t.subject == node for t in ontology()) else None


def part(kind: str, key: str, iris: Iris) -> Part | None:
    """A part by kind and key; None where there is none of that name. It may have no facts."""
    if kind == "actor" and (node := actor_node(key, iris)):
        return Part(f"actor/{key}", (pattern % {"node": node} for pattern in _ACTOR), iris, node)
    if kind == "topic" and (topic := _defined(f"topic-{key}")):
        return Part(f"topic/{key}", (f"?s dipl:topic {node}" for node in _below(topic)), iris, topic)
    if kind == "period" and (days := days_of(key)):
        span = {"first": days[0].isoformat(), "last": days[1].isoformat()}
        return Part(f"period/{key}", (pattern % span for pattern in _PERIODS), iris)
    facts = {term(name) for name in KINDS}
    if kind == "type" and (node := _defined(key)) and facts & set(with_superclasses(key)):
        return Part(f"type/{key}", [f"?s a {node}"], iris, node)
    return None
