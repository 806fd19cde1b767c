"""Web archives (WARC, ISO 28500), as Common Crawl's news archive comes: pages that were answered with status 200.

The file is read as a stream, one gzip member after the other, so that a damaged record costs itself and not those after it.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from kg.config import Settings
from kg.errors import NoArticleError, SourceError
from kg.model import Article
from kg.sources import html
from kg.sources.failure import Failure, Skipped, failure
from kg.sources.origin import Origin

_GZIP = b"\x1f\x8b\x08"
_RECORD = b"WARC/1."
_BEGINNING = re.compile(re.escape(_GZIP) + b"|" + re.escape(_RECORD))
_CHUNK = 1 << 14
_PAGES = ("text/html", "application/xhtml+xml")

# the library tells of what it finds odd in the archive's own bytes, which are no business of a terminal
logging.getLogger("warcio").addHandler(logging.NullHandler())
logging.getLogger("warcio").propagate = False


class _Member(io.RawIOBase):
    """The content of the one gzip member (or, unpacked, of all the rest) that begins where the file stands."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.start = stream, stream.tell()
        self.packed = stream.read(len(_GZIP)) == _GZIP
        stream.seek(self.start)
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if self.packed else None
        self._end = self.start

    def read(self, size: int = -1) -> bytes:
        unpacker = self._unpacker
        if unpacker is None:
            data = self._stream.read(min(size, _CHUNK) if size > 0 else _CHUNK)
            self._end = self._stream.tell()
            return data
        while not unpacker.eof:
            raw = unpacker.unconsumed_tail or self._stream.read(_CHUNK)
            if not raw:
                raise EOFError
            data = unpacker.decompress(raw, _CHUNK)
            self._end = self._stream.tell() - len(unpacker.unused_data or unpacker.unconsumed_tail)
            if data:
                return data
        return b""

    def leave(self) -> None:
        """Go to where the next member begins, over what is left of this one."""
        while self.read():
            pass
        self._stream.seek(self._end)


def _marks(stream: BinaryIO, start: int) -> Iterator[int]:
    """Where, from a place on, bytes stand with which a record may begin."""
    kept, offset = b"", start
    while True:
        stream.seek(offset)
        block = stream.read(1 << 20)
        data, begin = kept + block, offset - len(kept)
        yield from sorted(begin + m.start() for m in _BEGINNING.finditer(data))
        if not block:
            return
        kept, offset = data[-len(_RECORD) + 1 :], offset + len(block)


def _is_record(head: bytes) -> bool:
    if head.startswith(_GZIP):  # these bytes stand in packed data by chance too
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 16)
        except zlib.error:
            return False
    return head.startswith(_RECORD)


def _after_damage(stream: BinaryIO, start: int) -> bool:
    """Go to where the next record begins after a place; False where none does."""
    for place in _marks(stream, start + 1):
        stream.seek(place)
        if _is_record(stream.read(1024)):
            stream.seek(place)
            return True
    return False


def _date(value: str | None) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return found.replace(microsecond=0) if found.tzinfo else found.replace(microsecond=0, tzinfo=dt.UTC)


def _is_page(record: Any) -> bool:
    http = record.http_headers
    if record.rec_type != "response" or http is None or http.get_statuscode() != "200":
        return False
    kinds = (record.rec_headers.get_header("WARC-Identified-Payload-Type"), http.get_header("Content-Type"))
    return any(page in (kind or "").lower() for kind in kinds for page in _PAGES)


def _article(record: Any, origin: Origin, settings: Settings) -> Article | Failure:
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ") or None
    name = f"{origin.name}, {url}" if url else origin.name
    kind = record.http_headers.get_header("Content-Type") or ""
    charset = kind.lower().partition("charset=")[2].strip("\"' ;") or None
    fetched = _date(record.rec_headers.get_header("WARC-Date"))
    try:
        data = record.content_stream().read(settings.max_article_bytes + 1)
        if len(data) > settings.max_article_bytes:
            raise SourceError(f"it is longer than {settings.max_article_bytes:,} bytes")
        while record.raw_stream.read(_CHUNK):
            pass
        if record.raw_stream.limit > 0:
            raise SourceError("its record ends too early")
        return html.read(data, Origin(name, url or origin.source, url, charset, fetched))
    except NoArticleError as error:
        return Skipped(name, str(error))  # an archive holds front pages and videos too
    except SourceError as error:
        return failure(name, error)


def items(stream: BinaryIO, origin: Origin, settings: Settings) -> Iterator[Article | Failure]:
    """The articles of an archive, one record in memory at a time; what is no page is passed over."""
    from warcio.archiveiterator import WARCIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.limitreader import LimitReader

    class Records(WARCIterator):  # type: ignore[misc]
        INC_RECORD = ""  # what the library writes to standard error, the archive's bytes too

    while True:
        member = _Member(stream)
        records = Records(member)
        try:
            for record in records:
                if not isinstance(record.raw_stream, LimitReader):
                    raise ValueError("a record without a length")
                if _is_page(record):
                    yield _article(record, origin, settings)
            member.leave()
            if not stream.read(1):
                return
            stream.seek(-1, io.SEEK_CUR)
        # AttributeError: where a header that it takes for granted is missing
        except (ArchiveLoadFailed, zlib.error, EOFError, ValueError, LookupError, AttributeError) as error:
            why = "it ends too early" if isinstance(error, EOFError) else "it is damaged, or no WARC record"
            start = member.start + (0 if member.packed else records.offset)
            yield Failure(f"{origin.name}, at byte {start:,}", why)
            if not _after_damage(stream, start):
                return
