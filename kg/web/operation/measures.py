"""What is measured at the moment in which ``/metrics`` is asked for: the store, the workers, the caches."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from kg.store import NothingPublishedError, Replica
from kg.web.http.caching import Bounded
from kg.web.service import Service

_UNKNOWN = float("nan")


def bytes_in(folder: Path) -> int:
    """Bytes of the files in a store's folder, without the snapshots, which are links to the same files."""
    found = 0
    for path in folder.glob("*") if folder.is_dir() else ():
        files = path.glob("*") if path.is_dir() else (path,)
        for file in files if path.name != "snapshots" else ():
            with contextlib.suppress(OSError):  # Oxigraph has just taken it away
                found += file.lstat().st_size
    return found


class Measured(Collector):
    """The figures of one service."""

    def __init__(self, service: Service, caches: Mapping[str, Bounded[Any, Any]]) -> None:
        self._service, self._caches = service, {"results": service.results, **caches}

    def collect(self) -> Iterable[Metric]:
        """Measure everything now."""
        yield from self._store()
        yield from self._replica()
        yield from self._workers()
        yield from self._cached()

    def _store(self) -> Iterable[Metric]:
        service, folder = self._service, self._service.settings.store
        try:
            generation = float(service.snapshots.current().generation)
        except NothingPublishedError:
            generation = _UNKNOWN
        yield GaugeMetricFamily("kg_store_generation", "Generation of the store that is served.", generation)
        yield GaugeMetricFamily(
            "kg_acknowledged_writes", "Writes over HTTP that were acknowledged.", service.writer.acknowledged
        )
        current = float(service.search.freshness().current) if service.search and generation >= 0 else _UNKNOWN
        yield GaugeMetricFamily(
            "kg_search_current", "1 while the search index holds the newest state of the store.", current
        )
        yield GaugeMetricFamily("kg_store_bytes", "Bytes of the files in the store's folder.", bytes_in(folder))
        free = shutil.disk_usage(folder).free if folder.is_dir() else _UNKNOWN
        yield GaugeMetricFamily("kg_disk_free_bytes", "Bytes that are free where the store's folder lies.", free)

    def _replica(self) -> Iterable[Metric]:
        states = self._service.snapshots
        if not isinstance(states, Replica):
            return
        standing = states.standing()
        age = (dt.datetime.now(dt.UTC) - standing.confirmed).total_seconds() if standing else _UNKNOWN
        yield GaugeMetricFamily(
            "kg_replica_age_seconds", "Seconds since the primary found that the state served here is its newest.", age
        )
        yield GaugeMetricFamily(
            "kg_replica_current",
            "1 while the newest publication is served, 0 while it cannot be.",
            float(bool(standing and not standing.failure)),
        )
        switches = standing.switches if standing else 0
        yield CounterMetricFamily("kg_replica_switches", "How often another state was taken over.", switches)

    def _workers(self) -> Iterable[Metric]:
        pool = self._service.pool
        load, apart = pool.load(), pool.apart
        workers = GaugeMetricFamily("kg_workers", "Workers by what they do.", labels=["state"])
        workers.add_metric(["idle"], load.idle)
        workers.add_metric(["busy"], load.busy)
        yield workers
        yield CounterMetricFamily("kg_workers_started", "Workers that were started.", load.started)
        held = load.held
        for name, text, value in (
            ("quads", "Quads held in memory, where workers do not read them on disk.", held and held.quads),
            ("bytes", "Bytes of the process that holds it.", held and held.bytes),
            ("seconds", "Seconds that it took to load it.", held and held.seconds),
        ):
            yield GaugeMetricFamily(f"kg_memory_{name}", text, value or 0)
        yield GaugeMetricFamily("kg_queries_waiting", "Queries that wait for a worker.", load.waiting)
        yield CounterMetricFamily(
            "kg_queries_joined", "Queries answered by an evaluation that another request had asked for.", load.joined
        )
        yield GaugeMetricFamily(
            "kg_workers_without_network",
            "1 where the system takes the network away from workers, 0 where it does not (NaN before the first).",
            _UNKNOWN if apart is None else float(apart),
        )

    def _cached(self) -> Iterable[Metric]:
        hits = CounterMetricFamily("kg_cache_hits", "What was kept and asked for again.", labels=["cache"])
        misses = CounterMetricFamily("kg_cache_misses", "What was asked for and not kept.", labels=["cache"])
        held = GaugeMetricFamily("kg_cache_bytes", "Bytes of memory for what is kept.", labels=["cache"])
        for name, cache in self._caches.items():
            hits.add_metric([name], cache.hits)
            misses.add_metric([name], cache.misses)
            held.add_metric([name], cache.held)
        return hits, misses, held
