"""A store with the articles of these tests."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.config import Settings
from kg.pipeline import ingest
from kg.search import Index
from tests.search.indexes import FIRST, article_file, current


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose store holds the articles. Not to be written to."""
    folder = tmp_path_factory.mktemp("told")
    settings = Settings(store=folder / "store", curation=folder / "none", extractors="frames", processes=1)
    assert not ingest([article_file(folder, *FIRST)], settings).failures
    return settings


@pytest.fixture
def own(told: Settings, tmp_path: Path) -> Settings:
    """The same in a store of the test's own, without an index."""
    shutil.copytree(told.store, tmp_path / "store", ignore=shutil.ignore_patterns("search.*", "snapshots"))
    return dataclasses.replace(told, store=tmp_path / "store", curation=tmp_path / "curation.tsv")


@pytest.fixture(scope="session")
def index(told: Settings) -> Iterator[Index]:
    """The index over that store."""
    found = current(told)
    yield found
    found.close()
