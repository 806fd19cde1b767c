"""Data extension: what is known of things that were matched, as columns for a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.errors import QueryError
from kg.store import State
from kg.web.reconcile.properties import Property, Value, asked_property, counts, has, properties, values
from kg.web.reconcile.types import Type, types
from kg.web.views.numbers import whole_number

#: Things and properties of one request; values of one cell: by themselves, and at most.
MOST_THINGS, MOST_PROPERTIES, FEW, MOST_VALUES = 500, 20, 10, 1_000
#: What a user may set of each property, as the manifest tells it.
SETTINGS: tuple[dict[str, object], ...] = (
    {
        "name": "limit",
        "label": "Most values",
        "type": "number",
        "default": FEW,
        "help_text": f"How many values a cell gets at most, up to {MOST_VALUES:,}.",
    },
    {
        "name": "count",
        "label": "Only how many",
        "type": "checkbox",
        "default": False,
        "help_text": "The number of values in the place of the values.",
    },
)


@dataclass(frozen=True)
class _Wanted:
    column: Property
    limit: int
    count: bool


def _limit(text: object) -> int:
    # a form sends what was typed as text
    shown = str(text).strip()
    number = whole_number(shown.removesuffix(".0"), 1, MOST_VALUES)
    if number is None:
        raise QueryError(f"limit: {shown[:40]!r} is no number from 1 to {MOST_VALUES:,}.")
    return number


def _wanted(given: object) -> _Wanted:
    if not isinstance(given, dict) or not isinstance(given.get("id"), str):
        raise QueryError("Each of the properties has an 'id'.")
    settings = given.get("settings") or {}
    if not isinstance(settings, dict):
        raise QueryError("The settings of a property are an object.")
    count = str(settings.get("count", "")).lower() in ("true", "on", "1")
    return _Wanted(asked_property(given["id"]), _limit(settings.get("limit") or FEW), count)


def _things(given: object, base: str) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise QueryError("'ids' is a list of ids.")
    if len(given) > MOST_THINGS:
        raise QueryError(f"{MOST_THINGS} things can be extended at once, and these are {len(given):,}.")
    for one in given:
        if any(c in one for c in ' <>"{}|\\^`') or not one.isprintable() or ":" not in one or len(one) > 2_000:
            raise QueryError(f"{one[:60]!r} is no id; ids here are IRIs, such as {base}id/state/KHM.")
    return given


def answer(state: State, base: str, given: object) -> dict[str, Any]:
    """The values of some things' properties.

    Raises:
        QueryError: the request cannot be taken.
        KgError: the store cannot be asked.
    """
    if not isinstance(given, dict) or not isinstance(given.get("properties"), list):
        raise QueryError("A data extension has 'ids' and 'properties'.")
    if len(given["properties"]) > MOST_PROPERTIES:
        raise QueryError(f"{MOST_PROPERTIES} properties can be asked for at once.")
    things = _things(given.get("ids"), base)
    wanted = [_wanted(one) for one in given["properties"]]
    rows: dict[str, dict[str, list[dict[str, object]]]] = {thing: {} for thing in things}
    for one in wanted:
        for thing, cells in _cells(state, one, things).items():
            rows[thing][one.column.id] = cells
    return {"meta": [_meta(one, base) for one in wanted], "rows": rows}


def _cells(state: State, one: _Wanted, things: list[str]) -> dict[str, list[dict[str, object]]]:
    if not things:
        return {}
    if one.count:
        return {thing: [{"int": number}] for thing, number in counts(state, one.column, things).items()}
    found = values(state, one.column, things)
    return {thing: [_cell(one.column, value) for value in held[: one.limit]] for thing, held in found.items()}


def _cell(column: Property, value: Value) -> dict[str, object]:
    if value.iri:
        return {"id": value.iri, "name": value.text}
    try:
        if column.gives == "date":
            return {"date": f"{dt.date.fromisoformat(value.text[:10]).isoformat()}T00:00:00Z"}
        if column.gives == "number":
            return {"float": float(value.text)}
    except ValueError:  # the store may hold what others wrote
        return {"str": value.text}
    return {"str": value.text}


def _meta(one: _Wanted, base: str) -> dict[str, object]:
    told: dict[str, object] = {"id": one.column.id, "name": one.column.name}
    if one.column.gives in types() and not one.count:
        told |= {"type": types()[one.column.gives].told(), "service": f"{base}reconcile"}
    return told


def proposed(of: Type | None, limit: int) -> dict[str, Any]:
    """The properties that things of a type may have; of all where no type is given."""
    line = types_above(of) if of else ()
    fitting = [p for p in properties().values() if of is None or has(p, line)]
    told: dict[str, Any] = {"properties": [p.told() for p in fitting[:limit]], "limit": limit}
    return told | ({"type": of.id} if of else {})


def types_above(of: Type) -> tuple[str, ...]:
    """The id of a type, and of those above it."""
    return (of.id, *(types_above(types()[of.above]) if of.above else ()))


def summary(state: State, things: str, line: Mapping[str, Property]) -> dict[str, list[Value]]:
    """What a preview tells of one thing: property's name -> values, of those that it has."""
    found = {p.name: values(state, p, [things])[things] for p in line.values()}
    return {name: some for name, some in found.items() if some}
