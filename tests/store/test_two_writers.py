"""Two runs of ``kg ingest`` before one remote store: from one folder the second is told, from two folders both go on."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings
from kg.sources.bodies import Bodies
from kg.store import open_store
from kg.store.alone import FILE
from tests.store.servers import Remote, oxigraph

ONE = {"KG_PROCESSES": "1", "KG_EXTRACTORS": "frames"}
KG = [sys.executable, "-c", "from kg.cli import main; main()"]
TEXT = "President Ann Example met Prime Minister Bo Sample in Paris on 3 May 2020. They signed a treaty, he told reporters."
IN_USE = "Error: The folder {} cannot be used: another process is using it.\n"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    with oxigraph(tmp_path / "oxigraph") as started:
        yield started


def _lines(*names: str) -> str:
    return "".join(json.dumps({"id": name, "text": f"{TEXT} It was said in {name}."}) + "\n" for name in names)


def _run(remote: Remote, folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--store", str(folder)], env=remote.environment | ONE)


class _Ingestion:
    """A run in a process of its own that is held in the midst of its work, when it has begun and written nothing yet."""

    def __init__(self, remote: Remote, folder: Path, file: Path) -> None:
        environment = os.environ | remote.environment | ONE
        command = [*KG, "ingest", str(file), "--store", str(folder)]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        while not _is_locked(folder / FILE):
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.02)
        self.process.send_signal(signal.SIGSTOP)

    def finish(self) -> tuple[int, str]:
        """Let it go on; its exit code and what it says."""
        self.process.send_signal(signal.SIGCONT)
        _, said = self.process.communicate(timeout=120)
        return self.process.returncode, said.decode()

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.communicate()


def _is_locked(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _articles(remote: Remote, folder: Path, *names: str) -> None:
    """See that the store has articles, and the folder their texts."""
    settings = Settings(store=folder, **remote.settings)
    with open_store(settings) as store:
        graphs = {g.value.rpartition("/")[2] for g in store.graphs() if "/graph/article/" in g.value}
    assert graphs >= set(names)
    assert set(Bodies(folder, "show").get(names)) == set(names)


def test_a_second_writer_of_one_folder_is_told(remote: Remote, tmp_path: Path) -> None:
    folder, file = tmp_path / "own", tmp_path / "same.jsonl"
    file.write_text(_lines("a", "b"))
    first = _Ingestion(remote, folder, file)
    for arguments in (["ingest", str(file)], ["remove", "a"], ["identity"]):
        second = _run(remote, folder, *arguments)
        assert (second.exit_code, second.stderr) == (1, IN_USE.format(folder)), arguments
    assert _run(remote, folder, "query", "ASK {}").output == "true\n", "who only reads is not kept out"
    code, said = first.finish()
    assert code == 0, said
    _articles(remote, folder, "a", "b")
    again = _run(remote, folder, "ingest", str(file))
    assert again.exit_code == 0, again.output
    assert "articles unchanged          2" in again.stderr


def test_a_writer_that_was_killed_keeps_nobody_out(remote: Remote, tmp_path: Path) -> None:
    folder, file = tmp_path / "own", tmp_path / "same.jsonl"
    file.write_text(_lines("a"))
    _Ingestion(remote, folder, file).kill()
    assert (folder / FILE).exists()
    assert _run(remote, folder, "ingest", str(file)).exit_code == 0
    _articles(remote, folder, "a")


def test_two_folders_write_to_one_remote_store(remote: Remote, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(_lines(name))
    first = _Ingestion(remote, one, tmp_path / "a.jsonl")
    second = _run(remote, other, "ingest", str(tmp_path / "b.jsonl"))
    assert second.exit_code == 0, second.output
    code, said = first.finish()
    assert code == 0, said
    _articles(remote, one, "a")
    _articles(remote, other, "b")


def test_what_only_asks_leaves_no_folder(remote: Remote, tmp_path: Path) -> None:
    assert _run(remote, tmp_path / "none", "identity").exit_code == 0
    assert not (tmp_path / "none").exists()
