"""Events over time, in a lane for each quad class: with their names where there are few, as dots, or as counts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.web.pictures.asking import Row
from kg.web.pictures.bins import Bin, binned, span
from kg.web.pictures.frame import QUADS, Frame, plural
from kg.web.pictures.scales import Days, add_months, end_of_month, nice, spoken_span
from kg.web.pictures.svg import Element, Picture, cut, el, link, text, width_of

#: Up to so many events are drawn one by one, and so many with their names.
MOST_DOTS, MOST_NAMED, MOST_NAMED_NARROW = 300, 110, 60
#: Heights: above the marks of a lane, below the last lane, and of the highest bar.
_HEAD, _FOOT, _TALL = 30.0, 26.0, 120.0
#: How long a name may be.
_ROOM = 215.0
#: What a label says that the picture shows anyway.
_SHOWN = re.compile(r"(, \d{4}-\d\d-\d\d( to \d{4}-\d\d-\d\d)?)?( \((planned|possible|negated|in \d+ articles)\))*$")
TITLE = "Events over time"
Asked = tuple[dt.date | None, dt.date | None]


def short(what: str) -> str:
    """An event's label without its days and its modality."""
    return _SHOWN.sub("", what)


@dataclass(frozen=True)
class _Mark:
    """An event in its lane: its row from the top, where its dot stands, how far it reaches, and its name, cut to its room."""

    row: Row
    level: int
    x: float
    until: float
    label: str
    before: bool


def _radius(row: Row) -> float:
    return 4.5 + min(row.whole("tellings") - 1, 4) * 0.9


def _said(row: Row) -> str:
    """An event in words, for readers who see no picture and for the pointer."""
    when = spoken_span(row.day("from"), row.day("until"))
    real = "" if row.text("modality") == "actual" else f", {row.text('modality')}"
    dated = ", the day of its article" if row.text("dated").startswith("by the day") else ""
    told = f", told by {row.whole('tellings')} articles" if row.whole("tellings") > 1 else ""
    return f"{short(row.text('what'))} ({when}{dated}{real}{told})"


def _packed(rows: Sequence[Row], days: Days, frame: Frame, *, named: bool) -> list[_Mark]:
    """Marks in as few rows as hold them side by side."""
    ends: list[float] = []
    marks = []
    for row in sorted(rows, key=lambda r: (r.text("from"), -r.whole("tellings"), r.text("event"))):
        x, radius = days.at(row.day("from")), _radius(row)
        until = max(x, days.at(row.day("until"))) if row.text("until") != row.text("from") else x
        # a name that would run over the edge stands before its dot, where there is more room
        behind, ahead = frame.width - 14 - x - radius, x - radius - 10
        words = short(row.text("what")) if named else ""
        before = bool(words) and width_of(cut(words, _ROOM, 12), 12) > behind and ahead > behind
        label = cut(words, min(_ROOM, ahead if before else behind), 12) if words else ""
        wide = width_of(label, 12) + 8 if label else 0
        left = x - radius - (wide if before else 0)
        right = max(x + radius + (0 if before else wide), until)
        level = next((i for i, end in enumerate(ends) if end + 2 <= left), len(ends))
        ends[level:] = [right, *ends[level + 1 :]]
        marks.append(_Mark(row, level, x, until, label, before))
    return marks


def _mark(mark: _Mark, y: float, frame: Frame) -> Element:
    row, radius = mark.row, _radius(mark.row)
    quad = row.whole("quadClass")
    real = row.text("modality") == "actual"
    parts: list[Element | None] = []
    if mark.until - mark.x > 3:
        parts.append(
            el("line", look=f"s{quad}", x1=mark.x, y1=y, x2=mark.until, y2=y, stroke_width=2, stroke_opacity=0.45)
        )
    look = f"q{quad} rim" if real else f"hollow s{quad}"
    parts.append(el("circle", look=look, cx=mark.x, cy=y, r=radius if real else radius - 0.8))
    if mark.label:
        at = mark.x - radius - 5 if mark.before else mark.x + radius + 5
        parts.append(text(at, y + 4, mark.label, "ink halo end" if mark.before else "ink halo", font_size=12))
    return link(frame.thing(row.text("event")), _said(row), *parts)


def _axis(days: Days, top: float, bottom: float) -> list[Element]:
    drawn = []
    for tick in days.ticks():
        drawn.append(
            el("line", look="line", x1=tick.at, y1=top, x2=tick.at, y2=bottom, stroke_width=1.4 if tick.chief else 1)
        )
        if tick.at + 3 + width_of(tick.words, 11) <= days.right:
            drawn.append(text(tick.at + 3, bottom + 15, tick.words, "soft small"))
    drawn.append(el("line", look="axis", x1=days.left, y1=bottom, x2=days.right, y2=bottom))
    return drawn


def _lane_head(quad: int, y: float, count: int, frame: Frame) -> list[Element]:
    name, gloss = QUADS[quad]
    words = f"{name}, {count:,}"
    drawn = [
        el("rect", look=f"q{quad}", x=0, y=y + 9, width=10, height=10, rx=2),
        text(16, y + 18, words, "ink strong halo"),
    ]
    if not frame.narrow:
        drawn.append(text(20 + width_of(words, 13.5), y + 18, gloss, "soft small halo"))
    return drawn


def _range(rows: Sequence[Row], asked: Asked) -> tuple[dt.date, dt.date]:
    """The days to show, with a margin, so that no dot is cut; no more than was asked for."""
    first, last = min(r.day("from") for r in rows), max(r.day("from") for r in rows)
    first, last = max(first, asked[0] or first), max(last, asked[0] or last)
    margin = dt.timedelta(days=max(2, (last - first).days // 60))
    try:
        return first - margin, last + margin
    except OverflowError:
        return first, last


def events(rows: Sequence[Row], frame: Frame, asked: Asked = (None, None)) -> Picture:
    """Events one by one, each a link to its page; hollow ones did not, or not yet, take place.

    Args:
        asked: the first and the last day that were asked for; what began before stands at the edge.
    """
    first, last = _range(rows, asked)
    days = Days(first, last, 6.0, frame.width - 6)
    named, y = len(rows) <= (MOST_NAMED_NARROW if frame.narrow else MOST_NAMED), 0.0
    step = 19.0 if named else 11.5
    lanes, marks = [], []
    for quad in QUADS:
        lane = [row for row in rows if row.whole("quadClass") == quad]
        if not lane:
            continue
        packed = _packed(lane, days, frame, named=named)
        lanes += _lane_head(quad, y, len(lane), frame)
        marks += [_mark(mark, y + _HEAD + 8 + mark.level * step, frame) for mark in packed]
        y += _HEAD + 14 + step * (1 + max(mark.level for mark in packed))
        lanes.append(el("line", look="line", x1=0, y1=y, x2=frame.width, y2=y))
    told = f"{plural(len(rows), 'event')} from {spoken_span(min(r.day('from') for r in rows), max(r.day('from') for r in rows))}"
    return Picture(
        "timeline", TITLE, f"{told}, in a lane for each kind of dealing.", frame.width, y + _FOOT,
        (*_axis(days, 0, y), *lanes, *marks),
    )  # fmt: skip


def zoom(bin_: Bin) -> dict[str, str]:
    """The parameters that show one bin alone."""
    return {"from_": bin_.first.isoformat(), "until": bin_.last.isoformat()}


def counts(rows: Sequence[Row], frame: Frame) -> Picture:
    """Counts of events in bins, one lane below the other on one scale; each bar leads to its own days."""
    first, last = span(rows)
    bins = binned(rows, first, last, int(frame.width / (6 if frame.narrow else 7)))
    days = Days(bins[0].first, bins[-1].last, 34.0, frame.width - 2)
    most = max(count for b in bins for count in b.counts.values())
    steps = nice(most)[1:] if len(nice(most)) < 5 else nice(most)[2::2]
    drawn, marks, y = [], [], 0.0
    for quad in QUADS:
        total, highest = sum(b.counts[quad] for b in bins), max(b.counts[quad] for b in bins)
        # one scale for all, and no more room than a lane needs
        base = y + _HEAD + max(highest / most * _TALL, 14)
        drawn += _lane_head(quad, y, total, frame)
        for value in steps:
            if (at := base - value / most * _TALL) >= y + _HEAD + 4:
                drawn.append(el("line", look="line", x1=34, y1=at, x2=frame.width, y2=at))
                drawn.append(text(28, at + 4, f"{value:,}", "soft small end"))
        drawn.append(el("line", look="axis", x1=34, y1=base, x2=frame.width, y2=base))
        for b in bins:
            if b.counts[quad]:
                marks.append(_bar(b, quad, days, base, b.counts[quad] / most * _TALL, frame))
        y = base + 10
    total = sum(row.whole("events") for row in rows)
    return Picture(
        "timeline", TITLE, f"{plural(total, 'event')} from {spoken_span(first, last)}, counted by {unit(bins[0])}.",
        frame.width, y + _FOOT - 8, (*_axis(days, _HEAD, y - 10), *drawn, *marks),
    )  # fmt: skip


def _bar(b: Bin, quad: int, days: Days, base: float, height: float, frame: Frame) -> Element:
    left = days.at(b.first)
    right = days.at(b.last) + (days.right - days.left) / days.days
    title = f"{QUADS[quad][0]}, {spoken_span(b.first, b.last)}: {plural(b.counts[quad], 'event')}"
    bar = el(
        "rect",
        look=f"q{quad}",
        x=left,
        y=base - max(height, 1),
        width=max(right - left - 1, 1.5),
        height=max(height, 1),
    )
    return link(frame.page("timeline", **zoom(b)), title, bar)


def unit(b: Bin) -> str:
    """What one bin is."""
    if b.first == b.last:
        return "day"
    if b.last == end_of_month(b.first):
        return "month"
    months = next(n for n in (3, 12, 60, 120, 600, 1200) if b.last < add_months(b.first, n))
    return {3: "quarter", 12: "year"}.get(months, f"{months // 12} years")
