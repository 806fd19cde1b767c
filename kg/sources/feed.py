"""RSS and Atom feeds: what they say of their articles, and the articles' texts where the feed holds them whole."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any, BinaryIO

from kg.config import Settings
from kg.errors import NoArticleError, SourceError
from kg.model import Article
from kg.sources import html
from kg.sources.failure import Failure, failure
from kg.sources.origin import Origin
from kg.sources.page_data import PageData
from kg.sources.stated import stated_date

#: A feed's own text with fewer words is a summary, whatever it is called.
FEWEST_WORDS = 100
#: How a document begins that may be a feed, whatever its server calls it.
_BEGINNINGS = (b"<?xml", b"<rss", b"<feed", b"<rdf:rdf")


@dataclass(frozen=True)
class Entry:
    """One entry: what it says of its page, the text it holds whole (as HTML), and a stamp that changes with it."""

    data: PageData
    html: str | None
    stamp: str


def looks_like(data: bytes) -> bool:
    """Whether a document is a feed by its beginning and its outermost element."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return start.startswith(_BEGINNINGS) and any(tag in start for tag in (b"<rss", b"<feed", b"<rdf:rdf"))


def _plain(title: str | None) -> str | None:
    """A title without the mark-up that it may have in a feed."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", title or "")).split()) or None


def _text(entry: Any) -> str | None:
    contents = [str(c.get("value") or "") for c in entry.get("content", ()) if "html" in (c.get("type") or "html")]
    longest: str = max(contents, key=len, default="")
    return longest if len(longest.split()) >= FEWEST_WORDS else None


def _licence(entry: Any, feed: Any) -> str | None:
    links = [*entry.get("links", ()), *feed.get("links", ())]
    linked = next((link.get("href") for link in links if link.get("rel") == "license"), None)
    found = linked or entry.get("license") or feed.get("license")
    return str(found) if found else None


def entries(data: bytes, url: str | None, limit: int) -> list[Entry]:
    """The entries of a feed, at most so many, in its order.

    Raises:
        SourceError: it is no feed.
    """
    import feedparser  # a run without feeds need not wait for it

    # as a stream: bytes that happen to be an address or a path would be opened
    parsed = feedparser.parse(io.BytesIO(data), response_headers={"content-location": url} if url else {})
    if not parsed.entries and (parsed.bozo or not parsed.version):
        raise SourceError("it is no RSS or Atom feed that can be read")
    found = []
    for entry in parsed.entries[:limit]:
        dates = [entry[name] if name in entry else "" for name in ("published", "updated")]  # noqa: SIM401 -- get() warns
        authors = [a.get("name") or "" for a in entry.get("authors", ())]
        link = entry.get("link")
        page = PageData(
            title=_plain(entry.get("title")),
            published=stated_date(dates[0]) or stated_date(dates[1]),
            url=link if link and link.startswith(("http://", "https://")) else None,
            outlet=_plain(parsed.feed.get("title")),
            author=", ".join(dict.fromkeys(filter(None, authors))) or None,
            license=_licence(entry, parsed.feed),
        )
        found.append(Entry(page, _text(entry), " ".join(dates).strip()))
    return found


def read(entry: Entry, origin: Origin) -> Article:
    """The article whose text an entry holds.

    Raises:
        NoArticleError: it holds none.
        SourceError: it is not English.
    """
    if entry.html is None:
        raise NoArticleError("the feed holds only a summary of it; give the feed's address, and its pages are fetched")
    page = f"<html><head><title></title></head><body><article>{entry.html}</article></body></html>"
    where = Origin(origin.name, origin.source, entry.data.url, "utf-8", origin.fetched)
    return html.read(page.encode(errors="replace"), where, entry.data)


def items(stream: BinaryIO, origin: Origin, settings: Settings) -> Iterator[Article | Failure]:
    """The articles that a saved feed holds; nothing is fetched."""
    data = stream.read(settings.max_article_bytes + 1)
    try:
        if len(data) > settings.max_article_bytes:
            raise SourceError(f"it is longer than {settings.max_article_bytes:,} bytes")
        found = entries(data, origin.url, settings.max_feed_entries)
    except SourceError as error:
        yield failure(origin.name, error)
        return
    for number, entry in enumerate(found, 1):
        name = f"{origin.name}, entry {number}"
        try:
            yield read(
                entry, Origin(name, entry.data.url or f"{origin.source}, entry {number}", fetched=origin.fetched)
            )
        except SourceError as error:
            yield failure(name, error)
