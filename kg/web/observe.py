"""What an operator looks at: ``/health``, ``/metrics``, a request id on every answer, and a line of the log for every query."""

from __future__ import annotations

import logging
import re
import time
import uuid
from http import HTTPStatus

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from kg.web.service import service

endpoint = Blueprint("observe", __name__)
_LOG = logging.getLogger("kg.requests")
#: What stands in the environment of a request, once it is answered, for the view that did it.
VIEW = "kg.view"
#: An id that a client or proxy gives is taken over where it is harmless.
_ID = re.compile(r"[\w.:-]{1,64}")


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("kg_requests", "Requests.", ["endpoint", "method", "status"], registry=self.registry)
        self.seconds = Histogram(
            "kg_request_seconds", "Seconds to an answer's head.", ["endpoint"], registry=self.registry
        )
        self.generation = Gauge(
            "kg_store_generation", "Generation of the store that is served.", registry=self.registry
        )
        self.writes = Gauge(
            "kg_acknowledged_writes", "Writes over HTTP that were acknowledged.", registry=self.registry
        )
        self.searched = Gauge(
            "kg_search_current", "1 while the search index holds the newest state of the store.", registry=self.registry
        )
        self.apart = Gauge(
            "kg_workers_without_network",
            "1 where the system takes the network away from workers, 0 where it does not (NaN before the first).",
            registry=self.registry,
        )

    def count(self, own: str, method: str, view: str, status: int, took: float) -> None:
        """Count an answer, with the id of its request and the seconds that it took; queries and writes are logged."""
        self.requests.labels(view, method, status).inc()
        self.seconds.labels(view).observe(took)
        if view.startswith(("sparql.", "graph_store.")):
            _LOG.info("%s %s %s %d %.3f s", own, method, view, status, took)


def request_id(given: str) -> str:
    """The id that a client or proxy gives its request, where it may be taken over; else a new one."""
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def register(app: Flask) -> None:
    """Count and time the requests of an application."""
    metrics = Metrics()
    app.extensions["kg.metrics"] = metrics

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()
        g.request_id = request_id(request.headers.get("X-Request-Id", ""))

    @app.after_request
    def end(response: Response) -> Response:
        name = request.endpoint or "none"
        request.environ[VIEW] = name
        response.headers["X-Request-Id"] = g.request_id
        metrics.count(g.request_id, request.method, name, response.status_code, time.monotonic() - g.began)
        return response


@endpoint.get("/health")
@endpoint.get("/healthz")
def health() -> Response:
    """200 while the store can be read."""
    service().snapshots.current().knows(service().iris.graph("reference"))
    return Response(
        "ok\n", HTTPStatus.OK, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


@endpoint.get("/metrics")
def metrics() -> Response:
    """The counters in the text format of Prometheus."""
    from flask import current_app

    found: Metrics = current_app.extensions["kg.metrics"]
    found.generation.set(service().snapshots.current().generation)
    apart = service().pool.apart
    found.apart.set(float("nan") if apart is None else float(apart))
    search = service().search
    found.searched.set(float(search.freshness().current) if search else float("nan"))
    found.writes.set(service().writer.acknowledged)
    return Response(
        generate_latest(found.registry), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )
