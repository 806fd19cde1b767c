"""Puts together what belongs together: average link within what hangs together, and never two tellings of one article."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Pair = tuple[str, str]


def pair(a: str, b: str) -> Pair:
    """Two IRIs as an unordered pair."""
    return (a, b) if a < b else (b, a)


def decimal(value: float) -> Decimal:
    """A confidence as the store keeps it (1, not 1.0), so that what is written can be compared with what is there."""
    return Decimal(str(value)).normalize()


@dataclass(frozen=True)
class Rules:
    """What the curator has decided: pairs that are one, and pairs that are not."""

    same: frozenset[Pair] = frozenset()
    other: frozenset[Pair] = frozenset()


@dataclass
class Cluster:
    """Members in order, and how surely they are one."""

    members: tuple[str, ...]
    confidence: float = 1.0


@dataclass
class _Growing:
    """A cluster while it grows; ``links`` are the sums of scores to others, by their number."""

    members: list[str]
    articles: set[str]
    links: dict[int, float] = field(default_factory=dict)


def components(nodes: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> Iterator[list[str]]:
    """What hangs together by neighbours, each group in order, starting from some nodes."""
    seen: set[str] = set()
    for start in sorted(nodes):
        if start in seen:
            continue
        seen.add(start)
        group, open_ends = [start], [start]
        while open_ends:
            for other in neighbours(open_ends.pop()):
                if other not in seen:
                    seen.add(other)
                    group.append(other)
                    open_ends.append(other)
        yield sorted(group)


class AverageLink:
    """Merges two clusters as long as their members are one on average (Sokal and Michener 1958).

    Only clusters with a scored pair between them are ever looked at, the best first from a heap, so that the cost grows with the
    number of scored pairs and not with the square of the members.

    Args:
        scores: pair -> score; a pair that was not compared counts as 0, so that no chain holds together what never met.
        article: member -> what may not come twice in a cluster.
    """

    def __init__(self, scores: Mapping[Pair, float], article: Mapping[str, str], rules: Rules, least: float) -> None:
        self._scores, self._article, self._rules, self._least = scores, article, rules, least
        self._growing: dict[int, _Growing] = {}
        self._heap: list[tuple[float, str, str, int, int]] = []

    def _offer(self, a: int, b: int) -> None:
        """Put a merger on the heap, if it may be done as the two clusters are now."""
        one, other = self._growing[a], self._growing[b]
        mean = round(one.links[b] / (len(one.members) * len(other.members)), 6)
        if mean >= self._least and not one.articles & other.articles:
            (first, x), (second, y) = sorted(((one.members[0], a), (other.members[0], b)))
            heapq.heappush(self._heap, (-mean, first, second, x, y))

    def _forbidden(self, one: _Growing, other: _Growing) -> bool:
        return bool(self._rules.other) and any(
            pair(x, y) in self._rules.other for x in one.members for y in other.members
        )

    def _join(self, a: int, b: int, number: int) -> None:
        """Make one cluster of two, under a new number: what the heap holds of the old ones is void."""
        one, other = self._growing.pop(a), self._growing.pop(b)
        links = {n: one.links.get(n, 0.0) + other.links.get(n, 0.0) for n in one.links.keys() | other.links.keys()}
        self._growing[number] = _Growing(sorted([*one.members, *other.members]), one.articles | other.articles)
        for n in sorted(links.keys() - {a, b}):
            self._growing[number].links[n] = self._growing[n].links[number] = links[n]
            for old in (a, b):
                self._growing[n].links.pop(old, None)

    def _begin(self, members: list[str]) -> int:
        """Each member on its own, but for those that the curator has put together, of one article or not."""
        numbers = {member: n for n, member in enumerate(members)}
        self._growing = {n: _Growing([m], {self._article[m]}) for m, n in numbers.items()}
        for (x, y), score in sorted(self._scores.items()):
            if x in numbers and y in numbers:
                self._growing[numbers[x]].links[numbers[y]] = self._growing[numbers[y]].links[numbers[x]] = score
        number = len(members)
        for x, y in sorted(self._rules.same):
            a, b = (next((n for n, g in self._growing.items() if end in g.members), None) for end in (x, y))
            if a is not None and b is not None and a != b:
                self._join(a, b, number)
                number += 1
        return number

    def clusters(self, members: list[str]) -> list[Cluster]:
        """The clusters of one component that have more than one member."""
        number, self._heap = self._begin(members), []
        for a, one in sorted(self._growing.items()):
            for b in one.links:
                if a < b:
                    self._offer(a, b)
        while self._heap:
            *_, a, b = heapq.heappop(self._heap)
            if a not in self._growing or b not in self._growing or self._forbidden(self._growing[a], self._growing[b]):
                continue
            self._join(a, b, number)
            for n in sorted(self._growing[number].links):
                self._offer(number, n)
            number += 1
        found = [self._finished(g) for g in self._growing.values() if len(g.members) > 1]
        return sorted(found, key=lambda cluster: cluster.members)

    def _finished(self, found: _Growing) -> Cluster:
        pairs = [pair(x, y) for n, x in enumerate(found.members) for y in found.members[n + 1 :]]
        sure = [1.0 if p in self._rules.same else self._scores.get(p, 0.0) for p in pairs]
        return Cluster(tuple(found.members), round(sum(sure) / len(sure), 2))
