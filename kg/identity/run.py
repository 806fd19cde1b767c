"""Brings what is drawn from several articles up to date with the articles, touching only the blocks concerned.

What a run has to look at stands in the store (see ``Index.journal``) before the index of keys says that it was looked at, and
until all decisions are written: a run that is broken off, at whatever moment, is finished by the next one.
"""

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
    #: Whether it finished a run that had been broken off.
    resumed: bool = False


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
        self.noted = 0

    def curated(self) -> set[str]:
        """The things on which the curator's decisions have changed."""
        held = self.store.graph_quads(self.iris.identity_graph("curation"))
        changed = set(held) ^ set(curation_quads(self.rows, self.iris))
        return {end.value for q in changed for end in (q.subject, q.object) if isinstance(end, ox.NamedNode)}

    def resume(self) -> bool:
        """Take up what a run that was broken off had to look at; whether there was one."""
        left = self.index.journal()
        for graph in left:
            events, persons = self.index.noted(graph)
            self.gone |= events.keys()
            self._concerned(events, persons)
        self.noted = len(left)
        return bool(left)

    def all_members(self) -> None:
        """Look at everything that is drawn from anything: what no article tells of any more is in no index."""
        self.gone |= self.index.members("dipl:reportedAs")
        self.persons |= self.index.members("dipl:knownAs")

    def finish(self) -> None:
        """All is decided and written: the curator's decisions count as heeded, and nothing is left to be looked at."""
        self.write({self.iris.identity_graph("curation"): curation_quads(self.rows, self.iris)})
        if left := self.index.journal():
            self.store.remove_graphs(left)

    def reindex(self, articles: Iterable[str], states: Mapping[str, str]) -> None:
        """Make the keys of articles anew, and remember what is concerned: before and after."""
        for part in chunks(articles, _WRITTEN_AT_ONCE):
            graphs: Graphs = {}
            concerned: dict[str, tuple[str, ...]] = {}
            named: set[str] = set()
            for key in part:
                self.outcome.articles += 1
                events, persons = self.index.entry(key)
                self.gone |= events.keys()
                found = self.matching.read(key) if key in states else None
                graph = self.index.keys_graph(key)
                graphs[graph] = self.index.quads(key, states[key], found) if found else []
                for event, keys in (*events.items(), *keys_in(graphs[graph]).items()):
                    concerned[event] = tuple(sorted({*concerned.get(event, ()), *keys}))
                named.update(persons, (p.iri for p in found.persons) if found else ())
            self._concerned(concerned, named)
            self.noted += 1
            if note := self.index.note(self.noted, concerned, named):
                self.store.replace_graphs({self.index.journal_graph(self.noted): note})
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
    curated, unfinished = this.curated(), this.resume()
    if everything:
        this.all_members()
    if changed or curated or unfinished or everything:
        this.reindex(changed, states)
        this.match_events(curated)
        this.match_persons(curated)
        this.finish()
    this.outcome.resumed = unfinished
    return this.outcome
