"""Rows as pandas DataFrames: days as datetime64, what is one of a few values as categories, whole numbers as Int64."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.errors import KgError
from kg.tables.columns import COLUMNS, Row

if TYPE_CHECKING:
    import pandas as pd

_XSD = "http://www.w3.org/2001/XMLSchema#"
#: Columns of the event table with few values, which repeat.
CATEGORIES = frozenset(
    "dataset plover class cameo cameo_root date_precision place_iso modality extractor source_kind source_role source_iso "
    "target_kind target_role target_iso".split()
)
_INTEGERS = {
    _XSD + name for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger")
}
_NUMBERS = {_XSD + name for name in ("decimal", "double", "float")}


class MissingExtraError(KgError):
    """A library is missing that an extra of the package brings."""


def extra(name: str) -> Any:
    """A library of the extra kg[python].

    Raises:
        MissingExtraError: it is not installed.
    """
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingExtraError(f"This needs {name}: install diplomatic-kg[python].") from None


def events_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The event table, with the columns of ``docs/event-table.md``. Raises MissingExtraError."""
    pandas = extra("pandas")
    frame = pandas.DataFrame.from_records(list(rows), columns=[column.name for column in COLUMNS])
    return frame.astype({column.name: _dtype(column.name, column.kind) for column in COLUMNS})


def _dtype(name: str, kind: str) -> str:
    if name in CATEGORIES:
        return "category"
    # seconds reach from before the first writing to after the last: other units end in 1677 and 2262
    return {"integer": "Int64", "number": "float64", "date": "datetime64[s]"}.get(kind, "object")


def _value(term: object) -> object:
    """A term as Python has it: IRIs and texts as strings, numbers, booleans; days and times as text, turned column by column."""
    if not isinstance(term, ox.Literal):
        return term.value if isinstance(term, ox.NamedNode) else None if term is None else str(term)
    kind = term.datatype.value
    try:
        if kind in _INTEGERS:
            return int(term.value)
        if kind in _NUMBERS:
            return float(term.value)
    except ValueError:
        return term.value
    if kind == _XSD + "boolean":
        return term.value in ("true", "1")
    return term.value


def solutions_frame(solutions: ox.QuerySolutions) -> pd.DataFrame:
    """The rows of a query. A column whose values all have one of the types of days or times becomes datetime64.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    pandas = extra("pandas")
    names = [variable.value for variable in solutions.variables]
    kinds: dict[str, set[str]] = {name: set() for name in names}

    def rows() -> Iterator[list[object]]:
        for solution in solutions:
            terms = [solution[name] for name in names]
            for name, term in zip(names, terms, strict=True):
                if term is not None:
                    kinds[name].add(term.datatype.value if isinstance(term, ox.Literal) else "")
            yield [_value(term) for term in terms]

    frame = pandas.DataFrame(list(rows()), columns=names, dtype=object)
    for name in names:
        frame[name] = _typed(pandas, frame[name], kinds[name])
    return frame


def _typed(pandas: Any, column: Any, kinds: set[str]) -> Any:
    if kinds and kinds <= _INTEGERS:
        return column.astype("Int64")
    if kinds and kinds <= _INTEGERS | _NUMBERS:
        return column.astype("float64")
    if kinds == {_XSD + "boolean"}:
        return column.astype("boolean")
    if kinds in ({_XSD + "date"}, {_XSD + "dateTime"}):
        utc = kinds == {_XSD + "dateTime"}
        try:
            return pandas.to_datetime(column, format="ISO8601", utc=utc)
        except (ValueError, OverflowError):  # a year that pandas does not reach, or a lexical form that is none
            return column
    return column
