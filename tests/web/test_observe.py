"""What tells an operator and a load balancer how a service is: health, and figures."""

from __future__ import annotations

import json
import re
import shutil
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from kg.config import Settings
from server import create_app
from tests.conftest import Served

ASK = "/sparql?query=" + urllib.parse.quote("ASK { ?s ?p 'looked for by the figures alone' }")


@pytest.fixture
def app(filled: Settings, tmp_path: Path) -> Iterator[Flask]:
    shutil.copytree(filled.store, tmp_path / "store", ignore=shutil.ignore_patterns("snapshots", "search.*"))
    made = create_app(replace(filled, store=tmp_path / "store", search="off"))
    yield made
    made.extensions["kg"].close()


def figures(served: Served) -> dict[str, float]:
    """Every sample of /metrics by its name and labels."""
    lines = (line for line in served.get("/metrics").text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("path", ["/health", "/healthz", "/health/live", "/health/ready"])
def test_a_service_that_is_well_says_so(path: str, service: Served) -> None:
    reply = service.get(path)
    assert (reply.status, reply.text, reply.headers["cache-control"]) == (200, "ok\n", "no-store")


def test_without_workers_it_lives_and_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    for program in ("/bin/false", "/no/such/program"):
        monkeypatch.setattr("kg.sparql.process.sys.executable", program)
        reply = client.get("/health/ready")
        assert reply.status_code == 503
        assert reply.content_type == "application/problem+json"
        assert json.loads(reply.data)["detail"] == "No worker for queries can be started."
        assert reply.headers["Retry-After"]
        assert client.get("/health/live").status_code == 200
    monkeypatch.undo()
    assert client.get("/health/ready").status_code == 200
    assert app.extensions["kg"].pool.load().idle == 1  # the one that was started waits for the first query
    assert client.get("/health/ready").status_code == 200
    assert app.extensions["kg"].pool.load().idle == 1
    assert client.get(ASK, headers={"Accept": "text/csv"}).status_code in (200, 406)


def test_a_store_that_cannot_be_read_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from kg.errors import StoreError

    def gone() -> None:
        raise StoreError("The remote store is gone.")

    monkeypatch.setattr(app.extensions["kg"].snapshots, "current", gone)
    client = app.test_client()
    assert client.get("/health/live").status_code == 200
    reply = client.get("/health/ready")
    assert reply.status_code == 503
    assert "The store cannot be read: The remote store is gone." in reply.get_data(as_text=True)


def test_queries_are_counted_by_outcome(service: Served) -> None:
    before = figures(service)
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    for path, status in (
        (ASK, 200),
        ("/sparql?query=nonsense", 400),
        (f"/sparql?query={urllib.parse.quote(endless)}", 504),
    ):
        assert service.get(path).status == status
    after = figures(service)
    for outcome in ("answered", "refused", "timeout"):
        name = f'kg_queries_total{{outcome="{outcome}"}}'
        assert after[name] == before.get(name, 0) + 1, outcome


def test_caches_workers_and_the_store_are_measured(service: Served) -> None:
    for _ in range(3):
        service.get(ASK)
    found = figures(service)
    assert found['kg_cache_hits_total{cache="answers"}'] >= 2
    assert found['kg_cache_misses_total{cache="results"}'] >= 1
    assert found['kg_cache_bytes{cache="results"}'] > 0
    assert found['kg_workers{state="idle"}'] >= 1
    assert found['kg_workers{state="busy"}'] == found["kg_queries_waiting"] == 0
    assert found["kg_store_bytes"] > 1_000_000
    assert found["kg_disk_free_bytes"] > 0


def test_every_figure_is_documented(service: Served, root: Path) -> None:
    text = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^# TYPE (kg_\w+?)(?:_created)? ", service.get("/metrics").text, re.MULTILINE))
    assert len(names) > 10
    assert not {name for name in names if f"`{name}" not in text}
