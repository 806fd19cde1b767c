"""What an article of an archive costs: processor time, bytes of quads and tables, and the load; docs/spark.md multiplies it.

    python bench/archive.py FILE_OR_FOLDER ...

Times are the processor's, not the clock's, so that a busy machine tells the same as a quiet one, nearly.
"""

from __future__ import annotations

import gzip
import resource
import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.model import ArticleFacts
from kg.pipeline import Extractor
from kg.sources import read_articles
from kg.spark.worker import nquads
from kg.tables.formats import write_parquet
from kg.tables.stream import event_table
from kg.triples.iris import Iris
from kg.triples.writer import article_quads


def _say(name: str, value: float, unit: str) -> None:
    sys.stdout.write(f"{name:42s} {value:14,.3f} {unit}\n")


def _extracted(paths: list[Path], settings: Settings) -> list[ArticleFacts]:
    """All that is read; the model is loaded before the clock starts."""
    extractor = Extractor(settings)
    items = extractor.extract(read_articles(paths, settings))
    first = next(items)
    begin = time.process_time()
    found = [item for item in (first, *items) if isinstance(item, ArticleFacts)]
    seconds = time.process_time() - begin
    words = sum(len(item.article.text.split()) for item in found)
    _say("articles", len(found), "")
    _say("words an article", words / len(found), "")
    _say("extraction, an article", seconds / (len(found) - 1), "processor seconds")
    _say("extraction", words / seconds, "words a processor second")
    return found


def _written(found: list[ArticleFacts], iris: Iris) -> list[str]:
    begin, texts, quads = time.process_time(), [], 0
    for item in found:
        made = article_quads(item, iris)
        quads += len(made)
        texts.append(nquads(made) + "\n")
    raw, packed = sum(len(t.encode()) for t in texts), len(gzip.compress("".join(texts).encode(), 6))
    _say("writing quads, an article", (time.process_time() - begin) / len(found), "processor seconds")
    _say("quads an article", quads / len(found), "")
    _say("N-Quads an article", raw / len(found), "bytes")
    _say("N-Quads an article, gzip", packed / len(found), "bytes")
    return texts


def _loaded(texts: list[str], settings: Settings) -> None:
    data, lines = "".join(texts).encode(), sum(t.count("\n") for t in texts)
    begin, clock = time.process_time(), time.monotonic()
    store = ox.Store(str(settings.store / "data"))
    store.bulk_load(data, format=ox.RdfFormat.N_QUADS)
    store.flush()
    store.optimize()
    used, waited = time.process_time() - begin, time.monotonic() - clock
    _say("bulk load", lines / used, "quads a processor second")
    _say("bulk load", lines / waited, "quads a second by the clock")
    size = sum(p.stat().st_size for p in (settings.store / "data").rglob("*") if p.is_file())
    _say("store, a quad", size / lines, "bytes")


def _tabled(settings: Settings, articles: int) -> None:
    from kg.store import open_store

    begin, target = time.process_time(), settings.store / "events.parquet"
    with open_store(settings) as store:
        rows = list(event_table(store, Iris(settings.base_iri)))
    _say("event table from the store", len(rows) / (time.process_time() - begin), "rows a processor second")
    with target.open("wb") as out:
        write_parquet(rows, out)
    _say("rows an article", len(rows) / articles, "")
    _say("Parquet, a row", target.stat().st_size / len(rows), "bytes")


def main(paths: list[Path]) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=Path(folder) / "store")
        settings.store.mkdir()
        found = _extracted(paths, settings)
        texts = _written(found, Iris(settings.base_iri))
        _loaded(texts, settings)
        _tabled(settings, len(found))
    _say("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, "MB")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]] or [Path("seeds")])
