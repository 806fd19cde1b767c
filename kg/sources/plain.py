"""Plain text files: one article each."""

from __future__ import annotations

import codecs
import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from kg.config import Settings
from kg.errors import SourceError
from kg.model import Article
from kg.sources.article import make_article
from kg.sources.failure import Failure, failure
from kg.sources.origin import Origin

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: Well-formed UTF-8 sequences of two to four bytes (RFC 3629, section 4, without its finer exclusions).
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
#: In English text few letters have accents; in Cyrillic or Greek bytes read as cp1252 most letters seem to.
_MOST_ACCENTED = 0.10
_CP1252_SIGNS = frozenset("‘’“”‚„–—…•·°€£§©®™½¼¾«»×\xa0\xad")


def _from_cp1252(data: bytes) -> str | None:
    """The text that bytes in Windows' Western code page stand for; None where it would be no sensible text."""
    if _UTF8_SEQUENCE.search(data):
        return None  # damaged UTF-8: read as cp1252 it would come out as "â€™"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    high = [c for c in text if ord(c) > 127 and c not in _CP1252_SIGNS]
    letters = sum(c.isalpha() for c in text)
    return text if all(map(str.isalpha, high)) and len(high) <= _MOST_ACCENTED * letters else None


def decode(data: bytes, told: str = "") -> str:
    """Bytes to text: in the encoding that is told; else UTF-8, UTF-16 with a mark, or cp1252 where that gives sensible text.

    Raises:
        SourceError: the bytes are not text, or in no encoding that is known.
    """
    encoding = told or next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    if not encoding.lower().startswith(("utf-16", "utf_16", "utf-32", "utf_32")) and b"\0" in data:
        raise SourceError("it is binary, not text")
    text: str | None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        text = _from_cp1252(data) if encoding == "utf-8" and not told else None
        if text is None:
            where = f"byte {error.start:,} is not {encoding.removesuffix('-sig').upper()}"
            raise SourceError(f"its encoding is not known ({where}); save it as UTF-8") from None
    controls = sum(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f\v\x85" for c in text)
    if controls > len(text) / 1000:
        raise SourceError("it is binary, not text")
    return text


def read(data: bytes, source: str, encoding: str = "") -> Article:
    """One file's bytes to its article.

    Raises:
        SourceError: the bytes are no English text.
    """
    return make_article(decode(data, encoding), source=source)


def items(stream: BinaryIO, origin: Origin, settings: Settings) -> Iterator[Article | Failure]:
    """The one article of a text."""
    data = stream.read(settings.max_article_bytes + 1)
    try:
        if len(data) > settings.max_article_bytes:
            raise SourceError(f"it is longer than {settings.max_article_bytes:,} bytes")
        found = read(data, origin.source, origin.charset or settings.encoding)
        yield dataclasses.replace(found, url=origin.url, fetched=origin.fetched)
    except SourceError as error:
        yield failure(origin.name, error)
    except LookupError:
        yield Failure(origin.name, f"its encoding {origin.charset!r} is not known")
