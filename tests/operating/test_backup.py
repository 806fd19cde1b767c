"""Backups of the real store: while others write, one after the other, damaged, and back in the store's place."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings
from kg.errors import StoreError
from kg.operating import manifest
from kg.operating.backup import BESIDE, backups, make, restore
from kg.operating.manifest import BackupError
from kg.sources.bodies import Bodies
from kg.store import newest_snapshot, open_store
from kg.store.embedded import generation
from tests.conftest import serving

G, P = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/p")

#: Writes numbers into a graph, one a transaction, and tells each when it is acknowledged; it holds the store meanwhile.
_WRITING = """
import itertools, pathlib, sys, time
import pyoxigraph as ox
from kg.config import Settings
from kg.store import open_store
g, p = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/p")
with open_store(Settings(store=pathlib.Path(sys.argv[1]))) as store:
    for n in itertools.count(1):
        store.replace_graphs({g: [ox.Quad(g, p, ox.Literal(str(i)), g) for i in range(n)]})
        print(n, flush=True)
        time.sleep(0.02)
"""


def kg(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def copied(filled: Settings, tmp_path: Path) -> Settings:
    """A store with the seeds that may be written to."""
    shutil.copytree(filled.store, tmp_path / "store", ignore=shutil.ignore_patterns("snapshots", "search.*"))
    return replace(filled, store=tmp_path / "store")


def _content(settings: Settings) -> list[str]:
    with open_store(settings) as store:
        return [str(quad) for quad in store.quads()]


@contextmanager
def _writer(store: Path) -> Iterator[Callable[[], int]]:
    """A process that writes; the number that it acknowledged last."""
    process = subprocess.Popen([sys.executable, "-c", _WRITING, str(store)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    os.set_blocking(process.stdout.fileno(), True)

    def told() -> int:
        assert process.stdout
        return int(process.stdout.readline())

    try:
        yield told
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_comes_back_is_what_there_was(copied: Settings, tmp_path: Path) -> None:
    made = make(tmp_path / "backups", copied, 5)
    told = restore(made.folder, tmp_path / "again")
    again = replace(copied, store=tmp_path / "again")
    assert _content(again) == _content(copied)
    assert told.quads == len(_content(copied))
    assert generation(again.store) == told.generation == generation(copied.store) > 0
    for name in BESIDE:
        assert (again.store / name).exists() == (copied.store / name).exists()
    with closing(sqlite3.connect(again.store / "articles.sqlite")) as texts:
        assert texts.execute("SELECT COUNT(*) FROM bodies").fetchone()[0] >= 1
    assert not (again.store / "search.sqlite").exists()
    assert kg("check", "--store", again.store, "--no-shapes").exit_code == 0


def test_a_backup_is_made_while_another_process_holds_the_store_and_writes(settings: Settings, tmp_path: Path) -> None:
    with open_store(settings):
        pass
    with _writer(settings.store) as told:
        for _ in range(3):
            acknowledged = told()
            folder = make(tmp_path / "backups", settings, 20).folder
            target = tmp_path / f"again-{acknowledged}"
            restore(folder, target)
            with open_store(Settings(store=target)) as store:
                numbers = {int(q.object.value) for q in store.graph_quads(G)}
            # whole, and with what was acknowledged before it began
            assert numbers == set(range(len(numbers)))
            assert len(numbers) >= acknowledged
    assert not list((settings.store / "snapshots").glob("*/*"))


def test_a_backup_is_made_while_a_service_answers_and_writes(settings: Settings, tmp_path: Path) -> None:
    with open_store(settings):
        pass
    with serving(settings, KG_WRITES="open", KG_SEARCH="off") as service:
        for n in range(3):
            body = f"INSERT DATA {{ GRAPH <urn:g> {{ <urn:s> <urn:p> {n} }} }}".encode()
            assert service.post("/sparql", body, "application/sparql-update").status == 204
            folder = make(tmp_path / "backups", settings, 20).folder
            assert manifest.read(folder).quads == n + 1  # what was acknowledged is in it
        assert service.get("/health/ready").status == 200


def test_a_writer_that_writes_nothing_is_not_waited_for_for_ever(settings: Settings) -> None:
    with (
        open_store(settings),
        pytest.raises(StoreError, match="in use by a writer"),
        newest_snapshot(settings, patience=0.2),
    ):
        pass


def test_what_has_not_changed_is_linked_and_never_shared_with_the_store(copied: Settings, tmp_path: Path) -> None:
    root = tmp_path / "backups"
    first = make(root, copied, 5)
    with open_store(copied) as store:
        store.replace_graphs({G: [ox.Quad(G, P, ox.Literal("new"), G)]})
    second = make(root, copied, 5)
    assert second.new_bytes < first.new_bytes / 4
    assert backups(root) == [first.folder, second.folder]
    held = {(first.folder / "data" / p.name).stat().st_ino for p in (first.folder / "data").glob("*.sst")}
    assert held & {p.stat().st_ino for p in (second.folder / "data").glob("*.sst")}
    assert not held & {p.stat().st_ino for p in (copied.store / "data").iterdir()}
    shutil.rmtree(first.folder)  # the later one stands by itself
    restore(second.folder, tmp_path / "again")
    with open_store(Settings(store=tmp_path / "again")) as store:
        assert store.has_graph(G)


def test_a_file_that_was_damaged_in_the_backup_before_is_not_taken_over(copied: Settings, tmp_path: Path) -> None:
    first = make(tmp_path / "backups", copied, 5)
    victim = max((first.folder / "data").glob("*.sst"), key=lambda p: p.stat().st_size)
    _flip(victim)
    second = make(tmp_path / "backups", copied, 5)
    assert not list(manifest.faults(second.folder, second.manifest))
    restore(second.folder, tmp_path / "again")


def test_only_so_many_are_kept_and_what_was_broken_off_is_swept(copied: Settings, tmp_path: Path) -> None:
    root = tmp_path / "backups"
    left = root / ".part-999999999-ab"
    left.mkdir(parents=True)
    names = [make(root, copied, 5, keep=2).folder for _ in range(3)]
    assert backups(root) == names[1:]
    assert not left.exists()


def _flip(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0xFF
    path.write_bytes(body)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("harm", "words"),
    [(_flip, "SHA-256"), (_cut, "bytes in place of"), (Path.unlink, "is missing")],
    ids=["flipped", "cut", "gone"],
)
@pytest.mark.parametrize("pattern", ["data/*.sst", "articles.sqlite"])
def test_a_damaged_backup_is_not_restored(
    harm: Callable[[Path], None], words: str, pattern: str, copied: Settings, tmp_path: Path
) -> None:
    folder = make(tmp_path / "backups", copied, 5).folder
    harm(max(folder.glob(pattern), key=lambda p: p.stat().st_size))
    done = kg("restore", folder, "--store", tmp_path / "again")
    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert {p.name for p in tmp_path.iterdir()} == {"store", "backups"}


def test_a_manifest_that_is_damaged_missing_or_of_another_form(copied: Settings, tmp_path: Path) -> None:
    folder = make(tmp_path / "backups", copied, 5).folder
    path = folder / manifest.FILE
    whole = path.read_text()
    (folder / "data" / "extra.sst").touch()
    for text, words in (
        (whole[:-20], "is damaged"),
        ("[]", "is damaged"),
        (json.dumps(json.loads(whole) | {"form": 99}), "form 99"),
        (whole.replace('"data/CURRENT"', '"../../secret"'), "is missing"),
        (whole, "extra.sst is not in the manifest"),
    ):
        path.write_text(text)
        with pytest.raises(BackupError, match=words):
            restore(folder, tmp_path / "again")
    path.unlink()
    with pytest.raises(BackupError, match="no whole backup"):
        restore(folder, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_store_that_is_there_is_not_written_over(copied: Settings, tmp_path: Path) -> None:
    folder, before = make(tmp_path / "backups", copied, 5).folder, _content(copied)
    with pytest.raises(BackupError, match="is not empty"):
        restore(folder, copied.store)
    assert _content(copied) == before
    (tmp_path / "empty").mkdir()
    restore(folder, tmp_path / "empty")
    assert _content(replace(copied, store=tmp_path / "empty")) == before


def test_what_a_killed_process_left_is_in_nobodys_way(copied: Settings, tmp_path: Path) -> None:
    root, code = tmp_path / "backups", "from kg.cli import main; main()"
    for delay in (0.4, 0.6, 0.8, 1.0):
        command = [sys.executable, "-c", code, "backup", str(root), "--store", str(copied.store)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            time.sleep(delay)
            process.kill()
    whole = backups(root)
    made = make(root, copied, 5)
    assert backups(root) == [*whole, made.folder]
    assert {path.name for path in root.iterdir()} == {path.name for path in backups(root)}
    for folder in backups(root):  # what has its name is whole
        assert not list(manifest.faults(folder, manifest.read(folder)))
    (tmp_path / ".again.restore-999999999-ab").mkdir()
    restore(made.folder, tmp_path / "again")
    assert not list(tmp_path.glob(".again*"))


def test_a_text_that_is_newer_than_the_state_is_left_out(copied: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(copied.store / "articles.sqlite", isolation_level=None)) as texts:
        ((name,), *_) = texts.execute("SELECT id FROM bodies").fetchall()
        texts.execute("INSERT INTO bodies SELECT 'on-its-way', license, blocks, text FROM bodies WHERE id = ?", (name,))
    folder = make(tmp_path / "backups", copied, 5).folder
    with closing(sqlite3.connect(folder / "articles.sqlite")) as texts:
        assert [row[0] for row in texts.execute("SELECT id FROM bodies")] == [name]


def test_texts_are_read_after_a_writer_that_was_killed_in_the_middle(copied: Settings, tmp_path: Path) -> None:
    path, aside = copied.store / "articles.sqlite", tmp_path / "half"
    journal = path.with_name(f"{path.name}-journal")
    with closing(sqlite3.connect(path, isolation_level=None)) as texts:
        ((name,), *_) = texts.execute("SELECT id FROM bodies").fetchall()
        texts.execute(
            "PRAGMA cache_size = 1"
        )  # what is half written goes into the file, the old pages into the journal
        texts.execute("BEGIN")
        texts.execute("UPDATE bodies SET text = randomblob(3000000)")
        texts.execute("INSERT INTO bodies VALUES ('half', '', '[]', randomblob(3000000))")
        shutil.copy(path, aside)
        shutil.copy(journal, tmp_path / "half-journal")
        texts.execute("ROLLBACK")

    def killed() -> None:
        shutil.copy(aside, path)
        shutil.copy(tmp_path / "half-journal", journal)

    killed()
    assert set(Bodies(copied.store, "show").get([name, "half"])) == {name}
    killed()
    folder = make(tmp_path / "backups", copied, 5).folder
    with closing(sqlite3.connect(folder / "articles.sqlite")) as texts:
        assert [row[0] for row in texts.execute("SELECT id FROM bodies")] == [name]
    killed()
    assert kg("check", "--store", copied.store, "--no-shapes").exit_code == 0


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    done = kg("backup", tmp_path / "backups", "--store", tmp_path / "none")
    assert done.exit_code == 1
    assert "There is no store" in done.stderr
    assert not (tmp_path / "none").exists()
    assert not backups(tmp_path / "backups")
    assert not list((tmp_path / "backups").glob(".*"))


def test_a_place_that_cannot_be_written_is_one_line(copied: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = kg("backup", tmp_path / "file" / "x", "--store", copied.store)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


def test_a_remote_store_is_told_apart() -> None:
    remote = Settings(remote_query="http://127.0.0.1:9/query")
    with pytest.raises(BackupError, match="remote"):
        make(Path("unused"), remote, 1)


def test_an_ingestion_is_not_held_up_by_a_failing_snapshot(settings: Settings) -> None:
    """A request whose folder cannot be written costs the asker its snapshot, and nobody else anything."""
    with open_store(settings) as store:
        wanted = settings.store / "snapshots" / "1-x"
        (wanted / "making").mkdir(parents=True)  # left by a writer that was killed
        (wanted / "given").mkdir()  # in the snapshot's way
        (wanted / "given" / "file").touch()
        (wanted / "wanted").touch()
        began = time.monotonic()
        store.replace_graphs({G: [ox.Quad(G, P, ox.Literal("a"), G)]})
        assert time.monotonic() - began < 5
        assert len(store.graph_quads(G)) == 1
