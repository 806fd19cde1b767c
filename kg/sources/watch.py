"""A folder that is watched: each file once it is complete, and again when it has changed.

By looking again and again, not by the system's notices: those do not come from network file systems, and a folder is
looked through in milliseconds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

#: A file that has not changed for so many seconds is complete, and so often the folders are looked at.
SETTLED = 2.0
INTERVAL = 1.0
#: Endings of files that something is still writing or fetching.
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".temp", ".swp", "~")

_State = tuple[int, int, int]


def _look(folder: Path) -> Iterator[tuple[Path, _State]]:
    """The files in a folder and its folders, with what shows that one has changed; what vanishes meanwhile is passed over."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _look(Path(entry.path))
            elif entry.is_file():
                found = entry.stat()
                yield Path(entry.path), (found.st_size, found.st_mtime_ns, found.st_ino)
        except OSError:
            continue


class Watcher:
    """Watches folders; what is there at first counts as new."""

    def __init__(self, folders: Iterable[Path], settled: float = SETTLED) -> None:
        self._folders, self._settled = list(folders), settled
        self._pending: dict[Path, tuple[_State, float]] = {}
        self._done: dict[Path, _State] = {}

    def ready(self) -> list[Path]:
        """The files that are complete and not yet done, as they are now; ask again a moment later for those that are not."""
        now, seen = time.monotonic(), dict(item for folder in self._folders for item in _look(folder))
        found = []
        for path, state in seen.items():
            if self._done.get(path) == state:
                continue
            before, since = self._pending.get(path, (None, now))
            if before != state:
                since = now
            self._pending[path] = (state, since)
            if now - since >= self._settled or self._old(state):
                found.append(path)
        self._pending = {path: kept for path, kept in self._pending.items() if path in seen}
        self._done = {path: kept for path, kept in self._done.items() if path in seen}
        return found

    def _old(self, state: _State) -> bool:
        """Whether a file was last written long enough ago: it was moved in whole, or was there before."""
        return 0 <= self._settled <= time.time() - state[1] / 1e9

    def done(self, paths: Iterable[Path]) -> None:
        """Do not give these files again until they change; as they were when they were given."""
        for path in paths:
            if path in self._pending:
                self._done[path] = self._pending.pop(path)[0]


def watch(watcher: Watcher, take: Callable[[list[Path]], bool], interval: float = INTERVAL) -> None:
    """Give complete files to ``take`` as they come, until interrupted; those of a call that returns False come again."""
    while True:
        if (found := watcher.ready()) and take(found):
            watcher.done(found)
        time.sleep(interval)
