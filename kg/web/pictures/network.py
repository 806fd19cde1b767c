"""Who deals with whom: parties, and between two of them a line as wide as their dealings are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.web.pictures.asking import Row
from kg.web.pictures.frame import Frame, plural
from kg.web.pictures.layout import placed
from kg.web.pictures.svg import Element, Picture, cut, el, link, text, width_of

#: More parties, or more lines, than these make a ball of wool of a picture.
MOST_NODES, MOST_EDGES = 36, 90
_NARROW_NODES, _NARROW_EDGES = 14, 30
#: Less conflict than this share is cooperation, more than the other is conflict, and between them a bit of both.
FRIENDLY, HOSTILE = 0.34, 0.66
_LOOKS = (("friendly", "cooperation"), ("mixed", "both"), ("hostile", "conflict"))


@dataclass(frozen=True)
class Chosen:
    """What of the rows is drawn: parties with their names and events, the busiest first, and the pairs among them."""

    names: dict[str, str]
    events: Counter[str]
    pairs: tuple[Row, ...]
    parties: int


def chosen(rows: Sequence[Row], most: int = MOST_NODES, edges: int = MOST_EDGES) -> Chosen:
    """The busiest parties and the strongest pairs among them."""
    events: Counter[str] = Counter()
    names: dict[str, str] = {}
    for row in rows:
        for end in ("a", "b"):
            events[row.text(end)] += row.whole("events")
            names[row.text(end)] = row.text("nameA" if end == "a" else "nameB")
    kept = set(sorted(events, key=lambda iri: (-events[iri], iri))[:most])
    pairs = tuple(row for row in rows if {row.text("a"), row.text("b")} <= kept)[:edges]
    drawn = {row.text(end) for row in pairs for end in ("a", "b")}
    order = sorted(drawn, key=lambda iri: (-events[iri], iri))
    return Chosen({iri: names[iri] for iri in order}, events, pairs, len(events))


def tone(row: Row) -> str:
    """How two parties deal with each other: friendly, mixed or hostile."""
    share = row.whole("conflict") / max(row.whole("cooperation") + row.whole("conflict"), 1)
    return "friendly" if share < FRIENDLY else "hostile" if share > HOSTILE else "mixed"


def _short(iri: str) -> str:
    """A party in an address: its code, or what follows 'id/'."""
    path = iri.partition("/id/")[2]
    kind, _, key = path.partition("/")
    return key if kind == "state" or (kind == "organization" and key.isupper()) else path


def _edge(row: Row, at: dict[str, tuple[float, float]], most: int, frame: Frame) -> Element:
    a, b = row.text("a"), row.text("b")
    (x1, y1), (x2, y2) = at[a], at[b]
    width = 1 + 6 * row.whole("events") / most
    friendly, hostile = row.whole("cooperation"), row.whole("conflict")
    title = f"{row.text('nameA')} and {row.text('nameB')}: {friendly:,} in cooperation, {hostile:,} in conflict"
    # bent a little and always to the same side, so that lines that run alike can be told apart
    bend = 0.08
    cx, cy = (x1 + x2) / 2 + (y2 - y1) * bend, (y1 + y2) / 2 - (x2 - x1) * bend
    path = f"M{x1:.1f},{y1:.1f}Q{cx:.1f},{cy:.1f} {x2:.1f},{y2:.1f}"
    return link(
        frame.page("compare", actor="", a=_short(a), b=_short(b)),
        title,
        el("path", look=tone(row), d=path, stroke_width=width, stroke_opacity=0.75, stroke_linecap="round"),
    )


def _node(iri: str, name: str, radius: float, at: tuple[float, float], events: int, frame: Frame) -> Element:
    x, y = at
    size = 13.5 if radius > 12.5 else 12
    return link(
        frame.thing(iri),
        f"{name}: {plural(events, 'dealing')}",
        el("circle", look="node", cx=x, cy=y, r=radius),
        text(x, y + radius + 13, name, "ink halo middle" + (" strong" if radius > 12.5 else ""), font_size=size),
    )


def draw(rows: Sequence[Row], frame: Frame) -> Picture:
    """The network of the busiest parties."""
    drawn = chosen(rows, _NARROW_NODES, _NARROW_EDGES) if frame.narrow else chosen(rows)
    order = list(drawn.names)
    heaviest, strongest = max(drawn.events[i] for i in order), max(r.whole("events") for r in drawn.pairs)
    radii = [3 + 14 * (drawn.events[i] / heaviest) ** 0.5 for i in order]
    labels = [cut(drawn.names[i], 170, 12) for i in order]
    halves = [max(r, width_of(words, 12.5) / 2) for r, words in zip(radii, labels, strict=True)]
    boxes = np.array([[h, h, r, r + 18] for h, r in zip(halves, radii, strict=True)])
    index = {iri: i for i, iri in enumerate(order)}
    edges = [(index[r.text("a")], index[r.text("b")], (r.whole("events") / strongest) ** 0.5) for r in drawn.pairs]
    tall = (480.0 if frame.narrow else 600.0) * min(1.0, 0.4 + len(order) / 36)
    places = placed(len(order), edges, (frame.width, tall), boxes)
    at = {iri: (float(x), float(y) + 34) for iri, (x, y) in zip(order, places, strict=True)}
    lines = [_edge(row, at, strongest, frame) for row in reversed(drawn.pairs)]
    # the weightiest last, so that nothing lies on them
    parts = reversed(list(zip(order, labels, radii, strict=True)))
    nodes = [_node(i, words, r, at[i], drawn.events[i], frame) for i, words, r in parts]
    told = f"{plural(len(order), 'party', 'parties')} and {plural(len(drawn.pairs), 'pair')} that deal with each other."
    return Picture("network", "Who deals with whom", told, frame.width, tall + 40, (*_legend(frame), *lines, *nodes))


def _legend(frame: Frame) -> list[Element]:
    drawn, x = [], 0.0
    for look, name in _LOOKS:
        words = name if look == "mixed" or frame.narrow else f"mostly {name}"
        drawn.append(el("line", look=look, x1=x + 1, y1=12, x2=x + 21, y2=12, stroke_width=4))
        drawn.append(text(x + 28, 16, words, "soft small"))
        x += 28 + width_of(words, 12) + 16
    return drawn
