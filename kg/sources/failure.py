"""What is left of an input that could not be read: who it was, and why, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """One input that did not become an article, or one article that did not become facts.

    ``source`` is the name a user knows it by (a path, or "path, line 3"); ``reason`` is one clause without the name;
    ``article_id`` is known once the input has been read.
    """

    source: str
    reason: str
    article_id: str | None = None

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"
