"""Workers that evaluate strangers' queries: a query that takes too long is ended with its process."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from kg.config import Settings
from kg.errors import EndingError, KgError, QueryError
from kg.jsonld.profiles import address
from kg.sparql.accounts import Account, asking
from kg.sparql.errors import AnswerTooLargeError, ClientGoneError, QueryCrashError, QueryTimeoutError
from kg.sparql.formats import Format
from kg.sparql.guard import Query
from kg.sparql.lanes import Costs, Lane
from kg.sparql.memory import Held, Memory
from kg.sparql.outward import MOST_ASKING, Calls
from kg.sparql.process import Worker, spawned
from kg.sparql.turns import ENDING, Client, Turn
from kg.store import Replica, Snapshot, Snapshots
from kg.triples.vocab import PREFIXES

#: Seconds that a request waits for a worker to be free.
PATIENCE = 10.0
#: And for which a worker's start is waited for where somebody asks whether one can be started.
START_PATIENCE = 5.0
#: An answer is held until it is whole, so that a failure can still be told by the status; but no longer than this, in bytes
#: and in seconds after its first part.
HELD_BYTES, HELD_SECONDS = 1_000_000, 0.05
#: A worker sends full parts of this many bytes. One that has a first full part and is not at its end so many seconds later has
#: more to say than is worth waiting for.
FULL_BYTES, FULL_SECONDS = 65_536, 0.003
#: Queries that run or wait at once; the server has more threads than this, so that quick requests always find one.
MOST_QUERIES = 48
_LOG = logging.getLogger("kg.workers")


class BusyError(KgError):
    """Every worker is at work, and stayed so."""


@dataclass(frozen=True)
class Answer:
    """An answer's body: ``whole`` where it is small, else ``parts`` to be sent as they come.

    On another ``road`` (see ``Answering.roads``) rows that no ORDER BY puts in order may come in another.
    """

    whole: bytes | None
    parts: Iterator[bytes] | None
    road: str = ""


@dataclass(frozen=True)
class Load:
    """Workers that wait for a query, queries that are being evaluated or sent, and those that wait for their turn.

    ``held`` is the state in memory that workers are forked from, where there is one.
    """

    idle: int
    busy: int
    waiting: int
    held: Held | None = None


class Pool:
    """A fixed number of workers, started when first needed and started anew when the store has changed."""

    def __init__(self, settings: Settings, snapshots: Snapshots | Replica) -> None:
        self._settings, self._snapshots = settings, snapshots
        #: Turns of quick queries, of those that have turned out to take longer, and of answers that are sent in parts.
        self.quick, self.streams = Lane(settings.query_workers), Lane(settings.streams)
        #: Those between stand in line for the processors: each comes to its end the sooner.
        in_line = min(settings.slow_queries, os.cpu_count() or 1)
        self.middling = Lane(in_line)
        self.slow, self._costs = Lane(settings.slow_queries), Costs()
        #: And of those that ask other endpoints, which have them for as long as they are under way.
        self._asking = threading.Semaphore(MOST_ASKING)
        self._entries = threading.Semaphore(MOST_QUERIES)
        self._idle: list[Worker] = []
        self._most_idle = settings.query_workers + in_line
        self._at_work: set[Worker] = set()
        self.ending = False
        self._lock = threading.Lock()
        self._busy = self._waiting = 0
        self._closed = False
        self._memory = Memory(settings, self._go_over)
        #: Whether the system takes the network away from workers; None until one has said so.
        self.apart: bool | None = None

    def _take(self, snapshot: Snapshot) -> Worker:
        newest = self._snapshots.current()
        self._memory.look(newest)
        with self._lock:
            stale = [w for w in self._idle if w.snapshot is not newest]
            self._idle = [w for w in self._idle if w.snapshot is newest]
            fitting = self._idle if snapshot is newest else []
            ready = next((n for n in reversed(range(len(fitting))) if fitting[n].ready()), -1)
            worker = fitting.pop(ready) if fitting else None
        for one in stale:
            one.kill()
        worker = worker or self._new(snapshot)
        with self._lock:
            self._at_work.add(worker)
            ending = self.ending
        if ending:
            worker.end()
        return worker

    def _new(self, snapshot: Snapshot) -> Worker:
        """Another worker for a state: forked from what is in memory, or one that reads it on disk."""
        if found := self._memory.fork(snapshot):
            process, shared, road = found
            return Worker(snapshot, process, road, shared)
        return Worker(snapshot, spawned(snapshot, self._settings.query_memory))

    def _go_over(self, snapshot: Snapshot) -> None:
        """A state is in memory now: have workers forked from it wait for queries in the place of those on disk."""
        with contextlib.suppress(OSError):
            for _ in range(self._settings.query_workers):
                if self._closed:
                    return
                worker = self._new(snapshot)
                with self._lock:
                    over = next((w for w in self._idle if w.road != worker.road), None)
                    self._idle = [w for w in self._idle if w is not over]
                if over:
                    over.kill()
                if not self._keep(worker):
                    worker.kill()

    def _give_back(self, worker: Worker | None, turn: Turn, healthy: bool) -> None:
        with self._lock:
            self._at_work -= {worker}
        if worker and worker.apart is not None and self.apart is None:
            self.apart = worker.apart
            if not self.apart:
                _LOG.warning(
                    "The system does not take the network away from workers; the check of queries keeps them off it."
                )
        if worker and not (healthy and (not turn.slow or worker.small()) and self._keep(worker)):
            worker.kill()
            if not healthy and not self.ending:
                self.replace(worker)
        turn.give_back()
        if turn.calls:
            self._asking.release()
        self._entries.release()
        with self._lock:
            self._busy -= 1

    def _keep(self, worker: Worker) -> bool:
        """Have a worker wait for the next query, unless there are as many as are used; of these, used ones go before new ones."""
        road, over = self._memory.sign(worker.snapshot), None
        with self._lock:
            if self._closed or worker.road != road:
                return False
            if len(self._idle) >= (self._most_idle if worker.used else self._settings.query_workers):
                over = next((w for w in self._idle if not w.used), None) if worker.used else None
                if over is None:
                    return False
                self._idle.remove(over)
            # the last ones are asked first
            self._idle.insert(len(self._idle) if worker.used else 0, worker)
        if over:
            over.kill()
        return True

    def replace(self, worker: Worker) -> None:
        """Start another worker for one whose query goes on, so that the next quick query need not wait for its start.

        It takes some milliseconds, for which nothing waits: neither the query's next step nor the first bytes of an answer.
        """
        threading.Thread(target=self._add, args=(worker.snapshot,), daemon=True).start()

    def _add(self, snapshot: Snapshot) -> None:
        with self._lock:
            enough = len(self._idle) >= self._settings.query_workers
        with contextlib.suppress(OSError):  # the next query tries again, and tells
            if not enough and not self._keep(another := self._new(snapshot)):
                another.kill()

    def _request(self, query: Query, form: Format, explain: bool) -> bytes:
        request = {
            "query": query.text,
            "form": query.form,
            "format": form.media_types[0],
            "triples": query.gives_triples,
            "union": self._settings.default_graph == "union",
            "base": self._settings.base_iri + "sparql",
            "default_graphs": query.default_graphs,
            "named_graphs": query.named_graphs,
            "prefixes": PREFIXES if query.gives_triples else {},
            "profile": form.profile,
            "context": address(self._settings.base_iri),
            "most_rows": self._settings.max_rows,
            "most_bytes": self._settings.max_answer_bytes,
            "explain": explain,
            "asked": [(place.start, place.end, number) for number, place in enumerate(query.asked)],
        }
        return json.dumps(request).encode()

    def _enter(self, client: Client | None, shape: int) -> Turn:
        busy = "The service is answering as many queries as it can; try again in a moment."
        if not self._entries.acquire(blocking=False):
            raise BusyError(busy)
        turn, entered = Turn(self, self._settings.query_timeout, client), False
        with self._lock:
            self._waiting += 1
        try:
            entered = turn.enter(self._costs.expected(shape), PATIENCE)
        finally:
            with self._lock:
                self._waiting -= 1
                self._busy += entered
            if not entered:
                self._entries.release()
        if not entered:
            raise BusyError(busy)
        return turn

    def _calls(self, query: Query, turn: Turn) -> Calls:
        """What a query may ask of other endpoints; a few such queries alone are let in, because they mostly wait."""
        if not self._asking.acquire(blocking=False):
            self._give_back(None, turn, healthy=True)
            raise BusyError("As many queries as may ask other endpoints at once are under way; try again in a moment.")
        return Calls(self._settings, query.asked)

    def _begin(self, query: Query, client: Client | None, account: Account) -> Turn:
        """A turn for a query, counted on its client's account. Raises BusyError and what the account says."""
        account.enter()
        try:
            turn = self._enter(client, query.shape)
            turn.calls = self._calls(query, turn) if query.asked else None
        except (BusyError, ClientGoneError, EndingError):
            account.leave(0.0)
            raise
        return turn

    def _parts(
        self, request: bytes, snapshot: Snapshot, turn: Turn, account: Account, shape: int
    ) -> Iterator[bytes | None]:
        """An answer: at first it is held; None says that it is not whole and that its parts follow."""
        limit = self._settings.query_timeout
        worker, healthy = None, False
        held, streaming = bytearray(), False
        try:
            worker = self._take(snapshot)
            turn.road = worker.road
            for part in worker.ask(request, turn):
                if streaming:
                    yield part
                    continue
                held += part
                wait = HELD_SECONDS if len(held) < FULL_BYTES else FULL_SECONDS
                turn.send_by = min(turn.send_by, time.monotonic() + wait)
                if len(held) > HELD_BYTES or time.monotonic() >= turn.send_by:
                    self._costs.learn(shape, worker.spent(), ended=True)  # what it takes from here on, streams take
                    turn.stream(worker, PATIENCE)
                    streaming = True
                    yield None
                    yield bytes(held)
                    held.clear()
            healthy = True
        except QueryTimeoutError:
            raise QueryTimeoutError(f"The query took longer than {limit:g} seconds and was ended.") from None
        except QueryCrashError:
            if self.ending:
                raise EndingError(ENDING) from None
            raise
        except TimeoutError:
            raise BusyError("As many large answers are being sent as may be at once; try again later.") from None
        except (QueryError, AnswerTooLargeError) as error:
            healthy = isinstance(error, QueryError)
            raise
        finally:
            took = worker.spent() if worker else 0.0
            if not streaming:
                self._costs.learn(shape, took, ended=healthy)
            self._give_back(worker, turn, healthy)
            account.leave(took)
        if not streaming:
            yield bytes(held)

    def answer(
        self,
        query: Query,
        form: Format,
        snapshot: Snapshot | None = None,
        client: Client | None = None,
        *,
        explain: bool = False,
    ) -> Answer:
        """Evaluate a query; a small answer comes whole, a large or slow one in parts, whose failure can only break it off.

        Args:
            snapshot: the state of the store to ask; the newest unless it is given.
            client: who waits; when it leaves, the query is ended.
            explain: tell how the query went in the place of its answer.

        Raises:
            QueryError: it is malformed or fails.
            QueryTimeoutError: it was ended at the limit.
            QueryCrashError: it brought its worker down.
            AnswerTooLargeError: it has more rows or bytes than the settings allow.
            ClientGoneError: the client left.
            BusyError: no worker became free.
            EndpointError, ManyCallsError: what it asks of other endpoints fails, or is too much.
            EndingError: the service ends.
        """
        state = snapshot or self._snapshots.current()
        request, account = self._request(query, form, explain), asking()
        turn = self._begin(query, client, account)
        parts = self._parts(request, state, turn, account, query.shape)
        first = next(parts)
        if first is not None:
            return Answer(first, None, turn.road)
        return Answer(None, (part for part in parts if part), turn.road)

    def roads(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The roads by which answers on a state may come at this moment."""
        sign = self._memory.sign(snapshot)
        return ("", sign) if sign else ("",)

    def load(self) -> Load:
        """What there is to do at this moment."""
        with self._lock:
            return Load(len(self._idle), self._busy, self._waiting, self._memory.held)

    def can_work(self) -> bool:
        """Whether queries can be evaluated: a worker is there or at work, or can be started within some seconds."""
        with self._lock:
            if self._busy or any(worker.apart is not None and worker.alive() for worker in self._idle):
                return True
        worker = self._new(self._snapshots.current())
        started = worker.greeted(START_PATIENCE)
        self.apart = worker.apart if self.apart is None else self.apart
        if not (started and self._keep(worker)):
            worker.kill()
        return started

    def break_off(self) -> None:
        """End the queries that are under way, and let none begin: the service ends."""
        with self._lock:
            self.ending = True
            for worker in self._at_work:
                worker.end()

    def close(self) -> None:
        """End the idle workers, and what they were forked from."""
        self._memory.close()
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().kill()
