"""Who held which office when: a dated table of well-known leaders, to tell the party of a person named without it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from kg.registry.phrases import fold
from kg.registry.tables import rows, several

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


@dataclass(frozen=True)
class Leader:
    """One holding of an office; ``start`` and ``end`` are months given by their first day, ``end`` None where the
    person held it when the table was written. ``party`` is the code of a state or organisation."""

    name: str
    party: str
    office: str
    start: dt.date
    end: dt.date | None

    def holds(self, on: dt.date) -> bool:
        """Whether the office was held in the month of this day (in a month of change both holders count)."""
        month = on.replace(day=1)
        return self.start <= month and (self.end is None or month <= self.end)


def _month(value: str) -> dt.date:
    year, month = value.split("-")
    return dt.date(int(year), int(month), 1)


def _key(name: str) -> str:
    return " ".join(fold(name).replace("-", " ").replace(".", " ").lower().split())


def _plain(key: str) -> str:
    """A name without initials between first and last name and without "Jr": some papers write them, the table does not."""
    words = [w for w in key.split() if w not in _SUFFIXES]
    return " ".join(w for i, w in enumerate(words) if len(w) > 1 or i in (0, len(words) - 1))


@cache
def _by_name() -> dict[str, tuple[Leader, ...]]:
    found: dict[str, tuple[Leader, ...]] = {}
    for row in rows("leaders.tsv"):
        end = _month(row["to"]) if row["to"] else None
        leader = Leader(row["name"], row["party"], row["office"], _month(row["from"]), end)
        for key in sorted({_key(name) for name in (row["name"], *several(row["short"]))}):
            found[key] = (*found.get(key, ()), leader)
    return found


def leaders(name: str, on: dt.date | None = None) -> tuple[Leader, ...]:
    """All holdings of people called so (full name or the short form that news use), on that day or at any time."""
    key = _key(name)
    found = _by_name().get(key) or _by_name().get(_plain(key), ())
    return tuple(leader for leader in found if on is None or leader.holds(on))


def leader(name: str, on: dt.date | None = None, *, office: str | None = None) -> Leader | None:
    """The holding that is meant, if only one person can be meant.

    Args:
        name: full name ("George W. Bush") or short form ("Bush"), without title.
        on: a day on which the office is held; None for any time.
        office: words that the office must contain ("king", "foreign minister"), where the text gives a title.

    Returns:
        The person's holding that began last; None where nobody or more than one person fits.
    """
    found = [one for one in leaders(name, on) if office is None or office.lower() in one.office.lower()]
    if len({one.name for one in found}) != 1:
        return None
    return max(found, key=lambda one: (one.start, one.office))
