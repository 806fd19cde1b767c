"""An address to articles: a page is one, a feed is those that it names."""

from __future__ import annotations

import io
from collections.abc import Iterator

from kg.config import Settings
from kg.errors import SourceError
from kg.model import Article
from kg.sources import feed, html
from kg.sources.failure import Failure, failure
from kg.sources.fetch import Fetcher
from kg.sources.formats import FORMATS, by_type
from kg.sources.memory import Page
from kg.sources.origin import Origin


def _origin(name: str, page: Page) -> Origin:
    return Origin(name, page.url, page.url, page.charset, page.fetched)


def read_address(url: str, fetcher: Fetcher, settings: Settings) -> Iterator[Article | Failure]:
    """What is found at an address, read by what the server says it is; the pages of a feed are fetched one by one."""
    try:
        page = fetcher.fetch(url)
        name = "feed" if feed.looks_like(page.body) else by_type(page.type, page.url)
        if name is None:
            raise SourceError(f"there is no reader for what the server calls {page.type or 'nothing'!r}")
        found = feed.entries(page.body, page.url, settings.max_feed_entries) if name == "feed" else []
    except SourceError as error:
        yield failure(url, error)
        return
    if name != "feed":
        yield from FORMATS[name].items(io.BytesIO(page.body), _origin(url, page), settings)
        return
    for number, entry in enumerate(found, 1):
        where = entry.data.url or f"{url}, entry {number}"
        try:
            yield _entry(entry, _origin(where, page), fetcher)
        except SourceError as error:
            yield failure(where, error)


def _entry(entry: feed.Entry, origin: Origin, fetcher: Fetcher) -> Article:
    """The article of a feed's entry: as the feed holds it where it holds it whole, else from its page."""
    if entry.html is not None or entry.data.url is None:
        return feed.read(entry, origin)
    page = fetcher.fetch(entry.data.url, entry.stamp)
    if page.type and by_type(page.type, page.url) != "html":
        raise SourceError(f"it is no page (the server calls it {page.type!r})")
    return html.read(page.body, _origin(origin.name, page), entry.data)
