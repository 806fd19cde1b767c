"""Feeds: saved ones give the texts they hold, fetched ones their pages. All of them are fiction."""

# ruff: noqa: E501 -- invented texts read best on long lines

from pathlib import Path

from kg.config import Settings
from kg.model import Article
from kg.sources import Failure, Memory, read_articles
from kg.sources.feed import entries
from tests.sources.conftest import Site

PARAGRAPH = (
    "The foreign ministers of Lakeland and Hillmark met in Ufer on Tuesday and agreed to share the water of the lake. "
    "They signed a protocol that both parliaments must approve by the end of the year, and thanked the mediators. "
)
MORE = (
    "Farmers in the valley have waited for an answer since the dry summer of last year, when the boats lay in the mud. "
    "The ministers will visit them in June, and they want to open a common office in the old customs house of the town. "
)
RSS = """<?xml version="1.0" encoding="utf-8"?>
<!-- Fiction, written for the tests of this project. -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:cc="http://backend.userland.com/creativeCommonsRssModule">
<channel><title>Lakeland Wire</title><link>{site}/</link><cc:license>https://creativecommons.org/licenses/by/4.0/</cc:license>
<item><title>Ministers share the lake</title><link>{site}/lake</link><guid>{site}/lake</guid>
  <pubDate>Tue, 04 May 2021 23:30:00 -0500</pubDate><dc:creator>Kim Probe</dc:creator>
  <description>They met in Ufer.</description><content:encoded><![CDATA[<p>{text}</p><p>{more}</p><p>{last}</p>]]></content:encoded></item>
<item><title>Bridge reopens (from the feed)</title><link>{site}/bridge</link><pubDate>Thu, 04 Mar 2021 10:00:00 GMT</pubDate>
  <description>A bridge is open again.</description></item>
<item><title>Gone</title><link>{site}/gone</link></item>
</channel></rss>
"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Hillmark Post</title><id>urn:x</id><updated>2021-05-05T00:00:00Z</updated>
<entry><title type="html">Water &amp;amp; peace</title><id>urn:y</id><link rel="alternate" href="/water"/><updated>2021-05-05T10:00:00Z</updated>
<published>2021-05-04T10:00:00+02:00</published><author><name>Lou Beispiel</name></author><summary>Short.</summary></entry></feed>
"""


def rss(site: str) -> bytes:
    return RSS.format(site=site, text=PARAGRAPH, more=MORE, last=PARAGRAPH + MORE).encode()


def test_a_saved_feed_gives_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "wire.rss").write_bytes(rss("https://wire.example"))
    first, *others = read_articles([tmp_path], Settings())
    assert isinstance(first, Article)
    assert first.text.count("agreed to share the water") == 2
    assert (first.title, str(first.published), first.author) == ("Ministers share the lake", "2021-05-04", "Kim Probe")
    assert (first.url, first.outlet) == ("https://wire.example/lake", "Lakeland Wire")
    assert first.license == "https://creativecommons.org/licenses/by/4.0/"
    assert [str(other)[-20:] for other in others if isinstance(other, Failure)] == ["its pages are fetched"[-20:]] * 2


def test_a_fetched_feed_gives_its_pages(site: Site, open_settings: Settings, page: bytes) -> None:
    url = site.page("/feed", rss(site.url), "application/rss+xml")
    site.page("/bridge", page)
    lake, bridge, gone = read_articles([url], open_settings)
    assert isinstance(lake, Article)
    assert isinstance(bridge, Article)
    assert bridge.title == "Sampleton & Testville reopen the bridge"  # the page's own word comes first
    assert bridge.url == f"{site.url}/bridge"
    assert str(gone) == f"{site.url}/gone: the server answers with status 404"
    assert site.paths == ["/robots.txt", "/feed", "/bridge", "/gone"]


def test_a_feed_that_its_server_calls_a_page(site: Site, open_settings: Settings) -> None:
    found = list(read_articles([site.page("/feed", rss(site.url), "text/html")], open_settings))
    assert len(found) == 3


def test_pages_that_have_not_changed_by_the_feed_s_word_are_not_asked_for(
    site: Site, open_settings: Settings, page: bytes, tmp_path: Path
) -> None:
    url = site.page("/feed", rss(site.url), "application/rss+xml", ETag='"f"')
    site.page("/bridge", page)
    found = []
    for _ in range(2):
        memory = Memory(tmp_path / "store")
        found.append([a.digest for a in read_articles([url], open_settings, memory) if isinstance(a, Article)])
        memory.close()
    assert found[0] == found[1]
    assert len(found[0]) == 2
    assert site.paths.count("/bridge") == 1
    assert site.paths.count("/feed") == 2
    assert [h.get("if-none-match") for p, h in site.asked if p == "/feed"] == [None, '"f"']


def test_atom() -> None:
    (entry,) = entries(ATOM.encode(), "https://post.example/feed", 10)
    assert entry.data.title == "Water & peace"
    assert (entry.data.url, entry.data.author) == ("https://post.example/water", "Lou Beispiel")
    assert (str(entry.data.published), entry.html) == ("2021-05-04", None)


def test_a_feed_is_never_taken_for_an_address(site: Site, tmp_path: Path) -> None:
    """The library fetches what looks like an address; a file that holds one is only a file."""
    (tmp_path / "a.rss").write_text(f"{site.url}/feed")
    (found,) = read_articles([tmp_path], Settings())
    assert isinstance(found, Failure)
    assert site.asked == []


def test_entities_that_grow_are_not_followed(tmp_path: Path) -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    document = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{lol}]><rss version="2.0"><channel><title>&l11;</title></channel></rss>'
    (tmp_path / "a.rss").write_text(document)
    assert len(list(read_articles([tmp_path], Settings()))) <= 1


def test_no_more_entries_than_are_wanted() -> None:
    many = b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * 50 + b"</channel></rss>"
    assert len(entries(many, None, 7)) == 7
