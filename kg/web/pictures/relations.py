"""Two actors over time: cooperation above the line, conflict below it, a bar for each month or year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kg.web.pictures.asking import Row
from kg.web.pictures.bins import Bin, binned, span
from kg.web.pictures.frame import QUADS, Frame, legend, plural
from kg.web.pictures.scales import Days, add_months, end_of_month, nice, spoken_span
from kg.web.pictures.svg import Element, Picture, el, link, text, width_of
from kg.web.pictures.timeline import unit, zoom

#: Height for the bars, room for numbers beside them, the fewest periods to show, and how wide a bar is at most.
_ROOM, _LEFT, _FEWEST = 280.0, 34.0, 12
_WIDEST = 34.0
#: From the line outwards: what is done first, then what is said.
_UP, _DOWN = (2, 1), (4, 3)


def _sides(bins: Sequence[Bin]) -> tuple[int, int]:
    return max(sum(b.counts[q] for q in _UP) for b in bins), max(sum(b.counts[q] for q in _DOWN) for b in bins)


def _padded(first: dt.date, last: dt.date, *, yearly: bool) -> tuple[dt.date, dt.date]:
    """Days around few bars, so that one month does not fill the whole picture."""
    if yearly:
        first, last = dt.date(first.year, 1, 1), dt.date(last.year, 12, 31)
    step = 12 if yearly else 1
    lacking = _FEWEST - (last.year * 12 + last.month - first.year * 12 - first.month + 1) // step
    if lacking <= 0:
        return first, last
    before = lacking // 2
    return add_months(first, -before * step), end_of_month(add_months(last, (lacking - before) * step))


def _bars(b: Bin, days: Days, zero: float, scale: float, frame: Frame) -> Element:
    """One period's bars as one link to its events."""
    each = (days.right - days.left) / days.days
    left, right = days.at(b.first), days.at(b.last) + each
    gap = max(min(3.0, (right - left) * 0.18), right - left - _WIDEST)
    parts: list[Element] = []
    for way, quads in ((-1, _UP), (1, _DOWN)):
        at = zero
        for quad in quads:
            if b.counts[quad]:
                height = b.counts[quad] * scale
                top = at - height if way < 0 else at
                parts.append(
                    el(
                        "rect",
                        look=f"q{quad}",
                        x=left + gap / 2,
                        y=top,
                        width=max(right - left - gap, 1.5),
                        height=height,
                    )
                )
                at += way * height
    told = "; ".join(f"{QUADS[q][0].lower()} {b.counts[q]:,}" for q in QUADS if b.counts[q])
    return link(frame.page("timeline", **zoom(b)), f"{spoken_span(b.first, b.last)}: {told}", *parts)


def chart(rows: Sequence[Row], who: str, frame: Frame) -> Picture:
    """The chart.

    Args:
        rows: a period, a quad class and the number of events in each.
        who: between whom, in words.
    """
    first, last = span(rows)
    first, last = _padded(first, last, yearly=len(rows[0].text("period")) == 4)
    bins = binned(rows, first, last, int(frame.width / 9))
    days = Days(bins[0].first, bins[-1].last, _LEFT, frame.width - 2)
    up, down = _sides(bins)
    top, scale = (64.0 if frame.narrow else 46.0), _ROOM / max(up + down, 4)
    zero = top + 14 + up * scale
    bottom = zero + max(down * scale, 22) + 14
    drawn = legend(0, 16, frame.narrow)
    steps = nice(max(up, down, 2))
    for value in sorted({*steps, *(-s for s in steps)}):
        at = zero - value * scale
        if top <= at <= bottom and -down * 1.3 - 1 <= value <= up * 1.3 + 1:
            drawn.append(el("line", look="axis" if value == 0 else "line", x1=_LEFT, y1=at, x2=frame.width, y2=at))
            drawn.append(text(_LEFT - 7, at + 4, f"{abs(value):,}", "soft small end"))
    for tick in days.ticks():
        drawn.append(el("line", look="line", x1=tick.at, y1=top, x2=tick.at, y2=bottom + 4))
        if tick.at + 3 + width_of(tick.words, 11) <= days.right:
            drawn.append(text(tick.at + 3, bottom + 15, tick.words, "soft small"))
    marks = [_bars(b, days, zero, scale, frame) for b in bins if b.counts]
    side = [
        text(_LEFT + 5, top + 8, "cooperation ↑", "soft small halo"),
        text(_LEFT + 5, bottom - 2, "conflict ↓", "soft small halo"),
    ]
    total = sum(row.whole("events") for row in rows)
    told = (
        f"{plural(total, 'event')} by {unit(bins[0])}, {spoken_span(first, last)}: "
        "cooperation above the line, conflict below it."
    )
    return Picture("relations", f"Relations: {who}", told, frame.width, bottom + 24, (*drawn, *side, *marks))
