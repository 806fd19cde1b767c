"""A clock that rests while the machine stands still: a host may pause a virtual one for a minute, with all that is on it.

What was due meanwhile has not been missed by anybody, and no answer took that long.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time

#: Seconds between two looks, and from which on a look that comes late says that the machine stood still: a process that goes
#: before all others is not kept waiting so long.
LOOK, STILL = 0.05, 1.0
_BEFORE_OTHERS = -15


def _watch(stood: object, ends: int) -> None:
    with contextlib.suppress(OSError):  # of one without rights: it is then as late as others
        os.nice(_BEFORE_OTHERS)
    last = time.monotonic()
    while os.getppid() == ends:
        time.sleep(LOOK)
        now = time.monotonic()
        if now - last > STILL:
            stood.value += now - last - LOOK  # type: ignore[attr-defined]
        last = now


class Clock:
    """Seconds from some moment on, without those of standing still, which another process watches for."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self._stood = context.Value("d", 0.0, lock=False)
        context.Process(target=_watch, args=(self._stood, os.getpid()), daemon=True).start()

    @property
    def stood(self) -> float:
        """Seconds for which the machine stood still so far."""
        return float(self._stood.value)

    def __call__(self) -> float:
        """The time."""
        return time.monotonic() - self.stood
