"""Clients that come when they come, however the service is: each answer's time counts from when it should have been asked for."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import aiohttp
from clock import LOOK, STILL, Clock
from mix import EVERYDAY, Asked, Mix

#: Seconds after which a client gives up, and after which those leave that leave midway or read slowly.
PATIENCE, LEAVES_AFTER, READS_FOR = 120.0, 0.5, 60.0
#: Bytes a second that a slow reader takes.
SLOW = 1_000
#: Clients at once; more cannot be borne by the machine, and count as not served.
MOST = 4_000
#: Outcomes that a service may choose; all others are errors.
WANTED = ("ok", "refused", "timeout", "too large", "left", "let go")
#: Bytes that are kept of an answer to a query that never ends.
KEPT = 1_000_000
#: Kinds of which an answer may be broken off midway: that is how a limit is told once the head is sent.
ENDABLE = ("hurtful", "slow", "leaver")


@dataclass
class Tally:
    """What came of some requests: outcomes by kind, and the seconds of those that were served."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    examples: dict[str, str] = field(default_factory=dict)
    #: Seconds by which the clients themselves were late.
    late: list[float] = field(default_factory=list)

    def note(self, kind: str, outcome: str, seconds: float, example: str = "") -> None:
        """Count one."""
        self.outcomes[kind][outcome] += 1
        if outcome == "ok":
            self.seconds[kind].append(seconds)
        elif outcome not in WANTED:
            self.examples.setdefault(f"{kind}: {outcome}", example[:200])

    def add(self, other: Tally) -> None:
        """Put another's counts to one's own."""
        for kind, counts in other.outcomes.items():
            self.outcomes[kind].update(counts)
        for kind, times in other.seconds.items():
            self.seconds[kind] += times
        self.examples = other.examples | self.examples
        self.late += other.late

    def number(self, *outcomes: str, kinds: Iterable[str] | None = None) -> int:
        """How many ended so; of all kinds unless some are named."""
        return sum(self.outcomes[kind][o] for kind in ([*self.outcomes] if kinds is None else kinds) for o in outcomes)

    def all(self) -> int:
        """How many there were."""
        return sum(sum(counts.values()) for counts in self.outcomes.values())

    def errors(self, *apart: str) -> int:
        """How many ended as nothing should; some kinds may be left out."""
        kinds = [kind for kind in self.outcomes if kind not in apart]
        return sum(sum(self.outcomes[kind].values()) for kind in kinds) - self.number(*WANTED, kinds=kinds)


class Clients:
    """Sends requests to one server. ``tally`` may be taken away and replaced at any time."""

    def __init__(self, address: str, mix: Mix, clock: Clock) -> None:
        self._address, self._mix, self._clock = address, mix, clock
        self.tally = Tally()
        self._running: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Clients:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=10)
        limits = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=limits, read_bufsize=2**16, skip_auto_headers=("Accept-Encoding",)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        assert self._session
        await self._session.close()

    async def run(self, coming: Iterable[tuple[float, str]], stop: asyncio.Event) -> None:
        """Start each request at its time."""
        began = self._clock()
        for at, kind in coming:
            if self._clock() - began - at > STILL:  # the clock may be about to hear that the machine stood still
                await asyncio.sleep(3 * LOOK)
            wait = began + at - self._clock()
            if wait > 0:
                await asyncio.sleep(wait)
            if stop.is_set():
                return
            self.tally.late.append(max(0.0, self._clock() - began - at))
            asked = self._mix.make(kind)
            if len(self._running) >= MOST:
                self.tally.note(kind, "not sent", 0.0)
                continue
            task = asyncio.create_task(self._send(asked, kind, began + at))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def settle(self, seconds: float) -> None:
        """Wait until all are answered, at most so long."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _send(self, asked: Asked, kind: str, due: float) -> None:
        status = 0
        try:
            # who reads slowly has time; all others give up
            async with asyncio.timeout(READS_FOR + PATIENCE if kind == "slow" else PATIENCE):
                assert self._session
                headers = {"Accept": asked.accept} | (
                    {"Content-Type": asked.content_type} if asked.content_type else {}
                )
                if kind == "leaver":
                    outcome, example = await asyncio.wait_for(self._answer(asked, kind, headers), LEAVES_AFTER)
                else:
                    outcome, example = await self._answer(asked, kind, headers)
        except _BrokenOffError as error:
            outcome, example = ("let go" if kind in ENDABLE else "broken off"), str(error)
        except TimeoutError:
            outcome, example = ("left" if kind == "leaver" else "no answer"), asked.path
        except (aiohttp.ClientError, OSError) as error:
            outcome, example = "no connection", f"{type(error).__name__} {error} {status}"
        self.tally.note(kind, outcome, self._clock() - due, example)

    async def _answer(self, asked: Asked, kind: str, headers: dict[str, str]) -> tuple[str, str]:
        assert self._session
        async with self._session.request(
            asked.method, self._address + asked.path, data=asked.body, headers=headers, allow_redirects=False
        ) as answer:
            try:
                read = {"slow": self._slowly, "hurtful": self._drained}.get(kind, aiohttp.ClientResponse.read)
                body = await read(answer)
            except (aiohttp.ClientError, OSError) as error:
                raise _BrokenOffError(f"{answer.status} {type(error).__name__} {error}") from None
            if body is None:
                answer.close()
                return "left", ""
            return _outcome(asked, answer, body)

    @staticmethod
    async def _drained(answer: aiohttp.ClientResponse) -> bytes:
        """The beginning of a body that may be gigabytes, which this process is not to hold, and which has no whole end."""
        body = bytearray()
        async for part in answer.content.iter_chunked(65_536):
            body += part if len(body) < KEPT else b""
        return bytes(body)

    @staticmethod
    async def _slowly(answer: aiohttp.ClientResponse) -> bytes | None:
        """A body read at a snail's pace; None where the reader had enough."""
        until, body = time.monotonic() + READS_FOR, bytearray()
        while part := await answer.content.read(SLOW):
            body += part
            if time.monotonic() > until:
                return None
            await asyncio.sleep(1.0)
        return bytes(body)


class _BrokenOffError(Exception):
    """The connection ended before the answer did."""


def _outcome(asked: Asked, answer: aiohttp.ClientResponse, body: bytes) -> tuple[str, str]:
    status = answer.status
    told = f"{status} {body[-150:]!r} of {asked.path[:100]}"
    if 200 <= status < 300 or status == 304:
        return ("ok" if status != 200 or asked.whole(body) else "cut"), told
    if status in (429, 503):
        return ("refused" if "Retry-After" in answer.headers else f"{status} without Retry-After"), told
    if status == 504:
        return "timeout", told
    # nothing of every day is too large for a service
    return ("too large" if status == 507 and asked.kind not in EVERYDAY else f"status {status}"), told
