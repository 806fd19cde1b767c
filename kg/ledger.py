"""Which articles the store holds, from which text and by which version: so that nothing is read twice without need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kg.config import Settings
from kg.errors import StoreError
from kg.fingerprint import fingerprint
from kg.model import Article
from kg.sources import Duplicate, Failure
from kg.store import Store
from kg.triples.ingestion import ingestion_quads, removal_quads
from kg.triples.iris import Iris
from kg.triples.reference import ontology_quads, reference_quads
from kg.triples.vocab import named


class Ledger:
    """Compares articles with what the store holds, and writes them with the record of their ingestion."""

    def __init__(self, store: Store, iris: Iris, settings: Settings) -> None:
        self._store, self._iris = store, iris
        self._version = fingerprint(settings)
        self.unchanged = 0

    def _held(self, article: str) -> tuple[str, str]:
        """Digest and version with which the article's graph was made; empty where it is not there."""
        return held(self._store, self._iris, article)

    def digest(self, article: str) -> str:
        """Of the text from which the store has an article, in whatever version; empty where it has none."""
        return self._held(article)[0]

    def holds(self, article: str) -> bool:
        """Whether the store has an article, in whatever version."""
        return self.digest(article) != ""

    def fresh(self, articles: Iterable[Article | Failure]) -> Iterator[Article | Failure]:
        """What is new or has changed; a second article of one id in a run is a Duplicate, or a Failure if its text differs."""
        seen: dict[str, str] = {}
        for item in articles:
            if isinstance(item, Failure):
                yield item
            elif seen.get(item.id) == item.digest:
                yield Duplicate.of(item, "it is the same article as another of this run")
            elif item.id in seen:
                yield Failure.of(item, f"another article of this run has the same id, {item.id!r}")
            else:
                seen[item.id] = item.digest
                if self._held(item.id) == (item.digest, self._version):
                    self.unchanged += 1
                else:
                    yield item

    def write(self, article: Article, quads: Sequence[ox.Quad]) -> None:
        """Put an article's graph and the record of its ingestion into the store, in one transaction.

        Raises:
            StoreError: nothing was written.
        """
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        self._store.replace_graphs(
            {
                self._iris.article_graph(article.id): quads,
                self._iris.ingestion_graph(article.id): ingestion_quads(
                    article.id, article.digest, self._version, now, self._iris, article.fetched
                ),
            }
        )

    def add_reference_data(self) -> None:
        """Write the reference data and the ontology where the store does not hold them as they are now.

        Raises:
            StoreError: nothing was written.
        """
        for name, quads in (("reference", reference_quads(self._iris)), ("ontology", ontology_quads(self._iris))):
            graph = self._iris.graph(name)
            if self._store.graph_quads(graph) != sorted(quads, key=str):
                self._store.replace_graphs({graph: quads})


def held(store: Store, iris: Iris, article: str) -> tuple[str, str]:
    """Digest of the text from which an article's graph was made, and version; empty where the store does not have the article."""
    found = {q.predicate: q.object for q in store.graph_quads(iris.ingestion_graph(article))}
    values = (found.get(named(name)) for name in ("dipl:textDigest", "dipl:extractorVersion"))
    digest, version = (v.value if isinstance(v, ox.Literal) else "" for v in values)
    return digest, version


def missing(store: str, article: str) -> StoreError:
    """That a store has no such article."""
    return StoreError(f"The store {store} has no article {article!r}.")


def is_removed(store: Store, iris: Iris, article: str) -> bool:
    """Whether an article has been taken out of the store, and not been read again since."""
    noted = any(
        quad.predicate == named("prov:invalidatedAtTime") for quad in store.graph_quads(iris.ingestion_graph(article))
    )
    return noted and not store.has_graph(iris.article_graph(article))


def remove(store: Store, iris: Iris, article: str) -> None:
    """Take an article out of the store, and note that it and what was its own are gone; reading it again brings them back.

    People, places and offices are not noted: other articles may come to tell of them under the same IRIs.

    Raises:
        StoreError: the store has no such article, or cannot be written.
    """
    graph = iris.article_graph(article)
    if not store.has_graph(graph):
        raise missing(store.name, article)
    found = {t.subject for t in store.graph_triples(graph)}
    own = {s for s in found if isinstance(s, ox.NamedNode) and iris.is_of_article(s, article)}
    # what is across articles and named after one of these has another name, or none, once they are gone
    across = {iris.across(thing) for thing in own if store.has_graph(iris.identity_graph_of(thing))}
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    note = removal_quads(article, sorted(own | across, key=str), now, iris)
    store.replace_graphs({graph: [], iris.ingestion_graph(article): note})
