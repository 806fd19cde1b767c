"""What runs in Spark's Python workers: articles in, each with its quads and its rows of the event table out.

The model is loaded with a worker's first article and kept as long as the worker lives: Spark uses a worker for one task
after the other.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyoxigraph as ox

from kg.config import Settings
from kg.errors import KgError
from kg.model import Article, ArticleFacts
from kg.pipeline import Extractor
from kg.sources import Failure, read_articles, read_lines
from kg.tables.columns import COLUMNS
from kg.tables.formats import typed
from kg.tables.index import Index
from kg.tables.rows import RowMaker
from kg.triples.ingestion import ingestion_quads
from kg.triples.iris import Iris
from kg.triples.vocab import term
from kg.triples.writer import article_quads

#: Articles whose results are handed to Spark together: some 10 MB of quads.
BATCH = 50
_KINDS = {"string": "string", "integer": "int", "number": "double", "date": "date"}
_ROW = ", ".join(f"`{column.name}`: {_KINDS[column.kind]}" for column in COLUMNS)
#: What comes of an article: its graph, text digest, quads, record of ingestion and event rows; or why nothing does.
SCHEMA = (
    "graph string, digest string, nquads string, ingestion string, "
    f"events array<struct<{_ROW}>>, source string, failure string"
)
_FIELDS = ("graph", "digest", "nquads", "ingestion", "events", "source", "failure")

Frames = Iterator[pd.DataFrame]


@cache
def extractor(settings: Settings) -> Extractor:
    """This process's one extractor."""
    return Extractor(settings)


def _renamed(items: Iterable[Article | Failure], source: str) -> Iterator[Article | Failure]:
    """Failures under the name of the file in the archive."""
    for item in items:
        yield dataclasses.replace(item, source=source) if isinstance(item, Failure) else item


def _from_line(data: bytes, source: str, settings: Settings) -> Iterator[Article | Failure]:
    """An article's line of JSON; nothing where the line is empty."""
    return _renamed(read_lines(io.BytesIO(data), source, settings), source)


def _from_file(data: bytes, source: str, settings: Settings) -> Iterator[Article | Failure]:
    """A whole file, by the reader that ``kg ingest`` has for its ending."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / source.rsplit("/", 1)[-1]
        path.write_bytes(data)
        yield from _renamed(read_articles([path], settings), source)


READERS: dict[str, Callable[[bytes, str, Settings], Iterator[Article | Failure]]] = {
    "line": _from_line,
    "file": _from_file,
}


def nquads(quads: Sequence[ox.Quad]) -> str:
    """N-Quads lines in the order of the quads, without the last line's end."""
    return (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").decode().rstrip("\n")


class _Writer:
    """Makes the result of one article."""

    def __init__(self, settings: Settings, version: str, when: dt.datetime) -> None:
        self._iris, self._version, self._when = Iris(settings.base_iri), version, when
        self._rows = RowMaker(self._iris)

    def result(self, item: ArticleFacts | Failure) -> tuple[Any, ...]:
        """The fields of the schema."""
        if isinstance(item, Failure):
            return None, None, None, None, None, item.source, item.reason
        article = item.article
        try:
            quads = article_quads(item, self._iris)
        except KgError as error:
            return None, None, None, None, None, article.source or article.id, str(error).rstrip(".")
        graph = self._iris.article_graph(article.id)
        index = Index((q.subject, q.predicate, q.object) for q in quads)
        events = [typed(row) for e in index.of_type(term("Event")) for row in self._rows.rows(index, graph, e)]
        record = ingestion_quads(article.id, article.digest, self._version, self._when, self._iris)
        return graph.value, article.digest, nquads(quads), nquads(record), events, article.source, None


def _frame(results: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame.from_records(list(results), columns=list(_FIELDS))


def extracting(settings: Settings, reader: str, version: str, when: dt.datetime) -> Callable[[Frames], Frames]:
    """The function for ``mapInPandas``: frames with the columns ``source`` and ``data`` to frames of ``SCHEMA``.

    Args:
        reader: "line" where ``data`` is an article's line of JSON, "file" where it is a whole file.
        version: the fingerprint that is written with each article.
        when: the time that is.
    """

    def extract(frames: Frames) -> Frames:
        writer, read = _Writer(settings, version, when), READERS[reader]
        items = (
            item
            for frame in frames
            for source, data in zip(frame["source"], frame["data"], strict=True)
            for item in read(bytes(data), source, settings)
        )
        batch = []
        for found in extractor(settings).extract(items):
            batch.append(writer.result(found))
            if len(batch) == BATCH:
                yield _frame(batch)
                batch = []
        if batch:
            yield _frame(batch)

    return extract
