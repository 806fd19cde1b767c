"""Backups: a snapshot of the store and copies of the files beside it, in a folder of their own, while others write.

Files that the backup before has already are hard links to it (Oxigraph never changes a file of data once it is full), so that
many backups take little more room than one. The index for search and the list of changed graphs are made anew and left out.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import secrets
import shutil
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox

from kg import __version__
from kg.config import Settings
from kg.errors import StoreError
from kg.operating.manifest import FILE, FORM, BackupError, Manifest, faults, read, write
from kg.sources.bodies import recover
from kg.store import newest_snapshot
from kg.store.files import Stored, digest, files_in, synced
from kg.store.folder import FILE as FORMAT
from kg.store.folder import check_format
from kg.triples.iris import Iris
from kg.triples.vocab import named

#: The files beside the store that cannot be made anew, or not at once.
BESIDE = ("texts.sqlite", "articles.sqlite", "fetched.sqlite", "changes.sqlite")
_UNFINISHED = ".part-"


@dataclass(frozen=True)
class Made:
    """A backup that was made: where, what is in it, and how many bytes of it were not in the one before."""

    folder: Path
    manifest: Manifest
    new_bytes: int


def backups(root: Path) -> list[Path]:
    """The whole backups in a folder, the oldest first."""
    return sorted(path.parent for path in root.glob("*/manifest.json") if not path.parent.name.startswith("."))


@contextmanager
def told_of(what: str) -> Iterator[None]:
    """Have a failure of the disk or of a database told as one of what was to be done."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{what}: {getattr(error, 'strerror', None) or error}.") from None


def make(root: Path, settings: Settings, patience: float, keep: int | None = None) -> Made:
    """Make a backup of a store in a new folder below ``root``; it has its name when all of it is on the disk.

    Args:
        patience: seconds for which a process that has the store open, and writes nothing, is waited for.
        keep: how many backups are left there; None leaves all.

    Raises:
        StoreError: the store cannot be read.
        BackupError: the backup cannot be written; nothing is left of it.
    """
    if settings.remote_query:
        raise BackupError("A remote store is backed up by its own server's means, or with 'kg export'.")
    with told_of(f"The backup cannot be written to {root}"):
        root.mkdir(parents=True, exist_ok=True)
        remove_unfinished(root, _UNFINISHED)
        before = backups(root)[-1:]
        folder = root / f"{_UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir()
        try:
            manifest, new = _filled(folder, settings, patience, before[0] if before else None)
            made = root / f"{manifest.made.translate({45: None, 58: None})}-{manifest.generation}"
            folder.rename(made)
            synced(root)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for old in backups(root)[:-keep] if keep else ():
            shutil.rmtree(old)
    return Made(made, manifest, new)


def remove_unfinished(root: Path, begins: str) -> None:
    """Take away what processes left that ended in the middle of their work."""
    for left in root.glob(f"{begins}*"):
        with contextlib.suppress(PermissionError, ValueError):
            try:
                os.kill(int(left.name.removeprefix(begins).partition("-")[0]), 0)
            except ProcessLookupError:
                shutil.rmtree(left, ignore_errors=True)


def _filled(folder: Path, settings: Settings, patience: float, before: Path | None) -> tuple[Manifest, int]:
    with newest_snapshot(settings, patience) as snapshot:
        made = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        held = _held(before)
        files, new = _data(snapshot.folder, folder / "data", _known(before, held), held)
        for name in BESIDE:
            if (settings.store / name).is_file():
                copied(settings.store / name, folder / name)
        leave_out_others(folder / "articles.sqlite", snapshot.store, Iris(settings.base_iri))
        if (settings.store / FORMAT).is_file():
            shutil.copyfile(settings.store / FORMAT, folder / FORMAT)
        for name in (*BESIDE, FORMAT):
            if (path := folder / name).is_file():
                files[name] = Stored(path.stat().st_size, digest(path))
                new += files[name].bytes
                synced(path)
        quads, graphs = len(snapshot.store), sum(1 for _ in snapshot.store.named_graphs())
        number = snapshot.generation
    engine = f"pyoxigraph {version('pyoxigraph')}"
    manifest = Manifest(FORM, __version__, engine, made, settings.base_iri, number, quads, graphs, files)
    write(manifest, folder)
    synced(folder)
    return manifest, new


def _held(before: Path | None) -> Mapping[str, Stored]:
    """The files of the backup before; none where that one cannot be read."""
    if before is not None:
        with contextlib.suppress(BackupError):
            return read(before).files
    return {}


def _known(before: Path | None, held: Mapping[str, Stored]) -> dict[str, Path]:
    """SHA-256 -> a file of the backup before."""
    return {file.sha256: before / name for name, file in held.items() if before and name.startswith("data/")}


def _undamaged(path: Path, name: str, content: str, held: Mapping[str, Stored]) -> None:
    """See that a file of the engine's, which never changes once it is written, is the one that was backed up before.

    Raises:
        BackupError: it is another, of the same name and size: backups of it would take the place of good ones.
    """
    before = held.get(f"data/{name}")
    if path.suffix == ".sst" and before and before.bytes == path.stat().st_size and before.sha256 != content:
        raise BackupError(
            f"data/{name} is not what it was when it was backed up last: the disk has damaged it. Nothing was backed up; "
            "restore that backup, or make a new one in another folder."
        )


def _data(
    source: Path, target: Path, known: Mapping[str, Path], held: Mapping[str, Stored]
) -> tuple[dict[str, Stored], int]:
    """Copy a snapshot's files, or link those that are known; each file, and how many bytes were copied.

    Args:
        known: SHA-256 -> a file of the backup before.
        held: that backup's files by their paths.
    """
    files, new = {}, 0
    for name in files_in(source, FILE):
        path, copy = source / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        content = digest(path)
        _undamaged(path, name, content, held)
        if not _linked(known.get(content), copy, content):
            shutil.copyfile(path, copy)
            if digest(copy) != content:
                raise BackupError(f"{copy} is not what was written to it: the disk does not keep what it is given.")
            synced(copy)
            new += copy.stat().st_size
        files[f"data/{name}"] = Stored(copy.stat().st_size, content)
    synced(target)
    return files, new


def _linked(held: Path | None, copy: Path, content: str) -> bool:
    """Link a file to the same in the backup before, where that is still what it was; whether it could be done."""
    try:
        if held is None or digest(held) != content:
            return False
        os.link(held, copy)
    except OSError:  # it is gone, or on another file system
        return False
    return True


def copied(source: Path, target: Path) -> None:
    """Copy a database that others may be writing to: one state of it.

    Raises:
        BackupError: it is damaged; a backup of it would take the place of one that is not.
    """
    address = f"{source.absolute().as_uri()}?mode=rw"  # what a killed writer left half done is rolled back
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file each: nothing of it stands in a log beside it
            (found,) = new.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"{source} is damaged, and nothing was backed up: take it from a backup, or away ({found}).")


def leave_out_others(texts: Path, store: ox.Store, iris: Iris) -> None:
    """Take out the texts that are not those of the store's state: of articles that were written since, or are on their way."""
    if not texts.is_file():
        return
    with closing(sqlite3.connect(texts, isolation_level=None)) as database:
        recover(database, lambda article: _digest(article, store, iris))
        rows = database.execute("SELECT id, text FROM bodies")
        others = [(name,) for name, text in rows if not _is_read(name, text, store, iris)]
        database.executemany("DELETE FROM bodies WHERE id = ?", others)


def _is_read(name: str, text: bytes, store: ox.Store, iris: Iris) -> bool:
    try:
        return _digest(name, store, iris) == hashlib.sha256(zlib.decompress(text)).hexdigest()
    except zlib.error:  # it is damaged, and no text that was read
        return False


def _digest(name: str, store: ox.Store, iris: Iris) -> str:
    """Of the text from which a state of the store has an article; empty where it has none."""
    found = next(store.quads_for_pattern(None, named("dipl:textDigest"), None, iris.ingestion_graph(name)), None)
    return found.object.value if found and isinstance(found.object, ox.Literal) else ""


def restore(backup: Path, store: Path) -> Manifest:
    """Put a backup in the place of a store that is not there; it is there as a whole or not at all.

    Raises:
        BackupError: the backup is damaged, the place is taken or cannot be written.
    """
    manifest = read(backup)
    with told_of(f"The backup {backup} cannot be restored to {store}"):
        if store.exists() and (not store.is_dir() or any(store.iterdir())):
            raise BackupError(f"{store} is not empty: a backup is restored to a folder that is new.")
        if found := list(faults(backup, manifest)):
            more = f" There is more: {len(found) - 1} further." if len(found) > 1 else ""
            raise BackupError(f"The backup {backup} is damaged and nothing was restored: {found[0]}{more}")
        store.parent.mkdir(parents=True, exist_ok=True)
        begins = f".{store.name}.restore-"
        remove_unfinished(store.parent, begins)
        aside = store.parent / f"{begins}{os.getpid()}-{secrets.token_hex(4)}"
        try:
            for name in manifest.files:
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(backup / name, aside / name)
                synced(aside / name)
            (aside / "generation").write_text(f"{manifest.generation}\n")
            check_format(aside, older=True)
            _opened(aside / "data", manifest.quads)
            aside.rename(store)  # takes the place of an empty folder, and of nothing else
            synced(store.parent)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return manifest


def _opened(data: Path, quads: int) -> None:
    """See that the engine reads what was restored, and finds as much in it as there was."""
    try:
        found = len(ox.Store.read_only(str(data)))
    except (OSError, RuntimeError, ValueError) as error:
        raise StoreError(f"The backup was made by another version: its store cannot be opened ({error}).") from None
    if found != quads:
        raise BackupError(f"The backup's store has {found:,} quads in place of {quads:,}; nothing was restored.")
