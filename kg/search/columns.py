"""What every entry is filed under, in memory: by it many thousand hits are counted and put in order within milliseconds.

SQLite finds the numbers of the entries that hold some words; what is counted over these is held in arrays by entry's number.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kg.search.documents import GROUPS

#: What hits are counted by, each under the name by which it is asked for.
FACETS = ("kind", "country", "type", "topic", "outlet", "year")
Mask = NDArray[np.bool_]
_Numbers = NDArray[np.int32]
_NONE = np.zeros(0, np.int32)


@dataclass(frozen=True)
class Filters:
    """What is asked for besides words; empty for anything. ``since`` and ``until`` are days, 0 for none."""

    values: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    since: int = 0
    until: int = 0

    def __bool__(self) -> bool:
        return bool(any(self.values.values()) or self.group or self.since or self.until)


@dataclass(frozen=True)
class _Facet:
    """Pairs of an entry's number and a value's number; an entry may have several values."""

    docs: _Numbers = field(default_factory=lambda: _NONE)
    codes: _Numbers = field(default_factory=lambda: _NONE)
    values: tuple[str, ...] = ()

    def mask(self, value: str, size: int) -> Mask:
        """The entries that have a value."""
        found = np.zeros(size, bool)
        if value in self.values:
            found[self.docs[self.codes == self.values.index(value)]] = True
        return found

    def counts(self, among: Mask) -> list[tuple[str, int]]:
        """Values with the number of entries that have them, the commonest first."""
        numbers = np.bincount(self.codes[among[self.docs]], minlength=len(self.values)).tolist()
        found = [(value, n) for value, n in zip(self.values, numbers, strict=True) if n]
        return sorted(found, key=lambda item: (-item[1], item[0]))

    def changed(self, docs: Mask, added: Iterable[tuple[int, str]]) -> _Facet:
        """The same without some entries' values, and with other ones."""
        kept = ~docs[self.docs]
        codes = {value: n for n, value in enumerate(self.values)}
        pairs = [(doc, codes.setdefault(value, len(codes))) for doc, value in added]
        new = np.array(pairs, np.int32).reshape(-1, 2)
        return _Facet(
            np.concatenate([self.docs[kept], new[:, 0]]), np.concatenate([self.codes[kept], new[:, 1]]), tuple(codes)
        )


def _grown(array: NDArray[np.generic], size: int) -> NDArray[np.generic]:
    found = np.zeros(size, array.dtype)
    found[: len(array)] = array
    return found


@dataclass(frozen=True)
class Columns:
    """The entries of one state of the index, by their numbers; it is never changed, so it can be read while the next is made.

    ``weight`` is the number of articles that speak of a thing, of a fact its last day; ``tie`` puts equals into an order
    that does not depend on how the index was built. ``of_name`` leads from a spelling's number to its thing's.
    """

    version: int = 0
    alive: Mask = field(default_factory=lambda: np.zeros(0, bool))
    first: _Numbers = field(default_factory=lambda: _NONE)
    last: _Numbers = field(default_factory=lambda: _NONE)
    weight: _Numbers = field(default_factory=lambda: _NONE)
    tie: _Numbers = field(default_factory=lambda: _NONE)
    of_name: _Numbers = field(default_factory=lambda: _NONE)
    facets: Mapping[str, _Facet] = field(default_factory=lambda: {name: _Facet() for name in FACETS})

    @property
    def size(self) -> int:
        """One more than the largest number of an entry."""
        return len(self.alive)

    def renewed(self, db: sqlite3.Connection, version: int) -> Columns:
        """The state of a later version, from what has been written since."""
        rows = db.execute(
            "SELECT id, iri, kind, type, outlet, first, last, countries, topics, weight FROM docs WHERE version > ?",
            (self.version,),
        ).fetchall()
        gone = [n for (n,) in db.execute("SELECT doc FROM gone WHERE version > ?", (self.version,)) if n < self.size]
        named = db.execute("SELECT id, doc FROM names WHERE version > ?", (self.version,)).fetchall()
        size = max([self.size, *(row[0] + 1 for row in rows)])
        alive, first, last, weight, tie = (
            _grown(a, size) for a in (self.alive, self.first, self.last, self.weight, self.tie)
        )
        numbers = np.array([row[0] for row in rows], np.int64)
        first[numbers] = [row[5] for row in rows]
        last[numbers] = [row[6] for row in rows]
        weight[numbers] = [row[6] or row[9] for row in rows]
        tie[numbers] = [zlib.crc32(row[1].encode()) >> 1 for row in rows]
        alive[numbers] = True
        alive[gone] = False
        touched = np.zeros(size, bool)
        touched[numbers] = touched[gone] = True
        facets = {name: f.changed(touched, _pairs(name, rows)) for name, f in self.facets.items()}
        of_name = _grown(self.of_name, max([len(self.of_name), *(n + 1 for n, _ in named)]))
        of_name[[n for n, _ in named]] = [doc for _, doc in named]
        return Columns(version, alive, first, last, weight, tie, of_name, facets)  # type: ignore[arg-type]

    def docs_of_names(self, names: Iterable[int]) -> NDArray[np.int64]:
        """The things that have some spellings."""
        found = np.fromiter(names, np.int64)
        return self.of_name[found[found < len(self.of_name)]].astype(np.int64)

    def masks(self, filters: Filters) -> dict[str, Mask]:
        """For each filter that is set, the entries that it lets through; the days' under "days", the group's under "group"."""
        found = {n: self.facets[n].mask(value, self.size) for n, value in filters.values.items() if value}
        if filters.group:
            found["group"] = self.in_group(filters.group)
        if filters.since or filters.until:
            until = filters.until or dt.date.max.toordinal()
            found["days"] = (self.first > 0) & (self.first <= until) & (self.last >= filters.since)
        return found

    def in_group(self, group: str) -> Mask:
        """The entries of the kinds of a group."""
        found = np.zeros(self.size, bool)
        for kind in GROUPS[group]:
            found |= self.facets["kind"].mask(kind, self.size)
        return found

    def ordered(self, numbers: NDArray[np.int64], tier: NDArray[np.uint8], most: int) -> list[int]:
        """The first of some entries: by tier, then the weightiest (of facts the latest), then by tie."""
        if len(numbers) > most:
            # only what can be among the first is put in order: ties at the end of it come along
            rank = (tier[numbers].astype(np.int64) << 32) - self.weight[numbers]
            numbers = numbers[rank <= np.partition(rank, most)[most]]
        order = np.lexsort((self.tie[numbers], -self.weight[numbers], tier[numbers]))
        return [int(n) for n in numbers[order[:most]]]


def _pairs(
    facet: str, rows: Iterable[tuple[int, str, str, str, str, int, int, str, str, int]]
) -> Iterable[tuple[int, str]]:
    for number, _, kind, event_class, outlet, first, _, countries, topics, _ in rows:
        if facet == "kind":
            yield number, kind
        elif facet == "outlet" and outlet:
            yield number, outlet
        elif facet == "year" and first:
            yield number, f"{dt.date.fromordinal(first).year:04d}"
        elif facet in ("country", "type", "topic"):
            held = countries if facet == "country" else event_class if facet == "type" else topics
            yield from ((number, value) for value in held.split())
