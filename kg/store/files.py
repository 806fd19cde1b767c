"""Files that are told by their content: size and SHA-256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PART = 1 << 20


@dataclass(frozen=True)
class Stored:
    """One file: its size in bytes and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


def digest(path: Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as read:
        while part := read.read(_PART):
            found.update(part)
    return found.hexdigest()


def synced(path: Path) -> None:
    """See to it that a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def files_in(folder: Path, leave_out: str) -> Iterator[str]:
    """The paths of the files below a folder, but for those of one name, in a fixed order."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name != leave_out:
            yield name
