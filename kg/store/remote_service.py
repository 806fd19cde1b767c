"""What a service needs of a remote store: the state it is in, as far as that can be told, and writing in turn.

A SPARQL server has no number for its state. So a state here ends with each write of this service, when the ledger shows
that articles were ingested or removed by others, and in any case after a time (``remote_max_age``): for so long what others
write besides may stay unseen.

Several services before one server name a state alike, so that caches before them may mix their answers: by the ledger, and by
the turn of the clock that it lies in. One that has written itself has names of its own until the turn ends.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import QueryError, StoreError
from kg.store.base import (
    GraphName,
    StoreAnswerError,
    StoreTimeoutError,
    graph_name,
    unmet,
)
from kg.store.documents import Document, parsed_graph
from kg.store.embedded import graph_digest
from kg.store.remote import RemoteStore, declared
from kg.store.writing import ConditionError, WriteTimeoutError
from kg.triples.vocab import PREFIXES

#: Seconds between two looks at the ledger.
LOOK_AFTER = 1.0
_LEDGER = f"SELECT (COUNT(?t) AS ?n) (MAX(?t) AS ?last) {{ ?g <{PREFIXES['prov']}generatedAtTime> ?t }}"


class RemoteState:
    """What is held to be one state of a remote store."""

    #: It is not at hand: it is read as needed.
    store: ox.Store | None = None
    home: Path | None = None

    def __init__(self, remote: RemoteStore, generation: int, origin: str) -> None:
        self._remote, self.generation, self.origin = remote, generation, origin

    def triples(self, text: str) -> Iterator[ox.Triple]:
        """The rows of one of the program's own queries, SELECT ?s ?p ?o, over the union of all graphs."""
        return self._remote.triples(text)

    def rows(self, text: str) -> Iterator[ox.QuerySolution]:
        """The rows of one of the program's own queries, SELECT, over the union of all graphs; the usual prefixes are known."""
        return self._remote.rows(declared(text, PREFIXES))

    def graph(self, graph: GraphName, most: int) -> list[ox.Triple] | None:
        """A graph's triples, at most so many; None where it is not there or holds nothing, which servers do not tell apart."""
        found = self._remote.graph_triples(graph, most)
        return found if found or isinstance(graph, ox.DefaultGraph) else None

    def knows(self, node: ox.NamedNode) -> bool:
        """Whether anything is said about a thing, or it is a named graph that holds anything."""
        return self._remote.ask(f"ASK {{ {{ {node} ?p ?o }} UNION {{ GRAPH {node} {{ ?s ?q ?v }} }} }}")

    def changed(self, since: int) -> None:
        """None: a SPARQL server does not tell which graphs were written."""

    def prints(self) -> dict[str, str]:
        """Each named graph with some signs that are others when its content is; see ``RemoteStore.prints``."""
        return self._remote.prints()


class RemoteWriter:
    """Serialises the writes of this service. Safe to use from several threads."""

    def __init__(self, remote: RemoteStore) -> None:
        self._remote, self._lock = remote, threading.Lock()
        #: Number of acknowledged writes, and of all that may have changed something.
        self.acknowledged = self.attempts = 0

    def update(self, text: str, base: str, graphs: Sequence[str] | None = None) -> None:  # noqa: ARG002
        """Run a SPARQL Update request.

        Raises:
            QueryError: it is malformed.
            WriteTimeoutError, StoreError: why it is not acknowledged.
        """
        with self._lock, _Attempt(self):
            self._remote.update(text, base)

    def _check(
        self, graph: GraphName, exists: bool, wanted: Sequence[str] | None, unwanted: Sequence[str] | None
    ) -> None:
        if wanted is None and unwanted is None:
            return
        tag = graph_digest(set(self._remote.graph_triples(graph))) if exists else None
        if why := unmet(wanted, unwanted, tag):
            raise ConditionError(why)

    def put(
        self,
        graph: str | None,
        documents: Sequence[Document],
        base: str,
        *,
        replace: bool,
        if_match: Sequence[str] | None = None,
        if_none_match: Sequence[str] | None = None,
    ) -> bool:
        """Put triples into a graph (None: the default one), or in the place of what it holds; whether it was there before.

        Raises:
            ConditionError: a condition does not hold; besides those of ``update``.
        """
        name, triples = graph_name(graph), parsed_graph(documents, base)
        with self._lock:
            exists = self._remote.has_graph(name)
            self._check(name, exists, if_match, if_none_match)
            with _Attempt(self):
                self._remote.put(name, triples, replace=replace)
        return exists

    def delete(self, graph: str | None, *, if_match: Sequence[str] | None = None) -> bool:
        """Drop a graph; whether it was there. Raises as ``put``."""
        name = graph_name(graph)
        with self._lock:
            exists = self._remote.has_graph(name)
            self._check(name, exists, if_match, None)
            if exists:
                with _Attempt(self):
                    self._remote.drop(name)
        return exists

    def break_off(self) -> None:
        """Nothing: what the remote store is at ends by its own limit, and is acknowledged if that comes first."""

    def close(self) -> None:
        """Nothing is held."""


class _Attempt:
    """One write: counted whether or not it ends well, and a failure told as what it is."""

    def __init__(self, writer: RemoteWriter) -> None:
        self._writer = writer

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._writer.attempts += 1
        if error is None:
            self._writer.acknowledged += 1
        if isinstance(error, StoreTimeoutError):
            raise WriteTimeoutError(f"{error} Whether it was written is not known.") from None


class RemoteStates:
    """Keeps what is held to be the newest state. Safe to use from several threads.

    Raises:
        StoreError: the store cannot be reached, or does not show its graphs as the settings want.
    """

    def __init__(self, settings: Settings, remote: RemoteStore, writer: RemoteWriter) -> None:
        self._remote, self._writer, self._settings = remote, writer, settings
        self._own, self._written, self._lock = secrets.token_hex(8), "", threading.Lock()
        _check_union(remote, settings)
        self._seen, self._ledger, self._looked = 0, self._look(), time.monotonic()
        self._current = self._named(self._turn())

    def _look(self) -> str:
        return " ".join(str(row["n"]) + str(row["last"]) for row in self._remote.rows(_LEDGER))

    def _turn(self) -> int:
        """The number of the turn that it is now: the same on all machines whose clocks go right."""
        age = self._settings.remote_max_age
        return int(time.time() // age) if age else time.time_ns()

    def _named(self, turn: int) -> RemoteState:
        """The state of a turn, named by what is known of it."""
        known = "\0".join((self._settings.base_iri, self._ledger, self._written))
        return RemoteState(self._remote, turn, hashlib.blake2b(known.encode(), digest_size=8).hexdigest())

    def current(self) -> RemoteState:
        """The state that readers are to be told of; what this service has acknowledged is always in it."""
        now, turn = time.monotonic(), self._turn()
        with self._lock:
            if self._writer.attempts != self._seen:
                self._seen = self._writer.attempts
                self._written = f"{self._own}-{self._seen}"
                self._current = self._named(turn)
            elif turn != self._current.generation:
                self._written = ""
                self._current = self._named(turn)
            look, self._looked = (
                now - self._looked >= LOOK_AFTER,
                now if now - self._looked >= LOOK_AFTER else self._looked,
            )
        if look:  # by one request, while the others go on
            try:
                ledger = self._look()
            except (StoreError, QueryError):
                return self._current  # whoever asks it for more is told
            with self._lock:
                if ledger != self._ledger:
                    self._ledger = ledger
                    self._current = self._named(self._turn())
        return self._current

    def settled(self) -> RemoteState | None:
        """The newest state where it is known without asking the server; None where that is due."""
        with self._lock:
            late = self._turn() != self._current.generation or time.monotonic() - self._looked >= LOOK_AFTER
            return None if late or self._writer.attempts != self._seen else self._current

    def close(self) -> None:
        """Nothing is held."""


def _check_union(remote: RemoteStore, settings: Settings) -> None:
    """See to it that queries see all graphs: a server that hides them would give empty answers as if they were true."""
    if settings.default_graph != "union":
        remote.ask("ASK {}")
    elif remote.ask("ASK { GRAPH ?g { ?s ?p ?o } }") and not remote.ask("ASK { ?s ?p ?o }"):
        raise StoreAnswerError(
            "The remote store's default graph is not the union of its graphs: have it so, or set default_graph to 'own'."
        )
