"""Answers out of files and with a state of their own: ranges, tags, and how long they may be kept."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from flask import Response, abort, request
from werkzeug.wsgi import wrap_file

from kg.sparql.errors import BusyError
from kg.web.data.exporting import exports
from kg.web.http.caching import cut_to_range, not_modified, with_range, with_tag

#: What has an address of its own for each of its states is kept for a year.
FOR_EVER = "public, max-age=31536000, immutable"
#: Files up to this size are sent as a whole, in the coding that the request prefers.
_SMALL = 1_000_000


def cached(response: Response, tag: str, policy: str) -> Response:
    """A response with its strong tag and how long it may be kept."""
    with_tag(response, tag)
    response.headers["Cache-Control"] = policy
    return response


def same(tag: str, policy: str) -> Response | None:
    """304 where the client holds it already."""
    unchanged = not_modified(tag)
    return cached(unchanged, tag, policy) if unchanged else None


def tagged(body: bytes, content_type: str, tag: str, policy: str) -> Response:
    """An answer with its tag, or 304 where the client holds it."""
    return same(tag, policy) or cached(Response(body, content_type=content_type), tag, policy)


def send_file(path: Path, content_type: str, tag: str, policy: str) -> Response:
    """A file, or the range of it that the request asks for (RFC 9110, section 14), with ``If-Range``.

    Raises:
        BusyError: as many files are being sent as may be.
    """
    if unchanged := same(tag, policy):
        return unchanged
    try:
        size = path.stat().st_size
        if size <= _SMALL:
            response = cached(Response(path.read_bytes(), content_type=content_type), tag, policy)
            response.headers["Accept-Ranges"] = "bytes"
            return with_range(response)
        file = path.open("rb")
    except FileNotFoundError:
        abort(HTTPStatus.NOT_FOUND, "The file has been removed; newer ones are listed at /dumps/.")
    slots = exports().downloads
    if not slots.acquire(blocking=False):
        file.close()
        raise BusyError("As many files are being sent as may be at once; try again later.")
    response = Response(wrap_file(request.environ, file, 65_536), content_type=content_type, direct_passthrough=True)
    response.call_on_close(file.close)
    response.call_on_close(slots.release)
    response.content_length = size
    cached(response, tag, policy)
    response.headers["Accept-Ranges"] = "bytes"
    wanted = request.range
    if wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1:
        try:
            cut_to_range(response, size)
        except Exception:
            response.close()
            raise
    return response
