"""Finds the words that date something, and tells the days they stand for.

Own rules in two tables (``dates_calendar``, ``dates_relative``) instead of a general date parser: those guess (they read
"Jan. 26, 2016" as a day of the current year, or a bare "may"); these abstain. What is left undated on purpose: vague words
("recently", "in the coming years", "several days ago"), distances from another event ("three days later", "the same day"),
bare durations, and times of the clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from kg.mentions import dates_calendar, dates_relative
from kg.mentions.calendar_words import Bounds
from kg.mentions.dates_calendar import Groups
from kg.model import DateSpan, Precision

_PATTERNS = {**dates_calendar.COMPILED, **dates_relative.COMPILED}
_RESOLVERS: dict[str, Callable[[Groups, dt.date | None, str | None], Bounds | None]] = {
    **dates_calendar.RESOLVERS,
    **dates_relative.RESOLVERS,
}
_OPEN = re.compile(r"\b(?P<word>(?i:ever since|since))\s+(?:the\s+)?$")
_BEFORE_YEAR = re.compile(
    r"(?:\b(?i:in|since|until|till|during|by|before|after|of|circa|the|an?|its|his|her|their|our|that|this|from|to|through|for"
    r"|and|than|or|between|due|['’]s)\s+|[(,]\s*)$"
)
_BEFORE_MONTH = re.compile(
    r"\b(?i:in|since|until|till|by|before|after|of|from|through|to|during|for|and|or|between|on|every|each)\s+$|[(,]\s*$"
)
_COUNTED = re.compile(r"\s+(?:more\s+|other\s+)?(?:people|men|women|[a-z]+s)\b")
_RANGES = ("days", "days_of", "dates", "months", "years", "weekdays")
_SENTENCE = re.compile(r"[.!?][\"”’')]*\s+(?=[A-Z“\"'‘])|\n")
_SAID = re.compile(
    r"\b(?P<future>(?:will|shall|would|'ll|’ll|won['’]t|(?:is|are|was|were|be)\s+(?:to|due|set|expected|scheduled|likely|slated)"
    r"|plans?|planned|intends?|hopes?|expects?|scheduled|slated|upcoming|due|ahead of|deadline|set for|effective|invited|agreed to"
    r"|meets?|leaves|arrives|begins|starts|opens|travels|visits|hosts|resumes|returns)\b(?:\s+(?:to|not|also|be|have|on|in|for|by|a|an|the))*(?:\s+\w+(?:ed|en|ld|et|de|t)\b)?)"
    r"|\b(?P<past>said|told|was|were|had|did|has|have|met|held|made|left|came|went|took|began|killed|\w{2,}ed)\b"
)
_HAD = re.compile(r"\b(?:had(?: been)?|previously|originally)\s+$")
_AHEAD = re.compile(r"\s+(?:will|would|shall)\b")
#: A longer match is no date expression.
_LONGEST = 90


@dataclass(frozen=True)
class DateMention:
    """Words of a text that date something: ``text[start:end]`` without a preposition, except "since".

    ``hint`` is the tense that the words before it suggest ("past", "future" or None), for callers who know no better.
    """

    start: int
    end: int
    text: str
    rule: str
    groups: tuple[tuple[str, str], ...] = field(repr=False)
    hint: str | None = None
    since: bool = False


_PERSON = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Miss|Lady|Sir|Lord|Gen|Sen)\.?\s+$")


def _acceptable(rule: str, match: re.Match[str], text: str) -> bool:
    groups = match.groupdict()
    before = text[max(0, match.start() - 12) : match.start()]
    if rule == "month" and _PERSON.search(before):
        return False  # "Ms. April"
    if rule == "month" and match["month"].rstrip(".").lower() in ("may", "march", "mar", "jun", "dec", "jan", "sep"):
        bare = not any(groups[name] for name in ("edge", "which", "year", "which2"))
        return not bare or (len(match["month"]) > 2 and bool(_BEFORE_MONTH.search(before)))
    if rule == "year" and not groups["edge"] and groups["year"].isdigit():
        # a round number before a plural is a count ("the 2000 troops"), other numbers of a thousand have a comma
        counted = int(groups["year"]) % 100 == 0 and _COUNTED.match(text, match.end())
        return bool(_BEFORE_YEAR.search(before)) and not counted
    if rule in _RANGES and re.search(r"\band\b", match.group()):
        return before.lower().endswith("between ")
    if rule == "quarter":
        known = any(groups[name] for name in ("year", "which", "year2", "which2"))
        return known or groups["part"].lower() == "quarter"
    if rule == "decade" and groups["spelt"]:
        return (
            match.group().lower().startswith(("the", "early", "mid", "late"))
            and "age" not in text[match.end() : match.end() + 5]
        )
    return rule != "weekday" or not re.match(
        r"\s+(?:Times|Post|Mail|Telegraph|Herald|Star|Book)\b", text[match.end() :]
    )


def _matches(text: str) -> Iterator[tuple[int, int, int, str, re.Match[str]]]:
    for order, (rule, pattern) in enumerate(_PATTERNS.items()):
        for match in pattern.finditer(text):
            if len(match.group()) <= _LONGEST and _acceptable(rule, match, text):
                yield match.start(), -match.end(), order, rule, match


def _hint(text: str, start: int) -> str | None:
    begin = 0
    for boundary in _SENTENCE.finditer(text, max(0, start - 300), start):
        begin = boundary.end()
    last = None
    for cue in _SAID.finditer(text, max(begin, start - 120), start):
        last = cue
    if last is None:
        return None
    # what had been planned is over
    return "future" if last["future"] and not _HAD.search(text[max(0, last.start() - 20) : last.start()]) else "past"


@lru_cache(maxsize=1 << 10)  # several steps ask about the same sentence
def find_dates(text: str) -> tuple[DateMention, ...]:
    """All date expressions of a text, in order, none overlapping another (the longest at each place wins)."""
    found: list[DateMention] = []
    end = 0
    for start, minus_end, _, rule, match in sorted(_matches(text), key=lambda m: m[:3]):
        if start < end:
            continue
        end = -minus_end
        groups = tuple((name, value) for name, value in match.groupdict().items() if value)
        since = _OPEN.search(text, max(0, start - 15), start)
        first = since.start() if since else start
        hint = None if since else "future" if _AHEAD.match(text, end) else _hint(text, start)
        found.append(DateMention(first, end, text[first:end], rule, groups, hint, since is not None))
    return tuple(found)


def bounds_of(mention: DateMention, reference: dt.date | None, tense: str | None = None) -> Bounds | None:
    """The days that the words name, "since" left aside; see ``resolve``."""
    groups = dict(mention.groups)
    try:
        return _RESOLVERS[mention.rule](groups, reference, tense or mention.hint)
    except (OverflowError, ValueError):
        return None  # before the year 1 or after 9999: nothing a newspaper dates


def resolve(mention: DateMention, reference: dt.date | None, tense: str | None = None) -> DateSpan | None:
    """The days that a mention stands for.

    Args:
        mention: what ``find_dates`` found.
        reference: the day the text was written; None where it is unknown (only full dates are then resolved).
        tense: "past" or "future" where the caller knows which way the event lies, else None: the mention's own hint.

    Returns:
        Bounds inclusive with the precision of the words; None where the words or the reference do not suffice.
    """
    found = bounds_of(mention, reference, tense or ("past" if mention.since else None))
    if found is None:
        return None
    if not mention.since:
        return DateSpan(found.earliest, found.latest, found.precision, mention.text)
    if reference is None or found.earliest > reference:
        return None
    return DateSpan(found.earliest, reference, Precision.RANGE, mention.text)
