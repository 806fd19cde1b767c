"""The event table as CSV, JSON Lines and Parquet, written row by row."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO

from kg.errors import KgError
from kg.tables.columns import COLUMNS, Row

if TYPE_CHECKING:
    import pyarrow

#: Rows of one group of a Parquet file.
GROUP = 20_000


class TableError(KgError):
    """The table cannot be written in the format that was asked for."""


def write_csv(rows: Iterable[Row], out: BinaryIO) -> None:
    """CSV by RFC 4180, UTF-8, with a header; nothing is an empty field."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, [column.name for column in COLUMNS])
    writer.writeheader()
    writer.writerows(rows)
    text.detach()


def write_jsonl(rows: Iterable[Row], out: BinaryIO) -> None:
    """JSON Lines: one object a row, with all columns; nothing is null."""
    for row in rows:
        out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def arrow_schema() -> pyarrow.Schema:
    """The columns' types in Arrow."""
    import pyarrow as pa

    kinds = {"string": pa.string(), "integer": pa.int32(), "number": pa.float64(), "date": pa.date32()}
    return pa.schema([(column.name, kinds[column.kind]) for column in COLUMNS])


def typed(row: Row) -> dict[str, object]:
    """A row with its dates as dates."""
    dates = {column.name for column in COLUMNS if column.kind == "date"}
    return {
        name: dt.date.fromisoformat(value) if name in dates and isinstance(value, str) else value
        for name, value in row.items()
    }


def write_parquet(rows: Iterable[Row], out: BinaryIO) -> None:
    """Parquet, in groups of 20,000 rows.

    Raises:
        TableError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise TableError("Parquet needs the extra kg[tables]: pyarrow is not installed.") from None
    schema, remaining = arrow_schema(), iter(rows)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := [typed(row) for row in itertools.islice(remaining, GROUP)]:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


WRITERS: dict[str, Callable[[Iterable[Row], BinaryIO], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "jsonl": write_jsonl,
}
