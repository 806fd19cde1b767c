"""What is planned in a month: a box for each day, and above them what is due some time in the month."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence

from kg.web.pictures.asking import Row
from kg.web.pictures.frame import Frame, plural
from kg.web.pictures.scales import end_of_month, spoken_span
from kg.web.pictures.svg import Element, Picture, cut, el, link, text, width_of
from kg.web.pictures.timeline import short

#: What lasts longer than this has no day of its own in the month.
_LONGEST = 7
#: Entries in a day's box, and how high one is.
_MOST, _LINE = 4, 31
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _wrapped(words: str, room: float) -> list[str]:
    """Words in two lines at most."""
    lines: list[str] = []
    for word in words.split():
        if lines and (len(lines) == 2 or width_of(f"{lines[-1]} {word}", 11) <= room):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [cut(line, room, 11) for line in lines]


def _entry(row: Row, x: float, y: float, room: float, frame: Frame) -> Element:
    quad = row.whole("quadClass")
    source = row.text("outlet") or row.text("title")
    done = ", took place" if row.text("deed") else ""
    title = f"{short(row.text('what'))} ({spoken_span(row.day('from'), row.day('until'))}, {source}{done})"
    words = [] if room < 60 else _wrapped(short(row.text("what")), room - 14)
    look = f"q{quad}" if row.text("deed") else f"hollow s{quad}"
    return link(
        frame.thing(row.text("event")),
        title,
        el("rect", look="hit", x=x - 2, y=y - 12, width=room, height=15 + 13 * max(0, len(words) - 1)),
        el("circle", look=look, cx=x + 4, cy=y - 4, r=3.5),
        *(text(x + 12, y + 13 * number, line, "ink small") for number, line in enumerate(words)),
    )


def _loose(rows: Sequence[Row], frame: Frame) -> tuple[list[Element], float]:
    """What is due some time in the month, and how far down it reaches."""
    if not rows:
        return [], 8.0
    drawn, y = [text(0, 16, "Some time around this month", "soft small strong")], 34.0
    columns = 1 if frame.narrow else 2
    room = frame.width / columns
    for number, row in enumerate(rows[: 5 * columns]):
        drawn.append(_entry(row, number % columns * room, y + number // columns * 17, room - 10, frame))
    y += (min(len(rows), 5 * columns) - 1) // columns * 17
    if len(rows) > 5 * columns:
        y += 17
        drawn.append(text(12, y, f"and {len(rows) - 5 * columns:,} more in the list", "soft small"))
    return drawn, y + 16


def _box(
    day: dt.date, rows: Sequence[Row], at: tuple[float, float], size: tuple[float, float], frame: Frame
) -> list[Element]:
    (x, y), (wide, tall) = at, size
    drawn = [
        el("rect", look="panel" if rows else "paper", x=x + 1, y=y + 1, width=wide - 2, height=tall - 2, rx=3),
        text(x + 7, y + 16, str(day.day), "ink small strong" if rows else "soft small"),
    ]
    if frame.narrow:
        for number, row in enumerate(rows[:9]):
            drawn.append(_entry(row, x + 6 + number % 3 * 13, y + 32 + number // 3 * 13, 13, frame))
        return drawn
    for number, row in enumerate(rows[:_MOST]):
        drawn.append(_entry(row, x + 7, y + 35 + number * _LINE, wide - 10, frame))
    if len(rows) > _MOST:
        drawn.append(text(x + wide - 8, y + 16, f"+{len(rows) - _MOST:,}", "soft small end"))
    return drawn


def draw(rows: Sequence[Row], first: dt.date, frame: Frame) -> Picture:
    """The month that begins with ``first``; filled dots took place, by another article's word."""
    last = end_of_month(first)
    loose = [r for r in rows if (r.day("until") - r.day("from")).days >= _LONGEST]
    days: dict[dt.date, list[Row]] = {}
    for row in rows:
        if (row.day("until") - row.day("from")).days < _LONGEST:
            days.setdefault(max(row.day("from"), first), []).append(row)
    drawn, y = _loose(loose, frame)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    wide = frame.width / 7
    for column, name in enumerate(_WEEKDAYS):
        drawn.append(text(column * wide + 7, y + 12, name[:3] if frame.narrow else name, "soft small"))
    y += 20
    for week in weeks:
        busiest = max(len(days.get(day, ())) for day in week)
        tall = (34 + 13 * min(3, -(-busiest // 3))) if frame.narrow else max(46, 30 + _LINE * min(busiest, _MOST))
        for column, day in enumerate(week):
            if day.month == first.month:
                drawn += _box(day, days.get(day, []), (column * wide, y), (wide, tall), frame)
        y += tall
        drawn.append(el("line", look="line", x1=0, y1=y, x2=frame.width, y2=y))
    name = spoken_span(first, last)
    words = f"{plural(len(rows), 'plan')} for {name}; a filled dot is one that took place."
    key = [
        el("circle", look="hollow s1", cx=6, cy=y + 15, r=3.5),
        text(15, y + 19, "planned", "soft small"),
        el("circle", look="q1", cx=width_of("planned", 12) + 34, cy=y + 15, r=3.5),
        text(width_of("planned", 12) + 43, y + 19, "took place", "soft small"),
    ]
    return Picture("calendar", f"Planned for {name}", words, frame.width, y + 28, (*drawn, *key))
