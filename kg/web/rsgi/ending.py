"""How the service ends: what is under way has some time, and is then broken off, so that no answer is cut without a sign.

The server in front of it takes no more connections once a signal comes, waits for the answers under way, and is ended from
outside after a while. This makes sure that it need not be.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
#: See prctl(2).
_PARENT_DEATH_SIGNAL = 1


def end_with_parent() -> None:
    """Let this process be told to end when the one that started it has gone, killed perhaps: else it keeps the port.

    Linux alone has this; elsewhere nothing is done.
    """
    if prctl := getattr(ctypes.CDLL(None), "prctl", None):
        prctl(_PARENT_DEATH_SIGNAL, int(signal.SIGTERM))


class Ending:
    """Waits for a signal, and some seconds longer.

    Args:
        patience: seconds that what is under way has.
        break_off: ends it.
    """

    def __init__(self, patience: float, break_off: Callable[[], None]) -> None:
        self._patience, self._break_off = patience, break_off
        #: Set when answers in parts are to be broken off.
        self.over = threading.Event()
        self._begun = False

    def listen(self) -> None:
        """Begin to wait; called in the main thread, after the event loop has set its own handlers, which still get the signals.

        asyncio learns of a signal by a descriptor (signal.set_wakeup_fd), whatever handler there is.
        """
        for number in _SIGNALS:
            signal.signal(number, self._told)

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        if not self._begun:
            self._begun = True
            timer = threading.Timer(self._patience, self._end)
            timer.daemon = True
            timer.start()

    def _end(self) -> None:
        self.over.set()
        self._break_off()
