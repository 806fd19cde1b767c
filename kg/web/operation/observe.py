"""What an operator looks at: ``/health`` and below it, ``/metrics``, request ids, and a line of the log for every query."""

from __future__ import annotations

import logging
import re
import time
import uuid
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from kg.errors import KgError
from kg.store import Replica
from kg.store.published import stamp
from kg.web.http.caching import Bounded
from kg.web.http.errors import problem
from kg.web.operation.measures import Measured
from kg.web.service import service

endpoint = Blueprint("observe", __name__)
_LOG = logging.getLogger("kg.requests")
#: What stands in the environment of a request, once it is answered, for the view that did it.
VIEW = "kg.view"
#: An id that a client or proxy gives is taken over where it is harmless.
_ID = re.compile(r"[\w.:-]{1,64}")


#: Status of an answer to SPARQL -> its outcome; below 400 it is answered, others are the client's or the service's fault.
_OUTCOMES = {
    HTTPStatus.TOO_MANY_REQUESTS: "limited",
    HTTPStatus.REQUEST_TIMEOUT: "left",
    HTTPStatus.SERVICE_UNAVAILABLE: "busy",
    HTTPStatus.GATEWAY_TIMEOUT: "timeout",
    HTTPStatus.INSUFFICIENT_STORAGE: "limit",
}


def _outcome(status: int) -> str:
    if status < 400:
        return "answered"
    return _OUTCOMES.get(HTTPStatus(status), "refused" if status < 500 else "failed")


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("kg_requests", "Requests.", ["endpoint", "method", "status"], registry=self.registry)
        self.seconds = Histogram(
            "kg_request_seconds", "Seconds to an answer's head.", ["endpoint"], registry=self.registry
        )
        self.queries = Counter(
            "kg_queries", "SPARQL requests by outcome, updates among them.", ["outcome"], registry=self.registry
        )
        self.at_once = Counter(
            "kg_queries_at_once",
            "Of these, queries answered in the server's loop, without a thread.",
            registry=self.registry,
        )
        self.broken = Counter("kg_broken_off", "Answers not sent to their end.", ["reason"], registry=self.registry)
        self.limited = Counter(
            "kg_limited", "Requests and queries refused to a client by a limit.", ["limit"], registry=self.registry
        )
        #: Caches by their names.
        self.caches: dict[str, Bounded[Any, Any]] = {}

    def count(self, own: str, method: str, view: str, status: int, took: float) -> None:
        """Count an answer, with the id of its request and the seconds that it took; queries and writes are logged."""
        self.requests.labels(view, method, status).inc()
        self.seconds.labels(view).observe(took)
        if view.startswith("sparql."):
            self.queries.labels(_outcome(status)).inc()
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


def _ok(more: str = "") -> Response:
    return Response(
        f"ok\n{more}", HTTPStatus.OK, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


def _standing() -> str:
    """Where a replica stands, in some lines; of others nothing."""
    states = service().snapshots
    standing = states.standing() if isinstance(states, Replica) else None
    if standing is None:
        return ""
    told = standing.publication
    lines = [f"replica: publication {standing.name}, generation {told.generation}, made {told.made}"]
    lines.append(f"confirmed: {stamp(standing.confirmed)}")
    return "\n".join([*lines, *([f"behind: {standing.failure}"] if standing.failure else [])]) + "\n"


@endpoint.get("/health")
@endpoint.get("/healthz")
def health() -> Response:
    """200 while the store can be read."""
    service().snapshots.current().knows(service().iris.graph("reference"))
    return _ok()


@endpoint.get("/health/live")
def live() -> Response:
    """200 while the service's process answers; where it does not, it is to be started anew."""
    return _ok()


@endpoint.get("/health/ready")
def ready() -> Response:
    """200 while the store can be read and queries can be evaluated; else 503: requests are to be sent elsewhere."""
    try:
        service().snapshots.current().knows(service().iris.graph("reference"))
    except (KgError, OSError, RuntimeError) as error:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"The store cannot be read: {error}")
    try:
        able = service().pool.can_work()
    except OSError:  # no more processes, or no memory for one
        able = False
    if not able:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "No worker for queries can be started.")
    return _ok(_standing())


@endpoint.get("/metrics")
def metrics() -> Response:
    """The counters in the text format of Prometheus."""
    found: Metrics = current_app.extensions["kg.metrics"]
    measured = CollectorRegistry()
    measured.register(Measured(service(), found.caches))
    body = generate_latest(found.registry) + generate_latest(measured)
    return Response(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
