"""Which process has a store open for writing, as the system's table of locks tells."""

from __future__ import annotations

import contextlib
import fcntl
import struct
from pathlib import Path

#: ``struct flock`` of Linux on 64 bits: type, whence, start, length, process; see fcntl(2).
_FLOCK = struct.Struct("@hhqqi4x")


def holder(store: Path) -> str:
    """The process that holds the store's lock, as "123 (kg ingest ...)"; empty where none does.

    Not to be called by a process that has the store open itself: closing the file here would give up its lock.
    """
    path = store / "data" / "LOCK"
    if not path.is_file():
        return ""
    with path.open("rb") as lock:
        asked = _FLOCK.pack(fcntl.F_WRLCK, 0, 0, 0, 0)
        kind, _, _, _, process = _FLOCK.unpack(fcntl.fcntl(lock, fcntl.F_GETLK, asked))
    if kind == fcntl.F_UNLCK:
        return ""
    if process <= 0:
        return "of another machine or container"
    command = ""
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return f"{process} ({command[:80]})" if command else str(process)
