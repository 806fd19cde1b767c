"""A backup's manifest: what it is of, and each file with size and SHA-256. Written last, it vouches for the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from kg.errors import KgError
from kg.store.files import Stored, digest, files_in, synced

FILE = "manifest.json"
#: Number of this form of backup; another one is not restored.
FORM = 1


class BackupError(KgError):
    """A backup cannot be made, or is not what its manifest says."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. ``made`` is a time with its zone, ``generation`` the store's, ``files`` by their paths in it."""

    form: int
    program: str
    engine: str
    made: str
    base_iri: str
    generation: int
    quads: int
    graphs: int
    files: dict[str, Stored]

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.bytes for file in self.files.values())


def write(manifest: Manifest, folder: Path) -> None:
    """Write a backup's manifest as a whole."""
    aside = folder / f".{FILE}"
    aside.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    synced(aside)
    aside.replace(folder / FILE)


def read(folder: Path) -> Manifest:
    """A backup's manifest.

    Raises:
        BackupError: the folder is no backup that this version can read.
    """
    path = folder / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        form = told["form"]
        if form == FORM:
            return Manifest(**told | {"files": {name: Stored(**file) for name, file in told["files"].items()}})
    except FileNotFoundError:
        raise BackupError(f"{folder} is no whole backup: it has no {FILE}.") from None
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupError(f"{path} is damaged: it is no manifest of a backup.") from None
    raise BackupError(f"{folder} is a backup of form {form}, and this version reads form {FORM} alone.")


def faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with a backup's files, in sentences; reads all of them."""
    for name, told in manifest.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            yield f"{name} is missing."
        elif path.stat().st_size != told.bytes:
            yield f"{name} has {path.stat().st_size:,} bytes in place of {told.bytes:,}."
        elif digest(path) != told.sha256:
            yield f"{name} is damaged: its SHA-256 is another than the manifest's."
    for name in files_in(folder, FILE):
        if name not in manifest.files:
            yield f"{name} is not in the manifest."
