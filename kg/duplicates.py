"""Keeps one story that several sites print from being extracted several times: the others are linked to the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from kg.errors import KgError
from kg.ledger import Ledger
from kg.model import Article
from kg.sources.failure import Duplicate, Failure
from kg.sources.near import Print, TextIndex
from kg.triples.iris import Iris
from kg.triples.writer import duplicate_quads

#: Links that may wait for their originals to be written.
_WAITING = 500


class Duplicates:
    """Tells duplicates apart, and writes their links once the articles that they repeat are in the store."""

    def __init__(self, ledger: Ledger, iris: Iris, index: TextIndex) -> None:
        self._ledger, self._iris, self._index = ledger, iris, index
        self._passed: set[str] = set()
        self._waiting: list[Duplicate] = []
        self.count = 0

    def apart(self, items: Iterable[Article | Failure]) -> Iterator[Article | Failure]:
        """The articles that are to be read; one that repeats another of this run or of the store becomes a Duplicate."""
        for item in items:
            if isinstance(item, Failure):
                yield item
                continue
            known = Print.of(item)
            # the index may know articles that were removed from the store, or failed
            there = (a for a in self._index.find(item.id, known) if a in self._passed or self._ledger.holds(a))
            if original := next(there, None):
                self._index.drop(item.id)
                found = Duplicate.of(item, f"it repeats the article {original}")
                light = dataclasses.replace(item, text="", blocks=())
                yield dataclasses.replace(found, article=light, original=original)
            else:
                self._index.add(item.id, known)
                self._passed.add(item.id)
                yield item

    def take(self, item: Failure) -> list[Failure]:
        """Link a duplicate, now or when its original has been written; what could not be linked, and what is none, comes back."""
        if not isinstance(item, Duplicate):
            return [item]
        if item.article is None:
            self.count += 1
            return []
        self._waiting.append(item)
        return self._link() if len(self._waiting) >= _WAITING else []

    def _link(self) -> list[Failure]:
        waiting, self._waiting, failed = self._waiting, [], []
        for item in waiting:
            assert item.article is not None
            if not self._ledger.holds(item.original):
                self._waiting.append(item)
                continue
            try:
                self._ledger.write(item.article, duplicate_quads(item.article, item.original, self._iris))
                self.count += 1
            except KgError as error:
                failed.append(Failure.of(item.article, str(error)))
        return failed

    def finish(self) -> list[Failure]:
        """Link those that still wait; the originals of the rest have failed, and they are tried in the next run."""
        failed = self._link()
        lost = [(d.article, f"{d.reason}, which could not be read") for d in self._waiting if d.article]
        return failed + [Failure.of(article, reason) for article, reason in lost]
