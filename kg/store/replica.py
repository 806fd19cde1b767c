"""What a read-only replica reads: the newest state that a primary has published, held on this machine.

A thread looks at the pointer. Files that are new are linked or copied into the store's folder here and verified, the store is
opened on them, and then takes the place of the one before in one step; queries that are under way end on that one. What cannot
be used (half copied, damaged, of another service) is told, and the state before goes on.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import os
import shutil
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import StoreError
from kg.store.embedded import data_folder
from kg.store.files import digest
from kg.store.published import DATA, Pointer, Publication, PublicationError, missing, pointer, publication
from kg.store.snapshots import Snapshot, remove_dead

#: Seconds between two looks at the pointer; after a failure there is a rest of so many times the length of the look.
LOOK_AFTER, REST = 1.0, 5
#: Folder of the files that were verified, by their SHA-256.
HELD = "published"
_LOG = logging.getLogger("kg.replica")


class NothingPublishedError(StoreError):
    """There is no publication that this replica could serve yet."""


class ReadOnlyError(StoreError):
    """A replica is asked to write."""


@dataclass(frozen=True)
class Standing:
    """Where a replica stands.

    ``confirmed`` is when the primary last found that the state served here is its newest, ``failure`` why a newer publication is
    not served, ``switches`` how often another state was taken over.
    """

    name: str
    publication: Publication
    confirmed: dt.datetime
    failure: str
    switches: int


class Replica:
    """Keeps the newest published state. Safe to use from several threads.

    Raises:
        StoreError: the folder for the files here cannot be written.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._source = settings, Path(settings.replica_of)
        self._held = settings.store / HELD
        # where the command line looks for what services hold
        self._root = settings.store / "snapshots" / str(os.getpid())
        self._numbers = itertools.count(1)
        self._current: Snapshot | None = None
        self._standing: Standing | None = None
        self._failure = ""
        if data_folder(settings.store).exists():
            raise StoreError(f"{settings.store} holds a store of its own: give the replica another folder.")
        try:
            self._held.mkdir(parents=True, exist_ok=True)
            remove_dead(self._root.parent)
            remove_dead(self._held, ".unfinished-*")
        except OSError as error:
            raise StoreError(f"The store {settings.store} cannot be written: {error.strerror}.") from None
        self._stop, self._lock = threading.Event(), threading.Lock()
        self.look()
        self._thread = threading.Thread(target=self._follow, name="replica", daemon=True)
        self._thread.start()

    def current(self) -> Snapshot:
        """The state that is served.

        Raises:
            NothingPublishedError: there is none yet, and why.
        """
        if self._current is None:
            raise NothingPublishedError(f"This replica has nothing to serve yet: {self._failure}")
        return self._current

    def settled(self) -> Snapshot | None:
        """The same at once: the pointer is looked at by a thread of its own."""
        return self._current

    def standing(self) -> Standing | None:
        """Where the replica stands; None while there is nothing to serve."""
        return self._standing

    def _follow(self) -> None:
        rest = LOOK_AFTER
        while not self._stop.wait(rest):
            began = time.monotonic()
            self.look()
            rest = max(LOOK_AFTER, REST * (time.monotonic() - began)) if self._failure else LOOK_AFTER

    def look(self) -> None:
        """Look at the pointer, and take over what it names; what stands in the way is told by ``standing`` and the log."""
        with self._lock:
            try:
                self._look()
                failure = ""
            except OSError as error:
                failure = f"{self._source} cannot be taken over: {error.strerror or error}."
            except StoreError as error:
                failure = str(error)
            if failure and failure != self._failure:
                _LOG.warning("%s", failure)
            self._failure = failure
            if (held := self._standing) and held.failure != failure:
                self._standing = replace(held, failure=failure)

    def _look(self) -> None:
        found, held = pointer(self._source), self._standing
        if found is None:
            raise PublicationError(f"nothing has been published in {self._source}.")
        if held and (found.name, found.made) == (held.name, held.publication.made):
            if found.time > held.confirmed:
                self._standing = replace(held, confirmed=found.time)
            return
        folder = self._source / found.name
        told = publication(folder)
        self._check(found, told)
        if lacking := next(missing(folder, told), None):
            raise PublicationError(f"{folder} is not whole yet: {lacking} is missing or not in its size.")
        view = self._root / str(next(self._numbers))
        try:
            self._take(folder, told, view)
            store = _opened(view / DATA, told)
        except BaseException:
            shutil.rmtree(view, ignore_errors=True)
            raise
        # who sees the new state must not tell of the old one: such an answer would be remembered
        self._standing = Standing(found.name, told, found.time, "", held.switches + 1 if held else 0)
        self._current = Snapshot(told.generation, view / DATA, store, told.origin, view)
        self._forget_old(told)

    def _check(self, found: Pointer, told: Publication) -> None:
        if told.made != found.made:
            raise PublicationError(f"{self._source / found.name} is not the one that the pointer names.")
        if told.base_iri != self._settings.base_iri:
            raise PublicationError(
                f"{self._source} is published under {told.base_iri}; this replica's base_iri is {self._settings.base_iri}."
            )
        held = self._current
        # a pointer out of an old copy; a store that was restored has another origin
        if held and held.origin == told.origin and told.generation < held.generation:
            raise PublicationError(
                f"{self._source} has gone back to generation {told.generation} from {held.generation} of the same store."
            )

    def _take(self, folder: Path, told: Publication, view: Path) -> None:
        """Have the files of a publication here, each one verified, under the names that they have in it."""
        for name, file in told.files.items():
            held, target = self._held / file.sha256, view / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not held.exists():
                self._fetch(folder / name, held, file.sha256)
            if held.is_symlink():
                target.symlink_to(held.readlink())
            else:
                os.link(held, target)

    def _fetch(self, source: Path, held: Path, sha256: str) -> None:
        held.unlink(missing_ok=True)  # a link whose file is gone
        folder = self._held / f".unfinished-{os.getpid()}"
        folder.mkdir(exist_ok=True)
        aside = folder / held.name
        try:
            if self._settings.replica_copy == "on":
                shutil.copy2(source, aside)
            else:
                try:
                    os.link(source, aside)
                except OSError:  # another file system: it is read where it is
                    aside.symlink_to(source.absolute())
            if digest(aside) != sha256:
                raise PublicationError(f"{source} is damaged: its SHA-256 is another than its publication says.")
            aside.rename(held)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _forget_old(self, told: Publication) -> None:
        # open files outlive their names, and a worker that is just starting may still need the one before
        for folder in sorted(self._root.iterdir(), key=lambda f: int(f.name))[:-2]:
            shutil.rmtree(folder, ignore_errors=True)
        wanted = {file.sha256 for file in told.files.values()}
        for path in self._held.iterdir():
            if path.name not in wanted and not path.name.startswith("."):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """End the following, and remove what only this process holds; files that were verified stay for the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        shutil.rmtree(self._root, ignore_errors=True)


def _opened(data: Path, told: Publication) -> ox.Store:
    try:
        return ox.Store.read_only(str(data))
    except (OSError, RuntimeError, ValueError) as error:
        raise PublicationError(
            f"The publication was made by {told.engine}, and cannot be opened here ({error})."
        ) from None


class ReadOnly:
    """The writer of a service that does not write."""

    acknowledged = 0

    def update(self, *_: object) -> NoReturn:
        """Raises ReadOnlyError, as all of these do."""
        raise ReadOnlyError("This service is a read-only replica: write to its primary.")

    def put(self, *_: object, **__: object) -> NoReturn:
        """Refused."""
        self.update()

    def delete(self, *_: object, **__: object) -> NoReturn:
        """Refused."""
        self.update()

    def break_off(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is held."""
