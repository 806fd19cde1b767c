"""The words of the calendar and what is reckoned with them: the ground that the date rules stand on."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass

from kg.model import Precision

MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_UNITS += "seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split()
_ORDINALS += "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split()
_NUMBERS = {word: i for i, word in enumerate(_UNITS)} | {word: 10 * i for i, word in enumerate(_TENS, 2)}
_DAY_WORDS = {word: i for i, word in enumerate(_ORDINALS, 1)} | {"thirtieth": 30, "thirty-first": 31}
_DAY_WORDS |= {f"twenty-{word}": 20 + i for i, word in enumerate(_ORDINALS[:9], 1)}

# Pieces of patterns. Months and weekdays are matched with their capital ("may", "march" and "sun" are other words).
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|JANUARY|FEBRUARY|MARCH|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
)
WEEKDAY = (
    r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
    r"|MONDAY|TUESDAY|WEDNESDAY|THURSDAY|FRIDAY|SATURDAY|SUNDAY|(?:Mon|Tues|Tue|Wed|Thurs|Thur|Thu|Fri|Sat|Sun)\.)"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d,.]{0,12}\d|\w|-\w|\s*(?:percent|per cent|%))"
#: The first day of a range ("10-12"), where a dash and a number may follow.
FIRST_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d,.]{0,12}\d|[a-zA-Z])"
DAY_WORD = rf"(?i:{'|'.join(sorted(_DAY_WORDS, key=len, reverse=True))})"
YEAR = r"(?:1[5-9]\d\d|20\d\d)(?![\d%]|[,.]\d|\w)"
YEAR_WORDS = (
    rf"(?i:nineteen[- ](?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(_UNITS[10:])})"
    rf"|two thousand(?: (?:and )?(?:{'|'.join(_UNITS[1:])}))?)"
)
NUMBER = rf"(?i:\d{{1,3}}|an?|{'|'.join(_UNITS[1:])}|{'|'.join(_TENS)})"
DASH = r"\s*(?:-|–|—)\s*"


@dataclass(frozen=True)
class Bounds:
    """The first and last day that words stand for, and how fine they are."""

    earliest: dt.date
    latest: dt.date
    precision: Precision


def month_number(word: str) -> int:
    """1 to 12 for a month's name or abbreviation."""
    start = word.lower()[:3]
    return next(i for i, month in enumerate(MONTHS, 1) if month.startswith(start))


def weekday_number(word: str) -> int:
    """0 (Monday) to 6 for a weekday's name or abbreviation."""
    start = word.lower()[:3]
    return next(i for i, day in enumerate(WEEKDAYS) if day.startswith(start))


def number(word: str) -> int:
    """The value of a number in figures or words; "a" and "an" are one."""
    word = word.lower()
    if word.isdigit():
        return int(word)
    return 1 if word in ("a", "an") else _NUMBERS[word]


def day_number(word: str) -> int:
    """The day of the month in figures ("11", "11th") or as a word ("eleventh")."""
    digits = "".join(c for c in word if c.isdigit())
    return int(digits) if digits else _DAY_WORDS[word.lower()]


def year_number(words: str) -> int:
    """The year in figures or spelt out ("nineteen ninety-six", "two thousand and one")."""
    if words.isdigit():
        return int(words)
    parts = [part for part in words.lower().replace("-", " ").split() if part != "and"]
    if parts[:2] == ["two", "thousand"]:
        return 2000 + sum(_NUMBERS[part] for part in parts[2:])
    return 1900 + sum(_NUMBERS[part] for part in parts[1:])


def date_or_none(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None where there is no such day."""
    return dt.date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None


def day(date: dt.date) -> Bounds:
    """One day."""
    return Bounds(date, date, Precision.DAY)


def week(date: dt.date) -> Bounds:
    """The week from Monday to Sunday (ISO 8601) that holds the day."""
    monday = date - dt.timedelta(days=date.weekday())
    return Bounds(monday, monday + dt.timedelta(days=6), Precision.WEEK)


def month(year: int, month_: int) -> Bounds:
    """A whole month; ``month_`` may lie outside 1 to 12 and is then reckoned into other years."""
    year, month_ = year + (month_ - 1) // 12, (month_ - 1) % 12 + 1
    return Bounds(dt.date(year, month_, 1), dt.date(year, month_, monthrange(year, month_)[1]), Precision.MONTH)


def year(year_: int) -> Bounds:
    """A whole year."""
    return Bounds(dt.date(year_, 1, 1), dt.date(year_, 12, 31), Precision.YEAR)


def months(year_: int, first: int, count: int) -> Bounds:
    """Some months in a row, as a range."""
    return Bounds(month(year_, first).earliest, month(year_, first + count - 1).latest, Precision.RANGE)


def shifted(date: dt.date, unit: str, count: int) -> dt.date:
    """The day ``count`` units later (earlier where negative); a day that a month lacks becomes its last."""
    if unit in ("day", "week"):
        return date + dt.timedelta(days=count * (7 if unit == "week" else 1))
    total = date.year * 12 + date.month - 1 + count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[unit]
    last = monthrange(total // 12, total % 12 + 1)[1]
    return dt.date(total // 12, total % 12 + 1, min(date.day, last))


def unit_around(date: dt.date, unit: str) -> Bounds:
    """The day, week, month, quarter, year or decade that holds a day."""
    if unit == "quarter":
        return months(date.year, date.month - (date.month - 1) % 3, 3)
    if unit == "decade":
        first = date.year - date.year % 10
        return Bounds(dt.date(first, 1, 1), dt.date(first + 9, 12, 31), Precision.RANGE)
    if unit == "month":
        return month(date.year, date.month)
    return year(date.year) if unit == "year" else week(date) if unit == "week" else day(date)


def nearest(candidates: list[dt.date], reference: dt.date, tense: str | None) -> dt.date | None:
    """The candidate that lies nearest to the reference.

    Where the tense is known, a candidate on its side wins over a nearer one of the other side, unless that one is only
    days away (reports speak of yesterday's plan for today); without a tense a past day counts as somewhat nearer.
    """

    def distance(candidate: dt.date) -> float:
        days = (candidate - reference).days
        wrong_side = (tense == "past" and days > 2) or (tense == "future" and days < -2)
        return abs(days) * (2.5 if wrong_side else 1.0) + (0.5 if days > 0 and tense is None else 0.0)

    return min(candidates, key=distance, default=None)
