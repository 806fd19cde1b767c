"""A store with more than the seed: authored articles, and several tellings of one event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kg.config import Settings
from kg.store import open_store
from server import create_app

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="session")
def varied(tmp_path_factory: pytest.TempPathFactory, root: Path, seeds: Path) -> Settings:
    """Settings whose store holds the seed, the authored articles, and clusters of articles on one event. Not to be written to."""
    from kg.pipeline import ingest

    settings = Settings(store=tmp_path_factory.mktemp("varied") / "store", extractors="frames")
    inputs = [
        seeds,
        root / "kg" / "training" / "corpus" / "authored_articles.jsonl",
        root / "tests" / "identity" / "data" / "clusters.jsonl",
    ]
    assert not ingest(inputs, settings).failures
    return settings


@dataclass(frozen=True)
class Site:
    """The application on a store, asked without a server between."""

    app: Flask
    settings: Settings
    pages: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> TestResponse:
        """A request as a browser makes it."""
        return self.app.test_client().get(path, headers={"Accept": BROWSER})

    def page(self, path: str) -> str:
        """The text of a page that must be there; asked for once."""
        if path not in self.pages:
            reply = self.get(path)
            assert reply.status_code == 200, path
            self.pages[path] = reply.text
        return self.pages[path]

    def queries(self, path: str) -> int:
        """How many queries a page takes when nothing is kept."""
        self.app.extensions["kg"].kept.forget()
        found = re.search(r'desc="(\d+)"', self.get(path).headers["Server-Timing"])
        assert found, path
        return int(found[1])

    def things(self, kind: str) -> list[str]:
        """Addresses of the pages of all things of a kind, by the IRI's own word for it."""
        return _paths(self.settings).get(kind, [])


@cache
def _paths(settings: Settings) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    with open_store(settings) as store:
        for quad in store.quads():
            rest = (
                quad.subject.value.removeprefix(f"{settings.base_iri}id/")
                if isinstance(quad.subject, ox.NamedNode)
                else ""
            )
            if rest and ":" not in rest and "#" not in rest:
                found.setdefault(rest.partition("/")[0], set()).add(f"/page/{rest}")
    return {kind: sorted(paths) for kind, paths in found.items()}


@pytest.fixture(scope="session")
def site(varied: Settings) -> Iterator[Site]:
    """The pages on the varied store."""
    app = create_app(varied)
    yield Site(app, varied)
    app.extensions["kg"].close()
