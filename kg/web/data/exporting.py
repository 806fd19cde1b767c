"""What the views of dumps, parts, descriptions and changes share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app

from kg.config import Settings
from kg.exports.cache import FileCache
from kg.exports.changes import ChangeLog
from kg.exports.follow import Follower
from kg.exports.statistics import Statistics
from kg.exports.stream import Stream
from kg.store import State
from kg.web.service import Service


def state_key(state: State) -> str:
    """What names a state of the store."""
    return f"{state.origin}-{state.generation}"


@dataclass
class Exports:
    """Where files and feeds of one running application come from."""

    parts: FileCache
    downloads: threading.Semaphore
    _streams: Callable[[], Stream | None]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counted: tuple[str, Statistics] | None = None

    @property
    def stream(self) -> Stream | None:
        """The stream of changes; None where no log of them is kept."""
        return self._streams()

    def statistics(self, state: State) -> Statistics:
        """The counts of a state, made once for it."""
        key = state_key(state)
        with self._lock:  # who asks meanwhile waits for the same counts
            if self._counted is None or self._counted[0] != key:
                self._counted = key, Statistics.of(state)
            return self._counted[1]


def _streams(service: Service) -> Callable[[], Stream | None]:
    """Gives the stream of changes: out of the log that this service keeps from now on, or the one that a replica was given."""
    settings = service.settings
    if not settings.changes_page:
        return lambda: None
    if settings.replica_of:
        return lambda: _given(service.snapshots.current(), settings)
    log = ChangeLog(settings.store, settings.changes_page)
    follower = Follower(log, service.snapshots, service.iris)
    service.others.callback(follower.close)
    follower.start()
    stream = Stream(log, settings)
    return lambda: stream


def _given(state: State, settings: Settings) -> Stream | None:
    log = ChangeLog.held(state.home, settings.changes_page) if state.home else None
    return Stream(log, settings) if log else None


def open_exports(service: Service) -> Exports:
    """The exports of a service; its log of changes is kept up from now on, until the service is closed.

    Raises:
        StoreError: the log cannot be made.
    """
    settings = service.settings
    cache = FileCache(settings.dumps / "parts", settings.parts_cache)
    return Exports(cache, threading.Semaphore(settings.streams), _streams(service))


def exports() -> Exports:
    """Those of the application that handles this request."""
    found = current_app.extensions["kg.exports"]
    assert isinstance(found, Exports)
    return found
