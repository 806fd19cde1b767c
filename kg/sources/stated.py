"""Dates as pages and feeds state them, read as written: the day in the writer's own time zone, and none where it is not plain."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate

from kg.sources.blocks import printed_date

#: Years before are what a program writes that knows none.
FIRST_YEAR = 1700

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:$|[T\s])")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:$|T\d)")
_MAIL = re.compile(r"(?:[A-Z][a-z]{2},\s*)?\d{1,2} [A-Z][a-z]{2} \d{4} \d")
_IN_ADDRESS = re.compile(r"/(\d{4})/(\d{1,2})/(\d{1,2})/")


def stated_date(text: str | None) -> dt.date | None:
    """The day of a date in ISO 8601, in the form of mail (RFC 5322), or in English words; None for anything else."""
    text = (text or "").strip()
    try:
        if found := _ISO.match(text):
            date = dt.date.fromisoformat(found[1])
        elif found := _COMPACT.match(text):
            date = dt.date(*map(int, found.groups()))
        elif _MAIL.match(text) and (parts := parsedate(text)):
            date = dt.date(*parts[:3])
        else:
            return printed_date(text)
    except ValueError:
        return None
    return date if date.year >= FIRST_YEAR else None


def address_date(url: str | None) -> dt.date | None:
    """The day that an address has as whole parts of its path ("/2016/01/26/")."""
    found = _IN_ADDRESS.search(url or "")
    return stated_date("{}-{:0>2}-{:0>2}".format(*found.groups())) if found else None
