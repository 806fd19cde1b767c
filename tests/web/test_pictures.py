"""The pictures: their rows are what the store holds, their filters filter, and page, table, CSV and SVG say the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html as lxml_html

from kg.config import Settings
from kg.store import open_store
from kg.triples.vocab import DIPL, PREFIXES
from kg.web.pictures import asking, network
from kg.web.pictures.pages import KINDS
from kg.web.pictures.parameters import TOLD
from server import create_app
from tests.conftest import Served, request

QUERIES = sorted(p.stem for p in (Path(asking.__file__).parent / "queries").glob("*.rq"))
DRAWN = [kind.name for kind in KINDS if kind.drawn]
SVG = "{http://www.w3.org/2000/svg}"
BASE = Settings().base_iri


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, seeds: Path, root: Path) -> Settings:
    """A store with the seeds and clusters of articles that tell of the same events, and in places contradict each other."""
    from kg.pipeline import ingest

    settings = Settings(store=tmp_path_factory.mktemp("told") / "store", extractors="frames")
    assert not ingest([seeds, root / "tests" / "identity" / "data" / "clusters.jsonl"], settings).failures
    return settings


@pytest.fixture(scope="module")
def app(told: Settings) -> Iterator[Flask]:
    made = create_app(told)
    yield made
    made.extensions["kg"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def rows(client: FlaskClient, path: str) -> list[dict[str, str]]:
    """The CSV of an address."""
    reply = client.get(path)
    assert reply.status_code == 200, reply.text
    assert reply.content_type.startswith("text/csv")
    return list(csv.DictReader(io.StringIO(reply.text, newline="")))


def table(client: FlaskClient, path: str) -> list[list[str]]:
    """The cells of the table in a page."""
    page = lxml_html.fromstring(client.get(path).text)
    return [
        [cell.text_content() for cell in row.iter("td")] for row in page.xpath("//details[@class='table']//tbody/tr")
    ]


# -------------------------------------------------------------------------------------------------- queries


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_runs_as_its_file_has_it_and_with_all_its_parameters(name: str, told: Settings) -> None:
    date = ox.NamedNode(PREFIXES["xsd"] + "date")
    values: dict[str, asking.Term | tuple[asking.Term, ...]] = {
        "actor": ox.NamedNode(f"{BASE}id/state/KHM"),
        "with": ox.NamedNode(f"{BASE}id/state/USA"),
        "type": ox.NamedNode(f"{DIPL}Meeting"),
        "topic": (ox.NamedNode(f"{DIPL}topic-trade"), ox.NamedNode(f"{DIPL}topic-tariffs")),
        "modality": ox.NamedNode(f"{DIPL}modality-actual"),
        "from": ox.Literal("2016-01-01", datatype=date),
        "until": ox.Literal("2016-12-31", datatype=date),
        "least": ox.Literal("0.1", datatype=ox.NamedNode(PREFIXES["xsd"] + "decimal")),
        "digits": ox.Literal(4),
        "about": ox.NamedNode(f"{DIPL}place"),
    }
    taken = asking.parameters(name)
    assert taken
    assert taken <= values.keys()
    text = asking.template(name)
    assert all(f"#   ${p} " in text or f"${p} " in text.partition("PREFIX")[0] for p in taken), (
        "a parameter is not told"
    )
    with open_store(told) as store:
        plain = list(store.query(text))
        assert plain
        assert list(map(str, store.query(asking.bound(name, {})))) == list(map(str, plain))
        for given in (values, *({p: values[p]} for p in sorted(taken))):
            bound = asking.bound(name, given)
            assert not re.search(r"^\s*[^#\s].*\$(?!digits)\w", bound, re.MULTILINE)
            assert len(list(store.query(bound))) <= max(len(plain), 20)


def test_a_value_stays_a_value() -> None:
    evil = ox.Literal('2016"^^xsd:date) } } DROP ALL #\n$until')
    line = next(line for line in asking.bound("events", {"from": evil}).splitlines() if "DROP" in line)
    assert line.strip() == f"FILTER (?last >= {evil})"


# -------------------------------------------------------------------------------------------------- rows


def test_the_timeline_has_each_event_once(client: FlaskClient, told: Settings) -> None:
    dipl = f"PREFIX dipl: <{DIPL}> "
    with open_store(told) as store:
        events = {s["e"].value for s in store.query(dipl + "SELECT DISTINCT ?e { ?e a dipl:Event }")}
        shared = {s["e"].value: s["x"].value for s in store.query(dipl + "SELECT ?x ?e { ?x dipl:reportedAs ?e }")}
    assert shared, "no event is told by several articles"
    found = rows(client, "/timeline.csv")
    assert {row["event"] for row in found} == {shared.get(event, event) for event in events}
    assert len(found) == len({row["event"] for row in found})
    assert sum(int(row["tellings"]) for row in found) == len(events)
    visit = next(row for row in found if row["what"].startswith("Visit: John Kerry – Cambodia"))
    assert (visit["type"], visit["quadClass"], visit["from"], visit["dated"]) == (
        "CONSULT",
        "1",
        "2016-01-26",
        "by its words",
    )
    request_ = next(row for row in found if row["what"] == "Request: Hor Namhong – United States")
    assert (request_["from"], request_["dated"]) == ("2016-01-27", "by the day of its article")


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ("type=Visit", lambda row: row["what"].startswith("Visit")),
        ("from=2016-01-26&until=2016-01-26", lambda row: row["from"] <= "2016-01-26" <= row["until"]),
        ("from=2017&until=2019", lambda row: row["until"] >= "2017-01-01" and row["from"] <= "2019-12-31"),
        ("modality=planned", lambda row: row["modality"] == "planned"),
        ("least=0.8", lambda row: float(row["confidence"]) >= 0.8),
        ("actor=Cambodia", lambda row: re.search("Cambodia|Hun Sen|Hor Namhong|labor leaders|Ath Thon", row["what"])),
        ("actor=KHM&with=USA", lambda row: re.search("Kerry|United States", row["what"])),
        ("actor=John Kerry", lambda row: "Kerry" in row["what"]),
        ("actor=person/hun-sen-khm", lambda row: "Hun Sen" in row["what"]),
        ("topic=security", None),
    ],
)
def test_filters_filter(filters: str, holds, client: FlaskClient) -> None:  # type: ignore[no-untyped-def]
    everything, found = rows(client, "/timeline.csv"), rows(client, f"/timeline.csv?{quote(filters, safe='=&')}")
    assert 0 < len(found) < len(everything)
    assert {row["event"] for row in found} <= {row["event"] for row in everything}
    if holds:
        assert [row["what"] for row in found if not holds(row)] == []


def test_counts_and_events_agree(client: FlaskClient) -> None:
    counted = rows(client, "/compare.csv?modality=any")
    listed = rows(client, "/timeline.csv")
    by_year = {(row["from"][:4], row["quadClass"]) for row in listed}
    assert {(row["period"][:4], row["quadClass"]) for row in counted} == by_year
    assert sum(int(row["events"]) for row in counted) == len(listed)
    monthly = rows(client, "/compare.csv?a=KHM&b=USA&by=month&modality=any")
    assert {row["period"] for row in monthly} == {"2016-01"}
    assert sum(int(r["events"]) for r in monthly) == len(rows(client, "/timeline.csv?actor=KHM&with=USA"))


def test_who_deals_with_whom(client: FlaskClient) -> None:
    pair = next(
        row for row in rows(client, "/network.csv") if (row["nameA"], row["nameB"]) == ("Cambodia", "United States")
    )
    assert (pair["cooperation"], pair["conflict"], pair["events"]) == ("3", "2", "5")
    assert {row["nameA"] for row in rows(client, "/network.csv?actor=KHM")} == {"Cambodia"}
    assert rows(client, "/network.csv?until=1980") == []


def test_places_are_where_events_were(client: FlaskClient) -> None:
    found = {row["name"]: row for row in rows(client, "/map.csv")}
    assert float(found["Helsinki"]["latitude"]) == pytest.approx(60.17, abs=0.1)
    assert float(found["Helsinki"]["longitude"]) == pytest.approx(24.94, abs=0.1)
    assert found["Helsinki"]["state"].endswith("/id/state/FIN")
    assert any(row["latitude"] == "" for row in found.values()), "no place is a whole state"


def test_what_was_planned_and_took_place(client: FlaskClient) -> None:
    found = rows(client, "/calendar.csv?month=2017-05")
    visits = [row for row in found if row["what"].startswith("Visit: Hadi Rahmanuddin – Portugal")]
    assert len(visits) == 2
    assert all(row["deed"].startswith(f"{BASE}id/event/") and row["until"] >= row["toldOn"] for row in visits)
    page = client.get("/calendar").text
    assert "<h1>Planned for " in page
    months = re.findall(r"/calendar\?month=(\d{4}-\d\d)", page)
    assert "2017-05" in months
    assert "2016-02" in months


def test_where_sources_disagree(client: FlaskClient) -> None:
    found = rows(client, "/disagreements.csv")
    meeting = {(row["from"], row["outlet"]) for row in found if row["what"].startswith("Meeting: Finland – Poland")}
    assert meeting == {("2023-03-14", "Baltic Wire"), ("2023-03-14", "The Amber Post"), ("2023-03-13", "Vistula Daily")}
    places = {row["called"] for row in rows(client, "/disagreements.csv?about=place")}
    assert places == {"Almaty", "Astana"}
    page = lxml_html.fromstring(client.get("/disagreements").text)
    claims = {
        claim.find("dt").text_content(): claim.text_content() for claim in page.xpath("//dl[@class='claims']/div")
    }
    assert "Vistula Daily" in claims["13 Mar 2023"]
    assert "Atacama Times" in claims["Almaty"]
    assert "Nothing that was read" in client.get("/disagreements?actor=KHM").text


# -------------------------------------------------------------------------------------------------- page, table, CSV, SVG


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_table_csv_and_the_query_in_the_editor_say_the_same(kind, client: FlaskClient) -> None:  # type: ignore[no-untyped-def]
    filters = "?a=KHM&b=USA" if kind.name == "compare" else ""
    text = client.get(f"/{kind.name}{filters}").text
    page = lxml_html.fromstring(text)
    wanted = client.get(f"/{kind.name}.csv{filters}").text
    assert len(table(client, f"/{kind.name}{filters}")) == len(list(csv.reader(io.StringIO(wanted)))) - 1 > 0
    (link,) = page.xpath("//a[text()='Open this query in the editor']/@href")
    (query,) = parse_qs(urlsplit(link).query)["query"]
    answer = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert list(csv.reader(io.StringIO(answer.text))) == list(csv.reader(io.StringIO(wanted)))
    assert 'style="' not in text
    assert "<script>" not in text


def test_the_table_of_the_network_is_its_csv(client: FlaskClient) -> None:
    names = ("nameA", "nameB", "cooperation", "conflict", "events")
    assert table(client, "/network") == [[row[name] for name in names] for row in rows(client, "/network.csv")]


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_well_formed_stands_alone_and_is_the_same_each_time(name: str, told: Settings) -> None:
    bodies = []
    for _ in range(2):
        app = create_app(told)
        reply = app.test_client().get(f"/{name}.svg")
        app.extensions["kg"].close()
        assert (reply.status_code, reply.mimetype) == (200, "image/svg+xml")
        bodies.append(reply.data)
    assert bodies[0] == bodies[1]
    root = ET.fromstring(bodies[0])
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    ids = {e.get("id"): e for e in root.iter() if e.get("id")}
    assert ids[root.get("aria-labelledby") or ""].text
    assert ids[root.get("aria-describedby") or ""].text
    assert not [
        e for e in root.iter() if e.get("style") or e.tag in (f"{SVG}style", f"{SVG}script", f"{SVG}foreignObject")
    ]
    marks = list(root.iter(f"{SVG}a"))
    assert marks
    assert all((mark.get("href") or "").startswith(BASE) and mark.findtext(f"{SVG}title") for mark in marks)
    shapes = [e for e in root.iter() if e.tag in (f"{SVG}circle", f"{SVG}rect", f"{SVG}text")]
    assert [e.attrib for e in shapes if not e.get("fill")] == [], "a shape has no colour of its own"


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_in_a_page_leads_to_pages(name: str, client: FlaskClient) -> None:
    page = lxml_html.fromstring(client.get(f"/{name}?a=KHM&b=USA").text)
    drawings = page.xpath("//figure//svg")
    assert [drawing.get("class") for drawing in drawings] == ["picture wide", "picture narrow"]
    assert len({i for d in drawings for i in d.xpath(".//@id")}) == 2 * len(drawings)
    links = set(page.xpath("//figure//svg//a/@href"))
    for link in sorted(links)[:4]:
        assert client.get(link).status_code == 200, link


def test_many_events_are_counted_and_much_that_is_left_out_is_told(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    days = [dt.date(2019, 1, 1) + dt.timedelta(days=n) for n in range(400)]
    codes = "USA CHN RUS FRA DEU GBR JPN IND BRA ZAF EGY TUR KEN SWE POL ITA".split()
    lines = [
        "@prefix dipl: <https://w3id.org/diplomatic-kg/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    ]
    for number, day in enumerate(days):
        a, b = codes[number % 16], codes[(number + 1 + number // 16 % 15) % 16]
        event = f"<{BASE}id/event/x-e{number}>"
        lines.append(
            f'{event} a dipl:Event ; rdfs:label "Event {number}" ; dipl:quadClass {number % 4 + 1} ; '
            f'dipl:modality dipl:modality-actual ; dipl:earliestDate "{day}"^^<{PREFIXES["xsd"]}date> ; '
            f'dipl:latestDate "{day}"^^<{PREFIXES["xsd"]}date> ; dipl:participation <{BASE}id/event/x-e{number}#p1>, '
            f"<{BASE}id/event/x-e{number}#p2> . <{BASE}id/event/x-e{number}#p1> dipl:onBehalfOf <{BASE}id/state/{a}> . "
            f"<{BASE}id/event/x-e{number}#p2> dipl:onBehalfOf <{BASE}id/state/{b}> . "
            f'<{BASE}id/state/{a}> rdfs:label "{a}" . <{BASE}id/state/{b}> rdfs:label "{b}" .'
        )
    graph = ox.NamedNode(f"{BASE}graph/article/x")
    with open_store(settings) as store:
        quads = [
            ox.Quad(t.subject, t.predicate, t.object, graph) for t in ox.parse("\n".join(lines), ox.RdfFormat.TURTLE)
        ]
        store.replace_graphs({graph: quads})
    app = create_app(settings)
    client = app.test_client()
    try:
        page = client.get("/timeline").text
        assert "400 events are too many to draw one by one" in page
        counted = rows(client, "/timeline.csv")
        assert sum(int(row["events"]) for row in counted) == 400
        bars = lxml_html.fromstring(page).xpath("//svg[contains(@class, 'wide')]//a")
        assert len(bars) == len(counted)
        title = "Verbal cooperation, January 2019: 8 events"
        (january,) = [bar.get("href") for bar in bars if bar.findtext("title") == title]
        assert january == "/timeline?from=2019-01-01&until=2019-01-31"
        assert len(rows(client, january.replace("/timeline?", "/timeline.csv?"))) == 31
        pairs = rows(client, "/network.csv")
        assert network.MOST_EDGES < len(pairs) <= 156
        text = client.get("/network").text
        told = f"the busiest 16 of 16 parties and the strongest {network.MOST_EDGES} of {len(pairs)} pairs"
        assert told in " ".join(text.split())
    finally:
        app.extensions["kg"].close()


def test_from_some_days_to_those_around_them(client: FlaskClient) -> None:
    page = lxml_html.fromstring(client.get("/timeline?actor=KHM&from=2016-01-20&until=2016-01-29").text)
    ways = {link.text: link.get("href") for link in page.xpath("//nav[@class='around']/a")}
    assert ways["← Earlier"] == "/timeline?actor=KHM&from=2016-01-10&until=2016-01-19"
    assert ways["Later →"] == "/timeline?actor=KHM&from=2016-01-30&until=2016-02-08"
    assert ways["Longer"] == "/timeline?actor=KHM&from=2016-01-10&until=2016-02-08"
    assert "Later" not in client.get("/timeline?from=9990&until=9999").text


# -------------------------------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/timeline?from=yesterday", "from"),
        ("/timeline?from=2016-02-31", "from"),
        ("/timeline?from=2017&until=2016", "until"),
        ("/timeline?type=Party", "type"),
        ("/timeline?topic=nothing", "topic"),
        ("/map?modality=likely", "modality"),
        ("/network?least=2", "least"),
        ("/network?least=NaN", "least"),
        ("/compare?a=KHM&b=Nobody at all", "b"),
        ("/compare?a=KHM&b=USA&by=week", "by"),
        ("/compare.csv?a=person/nobody-x", "a"),
        ("/timeline.svg?actor=person/x> } DROP ALL #", "actor"),
        ("/timeline?actor=" + "x" * 400, "actor"),
        ("/calendar?month=2016-13", "month"),
        ("/disagreements?about=rdf:type", "about"),
    ],
)
def test_a_parameter_that_cannot_be_is_told(path: str, named: str, client: FlaskClient) -> None:
    reply = client.get(quote(path, safe="/?=&"), headers={"Accept": "application/problem+json"})
    assert reply.status_code == 400
    assert f"parameter '{named}'" in reply.json["detail"]  # type: ignore[index]
    page = client.get(quote(path, safe="/?=&"), headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "<h1>" in page.text


def test_comparing_begins_with_a_form(client: FlaskClient) -> None:
    page = lxml_html.fromstring(client.get("/compare").text)
    assert page.xpath("//form//input[@name='a']")
    assert page.xpath("//form//input[@name='b']")
    assert not page.xpath("//figure")
    both = client.get("/compare?a=Cambodia&b=united states").text
    assert "<h1>Cambodia and United States</h1>" in both
    assert re.search(r">Meeting: [^<]*John Kerry[^<]*<", both)


def test_every_parameter_is_described() -> None:
    assert {name for kind in KINDS for name in kind.taken} == TOLD.keys()


def test_an_answer_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/map.svg?least=0.5")
    again = client.get("/map.svg?least=0.5", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/map.svg?least=0.6").headers["ETag"] != first.headers["ETag"]


def test_the_policy_lets_own_scripts_alone(service: Served) -> None:
    reply = service.get("/timeline", "text/html")
    assert reply.status == 200
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    assert "unsafe" not in reply.headers["content-security-policy"]
    script = re.search(r'<script src="([^"]+)" defer>', reply.text)
    assert script
    assert request(service.url + script[1], "GET", {}).status == 200


# -------------------------------------------------------------------------------------------------- parts


def test_addresses_carry_their_filters(client: FlaskClient) -> None:
    filters = {"actor": "KHM", "type": "Visit", "from": "2016-01-01", "least": "0.2"}
    page = lxml_html.fromstring(client.get(f"/timeline?{urlencode(filters)}").text)
    (svg_address,) = page.xpath("//a[text()='SVG']/@href")
    (csv_address,) = page.xpath("//a[text()='CSV']/@href")
    assert {k: v[0] for k, v in parse_qs(urlsplit(svg_address).query).items()} == filters
    assert rows(client, csv_address)
    assert page.xpath("//select[@name='type']/option[@selected]/text()") == ["Visit"]
    assert page.xpath("//input[@name='from']/@value") == ["2016-01-01"]
    assert page.xpath("//input[@name='actor']/@value") == ["Cambodia"]
