"""Scales and their ticks: days along a line, and numbers up from zero."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
#: Months between two ticks, from many ticks to few; a step of one month and less has days between.
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000)
_DAYS = (1, 2, 7, 14)


def full_month(day: dt.date) -> str:
    """Such as "January 2016"."""
    return f"{calendar.month_name[day.month]} {day.year}"


def month_name(number: int) -> str:
    """Such as "Jan" for 1."""
    return _MONTHS[number - 1]


def spoken(day: dt.date) -> str:
    """A day in words, such as "26 Jan 2016"."""
    return f"{day.day} {month_name(day.month)} {day.year}"


def spoken_span(first: dt.date, last: dt.date) -> str:
    """A day or a stretch of days in words."""
    if first == last:
        return spoken(first)
    if first.day == 1 and first.month == 1 and last == dt.date(last.year, 12, 31):
        return str(first.year) if first.year == last.year else f"{first.year} to {last.year}"
    if first.day == 1 and last == end_of_month(first):
        return full_month(first)
    return f"{spoken(first)} to {spoken(last)}"


def end_of_month(day: dt.date) -> dt.date:
    """The last day of a day's month."""
    return add_months(day.replace(day=1), 1) - dt.timedelta(days=1)


def add_months(first: dt.date, months: int) -> dt.date:
    """The first day of the month so many months after that of ``first``; the calendar's ends are not passed."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(min(max(year, 1), dt.MAXYEAR), month + 1, 1)


@dataclass(frozen=True)
class Tick:
    """A place on an axis, its words, and whether it is one of the chief ones."""

    at: float
    words: str
    chief: bool = False


@dataclass(frozen=True)
class Days:
    """Days on a line, from ``first`` at ``left`` to the end of ``last`` at ``right``."""

    first: dt.date
    last: dt.date
    left: float
    right: float

    def at(self, day: dt.date) -> float:
        """Where a day begins; days outside stand at the ends."""
        share = (day.toordinal() - self.first.toordinal()) / self.days
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    @property
    def days(self) -> int:
        """How many there are."""
        return self.last.toordinal() - self.first.toordinal() + 1

    def ticks(self, room: float = 74) -> list[Tick]:
        """Ticks at whole years, months or days, with at least so much room for each; a month says its year once."""
        most = max(2.0, (self.right - self.left) / room)
        if self.days / most < 20:
            step = next((d for d in _DAYS if self.days / d <= most), _DAYS[-1])
            return list(self._day_ticks(step))
        months = next((m for m in _STEPS if self.days / 30.44 / m <= most), _STEPS[-1])
        return list(self._month_ticks(months))

    def _month_ticks(self, step: int) -> Iterator[Tick]:
        index = self.first.year * 12 + self.first.month - 1
        index = -(-index // step) * step
        named = None
        while index <= self.last.year * 12 + self.last.month - 1:
            year, month = divmod(index, 12)
            day = dt.date(max(year, 1), month + 1, 1)
            if day >= self.first:
                words = str(year) if step >= 12 else month_name(month + 1)
                if step < 12 and year != named:
                    words, named = f"{words} {year}", year
                yield Tick(self.at(day), words, month == 0)
            index += step

    def _day_ticks(self, step: int) -> Iterator[Tick]:
        named = None
        for offset in range(0, self.days, step):
            day = self.first + dt.timedelta(days=offset)
            words = f"{day.day} {month_name(day.month)}"
            if day.year != named:
                words, named = f"{words} {day.year}", day.year
            yield Tick(self.at(day), words, day.day == 1)


def nice(most: float) -> list[int]:
    """Whole numbers from zero to at least ``most``, four or so, that are read at a glance."""
    step, unit = 1, 1
    while step * 4 < most:
        step = next((f * unit for f in (1, 2, 5, 10) if f * unit * 4 >= most), 10 * unit)
        unit *= 10
    return list(range(0, step * max(1, -(-int(-(-most // 1)) // step)) + 1, step))
