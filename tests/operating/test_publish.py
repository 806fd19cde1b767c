"""Publishing, and replicas that read what was published: half copied, damaged, gone back, of another service, not there yet."""

import dataclasses
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result
from flask import Flask

from kg.cli import main
from kg.config import Settings
from kg.errors import SettingsError, StoreError
from kg.operating.backup import make, restore
from kg.operating.publish import Published, publish
from kg.search.find import Index
from kg.sources.bodies import Bodies
from kg.store import NothingPublishedError, Replica, open_store
from kg.store.embedded import origin
from kg.store.published import FILE, POINTER, PublicationError, pointer, publication
from kg.store.replica import HELD
from server import create_app

G, P = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/p")


def kg(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def _copied(filled: Settings, store: Path) -> Settings:
    """A store with the seeds that may be written to."""
    shutil.copytree(filled.store, store, ignore=shutil.ignore_patterns("snapshots", "search.*", "changes.*"))
    return dataclasses.replace(filled, store=store)


@pytest.fixture
def whole(filled: Settings, tmp_path: Path) -> Settings:
    """Settings of a primary with all that lies beside its store."""
    return _copied(filled, tmp_path / "store")


@pytest.fixture
def primary(whole: Settings) -> Settings:
    """The same without what takes long."""
    return dataclasses.replace(whole, search="off", changes_page=0)


@pytest.fixture(scope="module")
def two(filled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two publications; the second has 2 as its number."""
    folder = tmp_path_factory.mktemp("two")
    primary = dataclasses.replace(_copied(filled, folder / "store"), search="off", changes_page=0)
    publish_now(folder / "published", primary)
    shutil.copy(folder / "published" / POINTER, folder / "first")
    write(primary, 2)
    publish_now(folder / "published", primary)
    return folder / "published"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "published"


def write(settings: Settings, number: int) -> None:
    with open_store(settings) as store:
        store.replace_graphs({G: [ox.Quad(G, P, ox.Literal(number), G)]})


def publish_now(root: Path, settings: Settings, keep: int = 3) -> Published:
    return publish(root, settings, 5, keep, 0)


@contextmanager
def replica(root: Path, folder: Path, copy: str = "off") -> Iterator[Replica]:
    made = Replica(Settings(store=folder, replica_of=str(root), replica_copy=copy))
    try:
        yield made
    finally:
        made.close()


def number(replica: Replica) -> int | None:
    """The number that was written last, as the replica sees it."""
    found = replica.current().graph(G, 2)
    return int(found[0].object.value) if found else None  # type: ignore[union-attr]


def test_what_is_published_is_the_store_with_what_lies_beside_it(whole: Settings, root: Path) -> None:
    done = publish_now(root, whole)
    told = pointer(root)
    assert told is not None
    assert (told.name, done.folder) == ("00000001", root / "00000001")
    assert publication(done.folder) == done.publication
    with open_store(whole) as store:
        assert done.publication.quads == len(list(store.quads()))
    held = ox.Store.read_only(str(shutil.copytree(done.folder / "data", root.parent / "opened")))
    assert len(held) == done.publication.quads
    assert Index(done.folder / "search.sqlite", whole.base_iri).search("Kerry").total > 0
    texts = [path.name for path in done.folder.iterdir() if path.suffix == ".sqlite"]
    assert sorted(texts) == ["articles.sqlite", "changes.sqlite", "search.sqlite"]
    assert done.publication.changes > 0, "where no service keeps the log of changes, publishing does"


def test_files_of_data_are_links_and_nothing_is_published_twice(primary: Settings, root: Path) -> None:
    first = publish_now(root, primary)
    shared = [path for path in (first.folder / "data").glob("*.sst") if path.stat().st_nlink > 1]
    assert len(shared) == len(list((first.folder / "data").glob("*.sst"))) > 0
    again = publish_now(root, primary)
    assert (again.is_new, again.folder) == (False, first.folder)
    told = pointer(root)
    assert told is not None
    assert told.confirmed > told.made == first.publication.made
    write(primary, 1)
    second = publish_now(root, primary)
    assert second.is_new
    assert second.publication.generation == first.publication.generation + 1
    assert second.new_bytes < second.publication.bytes / 2
    assert second.publication.origin == first.publication.origin == origin(primary.store)


def test_old_ones_go_when_nobody_can_be_copying_them(primary: Settings, root: Path) -> None:
    for turn in range(4):
        write(primary, turn)
        publish(root, primary, 5, 2, 1_000)
    assert len(list(root.glob("0*"))) == 4, "they are younger than they are held"
    write(primary, 4)
    publish(root, primary, 5, 2, 0)
    assert sorted(path.name for path in root.glob("0*")) == ["00000004", "00000005"]


@pytest.mark.parametrize("copy", ["on", "off"])
def test_a_replica_follows_the_pointer(primary: Settings, root: Path, tmp_path: Path, copy: str) -> None:
    write(primary, 1)
    publish_now(root, primary)
    with replica(root, tmp_path / "replica", copy) as follows:
        assert number(follows) == 1
        before = follows.current()
        links = {path.stat().st_nlink for path in (root / "00000001" / "data").glob("*.sst")}
        assert (min(links) > 2) == (copy == "off"), "copied only where that is asked for"
        write(primary, 2)
        publish_now(root, primary, keep=1)
        deadline = time.monotonic() + 20
        while number(follows) != 2:
            assert number(follows) == 1
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # who reads the one before reads it to its end, though it is gone where it was published
        assert not (root / "00000001").exists()
        assert [t.object for t in before.graph(G, 2) or ()] == [ox.Literal(1)]
        assert follows.current().changed(before.generation) == {G.value}
        standing = follows.standing()
        assert standing is not None
        assert (standing.name, standing.switches, standing.failure) == ("00000002", 1, "")
        held = {path.name for path in (tmp_path / "replica" / HELD).iterdir()}
        assert held == {file.sha256 for file in standing.publication.files.values()}, "what is not needed is gone"
    assert not list((tmp_path / "replica" / "snapshots").iterdir())


def _new(folder: Path) -> Path:
    """A file of data that the publication before has not."""
    return next(
        p for p in (folder / "data").glob("*.sst") if not (folder.parent / "00000001" / "data" / p.name).exists()
    )


def _lacking(folder: Path) -> None:
    _new(folder).unlink()


def _short(folder: Path) -> None:
    path = folder / "articles.sqlite"
    path.write_bytes(path.read_bytes()[:-1])


def _without_list(folder: Path) -> None:
    (folder / FILE).unlink()


def _half_a_list(folder: Path) -> None:
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text[: len(text) // 2])


def _leads_out(folder: Path) -> None:
    (folder / FILE).write_text((folder / FILE).read_text().replace('"articles.sqlite"', '"../../articles.sqlite"'))


def _damaged(folder: Path) -> None:
    data = bytearray(_new(folder).read_bytes())
    data[len(data) // 2] ^= 1
    _new(folder).write_bytes(data)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_lacking, "not whole yet"),
        (_short, "not whole yet: articles.sqlite"),
        (_without_list, "not whole yet: it has no publication.json"),
        (_half_a_list, "not whole, or damaged"),
        (_leads_out, "is damaged"),
        (_damaged, "SHA-256"),
    ],
)
def test_what_is_not_whole_is_not_taken_over(
    two: Path, root: Path, tmp_path: Path, harm: Callable[[Path], None], told: str
) -> None:
    shutil.copytree(two, root, ignore=lambda _, names: {"00000002"} & set(names))
    shutil.copy(two.parent / "first", root / POINTER)
    with replica(root, tmp_path / "replica", "on") as follows:
        # a copy of the second publication that is harmed, or under way
        shutil.copytree(two / "00000002", root / "00000002")
        harm(root / "00000002")
        shutil.copy(two / POINTER, root / ".new")
        (root / ".new").replace(root / POINTER)
        follows.look()
        standing = follows.standing()
        assert standing is not None
        assert standing.name == "00000001"
        assert told in standing.failure
        assert number(follows) is None
        with (
            replica(root, tmp_path / "other") as other,
            pytest.raises(NothingPublishedError, match="nothing to serve yet"),
        ):
            other.current()
        shutil.rmtree(root / "00000002")
        shutil.copytree(two / "00000002", root / "00000002")
        follows.look()
        standing = follows.standing()
        assert standing is not None
        assert (standing.name, standing.failure) == ("00000002", "")
        assert number(follows) == 2


def test_an_old_pointer_is_refused_and_a_restored_primary_followed(
    primary: Settings, root: Path, tmp_path: Path
) -> None:
    write(primary, 1)
    backup = make(tmp_path / "backups", primary, 5).folder
    publish_now(root, primary)
    old = (root / POINTER).read_text()
    write(primary, 2)
    publish_now(root, primary)
    with replica(root, tmp_path / "replica") as follows:
        assert number(follows) == 2
        newest = (root / POINTER).read_text()
        (root / POINTER).write_text(old)
        follows.look()
        standing = follows.standing()
        assert standing is not None
        assert "has gone back to generation" in standing.failure
        assert number(follows) == 2
        (root / POINTER).write_text(newest)
        follows.look()
        standing = follows.standing()
        assert standing is not None
        assert not standing.failure
        shutil.rmtree(primary.store)
        restore(backup, primary.store)
        again = publish_now(root, primary)
        assert again.publication.origin != standing.publication.origin, "a restored store is another one"
        follows.look()
        assert number(follows) == 1


def test_on_another_file_system_files_are_copied_or_read_where_they_are(
    primary: Settings, root: Path, tmp_path: Path
) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("There is one file system alone.")
    publish_now(root, primary)
    with tempfile.TemporaryDirectory(dir=other) as name:
        for copy, held in (("off", True), ("on", False)):
            with replica(root, Path(name) / copy, copy) as follows:
                assert follows.current().store is not None
                links = [path.is_symlink() for path in (Path(name) / copy / HELD).iterdir() if path.name.isalnum()]
                assert links
                assert set(links) == {held}
        # and a store whose publications lie elsewhere
        first = publish_now(Path(name) / "published", primary)
        write(primary, 1)
        second = publish_now(Path(name) / "published", primary)
        shared = [path for path in (second.folder / "data").glob("*.sst") if path.stat().st_nlink > 1]
        assert shared, "what the publication before has is linked to it"
        assert second.new_bytes < first.new_bytes
        with replica(Path(name) / "published", tmp_path / "replica") as follows:
            assert number(follows) == 1


def test_a_replica_takes_no_stores_place(primary: Settings, root: Path) -> None:
    publish_now(root, primary)
    with pytest.raises(StoreError, match="holds a store of its own"):
        Replica(dataclasses.replace(primary, replica_of=str(root)))


def test_a_replica_of_another_service_is_refused(primary: Settings, root: Path, tmp_path: Path) -> None:
    publish_now(root, primary)
    other = Replica(Settings(store=tmp_path / "r", replica_of=str(root), base_iri="https://kg.example.org/"))
    with pytest.raises(NothingPublishedError, match="this replica's base_iri is https"):
        other.current()
    other.close()
    with pytest.raises(SettingsError, match="not both"):
        Settings(replica_of="x", remote_query="http://127.0.0.1:1/")


def test_a_pointer_leads_nowhere_but_into_its_folder(primary: Settings, root: Path, tmp_path: Path) -> None:
    publish_now(root, primary)
    told = json.loads((root / POINTER).read_text())
    for name in ("../store", "", "/etc", "00000001/data"):
        (root / POINTER).write_text(json.dumps(told | {"name": name}))
        with pytest.raises(PublicationError, match="damaged"):
            pointer(root)
    with replica(root, tmp_path / "replica") as follows, pytest.raises(NothingPublishedError):
        follows.current()


@contextmanager
def _app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    try:
        yield app
    finally:
        app.extensions["kg"].close()


def test_a_replica_that_came_first_waits_and_says_so(primary: Settings, root: Path, tmp_path: Path) -> None:
    with _app(Settings(store=tmp_path / "replica", replica_of=str(root))) as app:
        client = app.test_client()
        for path in ("/", "/sparql?query=ASK{}", "/search.json?q=Kerry", "/changes", "/health/ready"):
            answer = client.get(path, headers={"Accept": "*/*"})
            assert answer.status_code == 503, path
            assert "nothing has been published" in answer.text
            assert answer.headers["Retry-After"]
        assert client.get("/health/live").status_code == 200
        assert "kg_replica_current 0.0" in client.get("/metrics").text
        publish_now(root, primary)
        app.extensions["kg"].snapshots.look()
        ready = client.get("/health/ready")
        assert ready.status_code == 200
        assert ready.text.startswith("ok\nreplica: publication 00000001, generation ")
        assert client.get("/").status_code == 200


def test_nothing_writes_on_a_replica(primary: Settings, root: Path, tmp_path: Path) -> None:
    publish_now(root, primary)
    with _app(Settings(store=tmp_path / "replica", replica_of=str(root), writes="open")) as app:
        client = app.test_client()
        update = {"content_type": "application/sparql-update", "data": "CLEAR ALL"}
        graph = {"content_type": "text/turtle", "data": "<a:a> <a:b> <a:c> ."}
        refused = [client.post("/sparql", **update), client.put("/gsp?graph=a:g", **graph)]  # type: ignore[arg-type]
        refused += [client.post("/gsp?graph=a:g", **graph), client.delete("/gsp?graph=a:g")]  # type: ignore[arg-type]
        for answer in refused:
            assert answer.status_code == 403
            assert "read-only replica: write to its primary" in answer.json["detail"]  # type: ignore[index]
    settings = Settings(store=tmp_path / "replica", replica_of=str(root))
    with pytest.raises(StoreError, match="read-only replica of"), open_store(settings):
        pass
    assert kg("publish", root, "--store", tmp_path / "none").exit_code == 1


def test_texts_changes_and_search_come_with_the_state(
    whole: Settings, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_now(root, whole)
    with _app(Settings(store=tmp_path / "replica", replica_of=str(root))) as app, _app(whole) as own:
        client, ours = app.test_client(), own.test_client()
        with own.app_context():
            (article,) = [
                row["a"].value
                for row in own.extensions["kg"].snapshots.current().rows("SELECT ?a { ?a a dipl:Article }")
            ]
        page = f"/page/{article.partition('/id/')[2]}"
        theirs, mine = (
            client.get(page, headers={"Accept": "text/html"}),
            ours.get(page, headers={"Accept": "text/html"}),
        )
        assert theirs.data == mine.data
        key = article.rpartition("/")[2]
        body = Bodies(whole.store, "show").get([key])[key]
        last = body.text[body.blocks[-1][1] : body.blocks[-1][2]]
        assert last.split()[0] in theirs.text, "the text that is shown is the one that was published"
        assert client.get("/search.json?q=Kerry").json["total"] > 0  # type: ignore[index]
        assert client.get("/changes").data == ours.get("/changes").data
    monkeypatch.setenv("KG_REPLICA_OF", str(root))
    told = kg("doctor", "--store", tmp_path / "replica").output
    assert "publication 00000001, generation" in told
    assert "nobody writes on a replica" in told
    monkeypatch.delenv("KG_REPLICA_OF")
    found = kg("publish", root, "--store", whole.store)
    assert found.exit_code == 0
    assert "still the newest" in found.output
