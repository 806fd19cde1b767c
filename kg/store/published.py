"""Publications: numbered folders with one state of a store each, which never change, and a pointer to the newest.

``CURRENT`` in the folder of publications names the newest one and says when the primary last found that it still is. A
publication's ``publication.json`` is written last and vouches for the rest: each file with its size and SHA-256. So whoever
reads a folder that is being copied, or was damaged on its way, can tell.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg.errors import StoreError
from kg.store.files import Stored, synced

POINTER, FILE = "CURRENT", "publication.json"
#: Number of this form of publication; another one is not read.
FORM = 1
#: Where Oxigraph's files lie in it.
DATA = "data"


class PublicationError(StoreError):
    """A publication cannot be used: it is not whole, not what its list says, or of another service."""


@dataclass(frozen=True)
class Pointer:
    """What the pointer says: the newest publication's name, when it was made, and when it was last found to be the newest."""

    name: str
    made: str
    confirmed: str

    @property
    def time(self) -> dt.datetime:
        """``confirmed`` as a time."""
        return dt.datetime.fromisoformat(self.confirmed)


@dataclass(frozen=True)
class Publication:
    """One publication. ``origin`` and ``generation`` name the state, ``changes`` is the newest entry of the log of changes."""

    form: int
    program: str
    engine: str
    made: str
    base_iri: str
    origin: str
    generation: int
    changes: int
    quads: int
    graphs: int
    files: dict[str, Stored]

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.bytes for file in self.files.values())


def stamp(time: dt.datetime) -> str:
    """A time as publications tell it, in UTC."""
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write(path: Path, told: Publication | Pointer) -> None:
    """Write a publication's list, or the pointer, in the place of what was there: as a whole."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(json.dumps(asdict(told), indent=1) + "\n", encoding="utf-8")
    synced(aside)
    aside.replace(path)
    synced(path.parent)


def _told(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PublicationError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise PublicationError(f"{path} is not whole, or damaged.") from None
    if not isinstance(found, dict):
        raise PublicationError(f"{path} is damaged.")
    return found


def pointer(root: Path) -> Pointer | None:
    """What the pointer in a folder of publications says; None while there is none.

    Raises:
        PublicationError: it cannot be read.
    """
    found = _told(root / POINTER)
    if found is None:
        return None
    try:
        read = Pointer(**found)
        if not read.name.isdigit() or read.time.tzinfo is None:  # a name leads nowhere but into the folder
            raise ValueError
    except (TypeError, ValueError, AttributeError):
        raise PublicationError(f"{root / POINTER} is damaged.") from None
    return read


def publication(folder: Path) -> Publication:
    """A publication's list.

    Raises:
        PublicationError: it is not there yet, damaged, or of another form.
    """
    found = _told(folder / FILE)
    if found is None:
        raise PublicationError(f"{folder} is not whole yet: it has no {FILE}.")
    if found.get("form") != FORM:
        raise PublicationError(f"{folder} is a publication of form {found.get('form')}; this version reads {FORM}.")
    try:
        read = Publication(**found | {"files": {name: Stored(**file) for name, file in found["files"].items()}})
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in read.files):
            raise ValueError
        dt.datetime.fromisoformat(read.made)
    except (TypeError, ValueError, AttributeError, KeyError):
        raise PublicationError(f"{folder / FILE} is damaged.") from None
    return read


def missing(folder: Path, told: Publication) -> Iterator[str]:
    """The files that are not there, or not in their size: what a copy that is under way looks like, found without reading it."""
    for name, file in told.files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != file.bytes:
            yield name


def publications(root: Path) -> list[Path]:
    """The whole publications in a folder, the oldest first."""
    return sorted(path.parent for path in root.glob(f"*/{FILE}") if path.parent.name.isdigit())
