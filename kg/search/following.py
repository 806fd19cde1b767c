"""Keeps the index at the newest state of the store, while the state before answers."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from kg.config import Settings
from kg.errors import KgError
from kg.search.build import Progress, bring_up_to_date
from kg.search.find import Index
from kg.search.worker import Work
from kg.store import States

FILE = "search.sqlite"
#: Seconds between two looks at the store's state. After work there is a rest of so many times its length, a longer one where
#: the work is a query over all of a remote store.
LOOK_AFTER, REST, REMOTE_REST, LONGEST_REST = 0.5, 3, 20, 300.0
#: So few graphs are read in the service itself: a process takes longer to start.
FEW = 20
_LOG = logging.getLogger("kg.search")


def file_of(settings: Settings) -> Path:
    """The file of a store's index: in its folder, of a remote store in the folder of what is known of its sources."""
    return settings.store / FILE


def up_to_date(settings: Settings, states: States) -> Index:
    """The index of the newest state of a store, made or brought up to date now.

    Raises:
        StoreError: it cannot be.
    """
    bring_up_to_date(file_of(settings), states.current(), settings.base_iri)
    return Index(file_of(settings), settings.base_iri)


@dataclass(frozen=True)
class Freshness:
    """How far the index is: whether it holds the newest state, when it last did, and how much of the work is done."""

    current: bool
    as_of: dt.datetime | None
    progress: Progress | None
    failure: str = ""


class Follower:
    """An index that follows a store once it is started; until it has caught up, ``index`` finds what it holds."""

    def __init__(self, settings: Settings, states: States) -> None:
        self._settings, self._states = settings, states
        self._path = file_of(settings)
        self.index = Index(self._path, settings.base_iri)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="search", daemon=True)
        self._work: Work | None = None
        self._at: tuple[str, int] | None = None
        self._as_of: dt.datetime | None = None
        self._progress: Progress | None = None
        self._failure = ""

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """End the work; a batch that is being written is left out."""
        self._stop.set()
        if work := self._work:
            work.end()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self.index.close()

    def freshness(self) -> Freshness:
        """How far the index is. A remote store's is taken to be current while nothing is known that is to be read."""
        state = self._states.current()
        if self._settings.remote_query:
            current = self._at is not None and self._progress is None
        else:
            current = self._at == (state.origin, state.generation)
        return Freshness(current, self._as_of, None if current else self._progress, self._failure)

    def _run(self) -> None:
        remote = bool(self._settings.remote_query)
        least, share = (self._settings.remote_max_age, REMOTE_REST) if remote else (LOOK_AFTER, REST)
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._look()
                self._failure = ""
            except KgError as error:
                if str(error) != self._failure and not self._stop.is_set():
                    _LOG.warning("%s Search goes on with what it has.", error)
                self._failure = str(error)
            self._stop.wait(min(max(least, share * (time.monotonic() - began)), LONGEST_REST))

    def _look(self) -> None:
        state = self._states.current()
        at = (state.origin, state.generation)
        if not self._path.exists():
            self._at = None  # it was taken away, to be made anew
        if at == self._at:
            return
        changed = state.changed(self._at[1]) if self._at and self._at[0] == state.origin else None
        if changed is not None and len(changed) <= FEW:
            bring_up_to_date(self._path, state, self._settings.base_iri)
        else:
            self._work = Work(self._path, state, self._settings)
            if self._stop.is_set() or not self._work.run(self._tell):
                return
        self.index.refresh()
        self._at, self._as_of, self._progress = at, dt.datetime.now(dt.UTC).replace(microsecond=0), None

    def _tell(self, progress: Progress) -> None:
        self._progress = progress
        if self._as_of is None:  # the first time what is there already can be found
            self.index.refresh()


class Taken(Follower):
    """A replica's: the index that was published with each state, so that it is the same on all of them and is not made again."""

    def start(self) -> None:
        """Have the first one, where there is one, and begin to follow."""
        with contextlib.suppress(KgError):
            self._look()
        super().start()

    def _look(self) -> None:
        state = self._states.current()
        at = (state.origin, state.generation)
        if at == self._at or state.home is None or not (path := state.home / FILE).exists():
            return
        before, self.index = self.index, Index(path, self._settings.base_iri)
        self._at, self._as_of = at, dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).replace(microsecond=0)
        before.close()
