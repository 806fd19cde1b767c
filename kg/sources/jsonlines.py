"""JSON Lines: one article a line, with what is known about it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from kg.errors import SourceError
from kg.model import Article
from kg.sources.article import make_article

#: The fields that are read; others are left alone, so that annotated collections can be read as they are.
FIELDS = ("id", "text", "title", "date", "url", "outlet", "author", "license", "language")


def _date(value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.datetime.fromisoformat(value).date()
    except ValueError:
        raise SourceError(f"its date {value!r} is not an ISO 8601 date such as 2016-01-26") from None


def _fields(record: dict[str, Any]) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for name in FIELDS:
        value = record.get(name)
        if name == "id" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            raise SourceError(f"its field {name!r} is not a string")
        values[name] = value if name == "text" else (value or "").strip() or None
    return values


def read(line: bytes, source: str) -> Article:
    """One line to its article; ``source`` names file and line where the record has no id of its own.

    Raises:
        SourceError: the line is not a JSON object with a string "text", or its text is no English text.
    """
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SourceError("it is not UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"it is not JSON ({getattr(error, 'msg', 'nested too deeply')})") from None
    if not isinstance(record, dict):
        raise SourceError("it is not a JSON object")
    values = _fields(record)
    text = values["text"]
    if text is None:
        raise SourceError('it has no "text"')
    language = values["language"]
    if language and language.lower().split("-")[0] not in {"en", "eng", "english"}:
        raise SourceError(f"its language is {language!r}, not English")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SourceError("its text holds half a surrogate pair, which is no character") from None
    return make_article(
        text,
        source=values["id"] or source,
        given_id=values["id"],
        title=values["title"],
        published=_date(values["date"]),
        url=values["url"],
        outlet=values["outlet"],
        author=values["author"],
        license=values["license"],
    )
