"""Every version of every fact is told once, in order, on pages that stay; a copy made of them is the store's own state."""

import datetime as dt
import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.errors import StoreError
from kg.exports.changes import CREATE, DELETE, UPDATE, ChangeLog
from kg.exports.follow import catch_up
from kg.exports.stream import Stream
from kg.ledger import Ledger
from kg.pipeline import ingest
from kg.sources import Failure, read_articles
from kg.store import open_store, states_and_writer
from kg.triples.iris import Iris
from kg.triples.vocab import named
from tests.exports.conftest import ARTICLES, write_articles
from tests.store.servers import oxigraph

NOON = dt.datetime(2024, 5, 6, 12, tzinfo=dt.UTC)
GRAPH = "https://example.org/graph/article/a"


def _fact(name: str, label: str) -> tuple[str, list[ox.Triple]]:
    node = ox.NamedNode(f"https://example.org/id/event/{name}")
    return node.value, [ox.Triple(node, named("rdfs:label"), ox.Literal(label))]


def _told(log: ChangeLog) -> list[tuple[str, str]]:
    pages = log.pages(1, 1_000)
    return [(e.change, e.fact.rpartition("/")[2]) for page in pages for e in log.entries(page.number)]


@pytest.fixture
def log(tmp_path: Path) -> ChangeLog:
    return ChangeLog(tmp_path, 3)


def test_what_changed_is_told_and_nothing_else(log: ChangeLog) -> None:
    assert log.write(GRAPH, "1", [_fact("e1", "a"), _fact("e2", "b")]) == 2
    assert log.write(GRAPH, "2", [_fact("e1", "a"), _fact("e2", "c"), _fact("e3", "d")]) == 2
    assert log.write(GRAPH, "3", [_fact("e1", "a"), _fact("e2", "c"), _fact("e3", "d")]) == 0
    assert log.write(GRAPH, None, []) == 3
    assert log.write(GRAPH, "4", [_fact("e1", "a")]) == 1, "what comes back is new"
    assert _told(log) == [
        (CREATE, "e1"),
        (CREATE, "e2"),
        (UPDATE, "e2"),
        (CREATE, "e3"),
        (DELETE, "e1"),
        (DELETE, "e2"),
        (DELETE, "e3"),
        (CREATE, "e1"),
    ]
    assert log.graphs() == {GRAPH: "4"}
    (entry,) = [e for e in log.entries(log.pages(1, 9)[-1].number) if e.change == CREATE]
    assert list(entry.triples()) == _fact("e1", "a")[1]


def test_times_rise_also_where_the_clock_does_not(log: ChangeLog) -> None:
    for number, hour in enumerate((0, 0, -3, 1)):
        log.write(f"{GRAPH}{number}", "1", [_fact(f"e{number}", "a")], NOON + dt.timedelta(hours=hour))
    times = [entry.time for page in log.pages(1, 9) for entry in log.entries(page.number)]
    assert times == [
        "2024-05-06T12:00:00.000Z",
        "2024-05-06T12:00:00.001Z",
        "2024-05-06T12:00:00.002Z",
        "2024-05-06T13:00:00.000Z",
    ]


def test_full_pages_stay_and_no_time_lies_on_two(log: ChangeLog, tmp_path: Path) -> None:
    stream = Stream(log, Settings(base_iri="https://example.org/"))
    full: dict[int, list[str]] = {}
    for number in range(20):
        log.write(f"{GRAPH}{number}", "1", [_fact(f"e{number}-{n}", "a") for n in range(number % 5)])
        for page in log.pages(1, 100):
            fragment = stream.page(page.number)
            assert fragment
            lines = [str(quad) for quad in fragment.quads]
            assert full.get(page.number, lines) == lines
            if fragment.full:
                full[page.number] = lines
    pages = log.pages(1, 100)
    assert len(full) == len(pages) - 1 > 5
    times = [{entry.time for entry in log.entries(page.number)} for page in pages]
    for before, after in itertools.pairwise(times):
        assert max(before) < min(after)
    assert all(3 <= page.length <= 6 for page in pages[:-1])
    # another opening of it goes on where this one was
    again = ChangeLog(tmp_path, 3)
    assert (again.epoch, again.pages(1, 100)) == (log.epoch, pages)


def test_the_root_stays_small_and_groups_become_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.exports.stream.GROUP", 4)
    log = ChangeLog(tmp_path, 1)
    for number in range(6):
        log.write(f"{GRAPH}{number}", "1", [_fact(f"e{number}", "a")])
    stream = Stream(log, Settings(base_iri="https://example.org/"))
    first, second = stream.group(1), stream.group(2)
    assert first and second
    assert (first.full, second.full, stream.group(3), stream.group(0)) == (True, False, None, None)
    node = ox.NamedNode("https://w3id.org/tree#node")
    targets = {
        q.object.value for q in stream.root().quads if q.predicate == node and isinstance(q.object, ox.NamedNode)
    }
    assert targets == {f"https://example.org/changes/{log.epoch}/group/{n}" for n in (1, 2)}
    pages = {q.object.value for q in first.quads if q.predicate == node and isinstance(q.object, ox.NamedNode)}
    assert len(pages) == 4


def _write_for_ever(folder: Path) -> None:
    log = ChangeLog(folder, 4)
    for number in itertools.count():
        log.write(f"{GRAPH}{number}", "1", [_fact(f"e{number}-{n}", "a") for n in range(3)])


def test_a_writer_that_is_killed_leaves_whole_transactions(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_write_for_ever, args=(tmp_path,))
    process.start()
    log, deadline = ChangeLog(tmp_path, 4), time.monotonic() + 60
    while len(log.graphs()) < 20 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()
    told, graphs = _told(log), len(log.graphs())
    assert len(told) == 3 * graphs > 50
    assert len(set(told)) == len(told)
    with log.alone() as alone:
        assert alone, "the lock went with its holder"


def test_one_process_alone_writes(log: ChangeLog, tmp_path: Path) -> None:
    with log.alone() as first, ChangeLog(tmp_path, 3).alone() as second:
        assert (first, second) == (True, False)


def test_a_log_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "changes.sqlite").write_text(
        "this is no database, but some words that are long enough to look like one"
    )
    with pytest.raises(StoreError, match="log of changes"):
        ChangeLog(tmp_path, 3)


def _ingested(settings: Settings, folder: Path, articles: dict[str, str]) -> None:
    assert not ingest([write_articles(folder / "articles.jsonl", articles)], settings).failures


def _removed(settings: Settings, article: str) -> None:
    iris = Iris(settings.base_iri)
    with open_store(settings) as store:
        store.remove_graphs([iris.article_graph(article), iris.ingestion_graph(article)])


@pytest.fixture(params=["embedded", "remote"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(store=tmp_path / "store", extractors="frames", processes=1, remote_max_age=0.0)
    if request.param == "embedded":
        yield settings
    else:
        with oxigraph(tmp_path / "remote") as started:
            yield replace(settings, **started.settings)


def test_it_catches_up_with_what_was_ingested_changed_and_removed(backend: Settings, tmp_path: Path) -> None:
    log, iris = ChangeLog(tmp_path / "log", 5), Iris(backend.base_iri)

    def look() -> list[tuple[str, str]]:
        before = len(_told(log))
        states, writer = states_and_writer(backend)
        try:
            catch_up(log, states.current(), iris)
        finally:
            writer.close()
            states.close()
        return _told(log)[before:]

    _ingested(backend, tmp_path, ARTICLES)
    first = look()
    assert {change for change, _ in first} == {CREATE}
    assert {name.rpartition("-")[0] for _, name in first} == set(ARTICLES)
    assert look() == []
    # the same words again, as another version of the program would write them: a record without a change
    article = next(
        a
        for a in read_articles([tmp_path / "articles.jsonl"], backend)
        if not isinstance(a, Failure) and a.id == "envoy"
    )
    with open_store(backend) as store:
        quads = store.graph_quads(iris.article_graph("envoy"))
        Ledger(store, iris, replace(backend, model="another")).write(article, quads)
    assert look() == []
    _ingested(backend, tmp_path, {"envoy": ARTICLES["envoy"].replace("two Russian", "four Russian")})
    second = look()
    assert {name.rpartition("-")[0] for _, name in second} == {"envoy"}
    assert UPDATE in {change for change, _ in second}
    _removed(backend, "reef")
    gone = look()
    assert gone
    assert gone == [(DELETE, name) for _, name in sorted(first) if name.startswith("reef-")]


def test_what_is_written_without_ingestion_is_seen_too(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", extractors="frames", processes=1)
    log, iris = ChangeLog(tmp_path / "log", 5), Iris(settings.base_iri)
    _ingested(settings, tmp_path, {"envoy": ARTICLES["envoy"]})
    states, writer = states_and_writer(settings)
    try:
        catch_up(log, states.current(), iris)
        first, before = _told(log), states.current().generation
        assert log.reached(states.current().origin) == before, "the next look need not read all of the store"
        fact = f"<{settings.base_iri}id/event/{first[0][1]}>"
        graph = iris.article_graph("envoy")
        # by SPARQL, of which the store does not know which graphs it wrote
        writer.update(f'INSERT DATA {{ GRAPH {graph} {{ {fact} <{named("rdfs:label").value}> "Curated" }} }}', "urn:x")
        assert catch_up(log, states.current(), iris, since=before) == 1
        # as a graph, of which it does
        before = states.current().generation
        writer.delete(graph.value)
        assert states.current().changed(before) == {graph.value}
        assert catch_up(log, states.current(), iris) == len(first)
    finally:
        writer.close()
        states.close()
    told = _told(log)[len(first) :]
    assert told[0] == (UPDATE, first[0][1])
    assert {change for change, _ in told[1:]} == {DELETE}
