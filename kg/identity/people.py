"""Keeps the blocks of persons: which persons share a key of their names, and whom each block shows to be one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pyoxigraph as ox

from kg.identity.clusters import Rules, components
from kg.identity.index import Index, rows
from kg.identity.keys import person_keys
from kg.identity.persons import Person, cluster, cluster_graph, split_graph
from kg.identity.reading import party_key
from kg.identity.told import Named, TellingArticle
from kg.store import Store
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris, slug
from kg.triples.vocab import named

Graphs = dict[ox.NamedNode, list[ox.Quad]]


def find_person(store: Store, iris: Iris, iri: str) -> Person | None:
    """A person as the articles of a store name it; None where none does."""
    node, base = ox.NamedNode(iri), iris.article_graph("").value
    query = f"""SELECT ?n ?f ?a ?d {{ GRAPH ?g {{ {node} {named("foaf:name")} ?n .
        ?a a {named("dipl:Article")} OPTIONAL {{ {node} {named("dipl:actsFor")} ?f }}
        OPTIONAL {{ ?a {named("dipl:referenceDate")} ?d }} }} FILTER STRSTARTS(STR(?g), "{base}") }}"""
    found = sorted(set(rows(store, query)))
    if not found:
        return None
    held = f"SELECT DISTINCT ?t {{ ?x {named('dipl:holder')} {node} ; {named('dipl:officeTitle')} ?t }}"
    offices = frozenset(title.lower() for (title,) in rows(store, held))
    behalf = next((party for _, behalf, *_ in found if (party := party_key(behalf))), None)
    days = {article: dt.date.fromisoformat(day[:10]) if day else None for *_, article, day in found}
    return Person(iri, found[0][0], behalf, offices, tuple(sorted(days.items(), key=lambda item: item[0])))


def all_persons(store: Store, iris: Iris) -> list[Person]:
    """Every person whom articles name, in the order of their IRIs."""
    found = {iri for (iri,) in rows(store, f"SELECT DISTINCT ?p {{ ?p a {named('dipl:Person')} }}")}
    return [person for iri in sorted(found) if (person := find_person(store, iris, iri))]


class People:
    """The persons of one store."""

    def __init__(self, store: Store, index: Index, iris: Iris, rules: Rules) -> None:
        self._store, self._index, self._iris, self._rules = store, index, iris, rules
        self._persons: dict[str, Person | None] = {}
        #: Graph of a block -> its persons as they are to be, for the blocks that were looked at.
        self._blocks: dict[ox.NamedNode, set[str]] = {}

    def _person(self, iri: str) -> Person | None:
        """A person as the articles name it now; None where none does."""
        if iri not in self._persons:
            self._persons[iri] = find_person(self._store, self._iris, iri)
        return self._persons[iri]

    def _keys(self, person: Person) -> tuple[str, ...]:
        first = next(((a, d) for a, d in person.days if d), ("", None))
        return person_keys(Named(person.iri, TellingArticle(*first), person.name, person.party))

    def _graph(self, key: str) -> ox.NamedNode:
        name = key.partition("|")[2]
        return self._iris.identity_graph("name", slug(name) + ("-any" if "=" in key else ""))

    def _block(self, key: str) -> set[str]:
        graph = self._graph(key)
        if graph not in self._blocks:
            held = self._store.graph_quads(graph)
            self._blocks[graph] = {q.subject.value for q in held if isinstance(q.subject, ox.NamedNode)}
        return self._blocks[graph]

    def _neighbours(self, iri: str) -> list[str]:
        person = self._person(iri)
        curated = {y if x == iri else x for x, y in self._rules.same if iri in (x, y)}
        found = {other for key in self._keys(person) for other in self._block(key)} if person else set[str]()
        return sorted(other for other in found | curated if self._person(other))

    def _file(self, touched: Iterable[str]) -> set[str]:
        """Put persons into their blocks, or take them out; who is in the blocks concerned."""
        concerned: set[str] = set()
        for iri in sorted(set(touched)):
            person = self._person(iri)
            name = Named(iri, TellingArticle(""), iri.rpartition("/")[2].rpartition("-")[0].replace("-", " "))
            keys = self._keys(person) if person else person_keys(name)
            for key in keys:
                block = self._block(key)
                (block.add if person else block.discard)(iri)
                concerned |= block
        return concerned

    def run(self, touched: Iterable[str]) -> tuple[Graphs, set[str]]:
        """The graphs that persons' blocks are to have, and all the persons looked at."""
        seeds = self._file(touched) | set(touched)
        graphs: Graphs = {}
        looked_at: set[str] = set(seeds)
        for group in components((s for s in seeds if self._person(s)), self._neighbours):
            looked_at |= set(group)
            people = [p for iri in group if (p := self._person(iri))]
            split = {p.iri: kept for p in people if (kept := split_graph(p, self._iris))}
            made = [
                cluster_graph(c, m, self._iris)
                for c, m in cluster([p for p in people if p.iri not in split], self._rules)
            ]
            graphs |= {builder.graph: builder.quads() for builder in (*split.values(), *made)}
        for graph, block in self._blocks.items():
            builder = GraphBuilder(graph)
            for iri in sorted(block):
                builder.add(ox.NamedNode(iri), "dipl:blockKey", f"person|{graph.value.rpartition('/')[2]}")
            graphs[builder.graph] = builder.quads()
        return graphs, looked_at
