"""JSON Lines: one article a line, with what is known about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from kg.config import Settings
from kg.errors import SourceError
from kg.model import Article
from kg.sources import fields
from kg.sources.failure import Failure, failure
from kg.sources.origin import Origin


def read(line: bytes, source: str, names: Mapping[str, str] | None = None) -> Article:
    """One line to its article; ``source`` names file and line where the record has no id of its own.

    Raises:
        SourceError: the line is not a JSON object with a string "text", or its text is no English text.
    """
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SourceError("it is not UTF-8") from None
    except RecursionError:
        raise SourceError("it is not JSON (nested too deeply)") from None
    except ValueError as error:  # a number of thousands of digits too
        raise SourceError(f"it is not JSON ({getattr(error, 'msg', 'a number has too many digits')})") from None
    if not isinstance(record, dict):
        raise SourceError("it is not a JSON object")
    return fields.make(record, source, names or {})


def items(stream: BinaryIO, origin: Origin, settings: Settings) -> Iterator[Article | Failure]:
    """The articles of an open stream, one line in memory at a time; empty lines are passed over."""
    limit, number, names = settings.max_article_bytes, 0, settings.field_names
    while line := stream.readline(limit + 1):
        number += 1
        source = f"{origin.name}, line {number}"
        if len(line) > limit:
            while line and not line.endswith(b"\n"):
                line = stream.readline(limit)
            yield Failure(source, f"it is longer than {limit:,} bytes")
        elif line.strip():
            try:
                yield read(line, source, names)
            except SourceError as error:
                yield failure(source, error)
