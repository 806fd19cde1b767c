"""Parts hold the facts they are about, whole and readable alone, and are refused where they are too large."""

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.exports.atom import Item, items
from kg.exports.parts import days_of, part
from kg.exports.statistics import Statistics
from kg.exports.still import still_store
from kg.pipeline import ingest
from kg.sparql.formats import TRIPLES
from kg.store import State, states_and_writer
from kg.triples.iris import Iris
from kg.triples.vocab import named, term
from server import create_app
from tests.exports.conftest import ARTICLES, Offered, dumped, write_articles
from tests.store.servers import oxigraph

_FORMATS = {form.name: form.oxigraph for form in TRIPLES}


def _graph(offered: Offered, path: str) -> set[ox.Triple]:
    reply = offered.served.get(path)
    assert reply.status == 200, reply.text
    form = _FORMATS[path.rpartition(".")[2]]
    assert isinstance(form, ox.RdfFormat)
    found = {quad.triple for quad in ox.parse(reply.body, format=form)}
    kinds = {term(name) for name in ("Event", "Statement", "Tenure", "Instrument")}
    told = {t.subject for t in found if t.predicate == named("dipl:confidence")}
    facts = {t.subject for t in found if t.object in kinds} & told
    assert int(reply.headers["x-facts"]) == len(facts)
    return found


def _facts(found: set[ox.Triple], kind: str = "Event") -> set[str]:
    """Local names of the facts that are told in full."""
    told = {t.subject for t in found if t.predicate == named("dipl:confidence")}
    mine = {t.subject for t in found if t.object == term(kind)} & told
    return {str(node).rpartition("/")[2].strip(">") for node in mine}


def _all_facts(offered: Offered, pattern: str, kind: str = "Event") -> set[str]:
    with still_store(offered.settings) as store:
        rows = store.query(
            f"SELECT DISTINCT ?e {{ GRAPH ?g {{ ?e a dipl:{kind} . {pattern} }} }}",
            {"dipl": "https://w3id.org/diplomatic-kg/ontology#", "xsd": "http://www.w3.org/2001/XMLSchema#"},
        )
        assert isinstance(rows, ox.QuerySolutions)
        return {row["e"].value.rpartition("/")[2] for row in rows}


def test_an_actors_part_holds_its_facts(offered: Offered) -> None:
    state = f"<{offered.settings.base_iri}id/state/KEN>"
    wanted = _all_facts(
        offered, f"?e dipl:participation ?p {{ ?p dipl:actor {state} }} UNION {{ ?p dipl:onBehalfOf {state} }}"
    )
    found = _graph(offered, "/data/actor/KEN.ttl")
    assert _facts(found) == wanted
    assert {name.rpartition("-")[0] for name in wanted} == {"toll"}
    assert _facts(found, "Tenure"), "the offices of the state belong to it"
    person = _graph(offered, "/data/actor/person/uhuru-kenyatta-ken.nt")
    assert _facts(person) <= _facts(found)
    assert _facts(person)


def test_a_part_is_readable_alone(offered: Offered) -> None:
    found = _graph(offered, "/data/actor/NOR.ttl")
    labelled = {t.subject for t in found if t.predicate == named("rdfs:label")}
    for link in ("dipl:participation", "dipl:actor", "dipl:onBehalfOf", "dipl:place", "oa:hasSource"):
        ends = {t.object for t in found if t.predicate == named(link)}
        assert ends <= labelled, link
    words = {t.object.value for t in found if t.predicate == named("oa:exact") and isinstance(t.object, ox.Literal)}
    assert "Norway expelled two Russian diplomats on Tuesday." in words
    assert not any("reef" in str(t.subject) for t in found), "of other articles nothing"


def test_every_format_says_the_same(offered: Offered) -> None:
    first, *others = (_graph(offered, f"/data/actor/CHN.{name}") for name in ("ttl", "nt", "jsonld", "rdf"))
    assert len(first) > 50
    assert all(other == first for other in others)


def test_topics_take_in_what_lies_under_them(offered: Offered) -> None:
    wanted = _all_facts(offered, "?e dipl:topic dipl:topic-trade", "Statement")
    assert wanted <= _facts(_graph(offered, "/data/topic/trade.ttl"), "Statement")
    iris = Iris(offered.settings.base_iri)
    states, writer = states_and_writer(offered.settings)
    try:
        economy, trade = (part("topic", key, iris) for key in ("economy", "trade"))
        assert economy and trade
        below, above = trade.facts(states.current(), 1_000), economy.facts(states.current(), 1_000)
        assert below and above and set(below) <= set(above)
    finally:
        writer.close()
        states.close()


def test_periods_take_what_may_have_been_then(offered: Offered) -> None:
    day = _facts(_graph(offered, "/data/period/2016-05-03.ttl"))
    month, year = _facts(_graph(offered, "/data/period/2016-05.ttl")), _facts(_graph(offered, "/data/period/2016.ttl"))
    assert day <= month < year
    within = '?e dipl:earliestDate ?a ; dipl:latestDate ?b FILTER (?a <= "2016-05-31"^^xsd:date && ?b >= "2016-05-01"^^xsd:date)'
    assert month == _all_facts(offered, within)
    assert not _facts(_graph(offered, "/data/period/1815.ttl"))


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("2016", ("2016-01-01", "2016-12-31")),
        ("2016-02", ("2016-02-01", "2016-02-29")),
        ("2016-02-29", ("2016-02-29", "2016-02-29")),
        ("2015-02-29", None),
        ("2016-13", None),
        ("0000", None),
        ("16", None),
    ],
)
def test_days_of_periods(key: str, days: tuple[str, str] | None) -> None:
    found = days_of(key)
    assert (tuple(day.isoformat() for day in found) if found else None) == days


def test_classes_take_in_those_below_them(offered: Offered) -> None:
    assert _facts(_graph(offered, "/data/type/Consultation.ttl")) == _all_facts(offered, "?e a dipl:Consultation")
    assert _facts(_graph(offered, "/data/type/Meeting.ttl")) < _facts(_graph(offered, "/data/type/Event.ttl"))


@pytest.mark.parametrize(
    "path",
    [
        "/data/actor/ATLANTIS.ttl",
        "/data/actor/office/x.ttl",
        "/data/actor/KHM.exe",
        "/data/actor/person/%22%3E.ttl",
        "/data/topic/nothing.ttl",
        "/data/topic/trade",
        "/data/period/yesterday.ttl",
        "/data/type/Person.ttl",
        "/data/type/Nothing.ttl",
    ],
)
def test_what_is_no_part_is_told(offered: Offered, path: str) -> None:
    reply = offered.served.get(path)
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
    assert reply.text.count(". ") <= 1


def test_a_part_keeps_its_tag_while_it_stays_the_same(offered: Offered) -> None:
    reply = offered.served.get("/data/type/Meeting.ttl")
    again = offered.served.get("/data/type/Meeting.ttl", **{"If-None-Match": reply.headers["etag"]})
    assert (again.status, again.headers["etag"]) == (304, reply.headers["etag"])
    part = offered.served.get("/data/type/Meeting.ttl", Range="bytes=0-9", **{"If-Range": reply.headers["etag"]})
    assert (part.status, part.body) == (206, reply.body[:10])


def test_a_part_that_is_too_large_is_refused_and_not_cut(offered: Offered) -> None:
    states, writer = states_and_writer(offered.settings)
    try:
        chosen = part("type", "Statement", Iris(offered.settings.base_iri))
        assert chosen
        whole = chosen.facts(states.current(), 1_000)
        assert whole
        assert chosen.facts(states.current(), len(whole) - 1) is None
    finally:
        writer.close()
        states.close()
    app = create_app(replace(offered.settings, max_part_facts=3))
    try:
        reply = app.test_client().get("/data/type/Statement.ttl")
        assert reply.status_code == 507
        assert "more than 3 facts" in reply.text
    finally:
        app.extensions["kg"].close()


def _rendered(state: State, settings: Settings, kind: str, key: str) -> list[str]:
    chosen = part(kind, key, Iris(settings.base_iri))
    assert chosen
    facts = chosen.facts(state, 1_000)
    assert facts
    return [str(triple) for triple in chosen.triples(state, facts)]


def _entries(state: State, settings: Settings, key: str) -> list[Item]:
    chosen = part("actor", key, Iris(settings.base_iri))
    assert chosen
    # the times of ingestion are others
    return [replace(item, updated="") for item in sorted(items(state, chosen.newest(state, 50)), key=lambda i: i.iri)]


def test_a_remote_store_gives_the_same(offered: Offered, tmp_path: Path, seeds: Path) -> None:
    with oxigraph(tmp_path / "remote") as started:
        settings = replace(offered.settings, store=tmp_path / "none", dumps=tmp_path / "dumps", **started.settings)
        articles = write_articles(tmp_path / "articles.jsonl", ARTICLES)
        assert ingest([seeds, articles], settings).ingested == len(ARTICLES) + 1
        remote, writer = states_and_writer(settings)
        local, other = states_and_writer(offered.settings)
        try:
            far, near = remote.current(), local.current()
            for kind, key in (
                ("actor", "KEN"),
                ("type", "Sanction"),
                ("actor", "person/wang-yi-chn"),
                ("period", "2016"),
            ):
                assert _rendered(far, settings, kind, key) == _rendered(near, settings, kind, key)
            assert _entries(far, settings, "CHN") == _entries(near, settings, "CHN")
            # the times of ingestion are objects too, and as many of them are equal as were read in one second
            counts = (replace(Statistics.of(state), modified=None, objects=0) for state in (far, near))
            assert next(counts) == next(counts)
        finally:
            other.close()
            local.close()
            writer.close()
            remote.close()
        made, _ = dumped(settings)
        assert (made.quads, made.graphs) == (offered.dump.quads, offered.dump.graphs)
