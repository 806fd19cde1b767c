"""Queries like one that the application has answered: their answer's head is known, so they need no thread and no application.

Most queries of a program differ in nothing but their text, and the head of an answer depends on that text by little: whether it
gives triples, its tag and its length. The application makes all heads; what is here learns them, and only from whole answers
that may be kept. Whatever is out of the ordinary goes to the application.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from kg.config import Settings
from kg.errors import QueryError
from kg.sparql import Answer, Format, Query, check
from kg.sparql.lexer import plain
from kg.sparql.pool import Pool, UnderWay
from kg.sparql.remote import Answering
from kg.store import Replica, Snapshot, State, States
from kg.web.http.caching import Bounded, ResultCache, answer_tag
from kg.web.http.compression import WORTH_IT
from kg.web.operation.observe import VIEW
from kg.web.rsgi.connection import Connection
from kg.web.rsgi.limits import ClientAccount
from kg.web.rsgi.repeats import DEPENDS_ON, OF_ONE, OWN

#: What stands in the environment of a request for the query that it has under way already, and, once it is answered, for the
#: query and its format.
BEGUN, ANSWERED = "kg.begun", "kg.answered"
_PATH, _QUERY, _FORM = "/sparql", "application/sparql-query", "application/x-www-form-urlencoded"
#: The views whose answers are given here, by the method of their requests.
VIEWS = {"GET": "sparql.query_by_get", "POST": "sparql.by_post"}
#: Parameters that may stand beside the query: by these clients ask for a format.
_BESIDE = {"format", "output", "results"}
#: Bytes of a request's address or body up to which it is looked at here, where others wait meanwhile.
_LONGEST = 4_000
#: Bytes of all heads that are known, and what one counts for.
_HEADS, _HEAD = 1_000_000, 2_000
#: Fields of a head that depend on the query's text.
_OF_TEXT = {"etag", "content-length", *OF_ONE}


@dataclass(frozen=True)
class _Head:
    """The fields of an answer's head that are the same for all queries of a kind, and the format."""

    fields: tuple[tuple[str, str], ...]
    form: Format


@dataclass(frozen=True)
class _Asked:
    """A query as it was sent: its text, the type of the body, and the parameters beside it."""

    text: str
    kind: str
    beside: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ready:
    """A whole answer with the status 200, of a state: its head but for what is each request's own, and its body."""

    state: State
    fields: list[tuple[str, str]]
    body: bytes


def _asked(scope: Any, posted: bytes) -> _Asked | None:
    """The query of a request that asks for nothing out of the ordinary; None for others, and for what may be wrong with it."""
    headers, kind = scope.headers, ""
    if any(headers.get(name) is not None for name in (*OWN, "if-none-match")):
        return None
    if max(len(scope.query_string), len(posted)) > _LONGEST:
        return None
    parameters = parse_qsl(scope.query_string, keep_blank_values=True)
    if scope.method == "POST":
        kind = (headers.get("content-type") or "").lower()
        try:
            body = posted.decode()
        except UnicodeDecodeError:
            return None
        if any(name == "query" for name, _ in parameters) or (kind != _FORM and kind.partition(";")[0] != _QUERY):
            return None
        parameters += [("query", body)] if kind != _FORM else parse_qsl(body, keep_blank_values=True)
    elif scope.method != "GET" or posted:
        return None
    texts = [value for name, value in parameters if name == "query"]
    beside = tuple(one for one in parameters if one[0] != "query")
    if len(texts) != 1 or "\ufffd" in texts[0] or any(name not in _BESIDE for name, _ in beside):
        return None
    return _Asked(texts[0], kind, beside)


class Begun:
    """A query that is under way, for the application to go on with."""

    def __init__(self, pool: Pool, one: UnderWay) -> None:
        self._pool, self._one, self._taken = pool, one, False

    @property
    def snapshot(self) -> State:
        """The state that is asked."""
        return self._one.snapshot

    def go_on(self) -> Answer:
        """Its answer; see ``Pool.answer``."""
        self._taken = True
        return self._pool.go_on(self._one)

    def give_up(self) -> None:
        """End it, if nobody has gone on with it."""
        if not self._taken:
            self._taken = True
            self._pool.give_up(self._one)


class Straight:
    """Answers queries in the server's loop where it can. To be asked there alone; it may learn in any thread.

    Args:
        pool: of a store in this process; another one's queries all go to the application.
        results: answers that are kept; what is among them is for the application.
    """

    def __init__(self, settings: Settings, states: States, pool: Answering, results: ResultCache) -> None:
        self._pool = pool if isinstance(pool, Pool) and settings.reads == "open" else None
        self._settings, self._states, self._results = settings, states, results
        self._heads: Bounded[tuple[object, ...], _Head] = Bounded(_HEADS)

    async def answer(
        self, scope: Any, posted: bytes, account: ClientAccount, connection: Connection
    ) -> Ready | Begun | None:
        """The answer to a request's query.

        Or the query that is under way, with which the application goes on; or None where it is for the application.

        Args:
            posted: the request's body.

        Raises:
            KgError: the client may not ask now.
        """
        state = self._states.settled() if self._pool and scope.path == _PATH else None
        asked = _asked(scope, posted) if state else None
        if asked is None or self._pool is None or not isinstance(state, Snapshot):
            return None
        try:
            query = check(asked.text, (), (), self._settings.endpoints)
        except QueryError:
            return None
        head = None if query.volatile else self._heads.get(self._key(scope, asked, state, query.gives_triples))
        if head is None or any(self._tag(query, head, state, r) in self._results for r in self._pool.roads(state)):
            return None
        found = await self._pool.soon(query, head.form, state, connection, account)
        if isinstance(found, UnderWay):
            return Begun(self._pool, found)
        return self._ready(query, head, state, found, scope) if found else None

    def _key(self, scope: Any, asked: _Asked, state: State, triples: bool) -> tuple[object, ...]:
        """What the head of an answer depends on, but for the query's text."""
        # all lines of a header: the application sees them as one
        headers = (",".join(scope.headers.get_all(name)) for name in DEPENDS_ON)
        # a replica's heads name the state
        of_state = (state.origin, state.generation) if isinstance(self._states, Replica) else ()
        return (of_state, scope.method, asked.kind, asked.beside, triples, *headers)

    def _tag(self, query: Query, head: _Head, state: State, road: str) -> str:
        return answer_tag(query, head.form, state, road, self._settings.default_graph)

    def _ready(self, query: Query, head: _Head, state: State, found: Answer, scope: Any) -> Ready | None:
        assert found.whole is not None
        tag = self._tag(query, head, state, found.road)
        self._results.keep(tag, (found.whole, head.form.content_type), len(found.whole))
        if len(found.whole) >= WORTH_IT and scope.headers.get("accept-encoding") not in (None, "identity"):
            return None  # the application finds it among what is kept, and puts it in a coding
        fields = [*head.fields, ("etag", f'"{tag}"'), ("content-length", str(len(found.whole)))]
        return Ready(state, fields, found.whole)

    def learn(
        self,
        scope: Any,
        posted: bytes,
        state: State | None,
        environ: Mapping[str, Any],
        fields: list[tuple[str, str]],
    ) -> None:
        """The application has answered a request with 200 and a whole body; its head is learnt where it is one for others too.

        Args:
            state: that was the newest before the application was asked.
        """
        answered = environ.get(ANSWERED)
        asked = _asked(scope, posted) if self._pool and state and answered else None
        if asked is None or state is None or answered is None:
            return
        told = {name.lower(): value for name, value in fields}
        if environ.get(VIEW) != VIEWS[scope.method] or "content-encoding" in told:
            return
        if "public" not in told.get("cache-control", "") or "etag" not in told:
            return
        query, form = answered
        if plain(asked.text) != query.text:
            return
        kept = tuple((name, value) for name, value in fields if name.lower() not in _OF_TEXT)
        head = _Head(kept, form)
        self._heads.keep(self._key(scope, asked, state, query.gives_triples), head, _HEAD)
