"""Rules for dates that are told by the distance from another day: "Tuesday", "last month", "two days ago"."""

from __future__ import annotations

import datetime as dt
import re

from kg.mentions.calendar_words import (
    DASH,
    NUMBER,
    WEEKDAY,
    Bounds,
    day,
    number,
    shifted,
    unit_around,
    week,
    weekday_number,
    year,
)
from kg.mentions.dates_calendar import Groups
from kg.model import Precision

_PART = r"(?i:early\s+(?:in\s+the\s+)?)?(?i:morning|afternoon|evening|night|noon|midday)"
_LATE = r"(?:(?P<late>(?i:early|late|earlier|later))\s+(?:on\s+)?)?"
_UNIT = r"(?P<unit>(?i:day|week|month|quarter|year|decade))"
_HEDGE = r"(?:(?i:nearly|almost|about|around|some|roughly|just over|more than|over|less than|just|exactly)\s+)?"
_TO = rf"(?:{DASH}|\s+(?:to|through|until|till|and)\s+)"
_EDGE = (
    r"(?P<edge>(?i:early|late|mid|earlier|later|(?:the\s+)?(?:end|beginning|start|middle|close|rest|remainder)\s+of))"
)

PATTERNS: dict[str, str] = {
    "weekdays": rf"\b(?P<day>{WEEKDAY}){_TO}(?P<day2>{WEEKDAY})(?=\W|$)",
    "weekday": (
        rf"\b{_LATE}(?:(?P<which>(?i:last|next|this past|this coming|this|the following|the previous|the same))\s+)?"
        rf"(?P<day>{WEEKDAY})(?=\W|$)(?:['’]s(?=\s+(?:morning|afternoon|evening|night)\b))?(?:\s+{_PART}\b)?"
        r"(?:\s+(?:of\s+)?(?P<which2>(?i:last|next|this))\s+week\b)?(?:\s+(?P<week_ago>(?i:a\s+week\s+ago))\b)?"
    ),
    "day_word": (
        rf"\b{_LATE}(?P<word>(?i:the day before yesterday|the day after tomorrow|today|tonight|yesterday|tomorrow"
        rf"|this morning|this afternoon|this evening|last night|earlier in the day|later in the day))\b(?:\s+{_PART}\b)?"
    ),
    "weekend": (
        rf"\b(?:{_EDGE}\s+)?(?P<which>(?i:this past|this coming|this|last|next|the coming|the past|the))\s+(?i:weekend)\b"
    ),
    "year_end": r"\b(?:the\s+)?(?i:year[- ]end|end of the year|end of this year)\b",
    "unit": (
        rf"\b(?:{_EDGE}\s+(?:in\s+)?)?(?P<which>(?i:this|last|next|the current|the previous|the coming))\s+"
        r"(?:(?i:fiscal|calendar)\s+)?(?P<unit>(?i:week|month|quarter|year|decade))\b(?!\s+(?i:to come))"
    ),
    "the_unit": r"\b(?P<edge>(?i:(?:early|late|earlier|later)\s+in|(?:the\s+)?(?:end|beginning|start|middle|rest|remainder)\s+of))"
    r"\s+the\s+(?P<unit>(?i:week|month|quarter|year|decade))\b(?!\s+(?:\d|ended|ending))",
    "ago": rf"\b{_HEDGE}(?P<count>{NUMBER})(?:\s+|-){_UNIT}(?i:s?\s+ago)\b",
    "from_now": rf"\b{_HEDGE}(?P<count>{NUMBER})\s+{_UNIT}(?i:s?\s+from\s+(?:now|today))\b",
    "ahead": rf"\b(?i:in)\s+{_HEDGE}(?P<count>{NUMBER})\s+{_UNIT}(?i:s?)\b(?:\s+(?i:time))?(?!\s+(?i:of|as|ago|from|after|before|since|ended))",
    "span": (
        r"\b(?:the\s+)?(?P<which>(?i:past|last|next|coming|previous|latest))\s+"
        rf"(?:(?P<count>{NUMBER})\s+)(?P<unit>(?i:day|week|month|quarter|year|decade|hour|weekend))s?\b"
    ),
    "past_unit": r"\b(?:the\s+)?(?i:past)\s+(?P<unit>(?i:week|month|quarter|year|decade))\b",
}
_NOW = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "last night": -1}
_NOW |= {"the day before yesterday": -2, "the day after tomorrow": 2}


def _weekday(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    if reference is None:
        return None
    wanted, which = weekday_number(str(groups["day"])), str(groups.get("which") or "").lower()
    monday = week(reference).earliest
    since = (reference.weekday() - wanted) % 7
    if groups.get("which2"):
        weeks = {"last": -1, "this": 0, "next": 1}[str(groups["which2"]).lower()]
        return day(monday + dt.timedelta(days=7 * weeks + wanted))
    if groups.get("week_ago"):
        return day(reference - dt.timedelta(days=since + 7))
    if which in ("the following", "the previous", "the same"):
        return None  # reckoned from another day of the text
    if which in ("last", "this past"):
        return day(reference - dt.timedelta(days=since or 7))
    if which == "next":
        return day(monday + dt.timedelta(days=7 + wanted))
    if which == "this coming":
        return day(reference + dt.timedelta(days=(-since) % 7 or 7))
    if which == "this":
        return day(monday + dt.timedelta(days=wanted))
    return day(
        reference + dt.timedelta(days=(-since) % 7) if tense == "future" else reference - dt.timedelta(days=since)
    )


def _weekdays(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    last = _weekday({"day": groups["day2"]}, reference, tense)
    if last is None:
        return None
    apart = (last.latest.weekday() - weekday_number(str(groups["day"]))) % 7
    return Bounds(last.latest - dt.timedelta(days=apart), last.latest, Precision.RANGE) if apart else None


def _day_word(groups: Groups, reference: dt.date | None, _tense: str | None) -> Bounds | None:
    if reference is None:
        return None
    word = " ".join(str(groups["word"]).lower().split())
    return day(reference + dt.timedelta(days=_NOW.get(word, 0)))


def _weekend(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    if reference is None:
        return None
    saturday = week(reference).earliest + dt.timedelta(days=5)
    which = str(groups["which"]).lower()
    if which in ("last", "this past", "the past") or (which in ("the", "this") and tense != "future"):
        # on a Saturday or Sunday "the weekend" is the one that is under way, "last weekend" the one before
        back = 0 if which in ("the", "this") and reference >= saturday else 7
        saturday -= dt.timedelta(days=back)
    elif which == "next":
        saturday += dt.timedelta(days=7)
    return Bounds(saturday, saturday + dt.timedelta(days=1), Precision.RANGE)


def _narrowed(bounds: Bounds, edge: str | None, reference: dt.date) -> Bounds:
    """ "Earlier this week" ends with the reference and "later this week" begins with it; other edges ("late last month")
    are too vague to cut the unit, whose bounds hold for them all the same."""
    word = (edge or "").lower()
    if not bounds.earliest <= reference <= bounds.latest:
        return bounds
    if word.startswith("earlier"):
        return Bounds(bounds.earliest, reference, bounds.precision)
    if word.startswith(("later", "the rest", "rest", "the remainder", "remainder")):
        return Bounds(reference, bounds.latest, bounds.precision)
    return bounds


def _unit(groups: Groups, reference: dt.date | None, _tense: str | None) -> Bounds | None:
    if reference is None:
        return None
    unit, which = str(groups["unit"]).lower(), str(groups.get("which") or "this").lower()
    count = {"last": -1, "the previous": -1, "next": 1, "the coming": 1}.get(which, 0)
    start = unit_around(reference, unit).earliest
    return _narrowed(unit_around(shifted(start, unit, count), unit), groups.get("edge"), reference)


def _year_end(_groups: Groups, reference: dt.date | None, _tense: str | None) -> Bounds | None:
    return year(reference.year) if reference else None


def _at_distance(groups: Groups, reference: dt.date | None, sign: int) -> Bounds | None:
    if reference is None:
        return None
    unit, count = str(groups["unit"]).lower(), number(str(groups["count"]))
    if unit == "decade":
        unit, count = "year", 10 * count
    if count * {"year": 1, "quarter": 0.25}.get(unit, 0.1) > reference.year - 1:
        return None
    return unit_around(shifted(reference, unit, sign * count), unit)


def _ago(groups: Groups, reference: dt.date | None, _tense: str | None) -> Bounds | None:
    return _at_distance(groups, reference, -1)


def _from_now(groups: Groups, reference: dt.date | None, _tense: str | None) -> Bounds | None:
    return _at_distance(groups, reference, 1)


def _ahead(groups: Groups, reference: dt.date | None, tense: str | None) -> Bounds | None:
    # "in two weeks" is also how long something took: only what lies ahead is dated by it
    return _at_distance(groups, reference, 1) if tense == "future" else None


def _span(groups: Groups, reference: dt.date | None, _tense: str | None) -> Bounds | None:
    if reference is None:
        return None
    unit, count = str(groups["unit"]).lower(), number(str(groups.get("count") or "a"))
    if unit == "hour":
        unit, count = "day", max(1, count // 24)
    if unit == "weekend":
        unit = "week"
    ahead = str(groups.get("which") or "past").lower() in ("next", "coming")
    other = shifted(reference, unit, count if ahead else -count)
    return Bounds(min(reference, other), max(reference, other), Precision.RANGE)


RESOLVERS = {
    "weekdays": _weekdays,
    "weekday": _weekday,
    "day_word": _day_word,
    "weekend": _weekend,
    "year_end": _year_end,
    "unit": _unit,
    "the_unit": _unit,
    "ago": _ago,
    "from_now": _from_now,
    "ahead": _ahead,
    "span": _span,
    "past_unit": _span,
}
COMPILED = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
