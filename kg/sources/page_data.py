"""What an HTML page says of itself: JSON-LD first, then OpenGraph, microdata, and the older meta elements.

Formats: https://schema.org/NewsArticle, https://ogp.me/, https://html.spec.whatwg.org/multipage/microdata.html.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from kg.sources import linked_data
from kg.sources.stated import address_date, stated_date


class Element(Protocol):
    """The part of an lxml element that is used here."""

    text: str | None

    def xpath(self, path: str) -> Any: ...
    def get(self, name: str, default: str = "") -> str: ...
    def text_content(self) -> str: ...


@dataclasses.dataclass(frozen=True)
class PageData:
    """What is known of a page besides its text."""

    title: str | None = None
    published: dt.date | None = None
    url: str | None = None
    outlet: str | None = None
    author: str | None = None
    license: str | None = None

    def or_else(self, other: PageData) -> PageData:
        """These values, and the other's where there are none."""
        names = (field.name for field in dataclasses.fields(self))
        return PageData(**{name: getattr(self, name) or getattr(other, name) for name in names})


#: Field -> names of meta elements that give it, OpenGraph's first; compared in lower case.
_META = {
    "title": ("og:title", "twitter:title", "dc.title", "dcterms.title"),
    "published": (
        "article:published_time", "og:published_time", "datepublished", "dcterms.issued", "dc.date.issued", "dcterms.date",
        "dc.date", "dcterms.created", "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date", "date",
    ),
    "outlet": ("og:site_name", "dc.publisher", "dcterms.publisher", "application-name"),
    "author": ("article:author", "author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl"),
    "license": ("dcterms.license", "dc.license"),
    "url": ("og:url",),
}  # fmt: skip


def _clean(value: str | None) -> str | None:
    return " ".join(html.unescape(value or "").split()) or None


def _author(value: str | None) -> str | None:
    """A name; OpenGraph's profile addresses are none, and "By" before it is not part of it."""
    name = _clean(value)
    if name is None or name.startswith(("http://", "https://", "@")):
        return None
    return name[3:] if name[:3].lower() == "by " else name


def _data(values: Mapping[str, str | None]) -> PageData:
    return PageData(
        _clean(values.get("title")),
        stated_date(values.get("published")),
        _clean(values.get("url")),
        _clean(values.get("outlet")),
        _author(values.get("author")),
        _clean(values.get("license")),
    )


def _meta(tree: Element) -> PageData:
    found: dict[str, list[str]] = {}
    for element in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop"):
            name = element.get(attribute, "").lower()
            if name and (content := element.get("content").strip()):
                found.setdefault(name, []).append(content)
    data = PageData()
    # one at a time: a value that turns out to be unusable leaves room for the next name's
    for field, names in _META.items():
        for name in names:
            for value in found.get(name, []):
                data = data.or_else(_data({field: value}))
    return data


def _property(scope: Element, name: str) -> Iterator[str]:
    for element in scope.xpath(f".//*[contains(concat(' ', @itemprop, ' '), ' {name} ')]"):
        inner = element.xpath(".//*[@itemprop='name']")
        attribute = next((a for a in ("content", "datetime", "href", "src") if element.get(a)), None)
        if inner:
            yield inner[0].get("content") or inner[0].text_content()
        else:
            yield element.get(attribute) if attribute and name != "headline" else element.text_content()


def _microdata(tree: Element) -> PageData:
    scopes = [e for e in tree.xpath("//*[@itemtype]") if e.get("itemtype").rstrip("/").endswith(("Article", "Posting"))]
    if not scopes:
        return PageData()
    fields = {
        "title": "headline",
        "published": "datePublished",
        "outlet": "publisher",
        "license": "license",
        "url": "url",
    }
    values = {field: next(_property(scopes[0], name), None) for field, name in fields.items()}
    authors = dict.fromkeys(filter(None, map(_author, _property(scopes[0], "author"))))
    return _data(values | {"author": ", ".join(authors)})


def _links(tree: Element) -> PageData:
    """What links and the time element say: canonical address, licence, and the one day that the article's own part names."""
    canonical = next(iter(tree.xpath("//link[@rel='canonical']/@href")), None)
    licences = (e.get("href") for e in tree.xpath("//*[@href]") if "license" in e.get("rel", "").lower().split())
    times = tree.xpath("//time[@pubdate][@datetime]") or tree.xpath("(//article|//main)[1]//time[@datetime]")
    days = {stated_date(element.get("datetime")) for element in times}
    day = next(iter(days)) if len(days) == 1 else None
    return PageData(published=day, url=_clean(canonical), license=_clean(next(licences, None)))


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _address(given: str | None, stated: str | None) -> str | None:
    """The page's own address: what it says, when that is on the same site as where it was found; else where it was found."""
    try:
        own = urljoin(given or "", stated or "")
        parts = urlsplit(own)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        if stated and usable and (given is None or (_site(own) == _site(given) and parts.path.strip("/"))):
            return own.split("#", 1)[0]
    except ValueError:
        pass
    return given


def page_data(tree: Element, url: str | None) -> PageData:
    """What a page says of itself.

    Args:
        tree: the page, parsed by lxml.
        url: the address it was found at; None for a saved page.
    """
    scripts = [element.text or "" for element in tree.xpath("//script[contains(@type, 'ld+json')]")]
    linked = _data(linked_data.article(scripts, url))
    canonical = _links(tree)
    found = linked.or_else(_meta(tree)).or_else(_microdata(tree)).or_else(canonical)
    address = _address(url, canonical.url or found.url)
    return dataclasses.replace(found, url=address, published=found.published or address_date(address))
