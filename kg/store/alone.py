"""One process at a time writes from a folder to a remote store.

The engine's lock keeps a second writer away from a store's own files. A remote store has none, but what lies beside it in the
folder (the texts of articles, and what they are recognised by) is written along with it, and no two processes may do so at once:
what one has just begun the other would take for broken off.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import StoreError

FILE = "writer.lock"
_LOOK_AFTER = 0.02


@contextmanager
def alone(folder: Path, patience: float) -> Iterator[None]:
    """Keep other processes away from what lies in a folder beside the store, for as long as the block runs.

    The lock is the system's: it goes with its process, however that ends, and the file may stay.

    Args:
        patience: seconds for which another one is waited for.

    Raises:
        StoreError: another process has the folder, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / FILE).open("a", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"The folder {folder} cannot be used: {error.strerror or error}.") from None
    with lock:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreError(f"The folder {folder} cannot be used: another process is using it.") from None
                time.sleep(_LOOK_AFTER)
            except OSError as error:
                raise StoreError(f"The folder {folder} cannot be locked: {error.strerror or error}.") from None
        yield
