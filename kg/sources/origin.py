"""Where bytes come from, as a reader needs to know it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where bytes come from.

    ``name`` is what a user knows it by, for messages (a path, an address); ``source`` what an article keeps of it (a file's name
    without its folder, which differs between machines). ``url`` and ``charset`` are known of what was fetched, ``fetched`` too.
    """

    name: str
    source: str
    url: str | None = None
    charset: str | None = None
    fetched: dt.datetime | None = None
