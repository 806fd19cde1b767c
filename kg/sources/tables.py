"""Tables (CSV, TSV): one article a row, under a row of names."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from kg.config import Settings
from kg.errors import SourceError
from kg.model import Article
from kg.sources import fields
from kg.sources.failure import Failure, failure
from kg.sources.origin import Origin

#: What may stand between the fields; that which the row of names holds most of does.
DELIMITERS = ",;\t|"


def _encoding(stream: BinaryIO, settings: Settings) -> str:
    if settings.encoding:
        return settings.encoding
    start = stream.read(4)
    stream.seek(0)
    return "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


class _Lines:
    """The lines of a stream as text, each within the limit, with the number of the last one read."""

    def __init__(self, stream: BinaryIO, encoding: str, limit: int) -> None:
        self._text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        self._limit, self.number = limit, 0

    def leave(self) -> None:
        """Give the stream back as it is; its owner closes it."""
        self._text.detach()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._limit + 1)
        self.number += 1
        if not line:
            raise StopIteration
        if len(line) > self._limit:
            while line and not line.endswith("\n"):
                line = self._text.readline(self._limit)
            raise SourceError(f"it is longer than {self._limit:,} characters")
        if "\0" in line:
            raise SourceError("it is binary, not text")
        return line


def _names(row: list[str], settings: Settings) -> list[str]:
    names, text = [name.strip() for name in row], settings.field_names.get("text", "text")
    if text not in names:
        shown = ", ".join(map(repr, names[:20])) or "none"
        raise SourceError(f"it has no column {text!r} (its columns are {shown}); name it with --field text=COLUMN")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SourceError(f"it has two columns {twice!r}")
    return names


def _rows(lines: _Lines, origin: Origin, settings: Settings) -> Iterator[tuple[str, Mapping[str, str]] | Failure]:
    try:
        head = next(lines, "")
        delimiter = max(DELIMITERS, key=head.count)
        names = _names(next(csv.reader([head], delimiter=delimiter, strict=True)), settings)
    except (SourceError, csv.Error) as error:
        yield Failure(origin.name, str(error))
        return
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        source = f"{origin.name}, line {lines.number + 1}"
        try:
            row = next(reader, None)
        except SourceError as error:
            yield failure(source, error)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)  # the row that it belonged to is given up
            continue
        except csv.Error as error:
            yield Failure(source, f"it is not CSV ({error})")
            continue
        if row is None:
            return
        if row and len(row) != len(names):
            yield Failure(source, f"it has {len(row)} fields under {len(names)} columns")
        elif row:
            yield source, dict(zip(names, row, strict=True))


def items(stream: BinaryIO, origin: Origin, settings: Settings) -> Iterator[Article | Failure]:
    """The articles of a table, one row in memory at a time; it is UTF-8, or UTF-16 with its mark, unless another is told."""
    encoding = _encoding(stream, settings)
    csv.field_size_limit(settings.max_article_bytes)
    lines = _Lines(stream, encoding, settings.max_article_bytes)
    try:
        for row in _rows(lines, origin, settings):
            if isinstance(row, Failure):
                yield row
                continue
            source, values = row
            try:
                yield fields.make({k: v or None for k, v in values.items()}, source, settings.field_names)
            except SourceError as error:
                yield failure(source, error)
    except UnicodeError:
        shown = "UTF-8" if encoding == "utf-8-sig" else encoding
        where = f"{origin.name}, after line {lines.number}"
        yield Failure(where, f"it is not {shown}, and what follows is not read; tell its encoding with --encoding")
    finally:
        lines.leave()
