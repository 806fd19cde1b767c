"""Marks in a text: stretches of it that lead to what was read from them, whichever way they overlap.

The text is cut at every border of a mark, so that what is written out always nests: passages hold quoted words, these hold links.
A link cannot stand in a link: of marks that overlap, the one put forward first stays whole.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A stretch of a text that leads to a thing; ``kind`` is that of the legend, ``quad`` the class of an event."""

    start: int
    end: int
    kind: str
    iri: str
    title: str = ""
    quad: int = 0


@dataclass(frozen=True)
class Piece:
    """Text of one sort: plain, or the words of a mark; ``said`` where it is quoted speech."""

    text: str
    mark: Mark | None = None
    said: Mark | None = None


@dataclass(frozen=True)
class Stretch:
    """Pieces that stand in one passage (with its anchor), or between passages (without); ``anchors`` are of passages inside."""

    pieces: tuple[Piece, ...]
    anchor: str = ""
    anchors: tuple[str, ...] = ()


def within(words: str, text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where some words stand between two positions, as whole words; None where they do not."""
    if not words:
        return None
    found = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)").search(text, start, end)
    return found.span() if found else None


def apart(marks: Iterable[Mark]) -> list[Mark]:
    """Those of the marks that do not overlap one that comes before them, in the order of the text."""
    kept: list[Mark] = []
    for mark in marks:
        if mark.start < mark.end and not any(mark.start < k.end and k.start < mark.end for k in kept):
            kept.append(mark)
    return sorted(kept, key=lambda m: m.start)


def _at(marks: Sequence[Mark], start: int, end: int) -> Mark | None:
    return next((m for m in marks if m.start <= start and end <= m.end), None)


def pieces(text: str, first: int, last: int, marks: Sequence[Mark], said: Sequence[Mark]) -> tuple[Piece, ...]:
    """The text between two positions, cut at every border of a mark and of quoted words."""
    borders = {first, last} | {b for m in (*marks, *said) for b in (m.start, m.end) if first < b < last}
    cuts = sorted(borders)
    return tuple(Piece(text[a:b], _at(marks, a, b), _at(said, a, b)) for a, b in itertools.pairwise(cuts) if text[a:b])


def stretches(
    text: str,
    first: int,
    last: int,
    passages: Sequence[tuple[int, int, str]],
    marks: Sequence[Mark],
    said: Sequence[Mark],
) -> tuple[Stretch, ...]:
    """A block of the text as a run of passages and of what stands between them.

    Args:
        passages: start, end and anchor of each, in any order; one that overlaps an earlier one gives its anchor to it.
    """
    inside = sorted((p for p in passages if p[0] < last and first < p[1]), key=lambda p: (p[0], -p[1]))
    outer: list[tuple[int, int, str]] = []
    inner: dict[str, list[str]] = {}
    for passage in inside:
        if outer and passage[0] < outer[-1][1]:
            inner.setdefault(outer[-1][2], []).append(passage[2])
        else:
            outer.append(passage)
    found: list[Stretch] = []
    at = first
    for start, end, anchor in outer:
        begin, stop = max(start, first), min(end, last)
        if at < begin:
            found.append(Stretch(pieces(text, at, begin, marks, said)))
        # a passage that goes on in another block has its anchor where it begins
        own = anchor if start >= first else ""
        found.append(Stretch(pieces(text, begin, stop, marks, said), own, tuple(inner.get(anchor, ())) if own else ()))
        at = stop
    if at < last:
        found.append(Stretch(pieces(text, at, last, marks, said)))
    return tuple(found)
