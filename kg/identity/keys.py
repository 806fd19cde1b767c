"""Which events and persons are compared at all: those that share a key.

An event's keys are its family, an unordered pair of its parties, and a week: each week that lies within three days of the
event's own date or of its article's. Two events of one pair at most six days apart thus always meet, and no event meets more
than those of a few weeks. An event
that has one party alone meets the others of that party, and of the people it names. A person's keys are those of its name.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

from kg.identity.names import name_keys, surname, whole
from kg.identity.told import Named, Told
from kg.registry import leaders

#: Days on either side of a date in which the same event may be dated elsewhere, and the width of a bucket.
SLACK, WIDTH = 3, 7
#: A date of more days than this says too little to be put into each of its weeks.
LONGEST = 31
#: Pairs of parties by which an event with many parties is found.
MOST_PAIRS = 6


def _buckets(first: dt.date, last: dt.date) -> range:
    return range((first.toordinal() - SLACK) // WIDTH, (last.toordinal() + SLACK) // WIDTH + 1)


def weeks(event: Told) -> list[int]:
    """The weeks under which an event is found."""
    found: set[int] = set()
    if event.days and (event.days.latest - event.days.earliest).days <= LONGEST:
        found.update(_buckets(event.days.earliest, event.days.latest))
    if event.article.day:
        found.update(_buckets(event.article.day, event.article.day))
    return sorted(found)


def _who(event: Told) -> Iterator[str]:
    parties = sorted(event.parties)
    yield from (f"{a}|{b}" for a, b in itertools.islice(itertools.combinations(parties, 2), MOST_PAIRS))
    yield from (f"{party}|-" for party in parties[:3])
    if len(parties) < 2:
        yield from sorted({f"~{surname(name)}|-" for _, name in event.people if whole(name)})[:3]


def event_keys(event: Told) -> tuple[str, ...]:
    """The keys of an event, in a fixed order; none where neither parties nor days are known."""
    return tuple(f"{event.family}|{who}|{week}" for who in _who(event) for week in weeks(event))


def one_sided(key: str) -> bool:
    """Whether a key is of one party alone: there only events without a second party need to be compared."""
    return "|-|" in key


def person_keys(person: Named) -> tuple[str, ...]:
    """The keys of a person; none for a surname alone that the table of leaders does not tell."""
    name = full_name(person)
    return tuple(sorted(f"person|{key}" for key in name_keys(name))) if name else ()


def full_name(person: Named) -> str | None:
    """The name by which a person is compared: the article's, or for a surname the one leader of that day and party."""
    if whole(person.name):
        return person.name
    if person.party is None or person.article.day is None:
        return None
    found = {one.name for one in leaders(person.name, person.article.day) if one.party == person.party}
    return found.pop() if len(found) == 1 else None
