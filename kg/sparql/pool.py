"""Workers that evaluate strangers' queries: a query that takes too long is ended with its process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kg.config import Settings
from kg.errors import EndingError, QueryError
from kg.sparql.accounts import Account, asking
from kg.sparql.answers import Answer, Load
from kg.sparql.coalescing import Evaluations
from kg.sparql.crew import Crew
from kg.sparql.errors import (
    AnswerTooLargeError,
    BusyError,
    ClientGoneError,
    QueryCrashError,
    QueryTimeoutError,
)
from kg.sparql.formats import Format
from kg.sparql.guard import Query
from kg.sparql.lanes import SLOW_FROM, Costs, Lane
from kg.sparql.loop import MOST_AT_ONCE, at_once
from kg.sparql.outward import MOST_ASKING, Calls
from kg.sparql.process import Worker
from kg.sparql.requests import asked_of_worker
from kg.sparql.turns import ENDING, Client, Turn, look_after
from kg.store import Replica, Snapshot, Snapshots

#: Seconds that a request waits for a worker to be free.
PATIENCE = 10.0
#: An answer is held until it is whole, so that a failure can still be told by the status; but no longer than this, in bytes
#: and in seconds after its first part.
HELD_BYTES, HELD_SECONDS = 1_000_000, 0.05
#: A worker sends full parts of this many bytes. One that has a first full part and is not at its end so many seconds later has
#: more to say than is worth waiting for.
FULL_BYTES, FULL_SECONDS = 65_536, 0.003
#: Queries that run or wait at once; the server has more threads than this, so that quick requests always find one.
MOST_QUERIES = 48
_BUSY = "The service is answering as many queries as it can; try again in a moment."


@dataclass
class UnderWay:
    """A query that has its turn: what its worker is asked, on which state, on whose account; without a worker as long as none was
    needed.
    """

    request: bytes
    shape: int
    snapshot: Snapshot
    turn: Turn
    account: Account
    worker: Worker | None = None


def _key(snapshot: Snapshot, request: bytes) -> Hashable:
    """What determines an answer."""
    return snapshot.origin, snapshot.generation, request


class Pool:
    """A fixed number of workers, started when first needed; when the store has changed they go on with its new state."""

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
        #: Those that several wait for.
        self.evaluations = Evaluations()
        self._crew = Crew(settings, snapshots, settings.query_workers + in_line)
        self._lock = threading.Lock()
        self._busy = self._waiting = 0

    @property
    def apart(self) -> bool | None:
        """Whether the system takes the network away from workers; None until one has said so."""
        return self._crew.apart

    @property
    def ending(self) -> bool:
        """Whether the service ends."""
        return self._crew.ending

    def replace(self) -> None:
        """A quick query's worker goes on with it: another is started for the next one."""
        self._crew.replace()

    def _give_back(self, worker: Worker | None, turn: Turn, healthy: bool) -> None:
        if worker:
            self._crew.give_back(worker, healthy=healthy, slow=turn.slow)
        turn.give_back()
        if turn.calls:
            self._asking.release()
        self._entries.release()
        with self._lock:
            self._busy -= 1

    def _enter(self, client: Client | None, shape: int) -> Turn:
        if not self._entries.acquire(blocking=False):
            raise BusyError(_BUSY)
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
            raise BusyError(_BUSY)
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

    def _end(self, one: UnderWay, *, healthy: bool, learn: bool = True) -> None:
        """A query is no longer under way; its worker is fit for another where it is healthy."""
        took = one.worker.spent() if one.worker else 0.0
        if learn:
            self._costs.learn(one.shape, took, ended=healthy)
        self._give_back(one.worker, one.turn, healthy)
        one.account.leave(took)

    def _parts(self, one: UnderWay) -> Iterator[bytes | None]:
        """An answer: at first it is held; None says that it is not whole and that its parts follow."""
        limit, turn = self._settings.query_timeout, one.turn
        held, streaming, healthy = bytearray(), False, False
        try:
            if one.worker is None:
                one.worker = self._crew.take(one.snapshot)
                one.worker.begin(one.request, turn)
            worker = one.worker
            turn.road = worker.road
            for part in worker.parts(turn):
                if streaming:
                    yield part
                    continue
                held += part
                wait = HELD_SECONDS if len(held) < FULL_BYTES else FULL_SECONDS
                turn.send_by = min(turn.send_by, time.monotonic() + wait)
                if len(held) > HELD_BYTES or time.monotonic() >= turn.send_by:
                    self._costs.learn(one.shape, worker.spent(), ended=True)  # what it takes from here on, streams take
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
            self._end(one, healthy=healthy, learn=not streaming)
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
        request, account = asked_of_worker(query, form, self._settings, explain=explain), asking()

        def evaluate() -> Answer:
            return self._first(UnderWay(request, query.shape, state, self._begin(query, client, account), account))

        if explain or query.volatile or query.asked:
            return evaluate()
        return self.evaluations.answer(_key(state, request), evaluate, lambda: self._beside(client, account))

    @contextmanager
    def _beside(self, client: Client | None, account: Account) -> Iterator[Callable[[], None]]:
        """Wait for another's evaluation: that takes a place among all queries, and counts on the client's account."""
        if not self._entries.acquire(blocking=False):
            raise BusyError(_BUSY)
        try:
            account.enter()
            with self._lock:
                self._waiting += 1
            try:
                yield lambda: look_after(client, self)
            finally:
                with self._lock:
                    self._waiting -= 1
                account.leave(0.0)
        finally:
            self._entries.release()

    def go_on(self, one: UnderWay) -> Answer:
        """The answer to a query that is under way, and is no volatile one. Raises what ``answer`` raises."""
        return self.evaluations.lead(_key(one.snapshot, one.request), lambda: self._first(one))

    def _first(self, one: UnderWay) -> Answer:
        """The answer, as soon as it is whole, or there is so much of it that it is sent in parts."""
        parts = self._parts(one)
        first = next(parts)
        if first is not None:
            return Answer(first, None, one.turn.road)
        return Answer(None, (part for part in parts if part), one.turn.road)

    async def soon(
        self, query: Query, form: Format, snapshot: Snapshot, client: Client, account: Account
    ) -> Answer | UnderWay | None:
        """Evaluate a query as ``answer`` does, in the server's loop, for as long as that holds up nobody.

        Most queries are small, and handing one to a thread and back takes longer than they do.

        Returns:
            its whole answer; or the query under way, for a thread to ``go_on`` with or for ``give_up``; or None where nothing was
            done, and the query is to be asked in a thread.

        Raises:
            KgError: the account has no more.
        """
        if query.asked or self.ending or self._costs.expected(query.shape) >= SLOW_FROM:
            return None
        request = asked_of_worker(query, form, self._settings)
        if _key(snapshot, request) in self.evaluations:  # a thread waits for its answer
            return None
        if len(request) > MOST_AT_ONCE or not self._entries.acquire(blocking=False):
            return None
        one = UnderWay(request, query.shape, snapshot, Turn(self, self._settings.query_timeout, client), account)
        entered = counted = False
        try:
            account.enter()
            counted = True
            entered = await self._entered(one.turn)
        finally:
            if not entered:
                self._entries.release()
            if counted and not entered:
                account.leave(0.0)
        return await self._at_once(one) if entered else None

    async def _entered(self, turn: Turn) -> bool:
        """Wait for a place among the quick ones in the server's loop; whether there was one."""
        with self._lock:
            self._waiting += 1
        entered = False
        try:
            entered = await turn.enter_soon(PATIENCE)
        finally:
            with self._lock:
                self._waiting -= 1
                self._busy += entered
        return entered

    async def _at_once(self, one: UnderWay) -> Answer | UnderWay:
        worker = one.worker = self._crew.at_hand(one.snapshot)
        if worker is None:
            return one
        one.turn.road, whole = worker.road, None
        try:
            worker.begin(one.request, one.turn)
            whole = await at_once(worker)
        except QueryCrashError:  # the thread that goes on finds out, and tells
            return one
        except BaseException:
            self._end(one, healthy=False)
            raise
        if whole is None:
            return one
        self._end(one, healthy=True)
        return Answer(whole, None, worker.road)

    def give_up(self, one: UnderWay) -> None:
        """Nobody goes on with a query that is under way."""
        self._end(one, healthy=one.worker is None, learn=False)

    def roads(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The roads by which answers on a state may come at this moment."""
        sign = self._crew.sign(snapshot)
        return ("", sign) if sign else ("",)

    def load(self) -> Load:
        """What there is to do at this moment."""
        with self._lock:
            crew = self._crew
            return Load(crew.idle, self._busy, self._waiting, self.evaluations.joined, crew.started, crew.held)

    def can_work(self) -> bool:
        """Whether queries can be evaluated: a worker is there or at work, or can be started within some seconds."""
        return self._busy > 0 or self._crew.can_work()

    def break_off(self) -> None:
        """End the queries that are under way, and let none begin: the service ends."""
        self._crew.break_off()

    def close(self) -> None:
        """End the idle workers, and what they were forked from."""
        self._crew.close()
