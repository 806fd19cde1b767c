"""What is left of an input that did not become facts: who it was, and why, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from kg.errors import LanguageError, SourceError
from kg.model import Article


@dataclass(frozen=True)
class Failure:
    """One input that did not become an article, or one article that did not become facts.

    ``source`` is the name a user knows it by (a path, or "path, line 3"); ``reason`` is one clause without the name;
    ``article_id`` is known once the input has been read; ``given`` and ``offset`` are those of ``kg.model.Article``.
    """

    source: str
    reason: str
    article_id: str | None = None
    given: str | None = field(default=None, compare=False, kw_only=True)
    offset: int = field(default=0, compare=False, kw_only=True)

    @classmethod
    def of(cls, article: Article, reason: str) -> Self:
        """What is told of an article that was read."""
        name, why = article.source or article.id, reason.rstrip(".")
        return cls(name, why, article.id, given=article.given, offset=article.offset)

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


@dataclass(frozen=True)
class Skipped(Failure):
    """One input that was read and is left out on purpose: it is not English, or an archive's page without an article."""


@dataclass(frozen=True)
class Duplicate(Failure):
    """One article whose text another one has: it is linked to that one and not extracted."""

    article: Article | None = None
    original: str = ""


def failure(source: str, error: SourceError) -> Failure:
    """What is told of an input that a reader refused."""
    kind = Skipped if isinstance(error, LanguageError) else Failure
    return kind(source, str(error))


class Skips:
    """How many inputs were skipped, for which reasons, and the first one for each: memory does not grow with their number."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, int]] = {}

    def add(self, skipped: Failure) -> None:
        """Count one."""
        first, number = self._found.get(skipped.reason, (skipped.source, 0))
        self._found[skipped.reason] = (first, number + 1)

    def __len__(self) -> int:
        return sum(number for _, number in self._found.values())

    def lines(self) -> list[str]:
        """One sentence for each reason."""
        others = {reason: f" and {n - 1:,} more" if n > 1 else "" for reason, (_, n) in self._found.items()}
        return [f"{first}{others[reason]}: skipped, {reason}" for reason, (first, _) in self._found.items()]
