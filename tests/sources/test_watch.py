"""A watched folder: files that are complete, each once, and an end by Ctrl-C that leaves all in order."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from kg.sources.watch import Watcher

TEXT = "Foreign Minister Ann Example met her guest number {} in Paris on Monday, and they spoke about trade."


def aged(path: Path, text: str, seconds: float = 60) -> Path:
    path.write_text(text)
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def test_files_that_were_there_or_moved_in_are_ready_at_once(tmp_path: Path) -> None:
    watcher = Watcher([tmp_path])
    old = aged(tmp_path / "old.txt", "x")
    assert watcher.ready() == [old]
    watcher.done([old])
    assert watcher.ready() == []
    outside = aged(tmp_path.parent / f"{tmp_path.name}.txt", "y")
    moved = outside.rename(tmp_path / "moved.txt")
    assert watcher.ready() == [moved]


def test_a_file_that_grows_is_waited_for(tmp_path: Path) -> None:
    watcher, path = Watcher([tmp_path], settled=0.3), tmp_path / "a.txt"
    with path.open("w") as stream:
        for _ in range(4):
            stream.write("x")
            stream.flush()
            assert watcher.ready() == []
            time.sleep(0.15)
    time.sleep(0.3)
    assert watcher.ready() == [path]


def test_a_changed_file_comes_again_and_one_that_was_not_taken_too(tmp_path: Path) -> None:
    watcher, path = Watcher([tmp_path]), aged(tmp_path / "a.txt", "x")
    assert watcher.ready() == watcher.ready() == [path]
    watcher.done([path])
    assert watcher.ready() == []
    aged(path, "xy")
    assert watcher.ready() == [path]


def test_unfinished_and_hidden_files_are_left(tmp_path: Path) -> None:
    for name in (".a.txt", "a.html.part", "a.crdownload", "a.txt~"):
        aged(tmp_path / name, "x")
    (tmp_path / "in").mkdir()
    inside = aged(tmp_path / "in" / "b.txt", "x")
    assert Watcher([tmp_path, tmp_path / "none"]).ready() == [inside]


def _wait(condition: object, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 400  # loading the models takes long on a busy machine
    while not condition():  # type: ignore[operator]
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_command_takes_what_comes_and_ends_cleanly(tmp_path: Path) -> None:
    folder, store, log = tmp_path / "in", tmp_path / "store", tmp_path / "log"
    folder.mkdir()
    aged(folder / "first.txt", TEXT.format(1))
    kg = [sys.executable, "-c", "from kg.cli import main; main()"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*kg, "ingest", "--watch", str(folder), "--store", str(store)], stderr=out, text=True,
            env=os.environ | {"KG_EXTRACTORS": "frames"},
        )  # fmt: skip
    try:
        _wait(lambda: log.read_text().count("articles ingested") == 1, process)
        aged(folder / "second.txt", TEXT.format(2))
        (folder / "third.pdf").write_bytes(b"%PDF")
        _wait(lambda: "third.pdf: there is no reader" in log.read_text(), process)
        _wait(lambda: "second" in log.read_text() or log.read_text().count("articles ingested") >= 2, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
    told = log.read_text()
    assert "Traceback" not in told
    assert told.splitlines()[-1].startswith("Ended")
    query = "SELECT DISTINCT ?a { ?a a <https://schema.org/NewsArticle> }"
    done = subprocess.run(
        [*kg, "query", query, "--store", str(store), "--format", "json"], capture_output=True, text=True, check=True
    )
    assert len(json.loads(done.stdout)["results"]["bindings"]) == 2
