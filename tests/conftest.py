"""What many tests share. Nothing here stands in for a part of the project: stores, models and servers are the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.config import Settings

if TYPE_CHECKING:
    from kg.language import Pipeline

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of articles that the graph is built from at first."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seed(seeds: Path) -> Path:
    """One real article, as a page's text."""
    return min(seeds.glob("*.txt"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose store lies in this test's own folder."""
    return Settings(store=tmp_path / "store")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own ``KG_*`` variables out of the tests."""
    import os

    for name in [n for n in os.environ if n.startswith("KG_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    """The language pipeline that ships with the package, loaded once."""
    from kg.language import load

    return load(Settings())
