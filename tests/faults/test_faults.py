"""Damaged files, full and read-only disks, stores of other versions, folders that are none.

One clear sentence and a true exit code, never a traceback, and never an empty graph in the place of one that was.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings
from kg.operating.backup import backups
from kg.store import open_store
from kg.store.folder import NEWEST, written_format
from tests.conftest import serving

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
TEXT = "Norway expelled two Russian diplomats on 5 July 2016. Russia promised to answer, its foreign ministry said in Moscow."


@pytest.fixture
def copied(filled: Settings, tmp_path: Path) -> Settings:
    """A store with the seeds that may be damaged."""
    shutil.copytree(
        filled.store, tmp_path / "store", ignore=shutil.ignore_patterns("snapshots", "search.*", "changes.sqlite*")
    )
    (tmp_path / "more.jsonl").write_text(f'{{"id": "more", "text": "{TEXT}"}}\n')
    return replace(filled, store=tmp_path / "store")


def kg(settings: Settings, *arguments: str | Path) -> Result:
    environment = {"KG_EXTRACTORS": "frames", "KG_PROCESSES": "1"}
    return CliRunner().invoke(main, [*map(str, arguments), "--store", str(settings.store)], env=environment)


def _commands(folder: Path) -> list[tuple[str | Path, ...]]:
    return [
        ("query", COUNT),
        ("export",),
        ("check", "--no-shapes"),
        ("backup", folder / "backups"),
        ("ingest", folder / "more.jsonl"),
        ("search", "Kenya"),
        ("identity",),
        ("dump",),
        ("remove", "more"),
    ]


def _told(done: Result) -> str:
    """The one sentence on standard error; the exit code tells the failure, and nothing was answered."""
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    assert line.startswith("Error: ")
    assert line.endswith(".")
    return line


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "CURRENT is gone": (lambda s: (s / "data" / "CURRENT").unlink(), "data/CURRENT is missing"),
    "CURRENT is empty": (lambda s: (s / "data" / "CURRENT").write_text(""), "damaged"),
    "MANIFEST is cut": (lambda s: os.truncate(next((s / "data").glob("MANIFEST*")), 50), "damaged"),
    "MANIFEST is gone": (lambda s: next((s / "data").glob("MANIFEST*")).unlink(), "MANIFEST"),
    "all data are gone": (lambda s: shutil.rmtree(s / "data"), "its data are gone"),
    "of a newer version": (
        lambda s: (s / "format").write_text(f'{{"format": {NEWEST + 1}, "program": "99.1"}}'),
        f"of format {NEWEST + 1}, written by diplomatic-kg 99.1",
    ),
    "format is damaged": (lambda s: (s / "format").write_text('{"form'), "does not tell the store's format"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_store_that_cannot_be_opened_is_told_by_every_command(name: str, copied: Settings, tmp_path: Path) -> None:
    damage, words = DAMAGE[name]
    damage(copied.store)
    before = sorted(p.name for p in (copied.store / "data").glob("*.sst"))
    for command in _commands(tmp_path):
        assert words in _told(kg(copied, *command)), command
    assert sorted(p.name for p in (copied.store / "data").glob("*.sst")) == before, "nothing is thrown away"
    assert backups(tmp_path / "backups") == []


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(byte ^ 0x5A for byte in data[middle : middle + 64])
    path.write_bytes(data)


def _names(store: Path) -> list[str]:
    """The engine's files in a store, or in a backup of one."""
    return sorted(path.name for path in (store / "data").glob("*.sst"))


def test_flipped_bytes_in_any_file_of_data_never_give_another_answer(copied: Settings, tmp_path: Path) -> None:
    whole = kg(copied, "export").stdout
    for _ in range(10):  # until the engine has put together what it wants to
        assert kg(copied, "backup", tmp_path / "backups", "--keep", "1").exit_code == 0
        if _names(backups(tmp_path / "backups")[0]) == _names(copied.store):
            break
    shutil.copytree(copied.store, tmp_path / "whole")
    files, told = _names(tmp_path / "whole"), 0
    for name in files:
        shutil.rmtree(copied.store)
        shutil.copytree(tmp_path / "whole", copied.store)
        _flip(copied.store / "data" / name)
        done = kg(copied, "export")
        if done.exit_code:
            assert "damaged" in _told(done), name
            told += 1
        else:
            assert done.stdout == whole, f"{name} is not needed for this"
        # files of the backup before are known: none takes the place of a good one
        assert "damaged" in _told(kg(copied, "backup", tmp_path / "backups")), name
    assert told >= 2
    assert len(backups(tmp_path / "backups")) == 1


@pytest.mark.parametrize(
    "name", ["articles.sqlite", "texts.sqlite", "fetched.sqlite", "changes.sqlite", "search.sqlite"]
)
def test_a_damaged_file_beside_the_data_is_named(name: str, copied: Settings, tmp_path: Path) -> None:
    count = kg(copied, "query", COUNT).stdout
    (copied.store / name).write_bytes(b"this is no database at all " * 400)
    done = kg(copied, "check", "--no-shapes")
    assert done.exit_code == 1
    assert name in done.output
    assert not isinstance(done.exception, Exception) or isinstance(done.exception, SystemExit)
    assert kg(copied, "query", COUNT).stdout == count
    if name == "search.sqlite":  # is made anew
        assert kg(copied, "search", "Kenya").exit_code == 0
        assert kg(copied, "backup", tmp_path / "backups").exit_code == 0
        return
    assert name in _told(kg(copied, "backup", tmp_path / "backups"))
    assert backups(tmp_path / "backups") == []
    if name in ("articles.sqlite", "texts.sqlite"):
        assert "may be deleted" in _told(kg(copied, "ingest", tmp_path / "more.jsonl"))
        (copied.store / name).unlink()
        assert kg(copied, "ingest", tmp_path / "more.jsonl").exit_code == 0


def test_a_service_on_damaged_files(copied: Settings) -> None:
    for name in ("articles.sqlite", "search.sqlite"):
        (copied.store / name).write_bytes(b"this is no database at all " * 400)
    with open_store(copied) as store:
        graph = next(g.value for g in store.graphs() if "/graph/article/" in g.value)
    with serving(copied, KG_EXTRACTORS="frames") as served:
        page = "/page/article/" + graph.rpartition("/")[2]
        assert served.get(page, "text/html").status == 200, "passages are shown where texts are not at hand"
        assert served.get("/search?q=Kenya", "text/html").status == 200
        assert served.get("/health/ready").status == 200


@pytest.mark.parametrize("name", ["CURRENT is gone", "of a newer version"])
def test_a_service_that_cannot_begin_says_why_in_one_sentence(name: str, copied: Settings) -> None:
    damage, words = DAMAGE[name]
    damage(copied.store)
    command = [
        sys.executable,
        "-c",
        "from kg.cli import main; main()",
        "serve",
        "--port",
        "0",
        "--store",
        str(copied.store),
    ]
    command[5] = "18999"
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert [line for line in done.stderr.splitlines() if line.startswith("Error: ") and words in line]


def test_a_folder_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to-ann.txt").write_text(TEXT)
    (tmp_path / "more.jsonl").write_text(f'{{"id": "more", "text": "{TEXT}"}}\n')
    for command in _commands(tmp_path):
        assert "is no store, and not empty" in _told(kg(Settings(store=tmp_path / "letters"), *command))
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["to-ann.txt"]


def test_who_only_reads_makes_no_store(tmp_path: Path) -> None:
    for command in _commands(tmp_path):
        if command[0] != "ingest":
            assert "There is no store in" in _told(kg(Settings(store=tmp_path / "none"), *command))
    assert not (tmp_path / "none").exists()


def _as(code: str, arguments: list[str], before: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    whole = f"import sys\n{code}\nfrom kg.cli import main\nmain(sys.argv[1:])\n"
    environment = os.environ | {"KG_EXTRACTORS": "frames", "KG_PROCESSES": "1"}
    command = [*(before or []), sys.executable, "-c", whole, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


#: Gives up what lets root write everywhere.
_NO_RIGHTS = """
import ctypes
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
assert ctypes.CDLL(None).capset(header, data) == 0
"""


def test_a_folder_that_may_not_be_written(copied: Settings, tmp_path: Path) -> None:
    paths = [copied.store, *copied.store.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    code = _NO_RIGHTS if os.geteuid() == 0 else ""
    try:
        for command in (("query", COUNT), ("ingest", tmp_path / "more.jsonl"), ("check", "--no-shapes")):
            done = _as(code, [*map(str, command), "--store", str(copied.store)])
            assert done.returncode == 1, command
            assert "Traceback" not in done.stderr
            assert done.stdout == ""
            assert "there are no rights to it" in done.stderr or "Permission denied" in done.stderr
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert kg(copied, "check", "--no-shapes").exit_code == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Callable[..., list[str]]:
    """What runs a command with a disk of some bytes in the place of a folder, in which there is a copy of another."""
    mount = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    if not shutil.which("unshare") or subprocess.run([*mount, "true"], check=False, capture_output=True).returncode:
        pytest.skip("A small disk needs a mount namespace, which this system does not give (unshare --mount).")

    def before(folder: Path, size: int, holding: Path, kept: Path) -> list[str]:
        script = (
            'mount -t tmpfs -o "size=$2" none "$1" && cp -r "$3" "$1"/store || exit 99; kept="$4"; at="$1"; shift 4; '
            '"$@"; code=$?; cp -r "$at"/. "$kept"; exit $code'
        )
        return [*mount, "sh", "-c", script, "sh", str(folder), str(size), str(holding), str(kept)]

    return before


def test_a_full_disk(copied: Settings, tmp_path: Path, small_disk: Callable[..., list[str]]) -> None:
    lines = "".join(f'{{"id": "more{n}", "text": "{TEXT} It was number {n}."}}\n' for n in range(400))
    (tmp_path / "many.jsonl").write_text(lines)
    held = sum(path.stat().st_size for path in copied.store.rglob("*") if path.is_file())
    (tmp_path / "disk").mkdir()
    for command in (["ingest", str(tmp_path / "many.jsonl")], ["backup", str(tmp_path / "disk" / "backups")], ["dump"]):
        kept = tmp_path / f"kept-{command[0]}"
        kept.mkdir()
        room = 1_200_000 if command[0] == "ingest" else 100_000
        before = small_disk(tmp_path / "disk", held + room, copied.store, kept)
        dumps = str(tmp_path / "disk" / "dumps")
        environment = f"import os\nos.environ |= {{'KG_DUMPS': {dumps!r}, 'KG_NEAR_DUPLICATE': '2'}}"
        done = _as(environment, [*command, "--store", str(tmp_path / "disk" / "store")], before)
        assert done.returncode == 1, (command, done.stderr[-500:])
        assert "Traceback" not in done.stderr, command
        told = done.stderr.casefold()
        assert "no space left" in told or "disk is full" in told or "disk i/o" in told, (command, done.stderr[-500:])
        again = replace(copied, store=kept / "store")
        assert kg(again, "check", "--no-shapes").exit_code == 0, kg(again, "check", "--no-shapes").output
        assert backups(kept / "backups") == []
        assert not list(kept.glob("dumps/2*"))
    # with room again it goes on from there
    assert (
        kg(replace(copied, store=tmp_path / "kept-ingest" / "store"), "ingest", tmp_path / "more.jsonl").exit_code == 0
    )


def test_a_store_of_the_version_before_is_upgraded_in_place(copied: Settings, tmp_path: Path) -> None:
    def content() -> list[str]:
        with open_store(copied) as store:
            return [str(quad) for quad in store.quads()]

    before = content()
    # as it was written: without a mark, with a text whose article a broken-off removal had taken out
    (copied.store / "format").unlink()
    with closing(sqlite3.connect(copied.store / "articles.sqlite", isolation_level=None)) as texts:
        texts.execute("DROP TABLE coming")
        texts.execute("INSERT INTO bodies SELECT 'gone', license, blocks, text FROM bodies LIMIT 1")
    assert "'kg upgrade' brings it to format" in _told(kg(copied, "query", COUNT))
    assert kg(copied, "backup", tmp_path / "backups").exit_code == 0, "it can be backed up as it is"
    done = kg(copied, "upgrade")
    assert done.exit_code == 0, done.output
    assert "1 texts of articles" in done.stdout
    (made,) = backups(tmp_path / "store.backups")
    assert str(made) in done.stdout
    found = written_format(copied.store)
    assert found
    assert found.number == NEWEST
    assert content() == before
    assert kg(copied, "check", "--no-shapes").exit_code == 0
    assert "nothing to do" in kg(copied, "upgrade").stderr
    assert len(backups(tmp_path / "store.backups")) == 1
    # the backup is of the store as it was, and can be upgraded itself
    old = replace(copied, store=tmp_path / "old")
    assert kg(old, "restore", made).exit_code == 0
    assert "'kg upgrade'" in _told(kg(old, "query", COUNT))
    assert kg(old, "upgrade", "--no-backup").exit_code == 0
    assert kg(old, "query", COUNT).exit_code == 0


def test_what_a_newer_version_backed_up_is_not_restored(copied: Settings, tmp_path: Path) -> None:
    (copied.store / "format").write_text('{"format": 2, "program": "0.0"}')
    assert kg(copied, "backup", tmp_path / "backups").exit_code == 0
    (made,) = backups(tmp_path / "backups")
    newer = json.dumps({"format": NEWEST + 1, "program": "99.1"}).encode()
    (made / "format").write_bytes(newer)
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["files"]["format"] = {"bytes": len(newer), "sha256": hashlib.sha256(newer).hexdigest()}
    (made / "manifest.json").write_text(json.dumps(manifest))
    other = Settings(store=tmp_path / "other")
    assert "written by diplomatic-kg 99.1" in _told(kg(other, "restore", made))
    assert not other.store.exists()
