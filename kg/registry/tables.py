"""Reads the curated tables of ``kg/data``: tab-separated, '#' comments at the head, one header line, '-' for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of ``kg/data/<name>``: column -> value, an empty string where the file has '-'.

    Raises:
        ValueError: a row has more or fewer columns than the header.
    """
    text = (resources.files("kg") / "data" / name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    header = next(lines).split("\t")
    for line in lines:
        values = ("" if value == "-" else value for value in line.split("\t"))
        yield dict(zip(header, values, strict=True))


def several(value: str) -> tuple[str, ...]:
    """The parts of a value whose parts stand between '|'."""
    return tuple(value.split("|")) if value else ()
