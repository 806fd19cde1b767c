"""Counts by day, month or year, put into bins that are wide enough to be seen and to be hit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.web.pictures.asking import Row
from kg.web.pictures.scales import add_months, end_of_month

#: Months in a bin, from narrow to wide.
_STEPS = (1, 3, 12, 60, 120, 600, 1200)


@dataclass
class Bin:
    """A stretch of days and the number of events of each quad class that begin in it."""

    first: dt.date
    last: dt.date
    counts: Counter[int] = field(default_factory=Counter)


def span(rows: Sequence[Row]) -> tuple[dt.date, dt.date]:
    """The first and the last day of rows that have a ``period``."""
    days = [bounds(row.text("period")) for row in rows]
    return min(first for first, _ in days), max(last for _, last in days)


def bounds(period: str) -> tuple[dt.date, dt.date]:
    """The days of a period, written 2016, 2016-01 or 2016-01-26."""
    parts = [int(part) for part in period.split("-")]
    first = dt.date(parts[0], *[*parts[1:], 1, 1][:2])
    if len(parts) == 3:
        return first, first
    return first, end_of_month(first) if len(parts) == 2 else dt.date(first.year, 12, 31)


def binned(rows: Sequence[Row], first: dt.date, last: dt.date, most: int) -> list[Bin]:
    """All bins from the first day to the last, the empty ones too: days, or months in steps, no more than ``most``."""
    daily = all(len(row.text("period")) == 10 for row in rows) and (last - first).days < most
    bins = (
        _days(first, last)
        if daily
        else _months(first, last, most, 12 if any(len(row.text("period")) == 4 for row in rows) else 1)
    )
    starts = [b.first for b in bins]
    for row in rows:
        day, _ = bounds(row.text("period"))
        number = max(i for i, start in enumerate(starts) if start <= day) if day >= starts[0] else 0
        bins[number].counts[row.whole("quadClass")] += row.whole("events")
    return bins


def _days(first: dt.date, last: dt.date) -> list[Bin]:
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [Bin(day, day) for day in days]


def _months(first: dt.date, last: dt.date, most: int, least: int) -> list[Bin]:
    total = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((s for s in _STEPS if total / s <= most and s >= least), _STEPS[-1])
    index = (first.year * 12 + first.month - 1) // step * step
    bins = []
    while index <= last.year * 12 + last.month - 1:
        start = dt.date(max(index // 12, 1), index % 12 + 1, 1)
        bins.append(Bin(start, add_months(start, step) - dt.timedelta(days=1)))
        index += step
    return bins
