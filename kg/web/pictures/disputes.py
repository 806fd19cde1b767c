"""Where sources disagree: on which event, on what, and who says which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.registry import party_name
from kg.store import State
from kg.web.pictures import timeline
from kg.web.pictures.asking import Row, asked
from kg.web.pictures.parameters import ABOUT, Filters
from kg.web.pictures.shown import Cells, Link, Shown, thing, when

#: Who gives a value: the article under its outlet's name, its day, and its telling of the event.
Source = tuple[Link, str, Link]


@dataclass(frozen=True)
class Dispute:
    """One contradiction: on what, and each value with who gives it."""

    about: str
    values: tuple[tuple[Link, tuple[Source, ...]], ...]


def _value(row: Row) -> Link:
    if row.text("from"):
        return when(row)
    value = row.term("value")
    node = value.value if isinstance(value, ox.NamedNode) else None
    key = row.text("value").rpartition("/")[2] if node else row.text("value")
    return Link(row.text("called") or party_name(key) or key, node)


def _disputes(rows: Sequence[Row]) -> list[tuple[Link, list[Dispute]]]:
    """Event -> its contradictions, in the order of the rows."""
    found: dict[str, tuple[Link, dict[str, dict[Link, list[Source]]]]] = {}
    for row in rows:
        head = thing(row, "event", timeline.short(row.text("what")))
        _, by_about = found.setdefault(row.text("event"), (head, {}))
        about = row.text("about").rpartition("#")[2]
        outlet = Link(row.text("outlet") or row.text("title"), row.text("article"))
        source = (outlet, row.text("writtenOn"), thing(row, "telling", "its telling"))
        sources = by_about.setdefault(about, {}).setdefault(_value(row), [])
        if source not in sources:
            sources.append(source)
    return [(head, [_dispute(*each) for each in by_about.items()]) for head, by_about in found.values()]


def _dispute(about: str, values: Mapping[Link, Sequence[Source]]) -> Dispute:
    return Dispute(ABOUT.get(about, about), tuple((value, tuple(sources)) for value, sources in values.items()))


def _cells(row: Row) -> Cells:
    about = row.text("about").rpartition("#")[2]
    return (
        thing(row, "event", timeline.short(row.text("what"))),
        Link(ABOUT.get(about, about)),
        _value(row),
        Link(row.text("outlet")),
        thing(row, "article", row.text("title")),
        Link(row.text("writtenOn")),
    )


def contradictions(filters: Filters, state: State) -> Shown:
    """Where sources disagree; a page without a drawing."""
    rows = asked("disagreements", filters.terms, state)
    head = ("Event", "On", "Value", "Outlet", "Article", "Written on")
    table = tuple(map(_cells, rows.rows))
    disputes = _disputes(rows.rows)
    notes = ("There may be more: the query gives 2,000 rows.",) if len(rows.rows) == 2000 else ()
    return Shown(rows, None, head, table, notes, {"disputes": disputes, "number": len(disputes)})
