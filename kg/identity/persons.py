"""Which persons of the articles' graphs are one: the same name in several spellings, at one party, office and time.

A person of the articles' graphs is a name at a party (see ``kg.triples.iris``), so the question is asked for these, not for each
mention. Two people who share name and party have one such IRI; where the table of leaders knows both, each gets a person across
articles of its own, with the articles in whose time it held office.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.identity.clusters import AverageLink, Cluster, Pair, Rules, decimal, pair
from kg.identity.names import same_name, tokens
from kg.registry import leaders
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris, slug

LEAST = 0.6
#: Nobody is in the news for longer.
LONGEST_LIFE = dt.timedelta(days=50 * 366)


@dataclass(frozen=True)
class Person:
    """A person of the articles' graphs; ``days`` are its articles with their days, as far as they are known."""

    iri: str
    name: str
    party: str | None
    offices: frozenset[str]
    days: tuple[tuple[str, dt.date | None], ...]

    @property
    def span(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day of its articles."""
        known = [day for _, day in self.days if day]
        return (min(known), max(known)) if known else None

    def known_as(self) -> frozenset[str]:
        """The leaders of the table that its name, party and articles can mean."""
        found = [one for one in leaders(self.name) if self.party in (None, one.party)]
        words = set(tokens(self.name))
        exact = [one for one in found if set(tokens(one.name)) == words]
        span = self.span
        if not exact and span:
            # a minister is in the news before and after, so some years are added on either side
            around = dt.timedelta(days=6 * 366)
            last = dt.date.max - around
            found = [o for o in found if o.start - around <= span[1] and min(o.end or last, last) + around >= span[0]]
        return frozenset(one.name for one in exact or found)


def score(a: Person, b: Person) -> float:
    """How surely two persons are one, from 0 to 1."""
    known_a, known_b = a.known_as(), b.known_as()
    by_table = len(known_a) == 1 and known_a == known_b
    if (known_a or known_b) and not known_a & known_b and known_a and known_b:
        return 0.0
    if not by_table and (len(known_a | known_b) > 1 or not same_name(a.name, b.name)):
        return 0.0
    if a.party and b.party and a.party != b.party:
        return 0.0
    if a.span and b.span and max(a.span[1], b.span[1]) - min(a.span[0], b.span[0]) > LONGEST_LIFE:
        return 0.0
    sure = 0.97 if by_table else 0.9 if set(tokens(a.name)) == set(tokens(b.name)) else 0.75
    sure -= 0.0 if a.party and b.party else 0.15
    if a.offices and b.offices:
        sure += 0.03 if a.offices & b.offices else 0.0 if by_table else -0.1
    return round(min(sure, 0.99), 2)


def cluster(people: Sequence[Person], rules: Rules) -> list[tuple[Cluster, list[Person]]]:
    """Those of one block who are one; a person of no party joins only where one party alone offers itself."""
    by_iri = {p.iri: p for p in people}
    scores: dict[Pair, float] = {}
    for n, a in enumerate(people):
        for b in people[n + 1 :]:
            scores[pair(a.iri, b.iri)] = score(a, b)
    for one in people:
        fits = [p for p in people if p.iri != one.iri and p.party and scores[pair(one.iri, p.iri)] >= LEAST]
        if one.party is None and len({p.party for p in fits}) > 1:
            scores |= dict.fromkeys((pair(one.iri, p.iri) for p in fits), 0.0)
    link = AverageLink(scores, {iri: iri for iri in by_iri}, rules, LEAST)
    return [(c, [by_iri[m] for m in c.members]) for c in link.clusters(sorted(by_iri))]


def _main(people: Sequence[Person]) -> Person:
    """The person after whom the others are named: known to the table, of a party, and with the fullest name."""

    def rank(p: Person) -> tuple[bool, bool, int, int, str]:
        known = {tokens(name) for name in p.known_as()}
        return (tokens(p.name) not in known, p.party is None, -sum(map(len, tokens(p.name))), len(p.name), p.iri)

    return min(people, key=rank)


def _about(graph: GraphBuilder, node: ox.NamedNode, name: str, confidence: float, offices: frozenset[str]) -> None:
    graph.thing(node, "PersonAcrossArticles", name)
    graph.add(node, "dipl:confidence", decimal(confidence))
    for office in sorted(offices):
        graph.add(node, "dipl:officeTitle", office)


def cluster_graph(found: Cluster, people: Sequence[Person], iris: Iris) -> GraphBuilder:
    """The graph of a person with several spellings."""
    main = _main(people)
    iri = ox.NamedNode(main.iri)
    node = iris.across(iri)
    graph = GraphBuilder(iris.identity_graph("person", iri.value.rpartition("/")[2]))
    offices = frozenset[str]().union(*(p.offices for p in people))
    _about(graph, node, " ".join(main.name.split()), found.confidence, offices)
    for person in people:
        graph.add(node, "dipl:knownAs", ox.NamedNode(person.iri))
        graph.add(node, "skos:altLabel", person.name if person.name != main.name else None, "en")
        if person is not main:
            graph.add(ox.NamedNode(person.iri), "owl:sameAs", iri)
    return graph


def split_graph(person: Person, iris: Iris) -> GraphBuilder | None:
    """The graph that keeps people of one name and party apart, by the days of the articles; None where there is one only."""
    by_leader: dict[str, list[str]] = {}
    for article, day in person.days:
        known = {one.name for one in leaders(person.name, day) if one.party == person.party} if day else set()
        if len(known) == 1:
            by_leader.setdefault(known.pop(), []).append(article)
    if len(by_leader) < 2:
        return None
    graph = GraphBuilder(iris.identity_graph("person", person.iri.rpartition("/")[2]))
    for name, articles in sorted(by_leader.items()):
        iri = iris.across(ox.NamedNode(f"{iris.base}id/person/{slug(name)}-{slug(person.party or 'x')}"))
        _about(graph, iri, name, 0.9, frozenset())
        graph.add(iri, "dipl:knownAs", ox.NamedNode(person.iri))
        for article in sorted(articles):
            graph.add(iri, "dipl:reportedBy", ox.NamedNode(article))
    return graph
