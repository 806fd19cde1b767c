"""The web application, and the production server that runs it."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import math
import os
import resource
import sys
from pathlib import Path

from flask import Flask

from kg.config import Settings, load_settings
from kg.errors import KgError
from kg.search import Follower, Taken
from kg.sources.bodies import Bodies
from kg.sparql import open_pool
from kg.sparql.fragments import Fragments
from kg.store import NothingPublishedError, states_and_writer
from kg.triples.iris import Iris
from kg.web import openapi
from kg.web.data import catalogue, changes, downloads, feeds
from kg.web.data.exporting import open_exports
from kg.web.endpoint import fragments, graph_store, sparql, vocabularies
from kg.web.http import access, errors, headers
from kg.web.http.caching import ResultCache
from kg.web.http.tokens import TokenFile
from kg.web.operation import observe
from kg.web.pages import (
    ask,
    assets,
    documents,
    front,
    named_queries,
    ontology,
    query,
    resources,
    search,
    sitemap,
    widgets,
)
from kg.web.pictures import pages as pictures
from kg.web.reconcile import pages as reconcile
from kg.web.rsgi.clients import Clients
from kg.web.rsgi.ending import Ending, end_with_parent
from kg.web.rsgi.gateway import Gateway
from kg.web.rsgi.limits import Limits
from kg.web.rsgi.repeats import Repeats
from kg.web.rsgi.straight import Straight
from kg.web.service import Service
from kg.web.views import helpers
from kg.web.views.ahead import Ahead
from kg.web.views.reader import Kept

#: Seconds that the service has after what was under way has ended, to end its workers and remove its snapshots.
_GIVING_BACK = 10

#: Everything that has an address.
_BLUEPRINTS = (
    front.pages,
    ask.pages,
    named_queries.pages,
    query.pages,
    assets.pages,
    pictures.pages,
    sparql.endpoint,
    fragments.pages,
    vocabularies.pages,
    graph_store.endpoint,
    resources.things,
    search.pages,
    reconcile.pages,
    widgets.pages,
    ontology.pages,
    documents.pages,
    sitemap.endpoint,
    observe.endpoint,
    openapi.endpoint,
    downloads.endpoint,
    catalogue.endpoint,
    changes.endpoint,
    feeds.endpoint,
)


#: Seconds for which a thread runs Python while others wait: the server's loop is one of them, and has little to do each time.
SWITCH_AFTER = 0.001
#: Connections at once, most of which rest between two requests: where there are no more, nobody else is let in.
MOST_CONNECTIONS = 4_096
#: Handles that are not connections: the store's files, workers' pipes, answers in parts.
_OTHER_HANDLES = 1_000


def _connections() -> int:
    """How many connections there may be, with as many handles as the system lets this process have."""
    handles, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _OTHER_HANDLES
    if handles == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    if handles < wanted:
        handles = wanted if most == resource.RLIM_INFINITY else min(most, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (handles, most))
    return max(256, min(MOST_CONNECTIONS, handles - _OTHER_HANDLES))


def create_app(settings: Settings) -> Flask:
    """The WSGI application that serves a store.

    Args:
        settings: which store, under which base IRI, with which limits.

    Raises:
        StoreError: the store cannot be opened.
    """
    app = Flask("kg.web", root_path=str(Path(openapi.__file__).parent), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_request_bytes
    snapshots, writer = states_and_writer(settings)
    pool, results = open_pool(settings, snapshots), ResultCache(settings.result_cache)
    kept, bodies = Kept(), Bodies(settings.store, settings.article_text)
    following = Taken if settings.replica_of else Follower
    follower = following(settings, snapshots) if settings.search == "on" else None
    service = Service(
        settings,
        snapshots,
        pool,
        Iris(settings.base_iri),
        writer,
        results,
        kept,
        bodies,
        Ahead(),
        Fragments(pool),
        TokenFile(settings.tokens),
        follower,
    )
    app.extensions["kg"] = service
    app.extensions["kg.exports"] = open_exports(service)
    atexit.register(service.close)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    errors.register(app)
    headers.register(app)
    observe.register(app)
    access.register(app)
    assets.register(app)
    helpers.register(app)
    widgets.register(app)
    if follower:
        follower.start()
    return app


def from_environment() -> Gateway:
    """The application with the settings of the environment: what the server's process calls."""
    settings = load_settings()
    end_with_parent()
    sys.setswitchinterval(SWITCH_AFTER)
    try:
        app = create_app(settings)
        service = app.extensions["kg"]
        with contextlib.suppress(NothingPublishedError):
            service.reader()  # what pages count is counted before the first of them is asked for
    except KgError as error:
        # the server would show where in the program it was found out
        sys.exit(f"Error: {error}")
    atexit.unregister(service.close)  # the gateway does it, and not twice
    ending = Ending(settings.shutdown_timeout, service.break_off)
    metrics = app.extensions["kg.metrics"]
    # what is read with a token is given again to nobody who sends none
    repeats = Repeats(service.snapshots, settings.result_cache if settings.reads == "open" else 0, metrics)
    clients, limits = Clients(settings, service.tokens), Limits(settings, metrics.limited)
    return Gateway(
        app,
        service.snapshots,
        repeats,
        settings.stall_timeout,
        metrics,
        clients,
        limits,
        ending,
        service.close,
        Straight(settings, service.snapshots, service.pool, service.results),
    )


def serve(settings: Settings) -> None:
    """Serve until a signal ends it, with granian: one process, many threads.

    One process keeps one set of snapshots and one pool of query workers; the threads mostly wait for these.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops

    # granian starts a process of its own, which reads the settings again
    for field in dataclasses.fields(settings):
        os.environ[f"KG_{field.name.upper()}"] = str(getattr(settings, field.name))
    Granian(
        "server:from_environment",
        factory=True,
        # granian puts a folder before all others on the import path: a user's own server.py must not be taken for this one
        working_dir=Path(__file__).parent,
        websockets=False,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        # one request at a time on a connection, so that ending it ends no other; a proxy may speak HTTP/2 before it
        http=HTTPModes.http1,
        workers=1,
        # one whose signals others hear as well, see kg.web.rsgi.ending
        loop=Loops.asyncio,
        backpressure=_connections(),
        # what is broken off is sent and given back in this time; then the process is ended, whatever it is at
        workers_kill_timeout=math.ceil(settings.shutdown_timeout) + _GIVING_BACK,
    ).serve()
