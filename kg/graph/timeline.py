"""Events over time as a picture in a notebook: the drawing is that of the service's pages."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.graph.opening import Reading
from kg.graph.selecting import rows_of

if TYPE_CHECKING:
    from kg.web.pictures.svg import Picture

#: Events that one query names.
_LOT = 400
_DATED = """
SELECT DISTINCT ?event ?what ?from ?until ?modality ?quadClass WHERE {
  VALUES (?g ?event) { %s }
  GRAPH ?g {
    ?event rdfs:label ?what ; dipl:earliestDate ?from ; dipl:latestDate ?until ; dipl:quadClass ?quadClass ; dipl:modality ?code .
  }
  ?code skos:notation ?modality .
} ORDER BY ?from ?event"""


class Timeline:
    """A picture that Jupyter shows; ``svg`` is the file.

    Args:
        undated: how many of the events that were asked for have no day, and are not in it.
    """

    def __init__(self, picture: Picture | None, undated: int) -> None:
        self._picture, self.undated = picture, undated

    @property
    def svg(self) -> str:
        """The picture as a file of its own; empty where no event has a day."""
        return self._picture.render(alone=True) if self._picture else ""

    def _repr_svg_(self) -> str | None:
        return self.svg or None

    def _repr_html_(self) -> str:
        if self._picture is None:
            return "<p>No event that has a day.</p>"
        # two pictures of one notebook must not share the ids that their titles are found by
        name = "timeline-" + hashlib.blake2b(self.svg.encode(), digest_size=4).hexdigest()
        missing = f"; {self.undated:,} more have no day" if self.undated else ""
        caption = escape(self._picture.description.rstrip(".") + missing)
        return (
            f"<figure>{self._picture.named(name, '').render(alone=False)}<figcaption>{caption}.</figcaption></figure>"
        )

    def __repr__(self) -> str:
        return f"<Timeline: {self._picture.description if self._picture else 'no event that has a day'}>"


def timeline(reading: Reading, base: str, events: Sequence[tuple[ox.NamedNode, ox.NamedNode]]) -> Timeline:
    """The picture of some events: one by one, or counted by month where there are many.

    Args:
        base: what the graph's IRIs begin with, and so the addresses of the service's pages, to which bars lead.
    """
    from kg.web.pictures import timeline as drawing
    from kg.web.pictures.asking import Row
    from kg.web.pictures.frame import WIDE, Frame

    found = []
    for start in range(0, len(events), _LOT):
        pairs = " ".join(f"({graph} {event})" for graph, event in events[start : start + _LOT])
        found += [_values(row) for row in rows_of(reading, _DATED % pairs)]
    frame = Frame(WIDE, thing=lambda iri: iri, base=base, filters={})
    undated = len(events) - len(found)
    if not found:
        return Timeline(None, undated)
    if len(found) <= drawing.MOST_DOTS:
        return Timeline(drawing.events([Row(values) for values in found], frame), undated)
    return Timeline(drawing.counts([Row(values) for values in _counted(found)], frame), undated)


def _values(row: ox.QuerySolution) -> dict[str, ox.NamedNode | ox.Literal | None]:
    names = ("event", "what", "from", "until", "modality", "quadClass")
    return {name: value for name in names if isinstance(value := row[name], ox.NamedNode | ox.Literal)}


def _counted(found: Sequence[Mapping[str, ox.NamedNode | ox.Literal | None]]) -> list[dict[str, ox.Literal]]:
    counts: dict[tuple[str, str], int] = {}
    for values in found:
        first, quad = values["from"], values["quadClass"]
        assert first is not None and quad is not None
        key = dt.date.fromisoformat(first.value).isoformat()[:7], quad.value
        counts[key] = counts.get(key, 0) + 1
    return [
        {"period": ox.Literal(period), "quadClass": ox.Literal(quad), "events": ox.Literal(count)}
        for (period, quad), count in sorted(counts.items())
    ]
