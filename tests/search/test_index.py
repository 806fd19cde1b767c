"""The index of search: it follows what is written, and comes to the same after whatever happened to it."""

from __future__ import annotations

import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.pipeline import ingest
from kg.search import Filters, Index
from kg.search.build import bring_up_to_date
from kg.search.following import Follower, file_of
from kg.store import open_store, states_and_writer
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES
from tests.search.indexes import FIRST, MORE, article_file, current, labels
from tests.store.servers import Remote, oxigraph, virtuoso


def test_what_is_ingested_is_found_and_what_is_removed_is_not(own: Settings, tmp_path: Path) -> None:
    before = current(own)
    assert before.search("Ragnarsson").total == 0
    assert ingest([article_file(tmp_path, MORE["f"])], own).ingested == 1
    states, writer = states_and_writer(own)
    state = states.current()
    changed = state.changed(state.generation - 2)
    assert changed is not None and len(changed) < 10
    assert bring_up_to_date(file_of(own), state, own.base_iri) < 6, "only what has changed is read"
    assert bring_up_to_date(file_of(own), state, own.base_iri) == 0
    writer.close()
    states.close()
    assert before.search("Ragnarsson").total == 0, "a reader has one state until it takes over the next"
    before.refresh()
    assert labels(before, "bjork ragnarson")[0] == "Björk Ragnarsson"
    assert any(h.kind == "Sentence" for h in before.search("Ragnarsson").hits)
    assert "Fjord News" in dict(before.search("").facets["outlet"])
    assert CliRunner().invoke(main, ["remove", "f", "--store", str(own.store)]).exit_code == 0
    after = current(own)
    before.refresh()
    for each in (after, before):
        assert each.search("Ragnarsson").total == 0
        assert each.search("Ragnarsson").corrected == ""
        assert "Fjord News" not in dict(each.search("").facets["outlet"])
        assert each.find("Björk Ragnarsson") == []
    assert current_of(own) == current_of_fresh(own)


def current_of(settings: Settings) -> list[object]:
    index = current(settings)
    try:
        return [
            (f.total, f.groups, f.facets, [dataclasses.replace(h) for h in f.hits])
            for f in (index.search(text, most=500) for text in ("", "medvedev", "bogota", "hun senn", "trade talks"))
        ]
    finally:
        index.close()


def current_of_fresh(settings: Settings) -> list[object]:
    """What an index finds that is made anew."""
    file_of(settings).unlink()
    return current_of(settings)


def test_a_curators_label_is_what_a_thing_is_called(own: Settings, tmp_path: Path) -> None:
    current(own).close()
    own.curation.write_text(
        "label\tperson/dmitry-medvedev-rus\tDmitri A. Medvedev\n"
        "same-as\tperson/juan-manuel-santos-col\tperson/ollanta-quispe-per\n"
    )
    assert not ingest([article_file(tmp_path, *FIRST)], own).failures
    index = current(own)
    for text in ("Dmitri A. Medvedev", "Dmitry Medvedev"):
        (hit, *_) = index.search(text, Filters(group="names")).hits
        assert hit.label == "Dmitri A. Medvedev"
    one = index.search("Quispe", Filters(group="names")).hits[0]
    assert {"Juan Manuel Santos", "Ollanta Quispe"} <= {one.label, *one.names}
    assert one.iri == index.search("Juan Manuel Santos", Filters(group="names")).hits[0].iri


def test_what_is_written_in_sparql_is_found_too(own: Settings) -> None:
    current(own).close()
    graph = Iris(own.base_iri).article_graph("x")
    with open_store(own) as store:
        store.update(
            f"INSERT DATA {{ GRAPH {graph} {{ <urn:p> a <{PREFIXES['dipl']}Person> ; "
            f'<{PREFIXES["rdfs"]}label> "Zyxel Quorra" }} }}'
        )
    index = current(own)
    assert labels(index, "zyxel quora") == ["Zyxel Quorra"]
    with open_store(own) as store:
        store.update(f"DROP GRAPH {graph}")
    assert labels(current(own), "Zyxel Quorra") == []


@pytest.mark.parametrize("what", ["garbage", "foreign", "other form", "cut"])
def test_a_file_that_is_no_index_is_made_anew(what: str, own: Settings) -> None:
    path = file_of(own)
    current(own).close()
    if what == "garbage":
        path.write_bytes(b"no database" * 1_000)
    elif what == "foreign":
        path.unlink()
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE docs (x)")
    elif what == "other form":
        with sqlite3.connect(path) as db:
            db.execute("UPDATE meta SET value = '0' WHERE name = 'form'")
    else:
        path.write_bytes(path.read_bytes()[:5_000])
    assert labels(current(own), "Medvedev") == ["Dmitry Medvedev"]


_KILLED = """
import sys
from pathlib import Path
from kg.config import Settings
from kg.search import build
from kg.store import states_and_writer
build.AT_ONCE = 1
states, writer = states_and_writer(Settings(store=Path(sys.argv[1])))
build.bring_up_to_date(Path(sys.argv[2]), states.current(), Settings().base_iri, lambda p: print(p.done, flush=True))
"""


def test_a_killed_build_leaves_an_index_that_is_finished_by_the_next(own: Settings) -> None:
    wanted = current_of(own)
    for batches in (1, 3, 6):
        file_of(own).unlink()
        command = [sys.executable, "-c", _KILLED, str(own.store), str(file_of(own))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(batches):
                process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
        held = Index(file_of(own), own.base_iri)
        assert 0 < held.search("").total < wanted[0][0]  # type: ignore[index]
        held.close()
        assert current_of(own) == wanted


def test_a_follower_takes_over_what_is_written(own: Settings, tmp_path: Path) -> None:
    states, writer = states_and_writer(own)
    follower = Follower(own, states)
    try:
        assert follower.index.search("medvedev").total == 0
        follower.start()
        _until(lambda: follower.freshness().current)
        assert follower.freshness().as_of
        assert follower.index.search("medvedev").total > 0
        ingest([article_file(tmp_path, MORE["g"])], own)
        _until(lambda: follower.index.search("Nordahl").total > 0)
        file_of(own).unlink()
        _until(lambda: file_of(own).exists() and follower.freshness().current)
        assert follower.index.search("Nordahl").total > 0
    finally:
        follower.close()
        writer.close()
        states.close()


def test_questions_go_on_while_the_index_is_written(own: Settings) -> None:
    index, failures, stop = current(own), list[Exception](), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                index.search("medvedev", per_group=5)
                index.suggest("co")
                index.find("Hun Senn")
                index.refresh()
            except Exception as error:  # noqa: BLE001
                failures.append(error)
                return

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    iris = Iris(own.base_iri)
    for _ in range(3):
        with open_store(own) as store:
            graph = iris.article_graph("e")
            quads = store.graph_quads(graph)
            store.remove_graphs([graph])
        current(own).close()
        with open_store(own) as store:
            store.replace_graphs({graph: quads})
        current(own).close()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.search("trade talks").total == current(own).search("trade talks").total > 0


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("server_of", [oxigraph, virtuoso])
def test_a_remote_store_gives_the_same_hits(
    server_of: Callable[[Path], AbstractContextManager[Remote]], told: Settings, tmp_path: Path
) -> None:
    with server_of(tmp_path / "remote") as server:
        settings = Settings(
            store=tmp_path / "beside", curation=tmp_path / "none", extractors="frames", processes=1, **server.settings
        )
        assert not ingest([article_file(tmp_path, *FIRST)], settings).failures
        assert current_of(settings) == current_of(told)
        with open_store(settings) as store:
            iris = Iris(settings.base_iri)
            store.remove_graphs([iris.article_graph("d"), iris.ingestion_graph("d")])
        assert current(settings).search("imposed sanctions", Filters(group="sentences")).total == 0
