"""The table of formats: what each is called by file names and by servers, and what reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kg.config import Settings
from kg.model import Article
from kg.sources import feed, html, jsonlines, plain, tables, warc
from kg.sources.failure import Failure
from kg.sources.origin import Origin


@dataclass(frozen=True)
class Format:
    """One format: the reader of an open stream, endings of files (in lower case), and content types."""

    items: Callable[[BinaryIO, Origin, Settings], Iterator[Article | Failure]]
    endings: tuple[str, ...]
    types: tuple[str, ...]


FORMATS = {
    "text": Format(plain.items, (".txt", ".text"), ("text/plain",)),
    "html": Format(html.items, (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml")),
    "feed": Format(
        feed.items,
        (".rss", ".atom", ".xml"),
        ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml"),
    ),
    "jsonlines": Format(
        jsonlines.items, (".jsonl", ".ndjson"), ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
    ),
    "table": Format(tables.items, (".csv", ".tsv"), ("text/csv", "text/tab-separated-values")),
    "warc": Format(warc.items, (".warc", ".warc.gz"), ("application/warc",)),
}
#: Every ending that can be read; a file without an ending is read as plain text.
ENDINGS = {ending: name for name, form in FORMATS.items() for ending in form.endings}
_TYPES = {kind: name for name, form in FORMATS.items() for kind in form.types}


def by_name(file: str) -> str | None:
    """The format of a file by its name; None where there is no reader for it."""
    lower = file.lower()
    if "." not in lower.lstrip("."):
        return "text"
    return next((name for ending, name in ENDINGS.items() if lower.endswith(ending)), None)


def by_type(content_type: str, url: str) -> str | None:
    """The format of an answer by its content type; by the address's ending where the server gives none that says anything."""
    if content_type in _TYPES and not (content_type == "text/plain" and by_name(url) is not None):
        return _TYPES[content_type]
    if content_type in ("", "application/octet-stream", "binary/octet-stream", "text/plain"):
        path = url.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
        return by_name(path) or ("html" if not content_type else None)
    return None
