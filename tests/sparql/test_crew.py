"""Workers that wait for queries while the store changes under them."""

from __future__ import annotations

import itertools
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg.config import Settings
from kg.sparql.crew import MOVES_WITHIN
from tests.conftest import Served, address, serving
from tests.sparql.processes import processes, until

COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH <urn:g> { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def service(filled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One that reads its store on disk, and writes."""
    store = tmp_path_factory.mktemp("crew") / "store"
    shutil.copytree(filled.store, store, ignore=shutil.ignore_patterns("snapshots"))
    with serving(replace(filled, store=store), KG_MEMORY_QUADS="0", KG_WRITES="open") as served:
        yield served


def _workers(service: Served) -> set[int]:
    return {process.pid for process in processes(service) if process.works}


def _write(service: Served, number: int) -> None:
    text = f"INSERT DATA {{ GRAPH <urn:g> {{ <urn:s> <urn:p> {number} }} }}"
    assert service.post("/sparql", text.encode(), "application/sparql-update").status == 204


def _count(service: Served) -> int:
    return int(service.get(address(COUNT), "text/csv").text.split()[1])


def test_a_worker_answers_on_each_state_that_comes(service: Served) -> None:
    for number in range(3):
        _write(service, number)
        assert _count(service) == number + 1
    workers = _workers(service)
    for number in range(3, 10):
        _write(service, number)
        assert _count(service) == number + 1
    assert _workers(service) & workers, "one that answered on the first states does on the last"


def test_a_moved_worker_keeps_no_files_of_the_state_before(service: Served) -> None:
    _write(service, 100)
    before = _count(service)

    def gone() -> set[str]:
        links = (link for pid in _workers(service) for link in Path(f"/proc/{pid}/fd").iterdir())
        return {str(target) for link in links if "(deleted)" in str(target := link.readlink())}

    time.sleep(0.5)  # the service looks for what nobody has any more
    _write(service, 101)
    assert _count(service) == before + 1
    until(lambda: not {name for name in gone() if name.endswith(".sst (deleted)")})


def test_one_that_has_rested_is_not_kept_for_another_state(service: Served) -> None:
    _count(service)
    workers = _workers(service)
    time.sleep(MOVES_WITHIN + 0.5)
    _write(service, 200)
    _count(service)
    assert not _workers(service) & workers


def test_what_comes_and_goes_is_counted(service: Served) -> None:
    def started() -> float:
        found = re.search(r"^kg_workers_started_total (\S+)$", service.get("/metrics").text, re.MULTILINE)
        assert found
        return float(found[1])

    before = started()
    for number in range(400, 410):
        _write(service, number)
        _count(service)
    assert started() <= before + 5, "a write costs no worker; on a busy machine some are started beside slow queries"


def test_states_that_are_no_longer_in_memory_leave_the_disk(filled: Settings, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(filled.store, store, ignore=shutil.ignore_patterns("snapshots"))
    with serving(replace(filled, store=store), KG_WRITES="open") as service:
        numbers = itertools.count()

        def in_memory() -> bool:
            service.get(address(f"ASK {{}} # {next(numbers)}"))  # another one each time: what is kept asks no worker
            return "\nkg_memory_quads 0.0" not in service.get("/metrics").text

        for number in range(3):
            until(in_memory)
            _write(service, number)
        _count(service)

        def states() -> int:
            _write(service, 1_000)
            _count(service)
            return len(list((store / "snapshots").glob("*/*")))

        until(lambda: states() <= 2)
