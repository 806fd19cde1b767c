"""Who deals with whom, as a network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kg.errors import QueryError
from kg.graph.frames import extra
from kg.tables.columns import Row

if TYPE_CHECKING:
    import networkx as nx

#: What an edge says of its event: columns of the event table.
EDGE = (
    *("event", "dyad", "class", "plover", "cameo", "quad_class", "goldstein", "date_from", "date_until", "modality"),
    *("confidence", "sources", "place", "sentence", "url"),
)
_KINDS = ("actor", "party")


def network(rows: Iterable[Row], of: str) -> nx.MultiDiGraph:
    """A node for each actor, or for each party that one acts for; an edge from source to target for each row that has both.

    Raises:
        MissingExtraError: networkx is not installed.
        QueryError: ``of`` is neither "actor" nor "party".
    """
    if of not in _KINDS:
        raise QueryError(f"of={of!r} is neither 'actor' nor 'party'.")
    made: Any = extra("networkx").MultiDiGraph()
    for row in rows:
        ends = [_node(row, side, of) for side in ("source", "target")]
        for name, attributes in filter(None, ends):
            made.add_node(name, **attributes)
        if ends[0] and ends[1]:
            key = f"{row['event']}#{row['dyad']}"
            values = {name: row[name] for name in EDGE if row[name] is not None}
            made.add_edge(ends[0][0], ends[1][0], key=key, **values)
    return made


def _node(row: Row, side: str, of: str) -> tuple[str, dict[str, object]] | None:
    if of == "party":
        party = row[f"{side}_party"]
        if party is None:
            return None
        return str(party), _told({"name": party, "iso": row[f"{side}_iso"]})
    if row[side] is None:
        return None
    values = {name: row[f"{side}_{name}"] for name in ("name", "kind", "party", "iso")}
    return str(row[side]), _told(values)


def _told(values: dict[str, str | int | float | None]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
