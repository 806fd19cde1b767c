"""Finds: a question to ranked hits with counts, the beginning of a name to suggestions, a name to the things it may mean."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.errors import StoreError
from kg.search.columns import FACETS, Columns, Filters
from kg.search.documents import ENTITIES, GROUPS
from kg.search.hits import Hit, hits
from kg.search.matching import LAST, Matches, Matching
from kg.search.naming import candidates, told
from kg.search.schema import read_file
from kg.search.spelling import Speller
from kg.search.words import asked

#: Values of a facet that are counted out.
MOST_VALUES = 50
#: Entries that a page may lie behind: what comes after is found by narrower questions.
FARTHEST = 10_000
#: Entries that are read with one statement: SQLite takes so many values.
_TOGETHER = 500


@dataclass(frozen=True)
class Found:
    """What a question finds: its hits from one to another, the number of all, and how many there are under each value.

    ``groups`` are the numbers by group. ``corrected`` is the question as it was taken where nothing has its words,
    ``some`` tells that hits have only some of them.
    """

    total: int
    hits: tuple[Hit, ...]
    groups: dict[str, int]
    facets: dict[str, list[tuple[str, int]]]
    corrected: str = ""
    maybe: str = ""
    some: bool = False
    version: int = 0


@dataclass(frozen=True)
class Suggestion:
    """A thing whose name begins as was typed; ``name`` is the spelling that does."""

    name: str
    label: str
    kind: str
    iri: str
    countries: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """A thing that a name may mean, with a score from 0 to 100 (the very name).

    ``type`` is the local name of an event's class; ``first`` and ``last`` are days (``date.toordinal``), 0 for none.
    """

    iri: str
    kind: str
    label: str
    name: str
    score: int
    countries: tuple[str, ...]
    weight: int
    type: str = ""
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class _State:
    columns: Columns = field(default_factory=Columns)
    speller: Speller = field(default_factory=Speller)


class Index:
    """The index as readers see it; call ``refresh`` to take over what was written since. Safe to use from several threads.

    Args:
        path: the file of the index; while it is not there nothing is found.
        base: base IRI of what the program mints.
    """

    def __init__(self, path: Path, base: str) -> None:
        self._path, self._base = path, base
        self._idle: list[sqlite3.Connection] = []
        self._file = 0
        self._state, self._lock = _State(), threading.Lock()
        self.refresh()

    @property
    def version(self) -> int:
        """Rises with each batch that was taken over; 0 while there is nothing."""
        return self._state.columns.version

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection | None]:
        """A connection for one question, which sees one state of the file; None where there is no index."""
        try:
            found: sqlite3.Connection | None = self._idle.pop()
        except IndexError:
            found = read_file(self._path, self._base)
        healthy = False
        try:
            if found:
                found.execute("BEGIN")
            yield found
            if found:
                found.execute("COMMIT")
            healthy = True
        except sqlite3.Error as error:
            raise StoreError(f"The search index {self._path} cannot be read: {error}.") from None
        finally:
            if found and healthy:
                self._idle.append(found)
            elif found:
                found.close()

    def refresh(self) -> None:
        """Take over what was written since the last time, or all of a file that was made anew."""
        with self._lock:
            number = self._path.stat().st_ino if self._path.exists() else 0
            if number != self._file:
                self._close_idle()
                self._file, self._state = number, _State()
            with self._connection() as db:
                if db is None:
                    return
                version = int(db.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()[0])
                held = self._state
                if version != held.columns.version:
                    speller = held.speller.renewed(db, held.columns.version)
                    self._state = _State(held.columns.renewed(db, version), speller)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """Close the file."""
        self._close_idle()

    def search(
        self, text: str, filters: Filters | None = None, *, start: int = 0, most: int = 20, per_group: int = 0
    ) -> Found:
        """What has all the words of a text, names before headlines before facts before sentences.

        Args:
            text: words; those between quotation marks stand together. No words find all that the filters let through.
            start: number of hits to pass over, at most 10,000.
            most: number of hits to give.
            per_group: where it is set, so many hits of each group are given instead, one group after the other.

        Raises:
            QueryTextError: the text is too long.
            StoreError: the index cannot be read.
        """
        question, wanted = asked(text), filters or Filters()
        state = self._state
        with self._connection() as db:
            if db is None:
                return Found(0, (), {}, {name: [] for name in FACETS})
            matching = Matching(db, state.columns, state.speller)
            matches = matching.run(question)
            return self._found(matches, wanted, db, state, (start, most, per_group))

    def _found(
        self, matches: Matches, wanted: Filters, db: sqlite3.Connection, state: _State, part: tuple[int, int, int]
    ) -> Found:
        columns, (start, most, per_group) = state.columns, part
        masks, among = columns.masks(wanted), (matches.tier < LAST) & columns.alive
        through = _together(among, masks)
        groups = {g: int(np.count_nonzero(_together(among, masks, "group") & columns.in_group(g))) for g in GROUPS}
        facets = {name: columns.facets[name].counts(_together(among, masks, name))[:MOST_VALUES] for name in FACETS}
        if per_group:
            chosen = [
                n
                for group in GROUPS
                for n in columns.ordered(np.flatnonzero(through & columns.in_group(group)), matches.tier, per_group)
            ]
        else:
            first = min(start, FARTHEST)
            chosen = columns.ordered(np.flatnonzero(through), matches.tier, first + most)[first:]
        return Found(
            int(np.count_nonzero(through)),
            tuple(hits(db, chosen, matches.question)),
            groups,
            facets,
            matches.corrected,
            matches.maybe,
            matches.some,
            columns.version,
        )

    def labels(self, iris: Iterable[str]) -> dict[str, str]:
        """The labels of some things, as far as they can be found. Raises StoreError."""
        wanted = list(iris)
        with self._connection() as db:
            if db is None:
                return {}
            marks = ",".join("?" * len(wanted))
            return dict(db.execute(f"SELECT iri, label FROM docs WHERE iri IN ({marks})", wanted))

    def suggest(self, text: str, most: int = 8) -> list[Suggestion]:
        """Things whose names begin with a text, or have words that do; the last word may be a beginning. Raises as ``search``."""
        question, state = asked(text), self._state
        if not question.words:
            return []
        with self._connection() as db:
            if db is None:
                return []
            tier = Matching(db, state.columns, state.speller).names(question)
            numbers = np.flatnonzero((tier < LAST) & state.columns.alive)
            found = []
            for hit in hits(db, state.columns.ordered(numbers, tier, most), question):
                found.append(Suggestion(hit.spelling or hit.label, hit.label, hit.kind, hit.iri, hit.countries))
            return found

    def find(
        self, name: str, *, kinds: Sequence[str] = (), countries: Sequence[str] = (), limit: int = 10
    ) -> list[Candidate]:
        """The things that a name may mean, the likeliest first: of equal scores the one that most articles speak of.

        Args:
            kinds: some of ``KINDS`` but sentences; empty for ``ENTITIES``. Facts and articles are found by their labels.
            countries: codes of states that a thing is, acts for or lies in, or that take part; empty for any.

        Raises:
            QueryTextError: the name is too long.
            StoreError: the index cannot be read.
        """
        question, state = asked(name), self._state
        with self._connection() as db:
            if db is None or not question.words:
                return []
            wanted = set(kinds or ENTITIES)
            found = list(candidates(db, state.speller, question.words)) if wanted & set(ENTITIES) else []
            if wanted - set(ENTITIES):
                found += told(db, state.speller, question.words, sorted(wanted - set(ENTITIES)))
            made = _candidates(db, found)
            fitting = [c for c in made if c.kind in wanted and (not countries or set(countries) & set(c.countries))]
            return sorted(fitting, key=lambda c: (-c.score, -c.weight, c.iri))[:limit]

    def things(self, iris: Iterable[str]) -> dict[str, Candidate]:
        """Some things by their IRIs, as far as they can be found, each with the score of its very name. Raises StoreError."""
        wanted = list(iris)
        with self._connection() as db:
            if db is None:
                return {}
            marks = ",".join("?" * len(wanted))
            numbers = db.execute(f"SELECT id, label FROM docs WHERE iri IN ({marks})", wanted).fetchall()
            return {one.iri: one for one in _candidates(db, [(number, label, 100) for number, label in numbers])}


def _together(among: NDArray[np.bool_], masks: dict[str, NDArray[np.bool_]], but: str = "") -> NDArray[np.bool_]:
    """What all filters let through, but for one."""
    for name, mask in masks.items():
        if name != but:
            among = among & mask
    return among


def _candidates(db: sqlite3.Connection, found: Sequence[tuple[int, str, int]]) -> list[Candidate]:
    """The things of some numbers, each with the spelling that was found and its score."""
    known: dict[int, tuple[str, str, str, str, int, str, int, int]] = {}
    for some in (found[n : n + _TOGETHER] for n in range(0, len(found), _TOGETHER)):
        marks = ",".join("?" * len(some))
        query = f"SELECT id, iri, kind, label, countries, weight, type, first, last FROM docs WHERE id IN ({marks})"
        known.update((row[0], row[1:]) for row in db.execute(query, [number for number, _, _ in some]))
    made = []
    for number, spelling, score in found:
        iri, kind, label, countries, weight, types, first, last = known[number]
        event = types.split(" ")[0] if kind == "Event" else ""
        made.append(Candidate(iri, kind, label, spelling, score, tuple(countries.split()), weight, event, first, last))
    return made
