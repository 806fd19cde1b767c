"""Keeps the log of changes up with the store, in a thread of the service."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping

import pyoxigraph as ox

from kg.errors import KgError
from kg.exports.changes import ChangeLog
from kg.exports.facts import MOST_TRIPLES, about_in, fact_triples, facts_in
from kg.store import State, States
from kg.store.base import content_print
from kg.triples.iris import Iris
from kg.triples.vocab import named

#: Seconds between two looks at the store.
LOOK_AFTER = 1.0
#: After a look there is a rest of so many times its length.
REST = 3
_LOG = logging.getLogger("kg.changes")
_RECORDS = "SELECT ?s ?p ?o { VALUES ?p { %s } ?s ?p ?o FILTER STRSTARTS(STR(?s), '%sgraph/article/') }"
_TIME = named("prov:generatedAtTime")
_RECORD = (_TIME, named("dipl:textDigest"), named("dipl:extractorVersion"))


def _records(state: State, iris: Iris) -> dict[str, str]:
    """The articles' graphs, each with the record of its ingestion."""
    found: dict[str, dict[ox.NamedNode, str]] = {}
    for row in state.triples(_RECORDS % (" ".join(map(str, _RECORD)), iris.base)):
        if isinstance(row.subject, ox.NamedNode) and isinstance(row.object, ox.Literal):
            found.setdefault(row.subject.value, {})[row.predicate] = row.object.value
    return {graph: " ".join(values.get(name, "") for name in _RECORD) for graph, values in found.items()}


def _signs(state: State, iris: Iris, known: Mapping[str, str], since: int | None) -> Mapping[str, str]:
    """What tells whether an article's graph must be looked at again, for each graph that there is.

    Of a store at hand that is its content, however it was written. To look at all of a remote store takes long:
    there it is the record of the ingestion.
    """
    if state.store is None:
        return _records(state, iris)
    articles = f"{iris.base}graph/article/"
    written = state.changed(since) if since is not None else None
    if written is None:
        return {graph: sign for graph, sign in state.prints().items() if graph.startswith(articles)}
    signs = dict(known)
    for graph in (name for name in written if name.startswith(articles)):
        triples = state.graph(ox.NamedNode(graph), MOST_TRIPLES)
        signs.pop(graph, None)
        if triples is not None:
            signs[graph] = content_print(triples)
    return signs


def catch_up(
    log: ChangeLog, state: State, iris: Iris, stop: threading.Event | None = None, since: int | None = None
) -> int:
    """Add what has changed since the last look; how many entries that made.

    Args:
        stop: ends the work between two articles, and has it leave half of the processor to others.
        since: the generation of the same store up to which the log has caught up; what the log itself knows unless it is given.

    Raises:
        StoreError: the store or the log cannot be read; what was added before stays.
    """
    known, made, broken_off = log.graphs(), 0, False
    since = log.reached(state.origin) if since is None else since
    signs = _signs(state, iris, known, since)
    gone = [(graph, None) for graph in sorted(known.keys() - signs.keys())]
    changed = sorted((graph, sign) for graph, sign in signs.items() if known.get(graph) != sign)
    for name, sign in [*gone, *changed]:
        began = time.monotonic()
        triples = state.graph(ox.NamedNode(name), MOST_TRIPLES)
        if sign is None and triples is not None:
            continue  # a remote store's graph is being replaced: its record is away for that time
        about = about_in(triples or ())
        facts = [(fact.value, fact_triples(about, fact)) for fact in facts_in(triples or ())]
        made += log.write(name, sign, facts)
        if stop and stop.wait(time.monotonic() - began):
            broken_off = True
            break
    if state.store is not None and not broken_off:
        log.reach(state.origin, state.generation)
    return made


class Follower:
    """The thread: looks whether there is another state, and catches up with it."""

    def __init__(self, log: ChangeLog, states: States, iris: Iris) -> None:
        self._log, self._states, self._iris = log, states, iris
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="changes", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """End it; what is under way ends with the article that is being looked at."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._log.alone() as alone:
                if alone:
                    self._follow()
            # another service on this store keeps the log; should it end, this one goes on
            self._stop.wait(LOOK_AFTER)

    def _follow(self) -> None:
        done: tuple[str, int] | None = None
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                state = self._states.current()
                at = (state.origin, state.generation)
                if at != done:
                    since = done[1] if done and done[0] == state.origin else None
                    made = catch_up(self._log, state, self._iris, self._stop, since)
                    done = at
                    if made:
                        _LOG.info("%d changes were logged.", made)
            except KgError as error:
                done = None
                _LOG.warning("The log of changes is behind: %s", error)
            self._stop.wait(max(LOOK_AFTER, REST * (time.monotonic() - began)))
