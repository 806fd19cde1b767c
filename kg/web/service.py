"""What the views share: settings, snapshots of the store, workers, and the way from IRIs to links."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from flask import current_app

from kg.config import Settings
from kg.search import Follower
from kg.sources.bodies import Bodies
from kg.sparql import Answering
from kg.sparql.fragments import Fragments
from kg.store import GraphWriter, States
from kg.triples.iris import Iris
from kg.triples.vocab import DIPL
from kg.web.http.caching import ResultCache
from kg.web.http.tokens import TokenFile
from kg.web.views.ahead import Ahead
from kg.web.views.reader import Kept, Reader


@dataclass(frozen=True)
class Service:
    """The parts of one running application."""

    settings: Settings
    snapshots: States
    pool: Answering
    iris: Iris
    writer: GraphWriter
    results: ResultCache
    #: What pages count over the whole store, and the articles' own texts.
    kept: Kept
    bodies: Bodies

    ahead: Ahead
    fragments: Fragments
    tokens: TokenFile
    search: Follower | None = None
    #: What is closed before the store is.
    others: ExitStack = field(default_factory=ExitStack)

    def reader(self) -> Reader:
        """Reads the newest state for one page."""
        state = self.snapshots.current()
        reader = Reader(state, self.kept, self.bodies.beside(state.home))
        self.ahead.look(reader)
        return reader

    def link(self, iri: str) -> str:
        """Where a page links to for an IRI: a path here for what is served here, so that pages work under any host."""
        if iri.startswith(self.iris.base):
            return "/" + iri.removeprefix(self.iris.base).replace("id/", "page/", 1)
        if iri.startswith(DIPL):
            name = iri.removeprefix(DIPL)
            return f"/topic/{name.removeprefix('topic-')}" if name.startswith("topic-") else f"/ontology#{name}"
        return iri

    def break_off(self) -> None:
        """End the queries and the write that are under way: the service ends."""
        self.pool.break_off()
        self.writer.break_off()

    def close(self) -> None:
        """End the workers and remove the snapshots."""
        self.others.close()
        if self.search:
            self.search.close()
        self.fragments.close()
        self.pool.close()
        self.writer.close()
        self.snapshots.close()


def service() -> Service:
    """The service of the application that handles this request."""
    found = current_app.extensions["kg"]
    assert isinstance(found, Service)
    return found
