"""What a query is answered with, and what those who answer tell of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.sparql.memory import Held


@dataclass(frozen=True)
class Answer:
    """An answer's body: ``whole`` where it is small, else ``parts`` to be sent as they come.

    On another ``road`` (see ``Answering.roads``) rows that no ORDER BY puts in order may come in another.
    """

    whole: bytes | None
    parts: Iterator[bytes] | None
    road: str = ""


@dataclass(frozen=True)
class Load:
    """Workers that wait for a query, queries that are being evaluated or sent, those that wait for their turn.

    And so far: queries answered by an evaluation that another had asked for, and workers that were started. ``held`` is the state
    in memory that workers are forked from, where there is one.
    """

    idle: int
    busy: int
    waiting: int
    joined: int = 0
    started: int = 0
    held: Held | None = None
