"""Rules for dates that name a day, month, quarter, season or year of the calendar, with or without the year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from kg.mentions.calendar_words import (
    DASH,
    DAY,
    DAY_WORD,
    FIRST_DAY,
    MONTH,
    WEEKDAY,
    YEAR,
    YEAR_WORDS,
    Bounds,
    date_or_none,
    day,
    day_number,
    month,
    month_number,
    months,
    nearest,
    week,
    weekday_number,
    year,
    year_number,
)
from kg.model import Precision

Groups = Mapping[str, str | None]
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 2, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_EDGE = (
    r"(?:(?P<edge>(?i:early|late|mid|the (?:very )?(?:end|beginning|start|middle|close|first days|last days))"
    r"(?:-|\s+)(?:in\s+|of\s+)?)(?:the\s+)?)?"
)
_TO = rf"(?:{DASH}|\s+(?:to|through|until|till|and)\s+)"
_ANY_YEAR = rf"(?:{YEAR}|{YEAR_WORDS})"

#: Rule name -> pattern. Earlier rules win over later ones that start at the same place with the same length.
PATTERNS: dict[str, str] = {
    "iso": r"\b(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?![-\d])",
    "nine_eleven": r"\b(?:9/11\b|(?:Sept\.?|September) 11(?=\s+(?:terror\w*\s+)?(?:attacks?|hijack\w+|bomb\w+|terror\w*)\b))",
    "days": rf"\b(?P<month>{MONTH})\s+(?P<day>{FIRST_DAY}){_TO}(?P<day2>{DAY})(?:,?\s+(?P<year>{YEAR}))?",
    "days_of": rf"\b(?P<day>{FIRST_DAY}){_TO}(?P<day2>{DAY})\s+(?:of\s+)?(?P<month>{MONTH})(?:,?\s+(?P<year>{YEAR}))?",
    "dates": rf"\b(?P<month>{MONTH})\s+(?P<day>{DAY}){_TO}(?P<month2>{MONTH})\s+(?P<day2>{DAY})(?:,?\s+(?P<year>{YEAR}))?",
    "week_of": rf"\b(?:the\s+)?week\s+of\s+(?P<month>{MONTH})\s+(?P<day>{DAY})(?:,?\s+(?P<year>{YEAR}))?",
    "date": (
        rf"\b(?:(?P<side>(?i:last|next|this past|this coming))\s+)?(?:(?P<weekday>{WEEKDAY})(?:,\s*|\s+))?(?P<month>{MONTH})\s+(?:the\s+)?(?P<day>{DAY}|{DAY_WORD}\b)"
        rf"(?:,?\s+(?:of\s+)?(?P<year>{_ANY_YEAR}))?(?:,?\s+(?:of\s+)?(?P<which>(?i:this|last|next))\s+year\b)?"
    ),
    "date_of": (
        rf"\b(?:(?P<weekday>{WEEKDAY})(?:,\s*|\s+))?(?:the\s+)?(?P<day>{DAY}|(?<=the\s){DAY_WORD})"
        rf"\s+(?:of\s+)?(?P<month>{MONTH})(?:,?\s+(?P<year>{_ANY_YEAR}))?"
    ),
    "months": rf"\b(?P<month>{MONTH}){_TO}(?P<month2>{MONTH})(?:\s+(?:of\s+)?(?P<year>{YEAR}))?(?!\s+\d)",
    "month": (
        rf"\b{_EDGE}(?:(?P<which>(?i:last|next|this past|this coming|this))\s+)?(?P<month>{MONTH})"
        rf"(?:,?\s+(?:of\s+)?(?P<year>{_ANY_YEAR}|'\d\d\b)|,?\s+(?:of\s+)?(?P<which2>(?i:this|last|next))\s+year\b)?"
    ),
    "quarter": (
        r"\b(?:the\s+)?(?:(?P<year>(?:19|20)\d\d)(?:'s|’s)?\s+)?(?:(?P<which>(?i:this|last|next))\s+year(?:'s|’s)\s+)?"
        r"(?:fiscal\s+)?(?P<ordinal>(?i:first|second|third|fourth|1st|2nd|3rd|4th|last(?=\s+half)))[- ](?P<part>(?i:quarter|half))\b"
        rf"(?:\s+(?:of\s+)?(?:fiscal\s+)?(?P<year2>{YEAR})|\s+(?:of\s+)?(?P<which2>(?i:this|last|next))\s+year\b)?"
    ),
    "season": (
        r"\b(?:the\s+)?(?:(?P<which>(?i:last|next|this past|this coming|this))\s+)?"
        rf"(?P<season>(?i:spring|summer|autumn|fall|winter))\s+(?:of\s+)?(?P<year>{_ANY_YEAR})"
        r"|\b(?P<which2>(?i:last|next|this past|this coming|this|(?<=in )the|(?<=over )the|(?<=during )the|(?<=by )the))\s+"
        r"(?:(?i:early|late|mid)[- ])?(?P<season2>(?i:spring|summer|autumn|fall|winter))\b(?!\s+of)"
    ),
    "decade": (
        r"(?:\b(?:the\s+)?(?P<edge>(?i:early|mid|late))[- ])?(?:\bthe\s+)?"
        r"(?:\b(?P<decade>(?:1[5-9]|20)\d0)(?:'|’)?s\b|(?<!\w)['’](?P<short>\d0)s\b"
        r"|\b(?P<spelt>(?i:twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties))\b)"
    ),
    "century": r"\b(?:the\s+)?(?P<century>\d{1,2})(?:st|nd|rd|th)[- ](?i:century)\b",
    "years": rf"\b(?P<year>{YEAR}){_TO}(?P<year2>{YEAR})",
    "year": (
        rf"(?<![$€£\d.,#/-])\b{_EDGE}(?:fiscal\s+)?(?:the\s+year\s+)?(?P<year>{_ANY_YEAR})"
        r"(?![-/]\w)"
    ),
    "feast": (
        r"\b(?P<feast>New Year['’]s (?:Day|Eve)|Christmas(?: (?:Day|Eve))?|Boxing Day|Valentine['’]s Day|Bastille Day"
        rf"|Halloween)\b(?:,?\s+(?P<year>{YEAR}))?"
    ),
}
_FEASTS = {
    "new year's day": (1, 1),
    "new year's eve": (12, 31),
    "christmas": (12, 25),
    "christmas day": (12, 25),
    "christmas eve": (12, 24),
    "boxing day": (12, 26),
    "valentine's day": (2, 14),
    "bastille day": (7, 14),
    "halloween": (10, 31),
}
_SPELT = {
    w: 1920 + 10 * i
    for i, w in enumerate("twenties thirties forties fifties sixties seventies eighties nineties".split())
}


def which_year(which: str | None, reference: dt.date | None) -> int | None:
    """The year meant by "this", "last" or "next" year."""
    if which is None or reference is None:
        return None
    return reference.year + {"last": -1, "next": 1}.get(which.lower().split()[0], 0)


def _day_of_year(
    month_: int, day_: int, groups: Groups, reference: dt.date | None, tense: str | None
) -> dt.date | None:
    if groups.get("year"):
        return date_or_none(year_number(str(groups["year"])), month_, day_)
    if reference is None:
        return None
    fixed = which_year(groups.get("which"), reference)
    years = [fixed] if fixed else range(reference.year - 4, reference.year + 5)
    found = [date for y in years if (date := date_or_none(y, month_, day_))]
    if groups.get("weekday"):
        found = [date for date in found if date.weekday() == weekday_number(str(groups["weekday"]))] or found
    return nearest(found, reference, tense)


def _date(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    month_ = int(m) if (m := str(groups["month"])).isdigit() else month_number(m)
    day_ = day_number(str(groups["day"]))
    if groups.get("side") and reference and not groups.get("year"):
        ahead = str(groups["side"]).lower() in ("next", "this coming")
        years = range(reference.year, reference.year + 5) if ahead else range(reference.year, reference.year - 5, -1)
        dates = [date for y in years if (date := date_or_none(y, month_, day_)) and (date > reference) == ahead]
        return day(dates[0]) if dates else None
    found = _day_of_year(month_, day_, groups, reference, tense)
    return day(found) if found else None


def _week_of(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    found = _date(groups, reference, tense)
    return week(found.earliest) if found else None


def _days(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    first = month_number(str(groups["month"]))
    last = month_number(str(groups.get("month2") or groups["month"]))
    end = _day_of_year(last, day_number(str(groups["day2"])), groups, reference, tense)
    if end is None:
        return None
    start = date_or_none(end.year - (first > last), first, day_number(str(groups["day"])))
    return Bounds(start, end, Precision.RANGE) if start and start < end else None


def _month_year(month_: int, which: str | None, reference: dt.date, tense: str | None) -> int:
    """The year of a month that is named without one: "last April" is the one before, "in October" the nearest."""
    here = reference.year * 12 + reference.month
    if which and which.lower() in ("last", "this past"):
        return (here - 1 - month_) // 12
    if which and which.lower() == "next":
        return -((month_ - here - 1) // 12)
    if which:
        return reference.year
    if tense == "future":
        return -((month_ - here) // 12)
    if tense is None and 0 < (month_ - reference.month) % 12 <= 2:
        return -((month_ - here) // 12)  # the months just ahead are spoken of as plans
    return (here - month_) // 12


def _month(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    month_, words = month_number(str(groups["month"])), groups.get("year")
    if words:
        return month(1900 + int(words[1:]) if words.startswith("'") else year_number(words), month_)
    if reference is None:
        return None
    fixed = which_year(groups.get("which2"), reference)
    return month(fixed or _month_year(month_, groups.get("which"), reference, tense), month_)


def _months(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    first, last = month_number(str(groups["month"])), month_number(str(groups["month2"]))
    end = _month({"month": groups["month2"], "year": groups.get("year")}, reference, tense)
    if end is None or first == last:
        return None
    return months(end.earliest.year - (first > last), first, (last - first) % 12 + 1)


def _quarter(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    size = 3 if str(groups["part"]).lower() == "quarter" else 6
    first = (_ORDINAL[str(groups["ordinal"]).lower()] - 1) * size + 1
    if first > 12:
        return None
    words = groups.get("year") or groups.get("year2")
    fixed = int(words) if words else which_year(groups.get("which") or groups.get("which2"), reference)
    if fixed:
        return months(fixed, first, size)
    if reference is None:
        return None
    # the last that has begun, unless the future is spoken of and that one is long over
    found = months(reference.year - (first > reference.month), first, size)
    if tense == "future" and (reference - found.latest).days > 120:
        return months(found.earliest.year + 1, first, size)
    return found


def _season(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    first = _SEASONS[str(groups.get("season") or groups.get("season2")).lower()]
    if groups.get("year"):
        return months(year_number(str(groups["year"])), first, 3)
    if reference is None:
        return None
    which = str(groups.get("which2")).lower()
    now = months(reference.year - (first == 12 and reference.month < 3), first, 3)
    if which in ("last", "this past") and now.latest >= reference:
        return months(now.earliest.year - 1, first, 3)
    if which in ("next", "this coming") and now.earliest <= reference:
        return months(now.earliest.year + 1, first, 3)
    if which == "the" and tense != "future" and now.earliest > reference:
        return months(now.earliest.year - 1, first, 3)
    if which == "the" and tense == "future" and now.latest < reference:
        return months(now.earliest.year + 1, first, 3)
    return now


def _decade(groups: Groups, _reference: dt.date | None, _tense: str | None) -> Bounds | None:
    if groups.get("short"):
        first = 1900 + int(str(groups["short"]))
    else:
        first = int(str(groups["decade"])) if groups.get("decade") else _SPELT[str(groups["spelt"]).lower()]
    return Bounds(dt.date(first, 1, 1), dt.date(first + 9, 12, 31), Precision.RANGE)


def _century(groups: Groups, _reference: dt.date | None, _tense: str | None) -> Bounds | None:
    last = int(str(groups["century"])) * 100
    return Bounds(dt.date(last - 99, 1, 1), dt.date(last, 12, 31), Precision.RANGE) if 100 <= last <= 2100 else None


def _year(groups: Groups, _reference: dt.date | None, _tense: str | None) -> Bounds | None:
    return year(year_number(str(groups["year"])))


def _years(groups: Groups, _reference: dt.date | None, _tense: str | None) -> Bounds | None:
    first, last = int(str(groups["year"])), int(str(groups["year2"]))
    return Bounds(dt.date(first, 1, 1), dt.date(last, 12, 31), Precision.RANGE) if first < last else None


def _feast(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    month_, day_ = _FEASTS[str(groups["feast"]).lower().replace("’", "'")]
    found = _day_of_year(month_, day_, groups, reference, tense)
    return day(found) if found else None


def _nine_eleven(_groups: Groups, _reference: dt.date | None, _tense: str | None) -> Bounds | None:
    return day(dt.date(2001, 9, 11))


RESOLVERS = {
    "iso": _date,
    "nine_eleven": _nine_eleven,
    "days": _days,
    "days_of": _days,
    "dates": _days,
    "week_of": _week_of,
    "date": _date,
    "date_of": _date,
    "months": _months,
    "month": _month,
    "quarter": _quarter,
    "season": _season,
    "decade": _decade,
    "century": _century,
    "years": _years,
    "year": _year,
    "feast": _feast,
}
COMPILED = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
