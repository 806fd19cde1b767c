"""What each picture shows for what was asked: its rows, its drawing, its table, and what was left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.registry import party_name
from kg.store import State
from kg.web.pictures import month, network, relations, timeline, world
from kg.web.pictures.asking import Row, Rows, ask, asked
from kg.web.pictures.bins import span
from kg.web.pictures.frame import QUADS, Frame, plural
from kg.web.pictures.parameters import Filters
from kg.web.pictures.scales import end_of_month, full_month, spoken, spoken_span
from kg.web.pictures.svg import Picture

#: Up to so many days are counted day by day, and so many months month by month.
_DAILY, _MONTHLY = 130, 72


@dataclass(frozen=True)
class Link:
    """Words of a page, and the IRI that they lead to (None for plain words)."""

    text: str
    iri: str | None = None


Cells = tuple[Link, ...]


@dataclass(frozen=True)
class Shown:
    """All of a page but its form.

    Args:
        rows: what the one query behind it gave; the CSV is these.
        draw: the drawing for a frame; None where there is nothing to draw.
        head, table: the same rows as a table.
        notes: what the reader must know of what is and what is not shown.
        more: what the template of this picture needs beside.
    """

    rows: Rows
    draw: Callable[[Frame], Picture] | None
    head: tuple[str, ...]
    table: tuple[Cells, ...]
    notes: tuple[str, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)


def thing(row: Row, name: str, words: str) -> Link:
    """Words that lead to the thing which a variable has, where it has one."""
    return Link(words, row.text(name) or None)


def when(row: Row) -> Link:
    """The days of a row in words."""
    return Link(spoken_span(row.day("from"), row.day("until")) if row.text("from") and row.text("until") else "")


def _event_cells(row: Row) -> Cells:
    dated = "" if row.text("dated") == "by its words" else "reported "
    return (
        Link(dated + when(row).text),
        thing(row, "event", timeline.short(row.text("what"))),
        Link(QUADS[row.whole("quadClass")][0]),
        Link(row.text("modality")),
        Link(row.text("confidence")),
        Link(row.text("tellings")),
    )


_EVENT_HEAD = ("When", "What", "Kind of dealing", "How real", "Confidence", "Articles")


def _by_period(rows: Rows) -> tuple[tuple[str, ...], tuple[Cells, ...]]:
    return ("Period", "Kind of dealing", "Events"), tuple(
        (Link(r.text("period")), Link(QUADS[r.whole("quadClass")][0]), Link(f"{r.whole('events'):,}"))
        for r in rows.rows
    )


def _events_of(rows: Rows) -> int:
    return sum(row.whole("events") for row in rows.rows)


def _around(filters: Filters) -> list[tuple[str, dict[str, str]]]:
    """Ways from a stretch of days to those beside it and to a longer one, as words and parameters; none where it has no ends."""
    first, last = filters.day("from"), filters.day("until")
    if not first or not last:
        return []
    days = (last - first).days + 1
    ways = (("← Earlier", -days, -days), ("Longer", -days, days), ("Later →", days, days))
    found = []
    for words, before, after in ways:
        try:
            ends = first + dt.timedelta(before), last + dt.timedelta(after)
        except OverflowError:  # the calendar ends there
            continue
        if ends[0].year >= 1000:
            found.append((words, {"from_": ends[0].isoformat(), "until": ends[1].isoformat()}))
    return found


def over_time(filters: Filters, state: State) -> Shown:
    """The timeline: events one by one where they are few, else their numbers."""
    periods = asked("periods", filters.terms, state)
    number = _events_of(periods)
    more = {"around": _around(filters)}
    if number <= timeline.MOST_DOTS:
        rows = asked("events", filters.terms, state)
        asked_for = filters.day("from"), filters.day("until")
        draw = (lambda frame: timeline.events(rows.rows, frame, asked_for)) if rows.rows else None
        return Shown(rows, draw, _EVENT_HEAD, tuple(map(_event_cells, rows.rows)), more=more)
    first, last = span(periods.rows)
    if (last - first).days <= _DAILY:
        periods = asked("periods", {**filters.terms, "digits": ox.Literal(10)}, state)
    note = (
        f"{number:,} events are too many to draw one by one: they are counted. "
        f"Each bar leads to its own days; up to {timeline.MOST_DOTS} events are drawn as dots."
    )
    return Shown(periods, lambda frame: timeline.counts(periods.rows, frame), *_by_period(periods), (note,), more)


def dealings(filters: Filters, state: State) -> Shown:
    """The network of parties."""
    rows = asked("dealings", filters.terms, state)
    table = tuple(
        (
            thing(r, "a", r.text("nameA")), thing(r, "b", r.text("nameB")),
            *(Link(f"{r.whole(name):,}") for name in ("cooperation", "conflict", "events")),
        )
        for r in rows.rows
    )  # fmt: skip
    if not rows.rows:
        return Shown(rows, None, (), ())
    drawn = network.chosen(rows.rows)
    notes = []
    if len(drawn.pairs) < len(rows.rows):
        notes.append(
            f"Drawn are the busiest {len(drawn.names)} of {plural(drawn.parties, 'party', 'parties')} and the strongest "
            f"{len(drawn.pairs)} of {plural(len(rows.rows), 'pair')}; on a narrow screen, fewer. The table has all of them."
        )
    if len(rows.rows) == 1000:
        notes.append("There may be more pairs: the query gives the 1,000 with the most events.")
    head = ("Party", "Party", "Cooperation", "Conflict", "Events")
    return Shown(rows, lambda frame: network.draw(rows.rows, frame), head, table, tuple(notes))


def places(filters: Filters, state: State) -> Shown:
    """The map."""
    rows = asked("places", filters.terms, state)
    table = tuple(
        (
            thing(r, "place", r.text("name")), thing(r, "state", party_name(r.text("state").rpartition("/")[2]) or ""),
            *(Link(f"{r.whole(name):,}") for name in ("cooperation", "conflict", "events")),
        )
        for r in rows.rows
    )  # fmt: skip
    missing = world.nowhere(rows.rows)
    notes = ["Only events whose place an article names are on the map."]
    if missing:
        names = ", ".join(f"{r.text('name')} ({r.whole('events'):,})" for r in missing[:12])
        rest = f" and {len(missing) - 12} more" if len(missing) > 12 else ""
        notes.append(f"Not on the map, for want of a position: {names}{rest}.")
    if len(rows.rows) == 1000:
        notes.append("There may be more places: the query gives the 1,000 with the most events.")
    head = ("Place", "State", "Cooperation", "Conflict", "Events")
    draw = (lambda frame: world.draw(rows.rows, frame)) if rows.rows else None
    return Shown(rows, draw, head, table, tuple(notes))


def called(node: ox.NamedNode, state: State) -> str:
    """The name of an actor."""
    key = node.value.rpartition("/")[2]
    if name := party_name(key):
        return name
    query = (
        f"SELECT DISTINCT ?name {{ {node} <http://www.w3.org/2000/01/rdf-schema#label> ?name }} ORDER BY ?name LIMIT 1"
    )
    return next((row.text("name") for row in ask(query, state).rows), key)


def _who(filters: Filters, state: State) -> tuple[str, ...]:
    return tuple(
        called(n, state) for name in ("actor", "with") if isinstance(n := filters.terms.get(name), ox.NamedNode)
    )


def between(filters: Filters, state: State) -> Shown:
    """Everything between two actors: the chart of their relations, and the events by kind."""
    rows = asked("periods", filters.terms, state)
    if rows.rows and "digits" not in filters.terms:
        first, last = span(rows.rows)
        if (last.year - first.year) * 12 + last.month - first.month > _MONTHLY:
            rows = asked("periods", {**filters.terms, "digits": ox.Literal(4)}, state)
    names = _who(filters, state)
    who = " and ".join(names) if len(names) == 2 else f"{names[0]} and anyone" if names else "anyone and anyone"
    more: dict[str, object] = {"who": who, "names": names}
    notes: tuple[str, ...] = ()
    if names:
        listed = asked("events", filters.terms, state)
        newest = sorted(listed.rows, key=lambda r: (r.text("from"), r.text("event")), reverse=True)
        more |= {"kinds": _kinds(newest), "listed": listed}
        if len(newest) < _events_of(rows):
            notes = (
                f"The list below has {len(newest):,} of {_events_of(rows):,} events, from the first on; the chart has all.",
            )
    draw = (lambda frame: relations.chart(rows.rows, who, frame)) if rows.rows else None
    return Shown(rows, draw, *_by_period(rows), notes, more)


#: Events of one kind that are listed before the reader is led to the timeline.
MOST_LISTED = 40


def _kinds(newest: Sequence[Row]) -> list[tuple[str, int, int, list[Cells]]]:
    """Name, quad class, number and the newest events of each kind of dealing."""
    found = []
    for quad, (name, _) in QUADS.items():
        rows = [row for row in newest if row.whole("quadClass") == quad]
        if rows:
            found.append((name, quad, len(rows), [_event_cells(row) for row in rows[:MOST_LISTED]]))
    return found


def _plan_cells(row: Row) -> Cells:
    outlet = f"{row.text('outlet')}, " if row.text("outlet") else ""
    return (
        when(row),
        thing(row, "event", timeline.short(row.text("what"))),
        Link(row.text("where")),
        thing(row, "article", f"{outlet}{spoken(row.day('toldOn'))}: {row.text('title')}"),
        thing(row, "deed", "took place" if row.text("deed") else ""),
    )


def _named(month_key: str) -> tuple[str, str]:
    """A month as it stands in addresses, and in words."""
    return month_key, full_month(dt.date.fromisoformat(f"{month_key}-01")) if month_key else ""


def planned(filters: Filters, state: State) -> Shown:
    """The calendar: one month of what is planned; the last one that has a plan unless a month is asked for."""
    months = asked("plan-months", filters.terms, state)
    known = [row.text("month") for row in months.rows]
    asked_for = filters.day("month")
    first = asked_for or (dt.date.fromisoformat(f"{known[-1]}-01") if known else None)
    if first is None:
        return Shown(months, None, (), ())
    day = ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")
    ends = {
        name: ox.Literal(d.isoformat(), datatype=day) for name, d in (("from", first), ("until", end_of_month(first)))
    }
    rows = asked("plans", {**filters.terms, **ends}, state)
    here = first.isoformat()[:7]
    more: dict[str, object] = {
        "month": full_month(first),
        "earlier": _named(max((m for m in known if m < here), default="")),
        "later": _named(min((m for m in known if m > here), default="")),
        "around": [(*_named(r.text("month")), r.whole("plans")) for r in months.rows],
        "here": here,
    }  # fmt: skip
    head = ("When", "What", "Where", "Told by", "Later")
    notes = ("There may be more: the query gives 2,000 plans.",) if len(rows.rows) == 2000 else ()
    return Shown(
        rows, lambda frame: month.draw(rows.rows, first, frame), head, tuple(map(_plan_cells, rows.rows)), notes, more
    )
