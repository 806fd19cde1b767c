"""Infers the day an article was written, where its source does not say.

A reader does it so, and so does this module:

1. An *anchor* is a full date (day, month and year) that stands close to the writing of the article. In this order: a line
   that says when it was published or updated; a dateline ("PHNOM PENH, Jan. 26, 2016 (Agency) -"); the latest date of a
   picture's caption, unless it calls the picture an old one ("file photo"); the latest full date of the running text that
   is told in the past and whose weekday is also named as such in the text ("on Tuesday" beside "Jan. 26, 2016", a
   Tuesday): without that support a full date in the running text is as likely history as news. A dateline without
   a year takes the year in which it lies nearest after, or else before, another anchor.
2. News name the days of their own week by the bare weekday. A publication line or dateline is the day itself. The other
   anchors date what the article is about, and it may have been written some days later: every weekday that is named for
   what has happened (none that is announced, none with "last" or "next") is placed on the day nearest to the anchor, up to
   three days before or after it; the reference is the latest of these days, or the anchor where none is later.

So a caption of "Jan. 26, 2016" (a Tuesday) and a text that tells of "Tuesday" and of a posting on "Wednesday" give
2016-01-27. Where there is no anchor there is no reference: a wrong day is worse than none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from kg.mentions.calendar_words import weekday_number
from kg.mentions.dates import DateMention, bounds_of, find_dates
from kg.model import BlockKind, DateSpan, Precision

_PUBLISHED = re.compile(
    r"\b(?:published|posted|updated|modified|first aired|date)\b[^\w]*(?:on|at|:)?[^\n]{0,40}$", re.IGNORECASE
)
_DATELINE_END = re.compile(r"^\s*(?:\([^)]{2,40}\)\s*)?(?:[-–—]|\()")
_DATELINE_START = re.compile(r"^\s*[A-Z][A-Z .,'’/()-]{2,60}[,\s(–—-]+(?:\([^)]*\)\s*)?$")
_OLD_PICTURE = re.compile(r"\b(?:file|archive|archival|undated)\b", re.IGNORECASE)
#: How many days an article may follow, or look back from, the event of its caption for a bare weekday to be read so.
_REACH = 3

Blocks = Sequence[tuple[BlockKind, str]]


def _full_days(text: str) -> Iterator[tuple[DateMention, dt.date]]:
    """Mentions of one day that hold their year, with the day."""
    for mention in find_dates(text):
        bounds = bounds_of(mention, None)
        if (
            bounds
            and bounds.precision is Precision.DAY
            and not mention.since
            and mention.rule in ("iso", "date", "date_of")
        ):
            yield mention, bounds.earliest


def _publication(blocks: Blocks) -> tuple[dt.date, str] | None:
    for _, text in blocks:
        for mention, date in _full_days(text):
            if _PUBLISHED.search(text[: mention.start]) and len(text) < 200:
                return date, mention.text
    return None


def _is_dateline(text: str, mention: DateMention) -> bool:
    return bool(_DATELINE_START.match(text[: mention.start]) and _DATELINE_END.match(text[mention.end :]))


def _dateline(blocks: Blocks, near: dt.date | None) -> tuple[dt.date, str] | None:
    for kind, text in blocks:
        if kind is not BlockKind.PARAGRAPH:
            continue
        mention = next(iter(find_dates(text)), None)
        if mention is None or not _is_dateline(text, mention):
            continue
        bounds = bounds_of(mention, None) or (bounds_of(mention, near, "future") if near else None)
        if bounds and bounds.precision is Precision.DAY:
            return bounds.earliest, mention.text
    return None


def _caption(blocks: Blocks) -> tuple[dt.date, str] | None:
    dates = [
        (date, mention.text)
        for kind, text in blocks
        if kind is BlockKind.CAPTION and not _OLD_PICTURE.search(text)
        for mention, date in _full_days(text)
    ]
    return max(dates, default=None)


def _weekdays(blocks: Blocks) -> set[int]:
    """Bare weekdays of what has happened, 0 for Monday."""
    found = set()
    for kind, text in blocks:
        if kind is BlockKind.CLUTTER:
            continue
        for mention in find_dates(text):
            groups = dict(mention.groups)
            if mention.rule == "weekday" and mention.hint != "future" and set(groups) <= {"day", "late"}:
                found.add(weekday_number(groups["day"]))
    return found


def _told(blocks: Blocks, weekdays: set[int]) -> tuple[dt.date, str] | None:
    dates = [
        (date, mention.text)
        for kind, text in blocks
        if kind in (BlockKind.PARAGRAPH, BlockKind.HEADLINE)
        for mention, date in _full_days(text)
        if mention.hint != "future" and (date.weekday() in weekdays or "weekday" in dict(mention.groups))
    ]
    return max(dates, default=None)


def infer_reference(text_blocks: Blocks) -> DateSpan | None:
    """The day that an article's relative dates count from, read from the article itself (see the module's head).

    Args:
        text_blocks: the article's blocks in order, each with its kind.

    Returns:
        One day, with the words it was read from; None where the article has no anchor.
    """
    weekdays = _weekdays(text_blocks)
    event = _caption(text_blocks) or _told(text_blocks, weekdays)
    written = _publication(text_blocks) or _dateline(text_blocks, event[0] if event else None)
    if written:
        return DateSpan(written[0], written[0], Precision.DAY, written[1])
    if event is None:
        return None
    date, words = event
    later = [(weekday - date.weekday()) % 7 for weekday in weekdays]
    last = date + dt.timedelta(days=max((days for days in later if days <= _REACH), default=0))
    return DateSpan(last, last, Precision.DAY, words)
