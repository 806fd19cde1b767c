"""Bodies in the coding that a client prefers: gzip, brotli or zstd, whole or as they go."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import brotli
import zstandard
from flask import Response, request

#: The one that browsers and proxies compress best with at little cost comes first; q-values of the request win.
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.compress(body, 3),
    "br": lambda body: brotli.compress(body, quality=4),
    "gzip": lambda body: gzip.compress(body, 5, mtime=0),
}
#: Smaller bodies gain nothing.
WORTH_IT = 1_000


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


def best_coding(length: int) -> str | None:
    """The coding that the request prefers for a body of so many bytes; None where it goes out as it is."""
    # a range is one of the bytes as they are
    if length < WORTH_IT or "Range" in request.headers or not request.accept_encodings:
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
    length = WORTH_IT if response.is_streamed else len(response.get_data())
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
