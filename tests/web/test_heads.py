"""What pages tell search engines and those who share links: JSON-LD that says what the page says, breadcrumbs, cards."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.store import open_store
from kg.triples.vocab import DIPL, PREFIXES
from kg.web.views.schema_org import block, term_of
from server import create_app
from tests.web.conftest import Site
from tests.web.test_pages import KINDS, heading

DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def told(page: str) -> dict[str, dict[str, Any]]:
    """The nodes of a page's JSON-LD by their class; the thing itself under "thing"."""
    # the front page describes the dataset too, by itself
    text = DATA.findall(page)[0]
    document = json.loads(text)
    assert document["@context"] == "https://schema.org"
    found = {str(node["@type"]): node for node in document["@graph"]}
    if "WebPage" in found:
        main = found["WebPage"]["mainEntity"]["@id"]
        found["thing"] = next(n for n in document["@graph"] if n["@id"] == main)
    return found


def meta(page: str, name: str) -> str:
    found = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)
    assert found, name
    return html.unescape(found[1])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_head_that_says_what_the_page_says(kind: str, site: Site) -> None:
    base = site.settings.base_iri
    for path in site.things(kind)[:: max(1, len(site.things(kind)) // 5)]:
        page = site.page(path)
        nodes = told(page)
        assert nodes["thing"]["@id"] == base + path[1:].replace("page/", "id/")
        assert nodes["thing"]["name"].casefold() == heading(page).casefold() == meta(page, "og:title").casefold()
        address = base + path[1:]
        assert f'<link rel="canonical" href="{address}">' in page
        assert nodes["WebPage"]["@id"] == nodes["thing"]["mainEntityOfPage"] == meta(page, "og:url") == address
        assert 20 < len(meta(page, "description")) <= 302
        assert meta(page, "og:description") == meta(page, "description")
        steps = nodes["BreadcrumbList"]["itemListElement"]
        assert [s["position"] for s in steps] == list(range(1, len(steps) + 1))
        shown = page.split('class="crumbs"')[1].split("</nav>")[0]
        assert [html.unescape(n) for n in re.findall(r"<(?:a|span)[^>]*>([^<]*)<", shown)] == [s["name"] for s in steps]
        for step in steps[:-1]:
            assert site.get("/" + step["item"].removeprefix(base)).status_code == 200


@pytest.mark.parametrize(
    ("path", "kind", "values"),
    [
        ("/page/state/KHM", "Country", {"name": "Cambodia", "identifier": "KHM"}),
        ("/page/person/hun-sen-khm", "Person", {"jobTitle": "Prime Minister of Cambodia"}),
        ("/page/organization/ASEAN", "Organization", {"name": "ASEAN"}),
        ("/topic/trade", "DefinedTerm", {"inDefinedTermSet": DIPL.rstrip("#")}),
        (
            "/page/article/4c746df65e6d6e56",
            "NewsArticle",
            {"headline": "More Trade Among Discussions With US Secretary of State"},
        ),
        ("/page/article/d3a", "NewsArticle", {"datePublished": "2021-09-02"}),
    ],
)
def test_things_in_the_words_of_schema_org(path: str, kind: str, values: dict[str, str], site: Site) -> None:
    thing = told(site.page(path))["thing"]
    assert thing["@type"] == kind
    assert {name: thing.get(name) for name in values} == values


def test_a_day_that_was_only_inferred_is_not_told_as_the_day_of_publication(site: Site) -> None:
    page = site.page("/page/article/4c746df65e6d6e56")
    assert "the source states no day" in page
    assert "datePublished" not in told(page)["thing"]


def _of_kind(site: Site, kind: str, chip: str) -> list[dict[str, Any]]:
    pages = [site.page(p) for p in site.things("event")]
    return [told(p)["thing"] for p in pages if (f'class="chip {chip}"' in p.split("</h1>")[0]) == bool(chip)]


def test_events_are_told_no_surer_than_they_are(site: Site) -> None:
    statuses = {}
    for chip in ("planned", "possible", "negated"):
        found = _of_kind(site, "event", chip)
        assert found
        statuses[chip] = {event.get("eventStatus") for event in found}
    assert statuses == {
        "planned": {"https://schema.org/EventScheduled"},
        "possible": {None},
        "negated": {"https://schema.org/EventCancelled"},
    }
    for path in site.things("event"):
        page = site.page(path)
        event = told(page)["thing"]
        assert event["@type"] == "Event" and event["subjectOf"]["@type"] == "NewsArticle"
        when = re.search(r"<dt>When</dt><dd>([^<]*)", page)
        assert when
        if "startDate" in event:
            assert event["startDate"][:4] in when[1] and event["startDate"] == event["endDate"]
        else:
            assert "no day" in when[1] or "–" in when[1]


def test_a_meeting_has_its_place_host_and_guests(site: Site) -> None:
    visit = next(
        p for p in site.things("event") if heading(site.page(p)).startswith("John Kerry (United States) visited")
    )
    event = told(site.page(visit))["thing"]
    assert (event["startDate"], event["endDate"]) == ("2016-01-26", "2016-01-26")
    assert event["location"]["name"] == "Phnom Penh" and event["location"]["@type"] == "Place"
    assert event["organizer"]["name"] == "Cambodia" and event["attendee"]["name"] == "John Kerry"
    assert "visited Cambodia" in meta(site.page(visit), "og:description")
    assert "“The main purpose of Kerry’s visit" in meta(site.page(visit), "og:description")


def test_crumbs_lead_from_what_a_thing_belongs_to(site: Site) -> None:
    def steps(path: str) -> list[str]:
        return [s["name"] for s in told(site.page(path))["BreadcrumbList"]["itemListElement"]]

    assert steps("/page/place/phnom-penh-khm") == ["Home", "Cambodia", "Phnom Penh"]
    assert steps("/page/office/prime-minister-khm") == ["Home", "Cambodia", "Prime Minister of Cambodia"]
    assert steps("/topic/trade") == ["Home", "Topics", "Economy", "Trade"]
    assert steps("/page/person/hun-sen-khm") == ["Home", "Cambodia", "Hun Sen"]
    assert steps(site.things("event")[0])[:2] == ["Home", "Articles"]


def test_pages_of_a_list_are_each_their_own_and_parts_of_it_are_not(site: Site) -> None:
    canonical = re.compile(r'<link rel="canonical" href="([^"]+)">')
    start = site.settings.base_iri + "page/state/IND"
    for query, address in (("", start), ("?list=said", f"{start}?list=said"), ("?quad=3", start), ("?page=1", start)):
        assert canonical.findall(site.page("/page/state/IND" + query)) == [address]


def test_the_front_page_tells_of_the_site_and_its_search(site: Site) -> None:
    node = told(site.page("/"))["WebSite"]
    assert node["url"] == site.settings.base_iri
    target = node["potentialAction"]["target"]["urlTemplate"]
    assert target == f"{site.settings.base_iri}search?q={{search_term_string}}"
    assert site.get("/search?q=Cambodia").status_code == 200


def test_correspondences_are_those_of_the_ontology() -> None:
    found = {
        name: term_of(DIPL + name) for name in ("Meeting", "Person", "State", "Article", "Place", "modality-planned")
    }
    assert found == {
        "Meeting": "Event",
        "Person": "Person",
        "State": "Country",
        "Article": "NewsArticle",
        "Place": "Place",
        "modality-planned": "EventScheduled",
    }


def test_no_name_ends_the_block_or_an_attribute(settings: Settings) -> None:
    graph = ox.NamedNode(f"{settings.base_iri}graph/article/x")
    node, label = ox.NamedNode(f"{settings.base_iri}id/person/x-x"), '</script><script>alert("1")</script><!-- & "'
    kind = ox.Quad(node, ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(DIPL + "Person"), graph)
    with open_store(settings) as store:
        store.replace_graphs(
            {graph: [kind, ox.Quad(node, ox.NamedNode(PREFIXES["rdfs"] + "label"), ox.Literal(label), graph)]}
        )
    app = create_app(settings)
    page = app.test_client().get("/page/person/x-x", headers={"Accept": "text/html"}).text
    app.extensions["kg"].close()
    assert "<script>alert" not in page
    assert told(page)["thing"]["name"] == label
    assert label.split("<!--")[0] in meta(page, "og:title")
    assert "<" not in block([{"name": "</script>"}])
