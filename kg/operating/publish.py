"""Publishes the store for read-only replicas: see ``kg.store.published`` for what a publication is.

Oxigraph never changes a file of data once it is full. So those files are hard links to the store's own where the file system is
the same, or else to those of the publication before; only what is new is copied. Besides them a publication holds what replicas
would have to make anew: the search index, brought up to the very state, the articles' texts and the log of changes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from kg import __version__
from kg.config import Settings
from kg.exports import changes as log_of_changes
from kg.exports.changes import ChangeLog
from kg.exports.follow import catch_up
from kg.operating.backup import copied, leave_out_others, remove_unfinished, told_of
from kg.search import following as search
from kg.search.build import bring_up_to_date
from kg.sources import bodies
from kg.store import Snapshot, newest_snapshot
from kg.store import changes as written_graphs
from kg.store.embedded import generation, origin
from kg.store.files import Stored, digest, files_in, synced
from kg.store.published import (
    DATA,
    FILE,
    FORM,
    POINTER,
    Pointer,
    Publication,
    PublicationError,
    pointer,
    publication,
    publications,
    stamp,
    write,
)
from kg.triples.iris import Iris

_UNFINISHED = ".part-"
_LOCK = ".lock"
#: What Oxigraph writes about its own workings: it changes while a snapshot is read, and is of no use elsewhere.
_ENGINE_LOG = "LOG"


@dataclass(frozen=True)
class Published:
    """What was done: the newest publication, whether it is new, and how many bytes of it were written and not linked."""

    folder: Path
    publication: Publication
    is_new: bool
    new_bytes: int


def publish(root: Path, settings: Settings, patience: float, keep: int, hold: float) -> Published:
    """Publish the state that the store is in, unless it is the newest publication already; that is confirmed in any case.

    Args:
        patience: seconds for which a process that has the store open, and writes nothing, is waited for.
        keep: how many publications are left, the newest among them.
        hold: seconds for which each is left in any case: somebody may be copying it.

    Raises:
        StoreError: the store cannot be read.
        PublicationError, BackupError: another process is publishing there, or it cannot be written; nothing is left of it.
    """
    if settings.remote_query:
        raise PublicationError("A remote store is not published: several services may ask it at once.")
    with told_of(f"The store cannot be published in {root}"):
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root):
            remove_unfinished(root, _UNFINISHED)
            before = _newest(root)
            if before and _is_same(before, settings):
                now = stamp(dt.datetime.now(dt.UTC))
                write(root / POINTER, Pointer(before.folder.name, before.publication.made, now))
                return before
            made = _made(root, settings, patience, before)
            told = made.publication
            write(root / POINTER, Pointer(made.folder.name, told.made, told.made))
            _forget_old(root, made.folder, keep, hold)
            return made


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with (root / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublicationError(f"Another process is publishing in {root}.") from None
        yield


def _newest(root: Path) -> Published | None:
    """The newest publication, where the pointer and its list can be read."""
    with contextlib.suppress(PublicationError):
        if told := pointer(root):
            return Published(root / told.name, publication(root / told.name), False, 0)
    return None


def _is_same(before: Published, settings: Settings) -> bool:
    """Whether nothing was written since, also not to the log of changes, which is a step behind the store."""
    told = before.publication
    return (told.program, told.base_iri, told.origin, told.generation, told.changes) == (
        __version__,
        settings.base_iri,
        origin(settings.store),
        generation(settings.store),
        _last_change(settings.store, settings),
    )


def _last_change(folder: Path, settings: Settings) -> int:
    log = ChangeLog.held(folder, settings.changes_page) if settings.changes_page else None
    return log.last()[0] if log else 0


def _made(root: Path, settings: Settings, patience: float, before: Published | None) -> Published:
    folder = root / f"{_UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        # the index before the snapshot: it may be brought forward to a state, and not back
        _copy_index(folder, settings, before)
        with newest_snapshot(settings, patience) as snapshot:
            made = dt.datetime.now(dt.UTC)
            files, new = _data(snapshot.folder, folder / DATA, before, snapshot.origin)
            _beside(folder, snapshot, settings)
            quads, graphs = len(snapshot.store), sum(1 for _ in snapshot.store.named_graphs())
        for name in files_in(folder, FILE):
            if name not in files:
                files[name] = Stored((folder / name).stat().st_size, digest(folder / name))
                new += files[name].bytes
                synced(folder / name)
        told = Publication(
            form=FORM,
            program=__version__,
            engine=f"pyoxigraph {version('pyoxigraph')}",
            made=stamp(made),
            base_iri=settings.base_iri,
            origin=snapshot.origin,
            generation=snapshot.generation,
            changes=_last_change(folder, settings),
            quads=quads,
            graphs=graphs,
            files=files,
        )
        write(folder / FILE, told)
        numbers = [int(path.name) for path in root.iterdir() if path.name.isdigit()]
        target = root / f"{max(numbers, default=0) + 1:08d}"
        folder.rename(target)
        synced(root)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Published(target, told, True, new)


def _data(source: Path, target: Path, before: Published | None, of: str) -> tuple[dict[str, Stored], int]:
    """Link or copy a snapshot's files; each file, and how many bytes were copied."""
    files: dict[str, Stored] = {}
    new = 0
    known = before.publication.files if before and before.publication.origin == of else {}
    for name in files_in(source, _ENGINE_LOG):
        path, copy, published = source / name, target / name, f"{DATA}/{name}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        held = before.folder / published if before and published in known else None
        # Oxigraph gives no name twice, and what is full stays: the rule by which rsync goes
        same = held is not None and name.endswith(".sst") and _alike(held, path)
        if not (_linked(path, copy) or (held is not None and same and _linked(held, copy))):
            shutil.copy2(path, copy)
            synced(copy)
            new += copy.stat().st_size
        files[published] = known[published] if same else Stored(copy.stat().st_size, digest(copy))
    synced(target)
    return files, new


def _alike(one: Path, other: Path) -> bool:
    try:
        a, b = one.stat(), other.stat()
    except OSError:
        return False
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


def _linked(path: Path, copy: Path) -> bool:
    """Link a file of data; the others are small, and some of them are written to."""
    if path.suffix != ".sst":
        return False
    try:
        os.link(path, copy)
    except OSError:  # it is on another file system
        return False
    return True


def _copy_index(folder: Path, settings: Settings, before: Published | None) -> None:
    """Begin with the index that the service keeps, or the one that was published before; it spares reading all of the store."""
    sources = [settings.store / search.FILE, *([before.folder / search.FILE] if before else [])]
    if settings.search == "on" and (held := next((path for path in sources if path.is_file()), None)):
        copied(held, folder / search.FILE)


def _beside(folder: Path, snapshot: Snapshot, settings: Settings) -> None:
    """What lies beside the data: texts, log of changes, list of graphs that were written, index."""
    if settings.search == "on":
        bring_up_to_date(folder / search.FILE, snapshot, settings.base_iri)
        copied(folder / search.FILE, folder / "whole")  # into one file, without a log beside it
        for left in folder.glob(f"{search.FILE}*"):
            left.unlink()
        (folder / "whole").rename(folder / search.FILE)
    if settings.changes_page:
        _log(snapshot, settings)
    for name in (bodies.FILE, log_of_changes.FILE):
        if (settings.store / name).is_file():
            copied(settings.store / name, folder / name)
    leave_out_others(folder / bodies.FILE, snapshot.store, Iris(settings.base_iri))
    if (settings.store / written_graphs.FILE).is_file():
        shutil.copyfile(settings.store / written_graphs.FILE, folder / written_graphs.FILE)


def _log(snapshot: Snapshot, settings: Settings) -> None:
    """Bring the log of changes up to the state, where no service does."""
    log = ChangeLog(settings.store, settings.changes_page)
    with log.alone() as alone:
        if alone:
            catch_up(log, snapshot, Iris(settings.base_iri))


def _forget_old(root: Path, newest: Path, keep: int, hold: float) -> None:
    for old in publications(root)[:-keep]:
        if old != newest and time.time() - (old / FILE).stat().st_mtime > hold:
            # without its list first: a copy of what is left is not whole
            (old / FILE).unlink()
            shutil.rmtree(old)
