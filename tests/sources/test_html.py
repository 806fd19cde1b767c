"""Pages as they are saved: the body, and what the page says of itself. All pages are fiction."""

# ruff: noqa: E501 -- invented texts read best on long lines

from pathlib import Path

import pytest

from kg.config import Settings
from kg.errors import NoArticleError, SourceError
from kg.model import Article
from kg.sources import Failure, html, read_articles
from kg.sources.origin import Origin

PAGES = Path(__file__).parent / "pages"
PROSE = "Foreign Minister Ann Example met her guest Bo Sample in Paris on Monday, and they spoke about trade and the border."
CAFÉ = "The minister’s envoy paid for the coffee in the Café Müller on Monday, and the two spoke about the border and trade."


def saved(name: str) -> Article:
    (found,) = read_articles([PAGES / name], Settings())
    assert isinstance(found, Article), found
    return found


def wrapped(head: str = "", body: str = f"<p>{PROSE}</p><p>{PROSE} It rained.</p>") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body><article>{body}</article></body></html>".encode()


def read(data: bytes, url: str | None = None, charset: str | None = None) -> Article:
    return html.read(data, Origin("page", "page", url, charset))


EXPECTED = {
    "linked-data.html": (
        "Sampleton & Testville reopen the bridge", "2021-03-04", "https://www.herald.example/world/2021/03/bridge-reopens",
        "The Sample Herald", "Ann Example, Bo Sample", "https://creativecommons.org/licenses/by/4.0/",
    ),
    "opengraph.html": (
        "Envoy is called home", "2019-11-02", "https://post.example/a/envoy-home", "Testville Post", "Fay Muster", "None",
    ),
    "microdata.html": (
        "Island states ask for aid", "2015-07-20", "None", "Island Gazette", "Ida Muster",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    "bare.html": ("Talks on the lake", "None", "None", "None", "None", "None"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_a_page_says_of_itself(name: str) -> None:
    a = saved(name)
    assert tuple(map(str, (a.title, a.published, a.url, a.outlet, a.author, a.license))) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        (
            "linked-data.html",
            ["both signed a protocol", "for twenty years."],
            ["cookies", "Most read", "©", "Ten bridges"],
        ),
        ("opengraph.html", ["recalled its ambassador", "harbour will open"], ["User17", "Imprint", "Subscribe"]),
        ("microdata.html", ["asked the Union", "accepted the offer."], ["Weather", "Copyright"]),
        ("bare.html", ["held talks on the use", "in autumn."], ["Back"]),
    ],
)
def test_the_body_without_what_surrounds_it(name: str, inside: list[str], outside: list[str]) -> None:
    text = saved(name).text
    assert [words for words in inside if words not in text] == []
    assert [words for words in outside if words in text] == []


def test_every_block_is_cut_from_the_text() -> None:
    article = saved("linked-data.html")
    assert all(article.text[b.start : b.end].strip() for b in article.blocks)


def test_a_day_is_stated_or_there_is_none() -> None:
    """Years in footers and days of a server's set-up are no publication dates, and neither is today."""
    assert saved("bare.html").published is None
    assert read(wrapped("<meta name='date' content='soon'>")).published is None
    assert read(wrapped("<meta property='article:published_time' content='0001-01-01T00:00:00Z'>")).published is None


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("<meta name='DC.date.issued' content='2016-01-26'>", "2016-01-26"),
        ("<meta name='pubdate' content='20160126T101500Z'>", "2016-01-26"),
        ("<meta itemprop='datePublished' content='Tue, 26 Jan 2016 23:30:00 -0500'>", "2016-01-26"),
        ("<meta name='date' content='January 26, 2016'>", "2016-01-26"),
        (
            "<meta property='article:published_time' content='nonsense'><meta name='date' content='2016-01-26'>",
            "2016-01-26",
        ),
        ("<meta property='article:published_time' content='2016-02-30'>", "None"),
    ],
)
def test_forms_of_dates(head: str, day: str) -> None:
    assert str(read(wrapped(head)).published) == day


def test_the_day_in_a_time_element_or_an_address() -> None:
    body = f"<time datetime='2016-01-26T10:00'>Tuesday</time><p>{PROSE}</p><p>{PROSE} It rained.</p>"
    assert str(read(wrapped(body=body)).published) == "2016-01-26"
    two = body.replace("</time>", "</time><time datetime='2012-02-02'>then</time>")
    assert read(wrapped(body=two)).published is None
    assert str(read(wrapped(), "https://example.org/2016/01/26/talks.html").published) == "2016-01-26"


def test_a_page_s_own_address_counts_on_its_own_site_only() -> None:
    link = "<link rel='canonical' href='{}'>"
    found = "https://www.example.org/talks?utm_source=feed"
    assert read(wrapped(link.format("https://example.org/talks")), found).url == "https://example.org/talks"
    assert read(wrapped(link.format("/talks")), found).url == "https://www.example.org/talks"
    assert read(wrapped(link.format("https://elsewhere.example/talks")), found).url == found
    assert read(wrapped(link.format("https://example.org/")), found).url == found
    assert read(wrapped(link.format("javascript:void(0)")), found).url == found


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (wrapped(body=f"<p>{CAFÉ}</p>").decode().encode("cp1252"), "iso-8859-1"),
        (wrapped("<meta charset=windows-1252>", f"<p>{CAFÉ}</p>").decode().encode("cp1252"), None),
        (wrapped(body=f"<p>{CAFÉ}</p>").decode().encode("cp1252"), None),
        (wrapped(body=f"<p>{CAFÉ}</p>"), "no-such-encoding"),
        (wrapped(body=f"<p>{CAFÉ}</p>").decode().encode("utf-16"), None),
        (b'<?xml version="1.0" encoding="utf-8"?>\n' + wrapped(body=f"<p>{CAFÉ}</p>"), None),
        (wrapped("<meta charset=iso-8859-1>", f"<p>{CAFÉ}</p>"), "utf-8"),
    ],
)
def test_encodings(data: bytes, charset: str | None) -> None:
    assert CAFÉ in read(data, charset=charset).text


@pytest.mark.parametrize(
    "script", ["[[[[", '{"@type": 5}', '{"@type": "NewsArticle", "headline": ["a", {"b": {}}]}', "[" * 9999]
)
def test_broken_descriptions_do_no_harm(script: str) -> None:
    found = read(wrapped(f"<title>T</title><script type='application/ld+json'>{script}</script>"))
    assert PROSE in found.text


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", SourceError, "empty"),
        (b"\0\1\2" * 99, SourceError, "binary"),
        (wrapped(body=""), NoArticleError, "no article"),
        (wrapped(body="<p>" + "Le ministre a rencontré mardi son homologue à Paris pour parler de la crise. " * 3), SourceError, "not English"),
        (b"<div>" * 20_000, NoArticleError, "no HTML"),
    ],
)  # fmt: skip
def test_what_is_no_article(data: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read(data)


def test_the_folder_of_a_saved_page_is_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "talks.html").write_bytes((PAGES / "bare.html").read_bytes())
    (tmp_path / "talks_files").mkdir()
    (tmp_path / "talks_files" / "style.css").write_text("p {}")
    assert [type(found) for found in read_articles([tmp_path], Settings())] == [Article]


def test_a_page_over_the_limit(tmp_path: Path) -> None:
    (tmp_path / "long.html").write_bytes(wrapped() + b" " * 5000)
    (found,) = read_articles([tmp_path], Settings(max_article_bytes=1000))
    assert isinstance(found, Failure)
    assert found.reason == "it is longer than 1,000 bytes"
