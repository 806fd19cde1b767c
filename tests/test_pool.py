"""Articles in several processes: the same results in the same order, and no more lost than the article that kills."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.config import Settings
from kg.model import Article
from kg.pipeline import ingest
from kg.pool import AHEAD, CHUNK, Pool
from kg.sources import Failure
from kg.sources.article import make_article
from kg.store import open_store
from kg.store.embedded import generation

TEXT = (
    "Kenya expelled two Ugandan diplomats on Monday, and the foreign minister of Chad met envoys number {} in Nairobi."
)


def article(number: int, text: str = "") -> Article:
    return make_article(f"{text} {TEXT.format(number)}".strip(), source=f"a{number}", given_id=f"a{number}")


def shout(articles: list[Article], settings: Settings) -> list[str | Failure]:
    """Work for the tests: a process dies of one word, another word is a failure."""
    if any("DEADLY" in a.text for a in articles):
        os.kill(os.getpid(), signal.SIGKILL)
    return [Failure(a.id, "it is bad", a.id) if "BAD" in a.text else f"{a.id}!" for a in articles]


def heavy(articles: list[Article], settings: Settings) -> list[bytes | Failure]:
    """Work whose results take a process some time to send."""
    return [bytes(4_000_000) for _ in articles]


def test_who_is_ended_in_the_middle_of_sending_holds_up_nobody() -> None:
    def run() -> None:
        for _ in range(4):
            made = Pool(Settings(processes=2), heavy).run(article(n) for n in range(8 * CHUNK))
            next(made)
            made.close()

    runs = threading.Thread(target=run, daemon=True)
    runs.start()
    runs.join(60)
    assert not runs.is_alive()


def test_results_come_in_order_with_failures_in_their_place() -> None:
    items: list[Article | Failure] = [article(n) for n in range(3 * CHUNK)]
    items.insert(20, Failure("unread", "no such file"))
    items.insert(30, article(900, "BAD"))
    found = list(Pool(Settings(processes=2), shout).run(items))
    names = [f.source if isinstance(f, Failure) else f[1] for f in found]
    assert names == [f"{i.id}!" if isinstance(i, Article) and i.id != "a900" else i.source for i in items]


def test_an_article_that_kills_its_process_is_the_only_one_lost() -> None:
    items = [article(n, "DEADLY" if n == 21 else "") for n in range(4 * CHUNK)]
    found = list(Pool(Settings(processes=2), shout).run(items))
    failed = [f for f in found if isinstance(f, Failure)]
    assert [f.source for f in failed] == ["a21"]
    assert "ended the process" in failed[0].reason
    assert [f[0].id for f in found if not isinstance(f, Failure)] == [f"a{n}" for n in range(4 * CHUNK) if n != 21]


def test_no_more_is_taken_than_is_worked_on() -> None:
    taken = 0

    def endless() -> Iterator[Article]:
        nonlocal taken
        while True:
            taken += 1
            yield article(taken)

    results = Pool(Settings(processes=2), shout).run(endless())
    for _ in range(10):
        next(results)
    assert taken <= (2 * AHEAD + 3) * CHUNK
    results.close()  # type: ignore[attr-defined]


def _content(settings: Settings) -> str:
    with open_store(settings) as store:
        graphs = [g for g in store.graphs() if "/graph/ingestion/" not in g.value]
        return "".join(f"{quad} .\n" for graph in graphs for quad in store.graph_quads(graph))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive.jsonl"
    lines = (f'{{"id": "a{n}", "text": "{TEXT.format(n)}", "date": "2020-05-0{n % 9 + 1}"}}\n' for n in range(40))
    path.write_text("".join(lines))
    return path


def test_several_processes_write_what_one_writes(tmp_path: Path, archive: Path) -> None:
    stores = []
    for number in (1, 2):
        settings = Settings(
            store=tmp_path / f"store{number}", processes=number, extractors="frames", near_duplicate=2.0
        )
        assert ingest([archive], settings).ingested == 40
        stores.append(_content(settings))
    assert stores[0] == stores[1]


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_is_taken_up_again(with_signal: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "archive.jsonl"
    path.write_text("".join(f'{{"id": "a{n}", "text": "{TEXT.format(n)}"}}\n' for n in range(600)))
    store = tmp_path / "store"
    environment = os.environ | {"KG_EXTRACTORS": "frames", "KG_NEAR_DUPLICATE": "2", "KG_PROCESSES": "2"}
    command = [sys.executable, "-c", "from kg.cli import main; main()", "ingest", str(path), "--store", str(store)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while generation(store) < 20:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, with_signal)
    _, said = process.communicate(timeout=30)
    if with_signal is not signal.SIGKILL:
        assert process.returncode == 130
        assert "goes on from there" in said
    settings = Settings(store=store, extractors="frames", near_duplicate=2.0, processes=2)
    summary = ingest([path], settings)
    assert summary.unchanged > 0
    assert summary.ingested + summary.unchanged == 600
    assert not summary.failures
