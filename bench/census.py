"""What a service holds at a moment: processes, threads, handles, memory and room on the disk."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from load import processes

#: Bytes of a block as ``stat`` counts them.
_BLOCK = 512


@dataclass(frozen=True)
class Census:
    """Sums over all processes of a service; memory and disk in bytes."""

    processes: int = 0
    threads: int = 0
    handles: int = 0
    #: Resident memory: pages that processes share counted for each of them, and by shares.
    rss: int = 0
    pss: int = 0
    #: The store without its snapshots, what snapshots alone hold on to, files that are gone but still open, and temporary files.
    store: int = 0
    snapshots: int = 0
    gone: int = 0
    temporary: int = 0

    def most(self, other: Census) -> Census:
        """The greater of each."""
        return Census(*(max(pair) for pair in zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)))


def census(process: int, store: Path, temporary: Path) -> Census:
    """Count what the service of a first process holds now.

    Args:
        store: the folder of its store, snapshots in it.
        temporary: what it was told to use as a folder for temporary files.
    """
    found = processes(process)
    outside = _files(path for path in store.rglob("*") if "snapshots" not in path.relative_to(store).parts)
    snapshots = _files((store / "snapshots").rglob("*"))
    rss, pss = (sum(_memory(p, name) for p in found) for name in ("Rss:", "Pss:"))
    return Census(
        processes=len(found),
        threads=sum(_entries(p / "task") for p in found),
        handles=sum(_entries(p / "fd") for p in found),
        rss=rss,
        pss=pss,
        store=sum(outside.values()),
        snapshots=sum(size for inode, size in snapshots.items() if inode not in outside),
        gone=_gone(found),
        temporary=sum(_files(temporary.rglob("*")).values()),
    )


def _entries(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except OSError:  # the process has ended
        return 0


def _memory(process: Path, name: str) -> int:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


def _files(paths: Iterable[Path]) -> dict[tuple[int, int], int]:
    """Bytes on the disk by file, a file with several names once."""
    found = {}
    with contextlib.suppress(OSError):
        for path in paths:
            with contextlib.suppress(OSError):
                told = path.lstat()
                found[told.st_dev, told.st_ino] = told.st_blocks * _BLOCK
    return found


def _gone(found: list[Path]) -> int:
    """Bytes of files without a name that some process still has open."""
    held = {}
    for process in found:
        with contextlib.suppress(OSError):
            for handle in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    told = handle.stat()
                    if not told.st_nlink and str(handle.readlink()).startswith("/"):
                        held[told.st_dev, told.st_ino] = told.st_blocks * _BLOCK
    return sum(held.values())
