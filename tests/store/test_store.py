"""The store on disk: whole graphs in, whole graphs out, whatever comes in between."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.errors import QueryError, StoreError
from kg.ledger import Ledger
from kg.model import ArticleFacts
from kg.pipeline import ingest
from kg.store import EmbeddedStore, Snapshots, changes, open_store
from kg.store.embedded import generation
from kg.triples.iris import Iris
from kg.triples.writer import article_quads

G, H = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/h")
P = ox.NamedNode("https://example.org/p")


def quad(graph: ox.NamedNode, value: str) -> ox.Quad:
    return ox.Quad(graph, P, ox.Literal(value), graph)


@pytest.fixture
def store(settings: Settings) -> Iterator[EmbeddedStore]:
    with open_store(settings) as opened:
        yield opened


def test_a_graph_is_replaced_as_a_whole(store: EmbeddedStore) -> None:
    store.replace_graphs({G: [quad(G, "a"), quad(G, "b")], H: [quad(H, "h")]})
    store.replace_graphs({G: [quad(G, "c")]})
    assert store.graph_quads(G) == [quad(G, "c")]
    assert store.graph_quads(H) == [quad(H, "h")]
    assert store.graphs() == [G, H]


@pytest.mark.parametrize(
    "text", ['" \\ \n \r \t', "\u2028 é 漢 😀 \x7f", "'''\"\"\"", "} ; DROP ALL ; INSERT DATA {", "\ufffe\x01"]
)
def test_any_text_comes_back_as_it_was(text: str, store: EmbeddedStore) -> None:
    store.replace_graphs({G: [quad(G, text)]})
    assert store.graph_quads(G) == [quad(G, text)]


def test_a_graph_is_removed_and_one_that_is_not_there_is_no_error(store: EmbeddedStore) -> None:
    store.replace_graphs({G: [quad(G, "a")], H: [quad(H, "h")]})
    store.remove_graphs([G, ox.NamedNode("https://example.org/none")])
    assert store.graphs() == [H]
    assert list(store.quads()) == [quad(H, "h")]


def test_it_is_on_disk(settings: Settings) -> None:
    with open_store(settings) as store:
        store.replace_graphs({G: [quad(G, "a")]})
    with open_store(settings) as store:
        assert store.graph_quads(G) == [quad(G, "a")]


def test_queries_see_the_union_of_all_graphs(store: EmbeddedStore) -> None:
    store.replace_graphs({G: [quad(G, "a")], H: [quad(H, "h")]})
    found = store.query("SELECT ?o { ?s ?p ?o } ORDER BY ?o")
    assert isinstance(found, ox.QuerySolutions)
    assert [solution["o"].value for solution in found] == ["a", "h"]


@pytest.mark.parametrize("text", ["SELECT", "INSERT DATA { <a:a> <a:a> <a:a> }", "DROP ALL", ""])
def test_what_is_no_query_is_refused(text: str, store: EmbeddedStore) -> None:
    with pytest.raises(QueryError):
        store.query(text)


def test_a_second_writer_is_told_in_one_sentence(settings: Settings) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom kg.config import Settings\nfrom kg.store import open_store\n"
        "with open_store(Settings(store=Path(sys.argv[1]))):\n    print('open', flush=True)\n    time.sleep(60)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(settings.store)], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        told = pytest.raises(StoreError, match=r"^The store .+ cannot be opened: another process is using it\.$")
        with told, open_store(settings):
            pass
    finally:
        other.kill()
        other.communicate()


def test_a_file_in_its_place_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with (
        pytest.raises(StoreError, match="there is a file in its place"),
        open_store(Settings(store=tmp_path / "store")),
    ):
        pass


def test_ingesting_again_gives_the_same_quads_byte_for_byte(settings: Settings, seeds: Path) -> None:
    contents = []
    for _ in range(2):
        ingest([seeds], settings)
        with open_store(settings) as store:
            graphs = [g for g in store.graphs() if "/graph/ingestion/" not in g.value]
            contents.append("".join(f"{q} .\n" for g in graphs for q in store.graph_quads(g)))
            # forget that they were ingested, so that they are read and written anew
            store.remove_graphs([g for g in store.graphs() if "/graph/ingestion/" in g.value])
    assert contents[0] == contents[1]
    assert contents[0].count("\n") > 5_000


def test_a_changed_text_replaces_all_that_the_article_said(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    iris = Iris(settings.base_iri)
    for text in (
        "President Ann Example visited Kenya on 3 May 2020.",
        "President Ann Example visited Uganda on 4 May 2020.",
    ):
        path.write_text(f'{{"id": "a", "text": "{text}"}}\n')
        assert ingest([path], settings).ingested == 1
    with open_store(settings) as store:
        written = " ".join(map(str, store.graph_quads(iris.article_graph("a"))))
    assert "/state/UGA" in written
    assert "/state/KEN" not in written


_WRITER = """
import sys
from pathlib import Path
import pyoxigraph as ox
from kg.config import Settings
from kg.store import open_store
P = ox.NamedNode("https://example.org/p")
with open_store(Settings(store=Path(sys.argv[1]))) as store:
    for number in range(1, 1_000_000):
        graphs = {}
        for name in "ab":
            graph = ox.NamedNode(f"https://example.org/{name}")
            things = [ox.NamedNode(f"https://example.org/s{i}") for i in range(300)]
            graphs[graph] = [ox.Quad(thing, P, ox.Literal(str(number)), graph) for thing in things]
        store.replace_graphs(graphs)
        print(number, flush=True)
"""


@pytest.mark.parametrize("attempt", range(4))
def test_killed_in_between_nothing_is_half_written_and_nothing_acknowledged_is_lost(
    attempt: int, settings: Settings
) -> None:
    process = subprocess.Popen([sys.executable, "-c", _WRITER, str(settings.store)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    # somewhere within a later write: the moments are spread, and the same in each run
    time.sleep(random.Random(attempt).uniform(0.05, 0.6))
    os.kill(process.pid, signal.SIGKILL)
    acknowledged = [int(line) for line in process.communicate()[0].split()]
    last = acknowledged[-1] if acknowledged else 1
    with open_store(settings) as store:
        values = {q.object.value for q in store.quads() if isinstance(q.object, ox.Literal)}
        counts = [len(store.graph_quads(g)) for g in store.graphs()]
    assert counts == [300, 300]
    assert values in ({str(last)}, {str(last + 1)})


def test_ingest_killed_and_run_again_ends_as_if_it_had_not_been(settings: Settings, tmp_path: Path, seed: Path) -> None:
    text = seed.read_text(encoding="utf-8")
    folder = tmp_path / "news"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.txt").write_text(f"{text}\n\nThis is copy number {number} of the article.\n")
    command = [sys.executable, "-c", "from kg.cli import main; main()", "ingest", str(folder)]
    settings = replace(settings, near_duplicate=1.1)  # each copy is to be read
    process = subprocess.Popen(
        [*command, "--store", str(settings.store)],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"KG_NEAR_DUPLICATE": "1.1"},
    )
    deadline = time.monotonic() + 60
    while not (settings.store / "generation").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(1.2)
    process.kill()
    process.wait()
    with open_store(settings) as store:
        articles = [g for g in store.graphs() if "/graph/article/" in g.value]
        records = [g for g in store.graphs() if "/graph/ingestion/" in g.value]
        sizes = {len(store.graph_quads(g)) for g in articles}
    assert len(articles) == len(records)
    assert len(sizes) <= 1, "one article's graph is not whole"
    again = ingest([folder], settings)
    assert (again.ingested + again.unchanged, again.unchanged) == (12, len(articles))


def test_snapshots_follow_the_store_without_holding_it(settings: Settings) -> None:
    with open_store(settings) as store:
        store.replace_graphs({G: [quad(G, "a")]})
    snapshots = Snapshots(settings)
    try:
        first = snapshots.current()
        with open_store(settings) as store:
            store.replace_graphs({G: [quad(G, "b")]})
            time.sleep(0.6)
            assert snapshots.current() is first, "a writer has the store: the state before it is served"
        time.sleep(0.6)
        second = snapshots.current()
        assert [str(q.object) for q in second.store] == ['"b"']
        assert [str(q.object) for q in first.store] == ['"a"'], "who still reads the old state may do so"
    finally:
        snapshots.close()
    assert not list((settings.store / "snapshots").iterdir())


def test_a_snapshot_stays_as_long_as_somebody_has_it_and_no_longer(settings: Settings) -> None:
    snapshots = Snapshots(settings)
    try:
        held = [snapshots.current()]
        for number in range(3):
            with open_store(settings) as store:
                store.replace_graphs({G: [quad(G, str(number))]})
            time.sleep(0.6)
            held.append(snapshots.current())
        assert len({snapshot.folder for snapshot in held}) == 4
        read = [[str(q.object) for q in ox.Store.read_only(str(snapshot.folder))] for snapshot in held]
        assert read == [[], ['"0"'], ['"1"'], ['"2"']], "a process that opens it late sees its state"
        last = held[-1].folder
        held.clear()
        assert list(last.parent.iterdir()) == [last]
    finally:
        snapshots.close()


def test_the_ledger_knows_what_it_has(settings: Settings, seed_facts: ArticleFacts) -> None:
    iris = Iris(settings.base_iri)
    with open_store(settings) as store:
        ledger = Ledger(store, iris, settings)
        assert list(ledger.fresh([seed_facts.article])) == [seed_facts.article]
        ledger.write(seed_facts.article, article_quads(seed_facts, iris))
        again = Ledger(store, iris, settings)
        assert list(again.fresh([seed_facts.article])) == []
        assert again.unchanged == 1
        other = Ledger(store, iris, Settings(store=settings.store, base_iri="https://example.org/"))
        assert list(other.fresh([seed_facts.article])) == [seed_facts.article]


def test_the_graphs_of_each_generation_are_known(settings: Settings) -> None:
    def since(number: int) -> frozenset[str] | None:
        return changes.changed(settings.store, number, generation(settings.store))

    with open_store(settings) as store:
        store.replace_graphs({G: [quad(G, "a")]})
        first = generation(settings.store)
        assert since(first) == frozenset()
        store.replace_graphs({G: [quad(G, "b")], H: [quad(H, "h")]})
        store.remove_graphs([H])
        assert since(first) == {G.value, H.value}
        assert since(first + 1) == {H.value}
        store.update("INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> 1 } }")
        assert since(first) is None, "an update in SPARQL may have written anything"
        last = generation(settings.store)
        store.replace_graphs({G: [quad(G, "c")]})
        assert since(last) == {G.value}
    assert since(last + 5) is None
    assert since(-1) is None


def test_what_was_written_is_found_anywhere_in_a_long_list(tmp_path: Path) -> None:
    for number in range(1, 5_001):
        changes.note(tmp_path, number, [f"urn:{number}:{n}" for n in range(number % 7 + 1)])
    assert (tmp_path / changes.FILE).stat().st_size > 200_000
    for since, until in ((4_999, 5_000), (4_990, 4_995), (4_000, 5_000), (0, 3), (17, 18), (0, 5_000)):
        told = {f"urn:{number}:{n}" for number in range(since + 1, until + 1) for n in range(number % 7 + 1)}
        assert changes.changed(tmp_path, since, until) == told, (since, until)
    assert changes.changed(tmp_path, 4_999, 5_001) is None


def test_the_list_of_written_graphs_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LARGEST", 400)
    for number in range(1, 101):
        changes.note(tmp_path, number, [f"urn:g:{number}", f"urn:h:{number}"])
    assert (tmp_path / changes.FILE).stat().st_size <= 400
    assert changes.changed(tmp_path, 98, 100) == {f"urn:{kind}:{n}" for kind in "gh" for n in (99, 100)}
    assert changes.changed(tmp_path, 1, 100) is None
