"""Answers that HTTP clients need not fetch twice: strong ETags, and a bounded cache of results."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from http import HTTPStatus
from typing import Generic, TypeVar

from flask import Response, abort, request

import kg
from kg.sparql import Format, Query
from kg.store import State
from kg.web.http.compression import CODINGS

#: Kept answers are no larger than this share of the cache.
_LARGEST_SHARE = 8

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Bounded(Generic[Key, Value]):
    """What was made before, up to so many bytes, the least recently used forgotten first. Safe to use from several threads."""

    def __init__(self, size: int) -> None:
        self._size, self._held = size, 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()
        #: How often something was there, and was not.
        self.hits = self.misses = 0

    @property
    def largest(self) -> int:
        """Bytes of the largest that is kept."""
        return self._size // _LARGEST_SHARE

    @property
    def held(self) -> int:
        """Bytes that are kept."""
        return self._held

    def __contains__(self, key: Key) -> bool:
        """Whether something is kept under a key; does not count as asking for it."""
        return key in self._kept

    def get(self, key: Key) -> Value | None:
        """What is kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Key, value: Value, length: int) -> None:
        """Keep something of so many bytes, unless it is too large a part of the whole."""
        if length > self.largest:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = value, length
            self._held += length
            while self._held > self._size:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._held -= dropped


#: Answers by their tag: body and content type.
ResultCache = Bounded[str, tuple[bytes, str]]


def tag_of(*parts: str) -> str:
    """A strong entity tag's content for what determines an answer byte for byte."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def answer_tag(query: Query, form: Format, state: State, road: str, default_graph: str) -> str:
    """What determines an answer byte for byte: by another road unordered rows may come in another order.

    In memory the order of graphs is another in each process, all else is the same: so its sign counts where graphs are named.
    Replicas, perhaps of another version for a while, may stand behind one cache: so the version counts too.
    """
    order = road if "graph" in query.text.lower() else road and "memory"
    told = "-".join(filter(None, (state.origin, str(state.generation), order)))
    told = f"{told} {kg.__version__} {default_graph}"
    return tag_of(told, query.text, *query.default_graphs, "named", *query.named_graphs, form.name, form.profile)


def _bare(tag: str) -> str:
    """The tag before a coding was added to it."""
    name, _, coding = tag.rpartition("-")
    return name if name and coding in CODINGS else tag


def not_modified(tag: str) -> Response | None:
    """304 where the client holds the answer of that tag already (RFC 9110, section 13.1.2)."""
    held = request.if_none_match
    if not held or not (held.star_tag or any(_bare(t) == tag for t in held.as_set())):
        return None
    return with_tag(Response(status=HTTPStatus.NOT_MODIFIED), tag)


def with_tag(response: Response, tag: str) -> Response:
    """A response that says what state it is of, and that it must be asked again whether it still is."""
    response.set_etag(tag)
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def with_range(response: Response) -> Response:
    """The one range of bytes that a GET asks for (RFC 9110, section 14), of an answer that is there whole; else all."""
    if response.is_streamed or request.method != "GET":
        return response
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        response.headers["Accept-Ranges"] = "bytes"
        return response
    cut_to_range(response, len(response.get_data()))
    return response


def cut_to_range(response: Response, length: int) -> None:
    """Make a part of an answer that is so long as a whole, where the request's conditions allow it.

    Raises:
        RequestedRangeNotSatisfiable, PreconditionFailed: there is no such part, or If-Match names another state.
    """
    tag, _ = response.get_etag()
    held = request.if_match
    if held and not held.star_tag and not any(_bare(one) == tag for one in held.as_set()):
        abort(HTTPStatus.PRECONDITION_FAILED, "The answer is not in the state that If-Match names.")
    # Werkzeug knows no "*" there, and would send the whole answer with the status 412
    environ = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"}
    response.make_conditional(environ, accept_ranges=True, complete_length=length)
