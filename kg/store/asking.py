"""A snapshot from whoever has the store open: asked for, and given, by files below ``snapshots/``.

One process at a time has the store open, and an ingestion keeps it for hours. Who wants a snapshot meanwhile makes a folder
with a file ``wanted`` in it, once. The writer looks for such files after each write, puts the snapshot (``given``) and the
generation that it is of beside it, and then takes the file away: a writer that is killed before leaves it to the next.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

_WANTED, _MAKING, _GIVEN, _NUMBER = "wanted", "making", "given", "generation"


def ask(folder: Path) -> None:
    """Ask for a snapshot to be put into a folder, which lies in the store's ``snapshots/``."""
    (folder / _WANTED).touch()


def given(folder: Path) -> tuple[Path, int] | None:
    """The snapshot that was asked for and the generation that it is of; None while it is not there."""
    if not (folder / _GIVEN).is_dir():
        return None
    return folder / _GIVEN, int((folder / _NUMBER).read_text())


def give(store: Path, number: int, make: Callable[[str], None]) -> None:
    """Make the snapshots that are asked for; a failure is the asker's, and no matter of the write before it.

    Args:
        store: the store's folder.
        number: the generation that it is in now.
        make: makes a snapshot at a path.
    """
    for wanted in (store / "snapshots").glob(f"*/{_WANTED}"):
        with contextlib.suppress(OSError, RuntimeError):
            folder = wanted.parent
            shutil.rmtree(folder / _MAKING, ignore_errors=True)
            make(str(folder / _MAKING))
            (folder / _NUMBER).write_text(f"{number}\n")
            (folder / _MAKING).rename(folder / _GIVEN)
            wanted.unlink()
