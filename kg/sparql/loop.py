"""What a query may do in the server's event loop, which must never wait: be told to a worker, and be heard of within a moment."""

from __future__ import annotations

import asyncio

from kg.sparql.process import Worker

#: Bytes of a request that a worker's pipe takes at once, though nobody reads it yet (see pipe(7): a pipe holds 64 KiB).
MOST_AT_ONCE = 16_384
#: Seconds for which an answer is waited for here. A thread goes on with what takes longer: it watches the client and the limits.
_A_MOMENT = 0.02


async def at_once(worker: Worker) -> bytes | None:
    """The whole answer of a worker that has been asked; None where it is too large or takes too long, or is an error."""
    loop = asyncio.get_running_loop()
    decided = loop.create_future()

    def decide() -> None:
        if not decided.done():
            decided.set_result(None)

    def read() -> None:
        if not worker.read_on():
            decide()

    loop.add_reader(worker.output, read)
    timer = loop.call_later(_A_MOMENT, decide)
    try:
        await decided
    finally:
        timer.cancel()
        loop.remove_reader(worker.output)
    return worker.whole()
