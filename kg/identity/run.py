"""Brings what is drawn from several articles up to date with the articles, touching only the blocks concerned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.config import Settings
from kg.identity.clusters import Rules
from kg.identity.curation import curation_quads, read_curation, rules
from kg.identity.events import EventGraph
from kg.identity.index import Index, chunks, keys_in
from kg.identity.matching import Matching
from kg.identity.people import People
from kg.store import Store
from kg.triples.iris import Iris

Graphs = dict[ox.NamedNode, list[ox.Quad]]
_WRITTEN_AT_ONCE = 50


@dataclass
class Outcome:
    """What a run found and did; ``events`` and ``persons`` are those across articles in the blocks that it looked at."""

    articles: int = 0
    compared: int = 0
    events: int = 0
    persons: int = 0
    disagreeing: int = 0
    written: int = 0
    removed: int = 0


class _Run:
    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.iris = store, Iris(settings.base_iri)
        self.rows = read_curation(settings.curation, settings.base_iri)
        self.rules: Rules = rules(self.rows)
        self.index = Index(store, self.iris)
        self.matching = Matching(store, self.index, self.rules)
        self.outcome = Outcome()
        self.keys: set[str] = set()
        self.gone: set[str] = set()
        self.persons: set[str] = set()

    def curated(self) -> set[str]:
        """Write the curator's decisions; the things on which they have changed."""
        graph, quads = self.iris.identity_graph("curation"), curation_quads(self.rows, self.iris)
        held = self.store.graph_quads(graph)
        if held == quads:
            return set()
        changed = set(held) ^ set(quads)
        self.write({graph: quads})
        return {end.value for q in changed for end in (q.subject, q.object) if isinstance(end, ox.NamedNode)}

    def reindex(self, articles: Iterable[str], states: Mapping[str, str]) -> None:
        """Make the keys of articles anew, and remember what is concerned: before and after."""
        for part in chunks(articles, _WRITTEN_AT_ONCE):
            graphs: Graphs = {}
            for key in part:
                self.outcome.articles += 1
                events, persons = self.index.entry(key)
                self.gone |= events.keys()
                self._concerned(events, persons)
                found = self.matching.read(key) if key in states else None
                graph = self.index.keys_graph(key)
                graphs[graph] = self.index.quads(key, states[key], found) if found else []
                if found:
                    self._concerned(keys_in(graphs[graph]), [p.iri for p in found.persons])
            self.write(graphs)

    def _concerned(self, events: Mapping[str, Sequence[str]], persons: Iterable[str]) -> None:
        self.keys.update(key for keys in events.values() for key in keys)
        self.persons.update(persons)

    def write(self, graphs: Graphs) -> None:
        """Put graphs into the store where they differ from what it holds; a graph without content is dropped."""
        changed = {g: q for g, q in graphs.items() if q and self.store.graph_quads(g) != q}
        emptied = [g for g, q in graphs.items() if not q and self.store.has_graph(g)]
        for part in chunks(changed.items(), _WRITTEN_AT_ONCE):
            self.store.replace_graphs(dict(part))
        if emptied:
            self.store.remove_graphs(emptied)
        self.outcome.written += len(changed)
        self.outcome.removed += len(emptied)

    def match_events(self, curated: set[str]) -> None:
        """Decide anew which events of the blocks concerned are one."""
        matching = self.matching
        seeds = matching.in_blocks(self.keys) | {c for c in curated if matching.told(c)}
        mates = self.index.graphs_with("dipl:reportedAs", sorted(self.gone | curated))
        seeds |= {event for members in mates.values() for event in members if matching.told(event)}
        graphs: Graphs = {}
        looked_at: set[str] = set(seeds) | self.gone
        for group, clusters in matching.clusters(seeds):
            looked_at |= set(group)
            for found, tellings in clusters:
                made = EventGraph(found, tellings, self.iris)
                graphs[made.graph.graph] = made.quads()
                self.outcome.events += 1
                self.outcome.disagreeing += made.disagrees
        self._put(graphs, "dipl:reportedAs", looked_at)
        self.outcome.compared = matching.scorer.compared

    def match_persons(self, curated: set[str]) -> None:
        """Decide anew which persons of the blocks concerned are one."""
        people = People(self.store, self.index, self.iris, self.rules)
        graphs, looked_at = people.run(self.persons | {c for c in curated if "/id/person/" in c})
        self.outcome.persons = sum("/graph/identity/person/" in g.value for g in graphs)
        self._put(graphs, "dipl:knownAs", looked_at)

    def _put(self, graphs: Graphs, predicate: str, looked_at: set[str]) -> None:
        old = self.index.graphs_with(predicate, sorted(looked_at))
        self.write({ox.NamedNode(g): [] for g in old if ox.NamedNode(g) not in graphs} | graphs)


def run(store: Store, settings: Settings, *, everything: bool = False) -> Outcome:
    """Bring the graphs of identity up to date.

    Args:
        everything: look at all articles, not only at those that have changed since the last run.

    Raises:
        CurationError: the curator's file has a line that says nothing; nothing was written.
        StoreError: the store cannot be written.
    """
    this = _Run(store, settings)
    states, indexed = this.index.states(), this.index.indexed()
    changed = sorted(key for key in states.keys() | indexed.keys() if everything or states.get(key) != indexed.get(key))
    curated = this.curated()
    if changed or curated:
        this.reindex(changed, states)
        this.match_events(curated)
        this.match_persons(curated)
    return this.outcome
