"""Records with named fields (a line of JSON Lines, a row of a table) to articles."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from kg.config import FIELDS
from kg.errors import LanguageError, SourceError
from kg.model import Article
from kg.sources.article import make_article

#: JSON can bring one half without the other.
_HALF = re.compile("[\ud800-\udfff]")


def _date(value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.datetime.fromisoformat(value).date()
    except ValueError:
        raise SourceError(f"its date {value!r} is not an ISO 8601 date such as 2016-01-26") from None


def _value(record: Mapping[str, Any], name: str) -> Any:
    """A field by its name, or by a path of names with points between ("source.name")."""
    if name in record or "." not in name:
        return record.get(name)
    first, _, rest = name.partition(".")
    inner = record.get(first)
    return _value(inner, rest) if isinstance(inner, dict) else None


def _fields(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for field in FIELDS:
        name = names.get(field, field)
        value = _value(record, name)
        if field == "id" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            raise SourceError(f"its field {name!r} is not a string")
        if value is not None and _HALF.search(value):
            raise SourceError(f"its field {name!r} holds half a surrogate pair, which is no character")
        values[field] = value if field == "text" else (value or "").strip() or None
    return values


def make(record: Mapping[str, Any], source: str, names: Mapping[str, str]) -> Article:
    """The article of a record.

    Args:
        source: names the record where it has no id of its own.
        names: field -> the name that the record has for it, where that is another one.

    Raises:
        LanguageError: it is not English, by its own word or by its text.
        SourceError: it has no text, or a field that cannot be used.
    """
    values = _fields(record, names)
    text = values["text"]
    if text is None:
        raise SourceError(f'it has no "{names.get("text", "text")}"')
    language = values["language"]
    if language and language.lower().replace("_", "-").split("-")[0] not in {"en", "eng", "english"}:
        raise LanguageError(f"its language is {language!r}, not English")
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
