"""Dumps are whole, the same each time, told truly by their manifest, and can be downloaded in pieces."""

import datetime as dt
import gzip
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import zstandard
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.errors import StoreError
from kg.exports import lines
from kg.exports.dumps import MANIFEST, dumps, make_dump
from kg.exports.lines import sorted_lines
from kg.exports.still import still_store
from kg.store import EmbeddedStore, open_store
from tests.exports.conftest import DAY, Offered, dumped


def _unpacked(path: Path) -> bytes:
    packed = path.read_bytes()
    return (
        gzip.decompress(packed) if path.suffix == ".gz" else zstandard.ZstdDecompressor().stream_reader(packed).read()
    )


def _quads(body: bytes, form: ox.RdfFormat) -> set[str]:
    return {str(quad) for quad in ox.parse(body, format=form)}


def test_every_file_holds_the_store(offered: Offered) -> None:
    folder = offered.settings.dumps / offered.dump.name
    with still_store(offered.settings) as store:
        held = {str(quad) for quad in store.quads()}
    assert len(held) > 8_000
    for file in offered.dump.files:
        body = _unpacked(folder / file.name)
        if file.rows is not None:
            assert body.count(b"\r\n") == file.rows + 1 > 10
            continue
        form = ox.RdfFormat.N_QUADS if ".nq." in file.name else ox.RdfFormat.TRIG
        assert _quads(body, form) == held
        assert file.quads == len(held)
    assert {file.ending for file in offered.dump.files} == {"nq.gz", "nq.zst", "trig.gz", "trig.zst", "events.csv.gz"}


def test_the_manifest_tells_the_truth(offered: Offered) -> None:
    folder = offered.settings.dumps / offered.dump.name
    told = json.loads((folder / MANIFEST).read_text())
    assert {path.name for path in folder.iterdir()} == {file["name"] for file in told["files"]} | {MANIFEST}
    for file in told["files"]:
        body = (folder / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    plain = _unpacked(folder / f"{told['name']}.nq.gz")
    assert told["state"] == hashlib.sha256(plain).hexdigest()
    assert (told["quads"], told["date"]) == (plain.count(b"\n"), DAY.isoformat())
    assert told["license"] == offered.settings.dataset_license


def test_the_same_store_gives_the_same_bytes(offered: Offered, own: Settings) -> None:
    again, new = dumped(own)
    assert new
    assert again == offered.dump
    for file in again.files:
        first, second = (s.dumps / again.name / file.name for s in (offered.settings, own))
        assert first.read_bytes() == second.read_bytes()
    assert dumped(own, DAY + dt.timedelta(days=1)) == (again, False), "a state has one dump"


def test_large_graphs_are_sorted_in_lots(offered: Offered, monkeypatch: pytest.MonkeyPatch) -> None:
    with still_store(offered.settings) as store:
        at_once = list(sorted_lines(store))
        monkeypatch.setattr(lines, "IN_MEMORY", 97)
        assert list(sorted_lines(store)) == at_once
    assert len(set(at_once)) == len(at_once)


def test_what_a_dump_holds_can_be_loaded_again(offered: Offered, own: Settings, tmp_path: Path) -> None:
    loaded = ox.Store()
    body = _unpacked(offered.settings.dumps / offered.dump.name / f"{offered.dump.name}.trig.zst")
    loaded.bulk_load(io.BytesIO(body), format=ox.RdfFormat.TRIG)
    # the default graph is part of a dump, though nothing of ours is in it
    loaded.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal('a\n"b"')))
    made, _ = make_dump(EmbeddedStore(loaded, tmp_path), own, DAY)
    assert made.quads == offered.dump.quads + 1
    first = _unpacked(own.dumps / made.name / f"{made.name}.nq.zst").splitlines()[0]
    assert first == rb'<urn:s> <urn:p> "a\n\"b\"" .'


class _Failing(EmbeddedStore):
    """A store whose disk fails midway."""

    def graph_triples(self, graph: Any) -> Any:
        yield from super().graph_triples(graph)
        if "/reference" in str(graph):
            raise OSError(28, "No space left on device")


def test_a_dump_that_fails_leaves_nothing(offered: Offered, own: Settings) -> None:
    with still_store(offered.settings) as store:
        assert isinstance(store, EmbeddedStore)
        failing = _Failing(store._store, store.folder)
        with pytest.raises(StoreError, match="No space left on device"):
            make_dump(failing, own, DAY)
    assert not list(own.dumps.iterdir())


def test_a_dump_that_is_killed_is_not_there_and_is_swept(offered: Offered, own: Settings) -> None:
    script = (
        "import datetime, os, signal, sys\n"
        "from pathlib import Path\n"
        "from kg.config import Settings\n"
        "from kg.exports import dumps\n"
        "from kg.exports.still import still_store\n"
        "dumps._write_trig = lambda folder: os.kill(os.getpid(), signal.SIGKILL)\n"
        "settings = Settings(store=Path(sys.argv[1]), dumps=Path(sys.argv[2]))\n"
        "with still_store(settings) as store:\n"
        "    dumps.make_dump(store, settings, datetime.date(2024, 5, 6))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(offered.settings.store), str(own.dumps)], check=False)
    assert done.returncode == -9
    assert dumps(own) == []
    assert [path.name.partition("-")[0] for path in own.dumps.iterdir()] == [".making"]
    made, _ = dumped(own)
    assert [path.name for path in own.dumps.iterdir()] == [made.name]


def _states(settings: Settings, number: int) -> Iterable[int]:
    for n in range(number):
        with open_store(settings) as store:
            graph = ox.NamedNode("https://example.org/g")
            store.replace_graphs({graph: [ox.Quad(graph, graph, ox.Literal(str(n)), graph)]})
        yield n


def test_old_dumps_are_forgotten(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", dumps=tmp_path / "dumps", dumps_kept=2)
    made = [dumped(settings, DAY + dt.timedelta(days=n))[0].name for n in _states(settings, 4)]
    assert [d.name for d in dumps(settings)] == made[:1:-1]
    assert sorted(path.name for path in settings.dumps.iterdir()) == made[2:]


def test_the_command_makes_one_and_says_so(offered: Offered, own: Settings) -> None:
    settings = {"KG_DUMPS": str(own.dumps), "KG_STORE": str(own.store), "KG_BASE_IRI": own.base_iri}
    first = CliRunner().invoke(main, ["dump", "--keep", "1"], env=settings, catch_exceptions=False)
    assert f"{offered.dump.quads:,} quads, 5 files" in first.output
    second = CliRunner().invoke(main, ["dump"], env=settings)
    assert "of this state already" in second.output


def test_a_download_is_gone_on_with(offered: Offered) -> None:
    file = next(f for f in offered.dump.files if f.ending == "nq.gz")
    path, get = f"/dumps/{file.name}", offered.served.get
    whole = get(path)
    assert (whole.status, len(whole.body)) == (200, file.bytes)
    assert whole.headers["etag"] == f'"{file.sha256}"'
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert whole.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in get(path, **{"Accept-Encoding": "zstd, gzip"}).headers
    half = file.bytes // 2
    rest = get(path, Range=f"bytes={half}-", **{"If-Range": whole.headers["etag"]})
    assert (rest.status, rest.headers["content-range"]) == (206, f"bytes {half}-{file.bytes - 1}/{file.bytes}")
    assert whole.body[:half] + rest.body == whole.body
    assert get(path, Range="bytes=-10").body == whole.body[-10:]
    other = get(path, Range=f"bytes={half}-", **{"If-Range": '"another"'})
    assert (other.status, len(other.body)) == (200, file.bytes), "another file is not put together with this one"
    assert get(path, Range=f"bytes={file.bytes}-").status == 416
    assert get(path, **{"If-None-Match": whole.headers["etag"]}).status == 304
    head = get(path, method="HEAD")
    assert (head.body, head.headers["content-length"], head.headers["accept-ranges"]) == (b"", str(file.bytes), "bytes")


def test_a_file_of_any_size_is_sent_with_its_length(offered: Offered) -> None:
    path = "/data/type/Statement.nt"
    large = offered.settings.dumps / "parts"
    whole = offered.served.get(path)
    # pad the file that is kept, so that it is beyond what is held in memory
    (kept,) = [f for f in large.iterdir() if f.read_bytes() == whole.body]
    padded = whole.body + b"# padding\n" * 200_000
    kept.write_bytes(padded)
    reply = offered.served.get(path)
    assert (int(reply.headers["content-length"]), reply.body) == (len(padded), padded)
    assert "transfer-encoding" not in reply.headers
    part = offered.served.get(path, Range="bytes=1500000-1500009")
    assert (part.status, part.body) == (206, padded[1_500_000:1_500_010])
    kept.unlink()


def test_the_addresses_of_dumps(offered: Offered) -> None:
    get, dump = offered.served.get, offered.dump
    latest = get("/dumps/latest.trig.zst")
    assert (latest.status, latest.headers["location"]) == (302, f"/dumps/{dump.name}.trig.zst")
    missing = get("/dumps/latest.ttl")
    assert (missing.status, "latest.nq.gz" in missing.text) == (404, True)
    for path in (f"/dumps/{dump.name}", f"/dumps/{dump.name}.exe", "/dumps/..%2fstore", f"/dumps/{MANIFEST}x"):
        assert get(path).status == 404, path
    told = json.loads(get("/dumps/manifest.json").body)
    assert [d["name"] for d in told["dumps"]] == [dump.name]
    address = told["dumps"][0]["files"][0]["address"]
    assert get(address.removeprefix(offered.settings.base_iri.rstrip("/"))).status == 200
    page = get("/dumps/", accept="text/html").text
    assert dump.files[0].name in page
    assert f"{dump.quads:,} quads" in page


def test_a_dump_is_made_while_the_store_is_written(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", dumps=tmp_path / "dumps")
    (_,) = _states(settings, 1)
    with still_store(settings) as store, open_store(settings) as writer:
        graph = ox.NamedNode("https://example.org/later")
        writer.replace_graphs({graph: [ox.Quad(graph, graph, graph, graph)]})
        made, _ = make_dump(store, settings, DAY)
    assert made.quads == 1
