"""What a store's folder is: one that is whole, and of which format.

The file ``format`` holds a number, and which version of the program wrote it.
A store of a newer format is not opened at all, one of an older one only to be read and brought up to date ('kg upgrade'). Stores
made before there was such a file are of format 1; what never was written to by this program (data that were loaded into the
engine's files by other means) has no format yet, and gets the newest one.

Formats: 1, the first. 2: texts of articles that are on their way lie apart from those of articles that are in the store, and an
article that is taken out takes its text along also where that is broken off.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from kg import __version__
from kg.errors import StoreError

FILE = "format"
#: What this version writes, and the oldest that it can bring up to date.
NEWEST, OLDEST = 2, 1
#: What else lies in a store's folder: a folder that is not empty, and has none of it, is no store.
_OURS = frozenset(
    "data snapshots generation generation.new changes changes.new format rejected changes.lock writer.lock".split()
)


@dataclass(frozen=True)
class Format:
    """A format's number, and the version of the program that wrote it (empty where it is not known)."""

    number: int
    program: str = ""


def written_format(store: Path) -> Format | None:
    """The format of a store; None where there is no store, or one that has none yet.

    Raises:
        StoreError: the file that tells it is damaged.
    """
    path = store / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Format(int(told["format"]), str(told["program"]))
    except (FileNotFoundError, NotADirectoryError):
        return Format(1) if (store / "data").is_dir() and (store / "generation").is_file() else None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (ValueError, KeyError, TypeError):
        raise StoreError(
            f"{path} is damaged: it does not tell the store's format. Take it from a backup, or restore that."
        ) from None


def mark_format(store: Path, number: int = NEWEST) -> None:
    """Write which format a store is of; it is on the disk as a whole when this returns. Raises OSError."""
    aside = (
        store / f".{FILE}.new"
    )  # one name: who marks a store has it open, and what was left by a kill is written over
    with aside.open("w", encoding="utf-8") as out:
        out.write(json.dumps({"format": number, "program": __version__}) + "\n")
        out.flush()
        os.fsync(out.fileno())
    aside.replace(store / FILE)


def check_format(store: Path, *, older: bool = False) -> None:
    """See that this version can open a store.

    Args:
        older: whether it may be of an older format, as it is only read or brought up to date.

    Raises:
        StoreError: it cannot, and what is to be done.
    """
    found = written_format(store)
    if found is None or found.number == NEWEST:
        return
    if found.number > NEWEST:
        raise StoreError(
            f"The store {store} is of format {found.number}, written by diplomatic-kg {found.program}; "
            f"this is {__version__}, which knows formats up to {NEWEST}. Use that version or a newer one."
        )
    if not older:
        raise StoreError(
            f"The store {store} is of format {found.number}, which an older version wrote. "
            f"'kg upgrade' brings it to format {NEWEST} in place, with a backup first."
        )


def check_place(store: Path, *, make: bool) -> None:
    """See that there is a whole store in a folder, or room for one.

    The engine itself makes an empty store where its file ``CURRENT`` is missing, whatever else is there.

    Args:
        make: whether a store is made where there is none.

    Raises:
        StoreError: there is none and none is to be made, or what is there is none.
    """
    if (store / "data" / "CURRENT").exists():
        return
    lost = next((p.name for p in _listed(store / "data") if p.name.startswith("MANIFEST-") or p.suffix == ".sst"), "")
    # killed at its very beginning the engine leaves its first files without CURRENT; a store that was written to has a generation
    if lost and (store / "generation").exists():
        raise StoreError(
            f"The store {store} is damaged: data/CURRENT is missing, though there is data/{lost}. Restore a backup."
        )
    if (store / "generation").exists() and not lost:
        raise StoreError(f"The store {store} is damaged: it was written to, and its data are gone. Restore a backup.")
    strange = next((p.name for p in _listed(store) if not _is_ours(p.name)), "")
    if strange:
        raise StoreError(f"The folder {store} is no store, and not empty: it holds {strange}.")
    if not make:
        raise StoreError(f"There is no store in {store}; 'kg ingest' makes one.")


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # who opens the store tells why
        return []


def _is_ours(name: str) -> bool:
    """Whether a name is one that this program, or a new disk, puts into a store's folder."""
    return name in _OURS or name.startswith((".", "lost+found")) or ".sqlite" in name
