"""One service with a dump, a log of changes and a stated publisher, for all tests of what it gives away."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kg.config import Settings
from kg.exports.dumps import Dump, make_dump
from kg.exports.still import still_store
from kg.pipeline import ingest
from tests.conftest import Served, free_port, serving

#: Days of dumps are given, not looked up.
DAY = dt.date(2024, 5, 6)
ARTICLES = {
    "toll": "PARIS, May 3, 2016 - French President Francois Hollande met Kenyan President Uhuru Kenyatta in Nairobi on Tuesday "
    "to discuss trade. Hollande said France would help Kenya to build a new port.",
    "reef": "MANILA, June 7, 2016 - The Philippines accused China of building on a disputed reef. Chinese Foreign Minister "
    "Wang Yi rejected the accusation in Beijing on Monday.",
    "envoy": "OSLO, July 5, 2016 - Norway expelled two Russian diplomats on Tuesday. Russia promised to answer.",
}
LATER = {
    "accord": "GENEVA, August 9, 2016 - Swiss President Johann Schneider-Ammann and German Chancellor Angela Merkel signed "
    "an agreement on trade in Geneva on Tuesday. Merkel said Germany would ratify it.",
}


@dataclass(frozen=True)
class Offered:
    """A running service, the settings of its store, and the dump that was made before it began."""

    served: Served
    settings: Settings
    dump: Dump


def write_articles(path: Path, articles: dict[str, str]) -> Path:
    """A JSON Lines file of articles by id."""
    lines = (json.dumps({"id": key, "title": f"On {key}", "text": text}) for key, text in articles.items())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def dumped(settings: Settings, day: dt.date = DAY) -> tuple[Dump, bool]:
    """Make a dump of the store as it is."""
    with still_store(settings) as store:
        return make_dump(store, settings, day)


@pytest.fixture(scope="package")
def offered(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Iterator[Offered]:
    """The service on the seeds and three articles. Not to be written to."""
    folder, port = tmp_path_factory.mktemp("offered"), free_port()
    settings = Settings(
        store=folder / "store",
        dumps=folder / "dumps",
        base_iri=f"http://127.0.0.1:{port}/",
        extractors="frames",
        processes=1,
        dataset_publisher="Institute of Examples",
        dataset_publisher_iri="https://example.org/",
        dataset_license="https://creativecommons.org/licenses/by/4.0/",
        dataset_contact="mailto:data@example.org",
        changes_page=5,
    )
    done = ingest([seeds, write_articles(folder / "articles.jsonl", ARTICLES)], settings)
    assert (done.ingested, done.failures) == (4, [])
    dump, new = dumped(settings)
    assert new
    names = (
        "dumps base_iri dataset_publisher dataset_publisher_iri dataset_license dataset_contact changes_page".split()
    )
    environment = {f"KG_{name.upper()}": str(getattr(settings, name)) for name in names}
    with serving(settings, port, **environment) as served:
        yield Offered(served, settings, dump)


@pytest.fixture
def own(offered: Offered, tmp_path: Path) -> Settings:
    """The settings of that store, with dumps in this test's own folder."""
    return replace(offered.settings, dumps=tmp_path / "dumps")
