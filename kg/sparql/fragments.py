"""Triple patterns answered page by page, each page for about the same work.

Embedded, a page is read where the one before it ended: the reading of a pattern is kept open for a while. All readings are
made in one thread, because Oxigraph's may not change theirs; so strangers' patterns never take more than one processor.
A remote store is asked by SPARQL, with LIMIT and OFFSET.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import KgError, QueryError
from kg.sparql.errors import AnswerTooLargeError
from kg.sparql.formats import ROWS
from kg.sparql.guard import check
from kg.sparql.remote import Answering
from kg.store import State

Term = ox.NamedNode | ox.Literal | ox.BlankNode
#: Triples of a page, and those that are counted out; more are estimated.
PAGE, COUNTED = 500, 10_000
#: Readings that are kept open, and triples that one is led past where none is.
_OPEN, _FARTHEST = 64, 2_000_000
#: Counts that are kept.
_MOST_COUNTS = 50_000
#: Rows up to which a remote store is asked to order them: some order no more, and all take long.
_ORDERED = 9_000


@dataclass(frozen=True)
class Pattern:
    """A triple pattern; None matches anything."""

    subject: ox.NamedNode | ox.BlankNode | None = None
    predicate: ox.NamedNode | None = None
    object: Term | None = None

    def sparql(self) -> str:
        """As SPARQL has it, with the variables s, p and o."""
        return f"{self.subject or '?s'} {self.predicate or '?p'} {self.object or '?o'}"


@dataclass(frozen=True)
class Count:
    """How many triples match, and whether that is exact."""

    number: int
    exact: bool


@dataclass(frozen=True)
class Page:
    """The triples of one page, and whether others come after them."""

    triples: tuple[ox.Triple, ...]
    more: bool


class Fragments:
    """Reads pages of patterns. Safe to use from several threads.

    Args:
        pool: answers what is asked by SPARQL.
    """

    def __init__(self, pool: Answering) -> None:
        self._pool = pool
        self._thread = ThreadPoolExecutor(1, "fragments")
        self._open: OrderedDict[tuple[Pattern, int], Iterator[ox.Triple]] = OrderedDict()
        self._state: tuple[str, int] | None = None
        self._predicates: tuple[tuple[str, int], tuple[ox.NamedNode, ...]] = ("", -1), ()
        self._counts: dict[Pattern, Count] = {}  # emptied when there are many, and with each state

    def page(self, state: State, pattern: Pattern, number: int) -> tuple[Page, Count]:
        """One page, from 1, and how many triples there are in all.

        Raises:
            AnswerTooLargeError: it lies too far behind.
            KgError: the store cannot be asked.
        """
        if (number - 1) * PAGE > _FARTHEST:
            raise AnswerTooLargeError(f"A fragment's pages end after {_FARTHEST:,} triples; ask for less.")
        if isinstance(state.store, ox.Store):
            predicates = self._all_predicates(state) if pattern == Pattern() else ()
            store = state.store
            page, count = self._thread.submit(self._embedded, state, store, pattern, number, predicates).result()
            return page, count or self._estimated(state, store, pattern)
        return self._remote(state, pattern, number)

    def close(self) -> None:
        """End the readings, in the thread that they are of."""
        with contextlib.suppress(RuntimeError):  # it was called before
            self._thread.submit(self._open.clear).result()
        self._thread.shutdown()

    def _renew(self, state: State) -> None:
        """Forget what was of another state."""
        if len(self._counts) > _MOST_COUNTS:
            self._counts.clear()
        if self._state != (state.origin, state.generation):
            self._state = (state.origin, state.generation)
            self._open.clear()
            self._counts.clear()

    def _all_predicates(self, state: State) -> tuple[ox.NamedNode, ...]:
        """All predicates, in the order of their IRIs, asked for once for a state."""
        if self._predicates[0] != (state.origin, state.generation):
            rows = self._rows("SELECT DISTINCT ?p { ?s ?p ?o }")
            found = {row[0] for row in rows if isinstance(row[0], ox.NamedNode)}
            self._predicates = (state.origin, state.generation), tuple(sorted(found, key=lambda node: node.value))
        return self._predicates[1]

    def _embedded(
        self, state: State, store: ox.Store, pattern: Pattern, number: int, predicates: Sequence[ox.NamedNode]
    ) -> tuple[Page, Count | None]:
        self._renew(state)
        patterns = [Pattern(predicate=node) for node in predicates] or [pattern]
        reading = self._open.pop((pattern, number), None)
        if reading is None:
            reading = itertools.islice(matches(store, patterns), (number - 1) * PAGE, None)
        triples = tuple(itertools.islice(reading, PAGE))
        following = next(reading, None)
        if following is not None:
            self._open[pattern, number + 1] = itertools.chain((following,), reading)
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
        if pattern not in self._counts:
            found = sum(1 for _ in itertools.islice(matches(store, patterns), COUNTED + 1))
            if found > COUNTED:
                return Page(triples, following is not None), None
            self._counts[pattern] = Count(found, exact=True)
        return Page(triples, following is not None), self._counts[pattern]

    def _estimated(self, state: State, store: ox.Store, pattern: Pattern) -> Count:
        """What the engine counts, in which a triple that several graphs have is counted for each of them."""
        found = Count(max(COUNTED, self._asked(pattern) or len(store)), exact=False)
        if self._state == (state.origin, state.generation):
            self._counts[pattern] = found
        return found

    def _asked(self, pattern: Pattern) -> int | None:
        """The number that the engine counts; None where that takes too long."""
        if any(isinstance(term, ox.BlankNode) for _, term in _constants(pattern)):
            return None
        try:
            rows = self._rows(f"SELECT (COUNT(*) AS ?number) {{ {pattern.sparql()} }}")
        except KgError:
            return None
        (number,) = [row[0] for row in rows]
        return int(number.value) if isinstance(number, ox.Literal) else None

    def _rows(self, text: str) -> list[ox.QuerySolution]:
        answer = self._pool.answer(check(text), ROWS[0])
        body = answer.whole if answer.whole is not None else b"".join(answer.parts or ())
        found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
        assert isinstance(found, ox.QuerySolutions)
        return list(found)

    def _remote(self, state: State, pattern: Pattern, number: int) -> tuple[Page, Count]:
        if any(isinstance(term, ox.BlankNode) for _, term in _constants(pattern)):
            raise QueryError("A blank node cannot be asked for by name here.")
        self._renew(state)
        count = self._counts.get(pattern)
        if count is None:
            # a server says alike what several graphs do, or counts it for each of them: both are near
            count = Count(self._asked(pattern) or 0, exact=False)
            self._counts[pattern] = count
        # where the order is not asked for, servers keep it only as long as nothing is written
        order = "ORDER BY ?s ?p ?o" if count.number <= _ORDERED else ""
        part = f"LIMIT {PAGE + 1} OFFSET {(number - 1) * PAGE}"
        bound = "".join(f" BIND ({value} AS ?{name})" for name, value in _constants(pattern) if value)
        rows = self._rows(f"SELECT DISTINCT ?s ?p ?o {{ {pattern.sparql()}{bound} }} {order} {part}")
        made = [ox.Triple(row["s"], row["p"], row["o"]) for row in rows]
        if number == 1 and len(made) <= PAGE:
            count = self._counts[pattern] = Count(len(made), exact=True)
        return Page(tuple(made[:PAGE]), len(made) > PAGE), count


def _constants(pattern: Pattern) -> tuple[tuple[str, Term | None], ...]:
    return ("s", pattern.subject), ("p", pattern.predicate), ("o", pattern.object)


def matches(store: ox.Store, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
    """The triples that match some patterns in the union of all graphs, in the order of the indexes that the store has on disk.

    Each comes once if no two patterns match alike, and each pattern has a term: what has none is read graph by graph.
    """
    default = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is not None
    for pattern in patterns:
        last: ox.Triple | None = None
        for quad in store.quads_for_pattern(pattern.subject, pattern.predicate, pattern.object, None):
            triple = quad.triple
            # the index has a triple of several named graphs several times, one after the other; the default graph has its own
            if triple == last or isinstance(triple.object, ox.Triple):
                continue
            last = triple
            named = not isinstance(quad.graph_name, ox.DefaultGraph)
            if default and named and ox.Quad(triple.subject, triple.predicate, triple.object) in store:
                continue
            yield triple
