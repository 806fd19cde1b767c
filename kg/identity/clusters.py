"""Puts together what belongs together: average link within what hangs together, and never two tellings of one article."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Pair = tuple[str, str]


def pair(a: str, b: str) -> Pair:
    """Two IRIs as an unordered pair."""
    return (a, b) if a < b else (b, a)


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
    members: list[str]
    articles: set[str] = field(default_factory=set)


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

    Args:
        scores: pair -> score; a pair that was not compared counts as 0, so that no chain holds together what never met.
        article: member -> what may not come twice in a cluster.
    """

    def __init__(self, scores: Mapping[Pair, float], article: Mapping[str, str], rules: Rules, least: float) -> None:
        self._scores, self._article, self._rules, self._least = scores, article, rules, least

    def _mean(self, a: _Growing, b: _Growing) -> float:
        total = sum(self._scores.get(pair(x, y), 0.0) for x in a.members for y in b.members)
        return total / (len(a.members) * len(b.members))

    def _allowed(self, a: _Growing, b: _Growing) -> bool:
        if a.articles & b.articles:
            return False
        return not any(pair(x, y) in self._rules.other for x in a.members for y in b.members)

    def _join(self, a: _Growing, b: _Growing, growing: list[_Growing]) -> None:
        a.members = sorted([*a.members, *b.members])
        a.articles |= b.articles
        growing.remove(b)

    def _together(self, members: list[str]) -> list[_Growing]:
        """Each member on its own, but for those that the curator has put together, of one article or not."""
        growing = [_Growing([m], {self._article[m]}) for m in members]
        for x, y in sorted(self._rules.same):
            a = next((g for g in growing if x in g.members), None)
            b = next((g for g in growing if y in g.members), None)
            if a and b and a is not b:
                self._join(a, b, growing)
        return growing

    def clusters(self, members: list[str]) -> list[Cluster]:
        """The clusters of one component that have more than one member."""
        growing = self._together(members)
        means = {(id(a), id(b)): self._mean(a, b) for n, a in enumerate(growing) for b in growing[n + 1 :]}
        while True:
            best: tuple[float, list[str], _Growing, _Growing] | None = None
            for n, a in enumerate(growing):
                for b in growing[n + 1 :]:
                    mean = means[id(a), id(b)]
                    if mean >= self._least and self._allowed(a, b):
                        first, second = sorted((a, b), key=lambda g: g.members[0])
                        key = (-mean, [first.members[0], second.members[0]])
                        if best is None or key < (-best[0], best[1]):
                            best = (mean, key[1], a, b)
            if best is None:
                break
            self._join(best[2], best[3], growing)
            grown = best[2]
            for n, other in enumerate(growing):
                if other is not grown:
                    order = (id(grown), id(other)) if growing.index(grown) < n else (id(other), id(grown))
                    means[order] = self._mean(grown, other)
        return [self._finished(g) for g in growing if len(g.members) > 1]

    def _finished(self, found: _Growing) -> Cluster:
        pairs = [pair(x, y) for n, x in enumerate(found.members) for y in found.members[n + 1 :]]
        sure = [1.0 if p in self._rules.same else self._scores.get(p, 0.0) for p in pairs]
        return Cluster(tuple(found.members), round(sum(sure) / len(sure), 2))
