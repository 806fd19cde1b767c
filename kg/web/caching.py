"""Answers that HTTP clients need not fetch twice: strong ETags, a bounded cache of results, and compression."""

from __future__ import annotations

import gzip
import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from http import HTTPStatus

import brotli
import zstandard
from flask import Response, request

#: The one that browsers and proxies compress best with at little cost comes first; q-values of the request win.
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.compress(body, 3),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 5, mtime=0),
}
#: Smaller bodies gain nothing; kept answers are no larger than this share of the cache.
_WORTH_IT, _LARGEST_SHARE = 1_000, 8


class ResultCache:
    """Answers by their tag, the least recently used forgotten first. Safe to use from several threads."""

    def __init__(self, size: int) -> None:
        self._size, self._held = size, 0
        self._answers: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def largest(self) -> int:
        """Bytes of the largest answer that is kept."""
        return self._size // _LARGEST_SHARE

    def get(self, tag: str) -> tuple[bytes, str] | None:
        """The body and content type of a kept answer."""
        with self._lock:
            found = self._answers.get(tag)
            if found:
                self._answers.move_to_end(tag)
            return found

    def keep(self, tag: str, body: bytes, content_type: str) -> None:
        """Keep an answer, unless it is too large a part of the cache."""
        if len(body) > self.largest:
            return
        with self._lock:
            if tag in self._answers:
                return
            self._answers[tag] = body, content_type
            self._held += len(body)
            while self._held > self._size:
                _, (dropped, _) = self._answers.popitem(last=False)
                self._held -= len(dropped)


def tag_of(*parts: str) -> str:
    """A strong entity tag's content for what determines an answer byte for byte."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


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
    response.make_conditional(request.environ, accept_ranges=True, complete_length=len(response.get_data()))
    return response


def _gzip_stream() -> tuple[Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]]:
    made = zlib.compressobj(5, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return made.compress, lambda: made.flush(zlib.Z_SYNC_FLUSH), made.flush


def _brotli_stream() -> tuple[Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]]:
    made = brotli.Compressor(quality=4)
    return made.process, made.flush, made.finish


def _zstd_stream() -> tuple[Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]]:
    made = zstandard.ZstdCompressor(level=3).compressobj()
    return made.compress, lambda: made.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), made.flush


#: For each coding what takes bytes, what gives all that was taken so far, and what ends the body.
_STREAMS = {"zstd": _zstd_stream, "br": _brotli_stream, "gzip": _gzip_stream}


def _compressed(parts: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """Parts in a coding, each whole when it leaves; where they fail no end follows, so that no client takes it for whole."""
    take, so_far, end = _STREAMS[coding]()
    try:
        for part in parts:
            yield take(part) + so_far()
        yield end()
    finally:
        if close := getattr(parts, "close", None):
            close()


def best_coding(length: int | None) -> str | None:
    """The coding that the request prefers for a body of so many bytes (None: a stream); None where it goes out as it is."""
    # a range is one of the bytes as they are
    short = length is not None and length < _WORTH_IT
    if short or "Range" in request.headers or not request.accept_encodings:
        return None
    best = max(CODINGS, key=request.accept_encodings.quality)
    return best if request.accept_encodings.quality(best) > 0 else None


def _textual(content_type: str) -> bool:
    if content_type in ("application/trig", "application/sparql-query"):
        return True
    return content_type.startswith("text/") or content_type.endswith(
        ("json", "xml", "javascript", "n-triples", "n-quads")
    )


def compress(response: Response) -> Response:
    """Give a body in the coding that the request prefers, where it is text and long enough to gain by it."""
    if not _textual(response.mimetype or "") or response.direct_passthrough or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    length = None if response.is_streamed else len(response.get_data())
    best = best_coding(length) if response.status_code >= 200 else None
    if best is None:
        return response
    if response.is_streamed:
        response.response = _compressed(iter(response.iter_encoded()), best)
    else:
        response.set_data(CODINGS[best](response.get_data()))
    response.headers["Content-Encoding"] = best
    tag, weak = response.get_etag()
    if tag and not weak:
        response.set_etag(f"{tag}-{best}")
    return response
