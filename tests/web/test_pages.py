"""Pages of each kind say what the graph says, in words, with the sentence; and they cost the same whatever there is."""

from __future__ import annotations

import dataclasses
import html
import re

import pytest

from kg.config import Settings
from server import create_app
from tests.web.conftest import Site

KINDS = "state organization person group place office article event statement tenure instrument".split()
KINDS += ["event-across", "person-across"]


def plain(page: str) -> str:
    """A page's words, without its elements; those that are not within a line part words."""
    inline = re.sub(r"</?(?:a|span|mark|code|strong|small)\b[^>]*>", "", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inline)).split())


def heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert found
    return plain(found[1])


@pytest.mark.parametrize("kind", KINDS)
def test_every_thing_has_a_page_of_a_constant_number_of_queries(kind: str, site: Site) -> None:
    things = site.things(kind)
    assert things
    counts = set()
    # states and organisations are hundreds, of which the ends and some between stand for all
    for path in things[:: max(1, len(things) // 8)]:
        page = site.page(path)
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), f"an id comes twice in {path}"
        assert heading(page), path
        assert page.count("<h1>") == 1, path
        counts.add(site.queries(path))
    assert max(counts) <= 12


def test_an_event_is_told_in_a_sentence_and_its_page_says_who_when_where(site: Site) -> None:
    visit = next(
        p for p in site.things("event") if heading(site.page(p)).startswith("John Kerry (United States) visited")
    )
    page = site.page(visit)
    assert heading(page) == "John Kerry (United States) visited Cambodia in Phnom Penh on 26 January 2016"
    words = plain(page)
    assert "In short When 26 January 2016 (“Tuesday”)" in words
    assert re.search(
        r"Who Actor As For Office In the text John Kerry visitor United States .*?“his” Cambodia host", words
    )
    assert "during his visit to the capital on Tuesday" in words
    assert "<mark>US Secretary of State John Kerry discussed improved trade" in page
    assert "Meetings and what else happened during it" in words
    assert re.search(r"The program is \w[\w ]* of it \(0\.\d+ of 1\); read by rules over the sentence's grammar", words)


def test_what_did_not_happen_is_not_told_as_if_it_had(site: Site) -> None:
    pages = {p: site.page(p) for p in site.things("event")}
    planned = [heading(p) for p in pages.values() if 'class="chip planned"' in p.split("</h1>")[0]]
    assert planned
    assert all(" was to " in h or " were to " in h for h in planned)
    for word, chip in (("might ", "possible"), ("did not ", "negated")):
        told = [heading(p) for p in pages.values() if f'class="chip {chip}"' in p.split("</h1>")[0]]
        assert told, chip
        assert all(word in h for h in told), told


def test_evidence_is_one_click_away_and_leads_to_the_article(site: Site) -> None:
    page = site.page("/page/state/KHM")
    facts = re.findall(r'<li class="fact.*?</li>', page, re.DOTALL)
    assert len(facts) > 3
    for fact in facts:
        assert '<details class="evidence">' in fact
        assert "<mark>" in fact
        link = re.search(r'<figcaption>.*?href="(/page/article/[^#"]+)#([^"]+)"', fact, re.DOTALL)
        assert link
        assert f'id="{link[2]}"' in site.page(link[1]), "the passage has its place in the article"


def test_a_state_shows_whom_it_deals_with_and_who_acts_for_it(site: Site) -> None:
    words = plain(site.page("/page/state/MNG"))
    assert re.search(r"\d+ events in the articles have Mongolia acting, or acted on", words)
    assert re.search(r"Deals with India \d+", words)
    assert "Tsakhiagiin Elbegdorj" in words
    assert "President of Mongolia" in words
    people = plain(site.page("/page/state/MNG?list=people"))
    assert "Tsakhiagiin Elbegdorj" in people
    said = site.page("/page/state/MNG?list=said")
    assert ' aria-current="page">What was said for it' in said
    assert "Accra" in plain(site.page("/page/state/GHA?list=here"))


def test_a_person_shows_offices_events_and_words(site: Site) -> None:
    words = plain(site.page("/page/person/hun-sen-khm"))
    assert re.search(r"Offices Prime Minister of Cambodia Shown in \d articles, 27 January 2016", words)
    assert re.search(
        r"John Kerry \(United States\) met Hun Sen \(Cambodia\) .*?at the Peace Palace on 26 January 2016", words
    )
    assert "In their words" in words
    said = plain(site.page("/page/person/hun-sen-khm?list=said"))
    assert "Hun Sen (Cambodia) said" in said


def test_an_office_shows_its_holders_over_time(site: Site) -> None:
    offices = [p for p in site.things("office") if 'class="bar-cell"' in site.page(p)]
    assert offices, "an office that articles of several days speak of has bars"
    page = site.page("/page/office/prime-minister-khm")
    assert "Hun Sen" in plain(page)
    assert "26–27 January 2016" in plain(page) or "27 January 2016" in plain(page)
    assert '<details class="evidence">' in page


def test_a_statement_shows_speaker_addressee_and_words(site: Site) -> None:
    pages = [site.page(p) for p in site.things("statement")]
    with_quote = next(p for p in pages if 'class="pull"' in p and "<dt>To</dt>" in p)
    assert re.search(r"said to \w+", heading(with_quote))
    assert "“" in with_quote
    assert any("What rests on this word" in p for p in pages)


def test_places_topics_and_instruments(site: Site) -> None:
    words = plain(site.page("/page/place/phnom-penh-khm"))
    assert "In Cambodia" in words
    assert "Lies at 11.5" in words
    assert "Peace Palace" in words, "what lies in it counts"
    topic = plain(site.page("/topic/trade"))
    assert heading(site.page("/topic/trade")) == "Trade"
    assert "Part of Economy" in topic
    assert "Who deals in it" in topic
    broad = re.search(r"All (\d+)|(\d+)", plain(site.page("/topic/economy")))
    assert broad
    instruments = [plain(site.page(p)) for p in site.things("instrument")]
    assert any("Parties" in i and "none is named" not in i for i in instruments)
    assert any("signed" in i for i in instruments)


def test_an_event_across_articles_shows_who_says_what(site: Site) -> None:
    pages = [site.page(p) for p in site.things("event-across")]
    disputed = next(p for p in pages if "where it was" in p)
    words = plain(disputed)
    assert "They contradict each other on" in words
    assert "Who reports it, and how" in words
    assert words.count("Which sentence says so") >= 2
    event = re.search(r'href="(/page/event/[^"]+)"', disputed)
    assert event
    assert "Other articles tell of it too" in plain(site.page(event[1]))


def test_a_person_across_articles_gathers_the_spellings(site: Site) -> None:
    for path in site.things("person-across"):
        words = plain(site.page(path))
        assert "under several names or in several articles" in words
        name = re.search(r'href="(/page/person/[^"]+)"', site.page(path))
        assert name
        assert "across articles" in plain(site.page(name[1]))


def test_the_text_of_an_article_is_marked(site: Site, varied: Settings) -> None:
    page = site.page("/page/article/4c746df65e6d6e56")
    text = page.split('<div class="prose">')[1].split("</div>")[0]
    assert "Cambodia’s garment, textile and shoe industry employs some 700,000" in plain(text), (
        "the whole text is there"
    )
    assert '<a class="m event quad-1" href="/page/event/4c746df65e6d6e56-' in text
    assert re.search(r'<a class="m actor" href="/page/person/hun-sen-khm"[^>]*>Hun Sen</a>', text)
    assert re.search(r'<span class="said"[^>]*>And I think', text)
    assert "<h3" not in text, "the headline stands over it already"


@pytest.mark.parametrize("mode", ["off", "licensed"])
def test_the_text_is_not_shown_where_the_operator_does_not_want_it(mode: str, varied: Settings) -> None:
    app = create_app(dataclasses.replace(varied, article_text=mode))
    try:
        closed = Site(app, varied)
        page = closed.page("/page/article/4c746df65e6d6e56")
        words = plain(page)
        assert "The sentences that facts were read from" in words
        assert "The whole text is not shown here" in words
        assert "employs some 700,000" not in words, "no fact was read from this sentence"
        assert "Hun Sen asked for more US markets" in words
        assert '<a class="m event' in page
        evidence = plain(closed.page("/page/state/KHM"))
        assert "They remain concerned about an impending law" not in evidence, "no paragraph around a sentence either"
    finally:
        app.extensions["kg"].close()


def test_lists_go_on_page_by_page_and_hold_each_thing_once(site: Site) -> None:
    path, seen, pages = "/articles", [], 0
    while path:
        page = site.page(path)
        pages += 1
        seen += re.findall(r'<tr><td><a href="(/page/article/[^"]+)"', page)
        following = re.search(r'<link rel="next" href="([^"]+)">', page)
        if following:
            assert f'<a rel="next" href="{following[1]}">' in page
        path = html.unescape(following[1]) if following else ""
    assert pages > 1
    assert len(seen) == len(set(seen))
    assert set(seen) == set(site.things("article"))
    assert '<link rel="prev" href="/articles">' in site.page("/articles?page=2")
    assert re.search(r"61–\d+ of \d+ articles", plain(site.page("/articles?page=2")))


def test_what_points_to_a_thing_is_listed_with_its_property(site: Site) -> None:
    page = site.page("/page/person/hun-sen-khm?list=links")
    words = plain(page)
    rows = page.count("<tr><td>")
    assert re.search(rf"by which property: {rows} links", words)
    assert "Hun Sen, Prime Minister of Cambodia holder" in words
    assert re.search(r"Hun Sen as \w+ actor", words)


def test_events_of_one_class_alone(site: Site) -> None:
    page = site.page("/page/state/IND")
    conflict = re.search(r'href="([^"]+quad=3[^"]*)">Verbal conflict (\d+)', page)
    assert conflict
    shown = site.page(html.unescape(conflict[1]))
    assert shown.count('<li class="fact quad-3') == int(conflict[2])
    assert '<li class="fact quad-1' not in shown


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("page=0", 400, "page: '0' is no number"),
        ("page=x", 400, "page: 'x' is no number"),
        ("page=99999999999999999999", 400, "is no number from 1"),
        ("page=9000", 404, "This list has no page 9000"),
        ("list=links&page=9000", 404, "This list has no page 9000"),
        ("quad=5", 400, "quad: '5' is no class"),
        ("list=<b>", 400, "list: '<b>' is not a list of this page; they are events, said, here, people and links"),
    ],
)
def test_what_cannot_be_asked_is_told(query: str, status: int, told: str, site: Site) -> None:
    reply = site.get(f"/page/state/USA?{query}")
    assert reply.status_code == status
    assert told in plain(reply.text)
    assert "<b>" not in reply.text


def test_the_front_page_tells_what_is_new_and_what_is_planned(site: Site) -> None:
    page = site.page("/")
    words = plain(page)
    assert "Told by 3 articles" in words, "what several articles tell of comes once"
    planned = page.split('id="planned"')[1].split("</section>")[0]
    assert planned.count('class="chip planned"') == planned.count('<li class="fact') > 0
    latest = page.split('id="latest"')[1].split("</section>")[0]
    assert "chip planned" not in latest
    assert site.queries("/") <= 30


def test_the_page_about_the_data_and_the_list_of_articles(site: Site) -> None:
    about = plain(site.page("/about"))
    assert "rules over the sentence's grammar" in about
    assert "The articles are of 7 October 1987 to 14 March 2024" in about
    listed = site.page("/articles")
    total = int((re.search(r"(\d+) articles, the latest first", plain(listed)) or [0, 0])[1])
    assert total == len(site.things("article"))
    assert site.get("/articles?page=50").status_code == 404


def test_a_page_is_the_same_each_time_with_and_without_what_is_kept(site: Site) -> None:
    for path in ("/", "/page/state/IND", "/topic/trade", "/page/person/hun-sen-khm"):
        site.get(path)
        warm = site.get(path).text
        site.app.extensions["kg"].kept.forget()
        assert site.get(path).text == warm
