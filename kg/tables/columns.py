"""The columns of the event table, in their order; ``docs/event-table.md`` is tested against them."""

from __future__ import annotations

from dataclasses import dataclass

#: One row: column -> value; dates are ISO 8601 strings, None stands for nothing.
Row = dict[str, str | int | float | None]


@dataclass(frozen=True)
class Column:
    """``kind`` is "string", "integer", "number" or "date"."""

    name: str
    kind: str = "string"


def _actor(side: str) -> tuple[Column, ...]:
    strings = [Column(f"{side}{part}") for part in ("", "_name", "_kind", "_role", "_office", "_party", "_iso")]
    return (*strings, Column(f"{side}_cow", "integer"), Column(f"{side}_cow_abbreviation"))


COLUMNS = (
    Column("event"),
    Column("dyad", "integer"),
    Column("dataset"),
    Column("graph"),
    Column("plover"),
    Column("class"),
    Column("cameo"),
    Column("cameo_root"),
    Column("quad_class", "integer"),
    Column("goldstein", "number"),
    *_actor("source"),
    *_actor("target"),
    Column("date_from", "date"),
    Column("date_until", "date"),
    Column("date_precision"),
    Column("date_text"),
    Column("place"),
    Column("place_iso"),
    Column("latitude", "number"),
    Column("longitude", "number"),
    Column("modality"),
    Column("confidence", "number"),
    Column("sources", "integer"),
    Column("sentence"),
    Column("article"),
    Column("published", "date"),
    Column("url"),
    Column("extractor"),
)
