"""Queries for a remote store: their answers are whole, in the format that was asked for, and in time, or there is an error."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from typing import Any, Protocol

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import KgError, QueryError
from kg.jsonld.profiles import EXPANDED, MOST_COMPACTED, address
from kg.sparql.accounts import asking
from kg.sparql.answers import Answer, Load
from kg.sparql.errors import AnswerTooLargeError, BusyError, QueryTimeoutError
from kg.sparql.formats import Format
from kg.sparql.guard import Query
from kg.sparql.pool import PATIENCE, Pool
from kg.sparql.turns import Client
from kg.store import Replica, Snapshots, States
from kg.store.base import StoreAnswerError, StoreTimeoutError
from kg.store.endpoint import Endpoint, moved, with_prologue
from kg.store.remote import graph_answer, results, whole_rows
from kg.triples.vocab import PREFIXES


class Answering(Protocol):
    """What answers a service's queries, whichever back-end its store has."""

    @property
    def apart(self) -> bool | None:
        """Whether the system keeps what evaluates queries off the network; None where that is not known."""

    def answer(
        self, query: Query, form: Format, snapshot: Any = None, client: Client | None = None, *, explain: bool = False
    ) -> Answer:
        """Have a query answered, or explained, on a state of the back-end's own kind, the newest unless it is given."""

    def roads(self, snapshot: Any) -> tuple[str, ...]:
        """Signs of the ways by which answers on a state may come: rows may be in another order by each. One is empty."""

    def load(self) -> Load:
        """What there is to do at this moment."""

    def can_work(self) -> bool:
        """Whether queries can be evaluated."""

    def break_off(self) -> None:
        """End the queries that are under way, as far as that can be done from here: the service ends."""

    def close(self) -> None:
        """Give back what it holds."""


def open_pool(settings: Settings, states: States) -> Answering:
    """What answers queries on the store of the settings."""
    if isinstance(states, Snapshots | Replica):
        return Pool(settings, states)
    return RemotePool(settings, Endpoint(settings))


class RemotePool:
    """Threads that wait for the remote store, so that a request need not wait longer than it may."""

    def __init__(self, settings: Settings, endpoint: Endpoint) -> None:
        self._settings, self._endpoint = settings, endpoint
        most = settings.query_workers + settings.slow_queries
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="remote-query")
        self._free = threading.Semaphore(most)
        self.apart: bool | None = None
        self._lock = threading.Lock()
        self._most, self._busy, self._waiting = most, 0, 0

    def answer(
        self,
        query: Query,
        form: Format,
        snapshot: Any = None,  # noqa: ARG002
        client: Client | None = None,  # noqa: ARG002
        *,
        explain: bool = False,
    ) -> Answer:
        """Have a query answered; the answer is always whole.

        Args:
            snapshot: not used: a remote store shows the state that it is in.
            client: not used: what is under way at the remote store cannot be ended from here.
            explain: refused: how a remote store goes about a query is not known here.

        Raises:
            QueryError: it is malformed or fails, or is to be explained.
            QueryTimeoutError: it took longer than it may.
            BusyError: as many queries are under way as may be, and none ended.
            AnswerTooLargeError: it has more rows or bytes than the settings allow.
            StoreError, AnswerSizeError: the remote store is gone, its answer is cut or too large.
        """
        if explain:
            raise QueryError("How a query goes is not known of a remote store; ask its own service.")
        account = asking()
        account.enter()
        began = time.monotonic()
        try:
            return Answer(self._answered(query, form), None)
        finally:
            # what it takes of the remote store's processors is not known: it counts as one of them
            account.leave(time.monotonic() - began)

    def _answered(self, query: Query, form: Format) -> bytes:
        self._enter()
        limit = self._settings.query_timeout
        running = self._threads.submit(self._outcome, query, form)
        running.add_done_callback(self._leave)
        try:
            found = running.result(limit)
        except LateError:  # the thread gives up soon after: its own limit is the same, for each step of the transfer
            found = StoreTimeoutError("")
        if isinstance(found, StoreTimeoutError):
            raise QueryTimeoutError(f"The query took longer than {limit:g} seconds and was ended.")
        if isinstance(found, KgError):
            raise found
        return found

    def _enter(self) -> None:
        with self._lock:
            self._waiting += 1
        entered = self._free.acquire(timeout=PATIENCE)
        with self._lock:
            self._waiting -= 1
            self._busy += entered
        if not entered:
            raise BusyError("The service is answering as many queries as it can; try again in a moment.")

    def _leave(self, _: object) -> None:
        self._free.release()
        with self._lock:
            self._busy -= 1

    def roads(self, snapshot: Any) -> tuple[str, ...]:  # noqa: ARG002
        """One alone."""
        return ("",)

    def load(self) -> Load:
        """What there is to do at this moment; its threads are the workers."""
        with self._lock:
            return Load(self._most - self._busy, self._busy, self._waiting)

    def can_work(self) -> bool:
        """Its threads can; whether the remote store answers is told by its state."""
        return True

    def _outcome(self, query: Query, form: Format) -> bytes | KgError:
        """The answer, or the error as a value: its traceback holds results that must not be dropped in another thread."""
        try:
            body = self._whole(query, form)
            if 0 < self._settings.max_answer_bytes < len(body):
                raise AnswerTooLargeError(f"The answer has more than {self._settings.max_answer_bytes:,} bytes.")
            return body
        except KgError as error:
            error.__context__ = error.__cause__ = None
            return error.with_traceback(None)

    def _whole(self, query: Query, form: Format) -> bytes:
        text = with_prologue(f"BASE <{self._settings.base_iri}sparql>", query.text)
        options: dict[str, Any] = {
            "union": self._settings.default_graph == "union",
            "timeout": self._settings.query_timeout,
            "default_graphs": query.default_graphs,
            "named_graphs": query.named_graphs,
        }
        try:
            if query.gives_triples:
                found = graph_answer(self._endpoint, text, **options)
                return self._document(found, form)
            reply = self._endpoint.query(text, **options)
        except QueryError as error:
            raise QueryError(f"The query is not SPARQL: {str(moved(error)).rstrip('.')}.") from None
        rows = sum(1 for _ in whole_rows(reply))
        if 0 < self._settings.max_rows < rows:
            raise AnswerTooLargeError(f"The answer has more than {self._settings.max_rows:,} rows.")
        assert isinstance(form.oxigraph, ox.QueryResultsFormat)
        body = results(reply).serialize(format=form.oxigraph)
        if body is None:
            raise StoreAnswerError("The remote store's answer cannot be written anew.")
        return body

    def _document(self, triples: list[ox.Triple], form: Format) -> bytes:
        assert isinstance(form.oxigraph, ox.RdfFormat)
        if form.profile in ("", EXPANDED):
            return ox.serialize(triples, format=form.oxigraph, prefixes=PREFIXES) or b""
        if len(triples) > MOST_COMPACTED:
            raise AnswerTooLargeError(f"Of more than {MOST_COMPACTED:,} triples there is expanded JSON-LD alone.")
        from kg.jsonld.document import document  # PyLD takes a tenth of a second to import

        return document(triples, form.profile, address(self._settings.base_iri))

    def break_off(self) -> None:
        """Nothing: what the remote store is at ends by its own limit."""

    def close(self) -> None:
        """Start no more queries; those under way end by their own limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)
