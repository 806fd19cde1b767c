"""What is not there, and what was removed: 404 and 410 that help to go on, for people and for programs; and the sitemaps."""

from __future__ import annotations

import json
import re
import urllib.robotparser
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from flask import Flask

from kg.cli import main
from kg.config import Settings
from kg.pipeline import ingest
from kg.sparql.formats import TRIPLES
from kg.store import open_store
from kg.triples.vocab import named
from kg.web.http.presence import words_of
from kg.web.service import Service
from kg.web.views.addresses import parts
from kg.web.views.words import days
from server import create_app
from tests.web.conftest import BROWSER, Site

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ARTICLES = (
    {"id": "a-1", "date": "2020-02-03", "title": "Talks", "text": "Kenya's President met Ghana's President in Accra on Monday."},
    {"id": "a-2", "date": "2020-02-03", "title": "Accra talks", "text": "The leaders of Kenya and Ghana met in Accra on Monday."},
)  # fmt: skip


@pytest.fixture(scope="module")
def removed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, set[str], Path]:
    """A store of two articles, of which the first was removed; the paths that it had; and the file to read it from."""
    folder = tmp_path_factory.mktemp("removed")
    file, settings = folder / "articles.jsonl", Settings(store=folder / "store", extractors="frames")
    file.write_text("\n".join(map(json.dumps, ARTICLES)), encoding="utf-8")
    assert not ingest([file], settings).failures
    with open_store(settings) as store:
        before = _own(store.quads(), settings)
    done = CliRunner().invoke(main, ["remove", "a-1", "--store", str(settings.store)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return settings, before, file


def _own(quads: Iterator[ox.Quad], settings: Settings) -> set[str]:
    """The paths of what the first article alone tells of."""
    paths = {q.subject.value.removeprefix(settings.base_iri) for q in quads if isinstance(q.subject, ox.NamedNode)}
    return {
        f"/{p}" for p in paths if "#" not in p and re.match(r"(id|graph)/[\w-]+/a-1(-|$)", p) and "ingestion" not in p
    }


@pytest.fixture
def app(removed: tuple[Settings, set[str], Path]) -> Iterator[Flask]:
    made = create_app(removed[0])
    yield made
    made.extensions["kg"].close()


def test_what_was_removed_is_gone_for_page_and_data(app: Flask, removed: tuple[Settings, set[str], Path]) -> None:
    paths, ask = removed[1], app.test_client().get
    assert {p.split("/")[2] for p in paths} >= {"article", "event"}
    for path in paths:
        rest = path.removeprefix("/id/").lstrip("/")
        places = [
            path,
            f"/page/{rest}",
            *(f"/data/{rest}.{f.name}" for f in TRIPLES),
            f"/data/{rest}.html",
            f"{path}.ttl",
        ]
        for place in places:
            reply = ask(place, headers={"Accept": "text/turtle"})
            assert (reply.status_code, reply.mimetype) == (410, "application/problem+json"), place
            problem = json.loads(reply.data)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+(Z|\+00:00)", problem["removed"])
            assert days(problem["removed"], problem["removed"]) in problem["detail"]
        page = ask(path, headers={"Accept": BROWSER})
        assert (page.status_code, page.mimetype) == (410, "text/html")
        assert "This was removed" in page.text and 'name="robots" content="noindex"' in page.text


def test_what_another_article_tells_of_too_is_there(app: Flask) -> None:
    ask = app.test_client().get
    for path in ("/page/state/KEN", "/page/place/accra-gha", "/page/article/a-2"):
        reply = ask(path, headers={"Accept": BROWSER})
        assert reply.status_code == 200
        assert "a-1" not in reply.text


def test_a_removal_leaves_nothing_but_its_time(removed: tuple[Settings, set[str], Path]) -> None:
    settings, paths, _ = removed
    with open_store(settings) as store:
        left = [q for q in store.quads() if "/a-1" in str(q.subject) or "/a-1" in str(q.object)]
        assert {q.predicate for q in left} == {named("prov:invalidatedAtTime")}
        assert {q.subject.value for q in left} == {settings.base_iri + p[1:] for p in paths}
        found = store.query(
            "SELECT (COUNT(*) AS ?n) { ?a a dipl:Article }", {"dipl": "https://w3id.org/diplomatic-kg/ontology#"}
        )
        assert [int(row["n"].value) for row in found] == [1]  # type: ignore[union-attr]


def test_what_is_read_again_is_back(tmp_path: Path) -> None:
    file, settings = tmp_path / "articles.jsonl", Settings(store=tmp_path / "store", extractors="frames")
    file.write_text(json.dumps(ARTICLES[0]), encoding="utf-8")
    ingest([file], settings)
    assert CliRunner().invoke(main, ["remove", "a-1", "--store", str(settings.store)]).exit_code == 0
    assert ingest([file], settings).ingested == 1
    with open_store(settings) as store:
        assert not [q for q in store.quads() if q.predicate == named("prov:invalidatedAtTime")]
    app = create_app(settings)
    assert app.test_client().get("/page/article/a-1", headers={"Accept": BROWSER}).status_code == 200
    app.extensions["kg"].close()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/id/person/hun-sen-khm", "hun sen khm"),
        ("/page/event/4c746df65e6d6e56-e1.ttl", ""),
        ("/page/place/phnom%20penh", "phnom penh"),
        ("/data/state/Cambodia.ttl", "Cambodia"),
        ("/" + "x" * 5_000, "x" * 100),
        ("/id/", ""),
    ],
)
def test_the_words_of_an_address(path: str, words: str) -> None:
    assert words_of(path) == words


def test_where_nothing_is_found_a_search_and_near_names_are_offered(site: Site) -> None:
    index = site.app.extensions["kg"].search.index
    for _ in range(600):  # the index is made in the background
        if index.suggest("Hun Sen", 1):
            break
        import time

        time.sleep(0.05)
        index.refresh()
    reply = site.get("/page/person/hun-senn-xyz")
    assert reply.status_code == 404
    assert 'name="q" type="search" value="hun senn xyz"' in reply.text
    assert '<a class="chip" href="/page/person/hun-sen-khm">Hun Sen</a>' in reply.text
    attack = site.get('/page/"><script>alert(1)</script>')
    assert attack.status_code == 404 and "<script>alert" not in attack.text


def test_near_names_need_no_search(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", search="off")
    with open_store(settings):
        pass
    app = create_app(settings)
    reply = app.test_client().get("/page/person/hun-sen", headers={"Accept": BROWSER})
    app.extensions["kg"].close()
    assert reply.status_code == 404 and "There is nothing here" in reply.text


def test_sitemaps_hold_every_page_once_with_its_time(site: Site) -> None:
    base = site.settings.base_iri
    root = ET.fromstring(site.get("/sitemap.xml").data)
    (one,) = [loc.text or "" for loc in root.iter(f"{SPACE}loc")]
    urls = ET.fromstring(site.get("/" + one.removeprefix(base)).data)
    found = {u.findtext(f"{SPACE}loc", ""): u.findtext(f"{SPACE}lastmod") for u in urls}
    assert len(found) == len(list(urls))
    kinds = "state organization person group place office article event statement tenure instrument".split()
    for path in (p for kind in (*kinds, "event-across", "person-across") for p in site.things(kind)):
        assert base + path[1:] in found, path
    assert base + "topic/trade" in found
    assert all(re.fullmatch(r"[\d-]+T[\d:]+(Z|\+00:00)", found[base + p[1:]] or "") for p in site.things("event"))
    for address in sorted(found)[:: max(1, len(found) // 40)]:
        assert site.get("/" + address.removeprefix(base)).status_code == 200, address
    assert site.get("/sitemap/2.xml").status_code == site.get("/sitemap/0.xml").status_code == 404


def test_sitemaps_go_on_where_one_is_full(site: Site) -> None:
    service: Service = site.app.extensions["kg"]
    with site.app.app_context():
        small = parts(service.reader(), site.settings.base_iri, service.link, size=100)
        (whole,) = parts(service.reader(), site.settings.base_iri, service.link)
    numbers = [len(list(ET.fromstring(part.body))) for part in small]
    assert numbers[:-1] == [100] * (len(small) - 1) and sum(numbers) == len(list(ET.fromstring(whole.body)))


@pytest.mark.parametrize("indexing", ["on", "off"])
def test_robots_read_pages_where_they_may(indexing: str, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", indexing=indexing)
    with open_store(settings):
        pass
    app = create_app(settings)
    text = app.test_client().get("/robots.txt").text
    app.extensions["kg"].close()
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(text.splitlines())
    for path, allowed in (("/page/state/KHM", True), ("/", True), ("/sparql", False), ("/search?q=x", False)):
        assert rules.can_fetch("anything", path) == (allowed and indexing == "on")
    assert rules.site_maps() == ([f"{settings.base_iri}sitemap.xml"] if indexing == "on" else None)
