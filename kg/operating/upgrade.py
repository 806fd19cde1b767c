"""Brings a store of an older format up to date, in place, after a backup; see ``kg.store.folder`` for the formats.

Each step is done with the store open, can be done again, and counts when the store's mark says so, which is written last: an
upgrade that is broken off at whatever moment is finished by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kg import ledger
from kg.config import Settings
from kg.errors import StoreError
from kg.operating.backup import Made, make
from kg.sources.bodies import Bodies
from kg.store import EmbeddedStore
from kg.store.embedded import open_store
from kg.store.folder import NEWEST, OLDEST, check_format, check_place, mark_format, written_format
from kg.triples.iris import Iris


@dataclass(frozen=True)
class Upgraded:
    """What was done: from which format, the backup that was made first, and what the steps tell, in sentences."""

    before: int
    backup: Made | None
    told: tuple[str, ...]


def _texts_apart(store: EmbeddedStore, settings: Settings) -> str:
    """From 1 to 2: a removal that was broken off could leave an article's text behind."""
    iris = Iris(settings.base_iri)
    with closing(Bodies(settings.store, settings.article_text)) as bodies:
        bodies.recover(lambda article: ledger.held(store, iris, article)[0])
        lost = bodies.drop_others(lambda article: store.has_graph(iris.article_graph(article)))
    return f"{lost:,} texts of articles that had been taken out are gone."


#: Format -> the step that leads to the next one.
_STEPS: Mapping[int, Callable[[EmbeddedStore, Settings], str]] = {1: _texts_apart}


def upgrade(settings: Settings, backups: Path | None, patience: float) -> Upgraded:
    """Bring the store of the settings to the newest format; nothing is done where it is of that one.

    Args:
        backups: folder for the backup that is made first; None makes none.
        patience: seconds for which a process that has the store open is waited for when the backup is made.

    Raises:
        StoreError: there is no store, it is in use, damaged, or of a newer format; it is as it was, or of a format between.
        BackupError: the backup cannot be made; the store is as it was.
    """
    if settings.remote_query:
        raise StoreError("A remote store has no format of this program's: it is its own server's to bring up to date.")
    check_place(settings.store, make=False)
    check_format(settings.store, older=True)
    found = written_format(settings.store)
    number = found.number if found else NEWEST
    if number == NEWEST:
        return Upgraded(NEWEST, None, ())
    if number < OLDEST:
        raise StoreError(
            f"The store {settings.store} is of format {number}; the oldest that can be upgraded is {OLDEST}."
        )
    made = make(backups, settings, patience) if backups else None
    told = []
    with open_store(settings, make=False, older=True) as store:
        for step in range(number, NEWEST):
            told.append(_STEPS[step](store, settings))
            mark_format(settings.store, step + 1)
    return Upgraded(number, made, tuple(told))
