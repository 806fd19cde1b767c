"""Finds the events that are one: reads what stands in the blocks concerned, scores it, and puts it together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from kg.identity.clusters import AverageLink, Cluster, Rules, components, pair
from kg.identity.index import Index
from kg.identity.keys import event_keys, one_sided
from kg.identity.reading import contents
from kg.identity.scorer import Scorer
from kg.identity.told import Contents, Told
from kg.store import Store

#: Two events are one from this score on.
LEAST = 0.5
#: In a crowded block an event is compared with so many before and after it by date (sorted neighbourhood, Hernandez and
#: Stolfo 1995): no block costs more than its length times this.
WINDOW = 40


class Matching:
    """Matches events of one store; what it reads and scores it keeps for the run."""

    def __init__(self, store: Store, index: Index, rules: Rules) -> None:
        self._store, self._index, self._rules = store, index, rules
        self._told: dict[str, Told] = {}
        self._articles: set[str] = set()
        self._blocks: dict[str, list[str]] = {}
        self._places: dict[str, dict[str, int]] = {}
        self._scores: dict[str, dict[str, float]] = {}
        self.scorer = Scorer()

    def read(self, article: str) -> Contents | None:
        """What an article's graph asserts; the events are kept for the run."""
        found = contents(self._store.graph_triples(self._index.article_graph(article)))
        self._articles.add(article)
        self._told.update((event.iri, event) for event in (found.events if found else ()))
        return found

    def told(self, event: str) -> Told | None:
        """An event, read where it has not been; None where no article tells it any more."""
        if event not in self._told and (article := self._index.article_of(event)):
            self.read(article)
        return self._told.get(event)

    def load(self, keys: Iterable[str]) -> None:
        """Read the blocks under some keys, in one go."""
        missing = sorted({key for key in keys if key not in self._blocks})
        for key, events in self._index.blocks(missing).items():
            for article in sorted({article for _, article in events} - self._articles):
                self.read(article)
            held = [self._told[event] for event, _ in events if event in self._told]
            self._blocks[key] = [t.iri for t in sorted(held, key=_by_day)]
            self._places[key] = {iri: n for n, iri in enumerate(self._blocks[key])}

    def in_blocks(self, keys: Iterable[str]) -> set[str]:
        """The events under some keys."""
        wanted = sorted(set(keys))
        self.load(wanted)
        return {event for key in wanted for event in self._blocks[key]}

    def _candidates(self, event: Told) -> Iterator[str]:
        keys = event_keys(event)
        self.load(keys)
        alone = len(event.parties) < 2
        for key in keys:
            block = self._blocks[key]
            at = self._places[key].get(event.iri, 0)
            for other in block[max(0, at - WINDOW) : at + WINDOW + 1]:
                if not one_sided(key) or alone or len(self._told[other].parties) < 2:
                    yield other

    def _score(self, a: Told, b: Told) -> float:
        known = self._scores.setdefault(a.iri, {})
        if b.iri not in known:
            known[b.iri] = self.scorer.score(*sorted((a, b), key=lambda t: t.iri))
            self._scores.setdefault(b.iri, {})[a.iri] = known[b.iri]
        return known[b.iri]

    def neighbours(self, event: str) -> list[str]:
        """The events of other articles that may be this one, and those that the curator says are."""
        told = self.told(event)
        if told is None:
            return []
        found = {
            other
            for other in dict.fromkeys(self._candidates(told))
            if self._told[other].article != told.article and self._score(told, self._told[other]) >= LEAST
        }
        curated = {y if x == event else x for x, y in self._rules.same if event in (x, y)}
        return sorted(found | {other for other in curated if self.told(other)})

    def clusters(self, seeds: Iterable[str]) -> Iterator[tuple[list[str], list[tuple[Cluster, Sequence[Told]]]]]:
        """Each component that seeds belong to, with its clusters and their tellings."""
        for group in components((s for s in seeds if self.told(s)), self.neighbours):
            # pairs of one component that share a key count, even where they are below what makes neighbours
            articles = {event: self._told[event].article.iri for event in group}
            scores = {pair(x, y): score for x in group for y, score in self._scores.get(x, {}).items() if y in articles}
            link = AverageLink(scores, articles, self._rules, LEAST)
            made = link.clusters(group) if len(group) > 1 else []
            yield group, [(c, [self._told[m] for m in c.members]) for c in made]


def _by_day(event: Told) -> tuple[dt.date, str]:
    return ((event.days.earliest if event.days else event.article.day) or dt.date.min, event.iri)
