"""READ FIRST. The whole path of the data: article -> sentences -> mentions -> facts -> quads -> store -> identity.

Each step lives in a folder of its own, named in that order: ``sources``, ``language``, ``mentions``, ``facts``,
``triples``, ``store``, ``identity``. What stands between them are the records of ``kg.model``.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import facts, identity
from kg.config import Settings
from kg.duplicates import Duplicates
from kg.errors import KgError, ModelError
from kg.ledger import Ledger
from kg.model import Article, ArticleFacts
from kg.pool import Pool
from kg.sources import Failure, Memory, Skipped, Skips, read_articles
from kg.sources.bodies import Bodies
from kg.sources.near import TextIndex
from kg.store import open_store
from kg.triples.iris import Iris
from kg.triples.writer import article_quads

if TYPE_CHECKING:
    from kg.language import Pipeline
    from kg.llm.reader import LanguageModelReader


class Extractor:
    """Turns articles into facts; the language pipeline is loaded with the first article and kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _pipeline(self) -> Pipeline:
        # spaCy takes a second to import: a run that finds nothing new need not wait for it
        from kg.language import load

        return load(self._settings)

    @cached_property
    def _language_model(self) -> LanguageModelReader | None:
        if "llm" not in self._settings.roads:
            return None
        try:
            from kg.llm.reader import LanguageModelReader
        except ImportError as error:
            raise ModelError(f"The extractor 'llm' needs the extra kg[llm]: {error.name} is not installed.") from None
        return LanguageModelReader(self._settings)

    def extract(self, articles: Iterable[Article | Failure]) -> Iterator[ArticleFacts | Failure]:
        """Facts of each article, lazily and in order; a Failure is passed on, or made where extraction fails.

        Raises:
            ModelError: the language pipeline cannot be loaded.
        """
        failed: deque[Failure] = deque()

        def readable() -> Iterator[Article]:
            for item in articles:
                if isinstance(item, Failure):
                    failed.append(item)
                else:
                    yield item

        remaining = readable()
        first = next(remaining, None)
        if first is not None:
            for parsed in self._pipeline.parse(itertools.chain([first], remaining)):
                while failed:
                    yield failed.popleft()
                try:
                    yield facts.extract(parsed, self._settings.roads, self._language_model)
                except KgError as error:
                    yield Failure.of(parsed.article, str(error))
        yield from failed


@cache
def _extractor(settings: Settings) -> Extractor:
    return Extractor(settings)


@dataclass(frozen=True)
class Read:
    """What was made of one article: its quads as N-Quads, which cross from one process to another at little cost."""

    nquads: bytes
    quads: int
    events: int
    statements: int


def read_all(articles: list[Article], settings: Settings) -> list[Read | Failure]:
    """Articles to quads, in this process; one result for each, a Failure for one that cannot be read.

    Raises:
        ModelError: the language pipeline cannot be loaded.
    """
    done: list[Read | Failure] = []
    for item in _extractor(settings).extract(articles):
        if isinstance(item, Failure):
            done.append(item)
            continue
        try:
            quads = article_quads(item, Iris(settings.base_iri))
        except KgError as error:
            done.append(Failure.of(item.article, str(error)))
        else:
            text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
            done.append(Read(text, len(quads), len(item.events), len(item.statements)))
    return done


@dataclass
class Summary:
    """What a run of ``ingest`` did: how many articles were new or changed, what they hold, what was left out and what failed."""

    ingested: int = 0
    unchanged: int = 0
    duplicates: int = 0
    skipped: Skips = field(default_factory=Skips)
    events: int = 0
    statements: int = 0
    quads: int = 0
    across: identity.Outcome = field(default_factory=identity.Outcome)
    failures: list[Failure] = field(default_factory=list)

    def add(self, made: Read) -> None:
        """Count one article that was written."""
        self.ingested += 1
        self.events += made.events
        self.statements += made.statements
        self.quads += made.quads

    def note(self, *failures: Failure) -> None:
        """Count inputs that did not become facts."""
        for failure in failures:
            if isinstance(failure, Skipped):
                self.skipped.add(failure)
            else:
                self.failures.append(failure)


def _write(article: Article, made: Read, ledger: Ledger, texts: TextIndex, bodies: Bodies) -> None:
    """Put an article into the store; what is known of its text goes before the record by which the next run passes it over.

    Raises:
        StoreError: it is not in the store.
    """
    texts.save()
    bodies.put(article)
    ledger.write(article, list(ox.parse(made.nquads, format=ox.RdfFormat.N_QUADS)))
    bodies.settle(article.id)


def ingest(
    inputs: Iterable[Path | str],
    settings: Settings,
    progress: Callable[[str, int], None] = lambda *_: None,
    report: Callable[[Failure], None] = lambda _: None,
) -> Summary:
    """Read articles, extract what is new or has changed, and put each article's graph into the store as a whole.

    Extraction is spread over ``settings.processes``; this process reads the sources and writes. A run that is broken off at any
    moment has left whole articles, which the next run finds and does not read again.

    Args:
        inputs: files, folders and addresses; see ``kg.sources``.
        progress: called when an article or failed input is done, with its name and how many bytes of all inputs (see
            ``kg.sources.size``) were read up to it.
        report: called with each failure when it is known.

    Raises:
        StoreError: the store cannot be opened.
        ModelError: the language pipeline cannot be loaded.
        CurationError: the curator's file cannot be used; nothing was read.
    """
    summary, iris = Summary(), Iris(settings.base_iri)

    def note(failures: list[Failure]) -> None:
        known = len(summary.failures)
        summary.note(*failures)
        for failure in summary.failures[known:]:
            report(failure)

    identity.read_curation(settings.curation, settings.base_iri)  # a mistake in it is told before hours of reading
    with (
        open_store(settings, writes_beside=True) as store,
        closing(TextIndex(settings.store, settings.near_duplicate)) as texts,
        closing(Memory(settings.store)) as memory,
        closing(Bodies(settings.store, settings.article_text)) as bodies,
    ):
        ledger = Ledger(store, iris, settings)
        bodies.recover(ledger.digest)
        ledger.add_reference_data()
        duplicates = Duplicates(ledger, iris, texts)
        fresh = duplicates.apart(ledger.fresh(read_articles(inputs, settings, memory)))
        for item in Pool(settings, read_all).run(fresh):
            if isinstance(item, Failure):
                note(duplicates.take(item))
                progress(item.source, item.offset)
                continue
            article, made = item
            try:
                _write(article, made, ledger, texts, bodies)
            except KgError as error:
                note([Failure.of(article, str(error))])
            else:
                summary.add(made)
            progress(article.source or article.id, article.offset)
        note(duplicates.finish())
        summary.unchanged, summary.duplicates = ledger.unchanged, duplicates.count
        summary.across = identity.run(store, settings)  # what several articles tell of, where it has changed
    return summary
