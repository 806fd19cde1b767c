"""Feeds are Atom that readers take, tell what is newest, and are not fetched twice."""

import datetime as dt
import email.utils

import feedparser
import pytest
from lxml import etree

from kg.exports.atom import Feed, Item, atom
from tests.exports.conftest import Offered

ATOM = "{http://www.w3.org/2005/Atom}"
PATHS = ("state/KEN", "person/wang-yi-chn", "topic/trade", "newest")


@pytest.mark.parametrize("path", PATHS)
def test_readers_take_it(offered: Offered, path: str) -> None:
    reply = offered.served.get(f"/feeds/{path}.atom")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    parsed = feedparser.parse(reply.body)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    assert parsed.entries
    # what RFC 4287 asks for, and addresses that lead somewhere
    for element in [etree.fromstring(reply.body), *etree.fromstring(reply.body).iter(f"{ATOM}entry")]:
        names = [child.tag.removeprefix(ATOM) for child in element]
        assert all(names.count(name) == 1 for name in ("id", "title", "updated")), names
    own = next(link.href for link in parsed.feed.links if link.rel == "self")
    assert own == parsed.feed.id == f"{offered.settings.base_iri}feeds/{path}.atom"
    base = offered.settings.base_iri.rstrip("/")
    page = offered.served.get(parsed.feed.link.removeprefix(base) or "/", accept="text/html")
    assert page.status == 200
    assert offered.served.get(parsed.entries[0].link.removeprefix(base), accept="text/html").status == 303
    times = [entry.updated for entry in parsed.entries]
    assert times == sorted(times, reverse=True)
    assert parsed.feed.updated == times[0]


def test_it_tells_facts_with_their_sentences(offered: Offered) -> None:
    parsed = feedparser.parse(offered.served.get("/feeds/state/NOR.atom").body)
    assert parsed.feed.title.startswith("Norway")
    assert parsed.feed.author == offered.settings.dataset_publisher
    (entry,) = [e for e in parsed.entries if e.tags[0].term in ("Sanction", "Coercion")]
    assert "Norway expelled two Russian diplomats" in entry.summary


def test_it_is_not_fetched_twice(offered: Offered) -> None:
    reply = offered.served.get("/feeds/state/KEN.atom")
    again = offered.served.get("/feeds/state/KEN.atom", **{"If-None-Match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    told = email.utils.parsedate_to_datetime(reply.headers["last-modified"])
    assert told == dt.datetime.fromisoformat(feedparser.parse(reply.body).feed.updated)


@pytest.mark.parametrize("path", ["state/XXX", "person/nobody-x", "topic/nothing", "place/nairobi-ken", "x"])
def test_there_is_no_feed_of_nothing(offered: Offered, path: str) -> None:
    assert offered.served.get(f"/feeds/{path}.atom").status == 404


def test_what_articles_say_cannot_break_it() -> None:
    head = Feed("https://example.org/f", 'A <b> & "c"', "https://example.org/", "X", "")
    item = Item(
        "https://example.org/1",
        "]]> \x00\x0b<x/>",
        "2024-01-01T00:00:00Z",
        "Event",
        "",
        ("a & b",),
        "\x01",
        "https://a.b/",
    )
    parsed = feedparser.parse(atom(head, [item], head.iri, item.updated))
    assert not parsed.bozo
    assert parsed.feed.title_detail.value == 'A <b> & "c"'
    assert parsed.entries[0].title_detail.value == "]]> <x/>"
