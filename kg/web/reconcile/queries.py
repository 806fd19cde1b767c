"""Queries to candidates: names against the index, the other columns against what is known of what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import QueryError
from kg.registry import state as registered_state
from kg.search import ENTITIES, Candidate, Index, likeness
from kg.search.words import key
from kg.store import State
from kg.web.reconcile.properties import Property, Value, asked_property, values
from kg.web.reconcile.types import Type, asked_type, fits, kinds_of, types_of

#: Queries of a batch; candidates of a query by themselves and at most; properties of a query, and values of one.
MOST_QUERIES, FEW, MOST_CANDIDATES, MOST_PROPERTIES, MOST_VALUES = 100, 5, 50, 10, 20
#: Longest text of a query or a value.
LONGEST = 200
#: Candidates of a name whose types are looked at, and of those whose columns are compared where fewer are asked for.
_LOOKED_THROUGH, _COMPARED = 200, 20
#: What each other column weighs beside the name, and what a type is worth that is wished for but not needed.
_WEIGHT, _OF_TYPE = 0.4, 5
#: A score is certain from here on, where no other candidate comes so near; and a column agrees from here on.
_CERTAIN, _APART, _AGREES = 95, 10, 80
_STRICT = ("any", "all", "should")


@dataclass(frozen=True)
class Query:
    """One query, checked."""

    text: str
    types: tuple[Type, ...]
    strict: str
    limit: int
    wanted: tuple[tuple[Property, tuple[Value, ...]], ...]


@dataclass(frozen=True)
class Scored:
    """A candidate with what speaks for it: the score of its name, and that of each column (None: nothing is known)."""

    candidate: Candidate
    query: Query
    columns: tuple[tuple[str, int | None], ...]

    @property
    def score(self) -> float:
        """From 0 to 100."""
        known = [score for _, score in self.columns if score is not None]
        total = (self.candidate.score + _WEIGHT * sum(known)) / (1 + _WEIGHT * len(known))
        if self.query.strict == "should" and self.query.types and not self.of_type:
            total -= _OF_TYPE
        return round(max(total, 0), 1)

    @property
    def of_type(self) -> bool:
        """Whether it is of a type that was asked for."""
        return any(fits(self.candidate, one) for one in self.query.types)

    @property
    def certain(self) -> bool:
        """Whether the name is its very name, and the columns agree; a person's has two words or a column that agrees."""
        agrees = [score for _, score in self.columns if score is not None]
        if self.candidate.score < 100 or min(agrees, default=100) < _AGREES or (self.query.types and not self.of_type):
            return False
        return self.candidate.kind != "Person" or bool(agrees) or len(key(self.candidate.name).split()) > 1


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise QueryError(f"{what} is a text, and this is {str(value)[:40]!r}.")
    if len(value) > LONGEST:
        raise QueryError(f"{what} may have {LONGEST} characters, and this one has {len(value):,}.")
    return value


def _value(value: object) -> Value:
    """A column's value: a text, a number, or a thing that was matched before."""
    if isinstance(value, dict):
        return Value(_text(value.get("name", ""), "A value's name"), _text(value.get("id"), "A value's id"))
    if isinstance(value, bool | int | float):
        return Value(str(value))
    return Value(_text(value, "A value"))


def _column(given: object) -> tuple[Property, tuple[Value, ...]]:
    if not isinstance(given, dict) or "pid" not in given or "v" not in given:
        raise QueryError("Each of a query's properties has 'pid' and 'v'.")
    some = given["v"] if isinstance(given["v"], list) else [given["v"]]
    if len(some) > MOST_VALUES:
        raise QueryError(f"A property may be given {MOST_VALUES} values.")
    return asked_property(_text(given["pid"], "A property's id")), tuple(_value(one) for one in some)


def read_query(given: object) -> Query:
    """One query of a batch.

    Raises:
        QueryError: it is none, or names a type or property that is not there.
    """
    if not isinstance(given, dict):
        raise QueryError('A query is an object, such as {"query": "Hun Sen"}.')
    types, columns = given.get("type") or [], given.get("properties") or []
    limit, strict = given.get("limit", FEW), given.get("type_strict") or "any"
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 1 <= limit <= MOST_CANDIDATES:
        raise QueryError(f"limit: {str(limit)[:40]!r} is no number from 1 to {MOST_CANDIDATES}.")
    if strict not in _STRICT:
        raise QueryError(f"type_strict: {str(strict)[:40]!r} is none of {', '.join(_STRICT)}.")
    if not isinstance(columns, list) or len(columns) > MOST_PROPERTIES:
        raise QueryError(f"A query has a list of at most {MOST_PROPERTIES} properties.")
    if not isinstance(types, str | list) or len(types) > LONGEST:
        raise QueryError("type: a type is an id, or a list of them.")
    ids = types if isinstance(types, list) else [types]
    wanted = tuple(map(_column, columns))
    return Query(
        _asked_text(given, wanted), tuple(asked_type(_text(i, "A type")) for i in ids), strict, int(limit), wanted
    )


def _asked_text(given: Mapping[str, object], wanted: Sequence[tuple[Property, Sequence[Value]]]) -> str:
    """What is looked for: the name, else a column's value that is a name or a code."""
    if text := _text(given.get("query") or "", "A query").strip():
        return text
    named = [some[0].text for column, some in wanted if column.id in ("otherName", "isoCode") and some]
    if not wanted:
        raise QueryError("A query has a text, or properties.")
    return named[0] if named else ""


def _kinds(query: Query) -> tuple[str, ...]:
    """The kinds to look under; empty for all that have names. Types that are wished for are looked under besides those."""
    asked = tuple(dict.fromkeys(k for one in query.types for k in kinds_of(one)))
    return tuple(dict.fromkeys((*ENTITIES, *asked))) if query.strict == "should" else asked


def _of_types(candidate: Candidate, query: Query) -> bool:
    if not query.types or query.strict == "should":
        return True
    return (all if query.strict == "all" else any)(fits(candidate, one) for one in query.types)


def _found(index: Index, base: str, query: Query) -> list[Candidate]:
    """The candidates of a name; an IRI, or what follows the base in one, is that thing."""
    text = query.text
    if text.startswith(("http://", "https://", "id/")):
        iri = base + text if text.startswith("id/") else text
        return [one for one in index.things([iri]).values() if _of_types(one, query)]
    found = index.find(text, kinds=_kinds(query), limit=_LOOKED_THROUGH) if text else []
    fitting = [one for one in found if _of_types(one, query)]
    if query.strict == "should" and query.types:
        fitting.sort(key=lambda one: _OF_TYPE * (not any(fits(one, t) for t in query.types)) - one.score)
    # whether one is certain is known only beside another, however few are asked for
    return fitting[: max(query.limit, _COMPARED if query.wanted else 2)]


def _alike(wanted: Value, held: Value, column: Property) -> int:
    """How alike a column's value and a known one are, from 0 to 100."""
    if wanted.iri:
        return 100 if wanted.iri == held.iri else 0
    if column.gives == "date":
        return _days_alike(wanted.text, held.text)
    if column.gives == "number":
        try:
            return 100 if abs(float(wanted.text) - float(held.text)) < 0.01 else 0
        except ValueError:
            return 0
    if wanted.text == held.iri:
        return 100
    if column.gives == "State" and _code(wanted.text) and held.iri.endswith(f"/{_code(wanted.text)}"):
        return 100
    return likeness(wanted.text, held.text)


def _code(text: str) -> str:
    found = registered_state(text.strip().upper()) if len(text.strip()) == 3 else None
    return found.code if found else ""


def _days_alike(wanted: str, held: str) -> int:
    """100 for the same day, or a month or year that it lies in; less with each day between, nothing after a month."""
    if held.startswith(wanted.strip()) and len(wanted.strip()) >= 4:
        return 100
    try:
        between = abs((dt.date.fromisoformat(wanted.strip()[:10]) - dt.date.fromisoformat(held[:10])).days)
    except ValueError:
        return 0
    return max(0, 100 - 3 * between)


def _columns(
    query: Query, candidate: Candidate, known: Mapping[str, Mapping[str, list[Value]]]
) -> tuple[tuple[str, int | None], ...]:
    scores = []
    for column, wanted in query.wanted:
        held = known[column.id].get(candidate.iri, [])
        best = [max((_alike(one, other, column) for other in held), default=0) for one in wanted]
        scores.append((column.id, round(sum(best) / len(best)) if held and best else None))
    return tuple(scores)


def _known(state: State, asked: Sequence[tuple[Query, list[Candidate]]]) -> dict[str, dict[str, list[Value]]]:
    """What is known of all candidates in the columns of their queries: one query of the store for each property."""
    about: dict[str, tuple[Property, dict[str, None]]] = {}
    for query, found in asked:
        for column, _ in query.wanted:
            about.setdefault(column.id, (column, {}))[1].update(dict.fromkeys(c.iri for c in found))
    return {name: values(state, column, list(things)) for name, (column, things) in about.items()}


def answer(index: Index, state: State, base: str, batch: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """The answer to a batch: each query's candidates, the likeliest first.

    Raises:
        QueryError: the batch or a query cannot be taken.
        StoreError: the index or the store cannot be read.
    """
    if len(batch) > MOST_QUERIES:
        raise QueryError(f"A batch may have {MOST_QUERIES} queries, and this one has {len(batch):,}.")
    asked = {name: read_query(given) for name, given in batch.items()}
    found = {name: (query, _found(index, base, query)) for name, query in asked.items()}
    known = _known(state, list(found.values()))
    told = {}
    for name, (query, candidates) in found.items():
        scored = [Scored(one, query, _columns(query, one, known)) for one in candidates]
        scored.sort(key=lambda one: (-one.score, -one.candidate.weight, one.candidate.iri))
        told[name] = {"result": [_told(one, scored) for one in scored[: query.limit]]}
    return told


def _told(one: Scored, all_of_them: Sequence[Scored]) -> dict[str, Any]:
    candidate = one.candidate
    others = max((other.score for other in all_of_them if other is not one), default=0)
    features: list[dict[str, Any]] = [
        {"id": "name", "value": candidate.score},
        {"id": "articles", "value": candidate.weight},
    ]
    if one.query.types:
        features.append({"id": "type", "value": one.of_type})
    features += [{"id": name, "value": score} for name, score in one.columns if score is not None]
    return {
        "id": candidate.iri,
        "name": candidate.label,
        "description": described(candidate),
        "type": [t.told() for t in types_of(candidate)],
        "score": one.score,
        "match": one.certain and one.score >= _CERTAIN and others <= one.score - _APART,
        "features": features,
    }


def described(candidate: Candidate) -> str:
    """What tells a thing from others of its name: what it is, of which states, when, and the name that was found."""
    known = (registered_state(code) for code in candidate.countries)
    lands = [one.name for one in known if one][:3] if candidate.kind != "State" else []
    days = {dt.date.fromordinal(day).isoformat() for day in (candidate.first, candidate.last) if day}
    own = types_of(candidate)
    also = f"also {candidate.name}" if candidate.name != candidate.label else ""
    return " · ".join(filter(None, (own[0].name if own else "", ", ".join(lands), "/".join(sorted(days)), also)))
