"""What a query may do in the server's event loop, which must never wait: be told to a worker, and be heard of within a moment."""

from __future__ import annotations

import asyncio

from kg.sparql.lanes import QUICK
from kg.sparql.process import Worker

#: Bytes of a request that a worker's pipe takes at once, though nobody reads it yet (see pipe(7): a pipe holds 64 KiB).
MOST_AT_ONCE = 16_384
#: Seconds for which an answer is waited for here, and for its end once it has begun. A thread goes on with what takes longer: it
#: watches the client and the limits, and sends parts.
_BEGINS, _ENDS = QUICK, 0.02


async def at_once(worker: Worker) -> bytes | None:
    """The whole answer of a worker that has been asked; None where it is too large or takes too long, or is an error."""
    loop = asyncio.get_running_loop()
    decided = loop.create_future()
    ends: asyncio.TimerHandle | None = None

    def decide() -> None:
        if not decided.done():
            decided.set_result(None)

    def read() -> None:
        nonlocal ends
        if not worker.read_on():
            decide()
        elif ends is None:
            ends = loop.call_later(_ENDS, decide)

    begins = loop.call_later(_BEGINS, decide)
    loop.add_reader(worker.output, read)
    try:
        await decided
    finally:
        begins.cancel()
        if ends:
            ends.cancel()
        loop.remove_reader(worker.output)
    return worker.whole()
