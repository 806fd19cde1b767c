"""The search page and what programs get from it, over real HTTP on the seeds."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

from kg.config import Settings
from tests.conftest import Served, serving
from tests.web.test_resources import BROWSER, Links


@pytest.fixture(scope="module")
def searched(service: Served) -> Served:
    """The service, once it has read everything into its index."""
    deadline = time.monotonic() + 60
    while not json.loads(service.get("/search.json").body)["current"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return service


def found(service: Served, **parameters: str) -> dict[str, object]:
    reply = service.get("/search.json?" + urllib.parse.urlencode(parameters))
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    document: dict[str, object] = json.loads(reply.body)
    return document


def page(service: Served, **parameters: str) -> str:
    reply = service.get("/search?" + urllib.parse.urlencode(parameters), BROWSER)
    assert reply.status == 200
    return reply.text


def test_the_page_shows_names_facts_and_sentences_with_what_was_asked_marked(searched: Served) -> None:
    text = page(searched, q="Kerry")
    heads = re.findall(r'<h2 id="(names|articles|facts|sentences)">', text)
    assert heads == ["names", "facts", "sentences"]
    assert 'href="/page/person/john-kerry-usa">John <mark>Kerry</mark></a>' in text
    assert "<mark>Kerry</mark>’s visit" in text
    assert "More Trade Among Discussions" in text


def test_a_sentence_leads_to_its_place_in_the_article(searched: Served) -> None:
    text = page(searched, q="posted on his Facebook page", group="sentences")
    (link,) = set(re.findall(r'href="(/page/article/[^"]+#char=[\d,]+)"', text))
    assert f'id="{link.partition("#")[2]}"' in searched.get(link.partition("#")[0], BROWSER).text


def test_a_mistake_is_told_and_mended(searched: Served) -> None:
    text = page(searched, q="Hun Senn")
    assert "Shown is what has “<b>Hun Sen</b>”" in text
    assert "/page/person/hun-sen-khm" in text or "/page/person-across/hun-sen-khm" in text


def test_filters_are_links_that_keep_the_others(searched: Served) -> None:
    text = page(searched, q="Kerry", country="KHM", type="Meeting")
    links = [urllib.parse.parse_qs(link.partition("?")[2]) for link in Links(text).links if link.startswith("/search?")]
    assert {"q": ["Kerry"], "type": ["Meeting"]} in links, "a filter is taken away alone"
    narrower = [link for link in links if "topic" in link]
    assert narrower
    assert all((link["q"], link["country"], link["type"]) == (["Kerry"], ["KHM"], ["Meeting"]) for link in narrower)


def test_every_count_is_what_its_link_finds(searched: Served) -> None:
    facets = found(searched, q="Kerry")["facets"]
    assert isinstance(facets, dict)
    for name, values in facets.items():
        for value in values[:4]:
            assert found(searched, q="Kerry", **{name: value["value"]})["total"] == value["count"], (name, value)


def test_pages_hold_twenty_hits_each(searched: Served) -> None:
    first, second = (found(searched, kind="Sentence", page=n) for n in "12")
    assert (first["page"], second["page"]) == (1, 2)
    hits = [hit["iri"] for part in (first, second) for hit in part["hits"]]  # type: ignore[attr-defined]
    assert len(hits) == len(set(hits)) == min(40, int(str(first["total"])))
    text = page(searched, kind="State", page="2")
    assert 'rel="prev"' in text and 'rel="next"' in text
    assert "There is no page" in page(searched, q="Kerry", page="400")


def test_without_a_question_the_page_says_what_can_be_found(searched: Served) -> None:
    text = page(searched)
    assert "What can be found" in text
    assert "Much spoken of" in text
    assert "Nothing found" in page(searched, q="blorptastic")
    assert "Look without what it is narrowed to" in page(searched, q="Kerry", outlet="nobody")


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"q": "a" * 201}, "200 characters"),
        ({"q": "a " * 17}, "16 words"),
        ({"kind": "nonsense"}, "kind: 'nonsense'"),
        ({"group": "x"}, "group: 'x'"),
        ({"page": "0"}, "page: '0'"),
        ({"page": "501"}, "page: '501'"),
        ({"page": "²"}, "page: '²'"),
        ({"from": "yesterday"}, "from: 'yesterday'"),
        ({"to": "2016-02-31"}, "to: '2016-02-31'"),
    ],
)
def test_what_cannot_be_asked_is_told(parameters: dict[str, str], why: str, searched: Served) -> None:
    address = urllib.parse.urlencode(parameters)
    for path in ("/search", "/search.json"):
        reply = searched.get(f"{path}?{address}")
        assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
        assert why in json.loads(reply.body)["detail"]
    assert searched.get(f"/search?{address}", BROWSER).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "' OR 1=1 --", "NEAR(", "%00%22*", "\0"])
def test_what_a_stranger_sends_is_words(text: str, searched: Served) -> None:
    for path in ("/search", "/search.json", "/search/suggest"):
        reply = searched.get(f"{path}?{urllib.parse.urlencode({'q': text})}", BROWSER)
        assert reply.status == 200
        assert "<script>alert" not in reply.text or path != "/search"


def test_suggestions_have_the_form_of_opensearch(searched: Served) -> None:
    reply = searched.get("/search/suggest?q=hun")
    assert reply.headers["content-type"] == "application/x-suggestions+json"
    text, names, told, links = json.loads(reply.body)
    assert text == "hun"
    assert len(names) == len(told) == len(links)
    place = names.index("Hun Sen")
    assert told[place] == "person · Cambodia"
    assert "/page/person" in links[place]


def test_the_opensearch_description_leads_to_what_is_there(searched: Served) -> None:
    (link,) = re.findall(r'<link rel="search" [^>]*>', page(searched))
    assert 'type="application/opensearchdescription+xml"' in link and 'href="/opensearch.xml"' in link
    root = ElementTree.fromstring(searched.get("/opensearch.xml").body)
    namespace = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    for url in root.findall("o:Url", namespace):
        template, kind = url.attrib["template"], url.attrib["type"]
        path = (
            template.removeprefix("http://127.0.0.1:8000")
            .replace("{searchTerms}", "Kerry")
            .replace("{startPage?}", "1")
        )
        assert searched.get(path, kind).headers["content-type"].partition(";")[0] == kind


def test_search_can_be_turned_off(filled: Settings) -> None:
    with serving(filled, KG_SEARCH="off") as service:
        assert service.get("/search").status == 404
        assert "turned off" in service.get("/search", BROWSER).text
